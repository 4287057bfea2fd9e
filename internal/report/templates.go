package report

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

// mostRefused bounds the refused templates that are told one by one; the
// record and the JSON report have them all.
const mostRefused = 20

// templates tells which templates from outside the tool were used, which were
// refused and why, and what kept the worker in that ran them and ours.
func (v view) templates(add func(label lang.Text, parts ...string)) {
	a := v.doc.Assessment
	for _, s := range a.TemplateSets() {
		add(lang.T("Mẫu nuclei của đơn vị", "Templates of the unit"), outside(s.Folder, 60), "SHA-256 "+short(s.SHA256),
			v.in(lang.Tf("dùng %d, từ chối %d, không chọn %d", "%d used, %d refused, %d not selected", s.Selected, len(s.Refused), s.Left)))
		for i, r := range s.Refused {
			if i == mostRefused {
				add(lang.T("Mẫu bị từ chối", "Template refused"), v.in(lang.Tf("… và %d mẫu khác, nêu đủ trong báo cáo JSON", "… and %d more, all in the JSON report", len(s.Refused)-mostRefused)))
				break
			}
			add(lang.T("Mẫu bị từ chối", "Template refused"), outside(r.File, 60)+":"+strconv.Itoa(r.Line), outside(v.in(r.Why), 200))
		}
	}
	finds := v.foundByUnits()
	for i, f := range finds {
		if i == mostRefused {
			add(lang.T("Mẫu tìm thấy", "Template found"), v.in(lang.Tf("… và %d mẫu khác, nêu đủ trong hồ sơ đánh giá", "… and %d more, all in the assessment", len(finds)-mostRefused)))
			break
		}
		add(lang.T("Mẫu tìm thấy", "Template found"), f...)
	}
	if a.End != nil && a.End.Worker != nil {
		add(lang.T("Tiến trình chạy mẫu", "Template worker"), v.wall(a.End.Worker))
	}
}

func (v view) wall(w *record.Worker) string {
	if w.Wall == "" {
		return v.in(lang.Tf("chỉ bộ canh trong tiến trình; hệ điều hành không dựng được tường thứ hai: %[1]s", "kept in by its own guard alone; the system gave no second wall: %[1]s", outside(w.Why, 120)))
	}
	return v.in(lang.Tf("bị nhốt trong không gian mạng riêng, mọi kết nối qua bộ canh của công cụ (%[1]s)", "locked in a network of its own, every connection passes the tool's guard (%[1]s)", outside(w.Wall, 60)))
}

// foundByUnits lists what templates from outside the tool found, whatever the
// policy makes of it: the gravest first.
func (v view) foundByUnits() [][]string {
	type found struct {
		ID, Severity, At string
		CVEs             []string
	}
	var all []found
	for _, o := range v.doc.Assessment.Observations {
		if !slices.ContainsFunc(v.doc.Assessment.TemplateSets(), func(s record.TemplateSet) bool { return o.Check == "templates."+s.Name }) || o.Unknown != nil {
			continue
		}
		var set struct {
			Found fact.Maybe[[]found] `json:"found"`
		}
		if json.Unmarshal(o.Value, &set) == nil {
			these, _ := set.Found.Get()
			all = append(all, these...)
		}
	}
	grave := []string{"critical", "high", "medium", "low", "info"}
	slices.SortStableFunc(all, func(a, b found) int {
		return cmp.Or(cmp.Compare(slices.Index(grave, a.Severity), slices.Index(grave, b.Severity)), cmp.Compare(a.ID, b.ID), cmp.Compare(a.At, b.At))
	})
	var out [][]string
	for _, f := range slices.CompactFunc(all, func(a, b found) bool { return a.ID == b.ID && a.At == b.At }) {
		out = append(out, []string{outside(f.Severity, 10), outside(f.ID, 60), outside(strings.Join(f.CVEs, " "), 60), outside(f.At, 100)})
	}
	return out
}
