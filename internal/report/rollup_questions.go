package report

import (
	"cmp"
	"strings"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/rollup"
)

func severityName(s judge.Severity, l lang.Lang) string { return s.Text().In(l) }

func requirementColumns() []rollColumn {
	return []rollColumn{prose("Yêu cầu", "Requirement", 11), prose("Nội dung", "What it wants", 60), prose("Mức độ", "Severity", 13)}
}

func requirementCells(q rollup.Requirement, l lang.Lang) []any {
	return []any{q.ID, q.Title.In(l), severityName(q.Severity, l)}
}

func failedTable(r rollup.Rollup, l lang.Lang) rollTable {
	t := rollTable{id: "failed", title: lang.T("Không đạt nhiều nhất", "Failed most"), columns: append(requirementColumns(),
		figure("Đơn vị không đạt", "Units that fail"), figure("Đơn vị áp dụng", "Units it concerns"), portion("Tỷ lệ", "Share"), figure("Không đạt, chỉ khuyến nghị", "Fail, as a recommendation"), figure("Số nơi", "Places"))}
	for _, f := range r.Failed {
		t.rows = append(t.rows, append(requirementCells(f.Requirement, l), f.Units, f.Applies, ratio(f.Units, f.Applies), f.Beside, f.Places))
	}
	return t
}

func missingTable(r rollup.Rollup, l lang.Lang) rollTable {
	t := rollTable{id: "missing", title: lang.T("Còn thiếu, vì sao", "Missing, and why"), columns: append(requirementColumns(),
		figure("Đơn vị còn thiếu", "Units that lack it"), figure("Đơn vị áp dụng", "Units it concerns"), portion("Tỷ lệ", "Share"), prose("Nguyên nhân", "Cause", 40), figure("Đơn vị vì nguyên nhân này", "Units for this cause"))}
	for _, m := range r.Missing {
		for _, c := range m.Causes {
			t.rows = append(t.rows, append(requirementCells(m.Requirement, l), m.Units, m.Applies, ratio(m.Units, m.Applies), causeName(c.Cause, l), c.N))
		}
		if len(m.Causes) == 0 {
			t.rows = append(t.rows, append(requirementCells(m.Requirement, l), m.Units, m.Applies, ratio(m.Units, m.Applies), causeName("", l), m.Units))
		}
	}
	return t
}

// findingTable has a row for each unit and requirement that stands in its way.
func findingTable(r rollup.Rollup, l lang.Lang) rollTable {
	t := rollTable{id: "findings", title: lang.T("Đơn vị và yêu cầu", "Units and requirements"), columns: append([]rollColumn{
		prose("Mã định danh", "ID", 13), prose("Tên đơn vị", "Name", 34), prose("Tỉnh", "Province", 20), prose("Kết quả", "Result", 17)}, requirementColumns()...)}
	known := map[string]rollup.Requirement{}
	for _, f := range r.Failed {
		known[f.ID] = f.Requirement
	}
	for _, m := range r.Missing {
		known[m.ID] = m.Requirement
	}
	names := provinceNames(r, l)
	for _, u := range r.Units {
		for _, x := range []struct {
			ids  []string
			word string
		}{{u.Failed, lang.T("Không đạt", "Fails").In(l)}, {u.Missing, lang.T("Còn thiếu", "Missing").In(l)}} {
			for _, id := range x.ids {
				q := known[id]
				q.ID = cmp.Or(q.ID, id)
				t.rows = append(t.rows, append([]any{u.ID, u.Name, names[u.Province], x.word}, requirementCells(q, l)...))
			}
		}
	}
	return t
}

func deadTable(r rollup.Rollup, l lang.Lang) rollTable {
	t := rollTable{id: "dead", title: lang.T("Không trả lời", "Did not answer"), columns: []rollColumn{
		prose("Mã định danh", "ID", 13), prose("Tên đơn vị", "Name", 34), prose("Điểm kết nối", "Endpoint", 22), prose("Địa chỉ", "Target", 38), prose("Giao thức", "Kind", 11), prose("Nhìn từ", "Seen from", 22), prose("Nguyên nhân", "Cause", 30), prose("Chi tiết kỹ thuật", "Technical detail", 44)}}
	for _, d := range r.Dead {
		for _, f := range d.From {
			t.rows = append(t.rows, []any{d.Unit, d.Name, d.Endpoint, d.Target, string(d.Kind), f.Vantage.Text().In(l), causeName(f.Cause, l), f.Detail})
		}
	}
	return t
}

func changeTable(r rollup.Rollup, l lang.Lang) rollTable {
	t := rollTable{id: "changes", title: lang.T("Đơn vị thay đổi", "Units that changed"), columns: []rollColumn{
		prose("Mã định danh", "ID", 13), prose("Tên đơn vị", "Name", 34), prose("Loại", "Kind", 25), prose("Đợt trước", "Before", 17), prose("Nay", "Now", 17), prose("Sáp nhập từ", "Merged from", 24)}}
	if r.Changes == nil {
		return t
	}
	for _, u := range r.Changes.Units {
		t.rows = append(t.rows, []any{u.ID, u.Name, kindName(u.Kind, l), u.From, u.To, strings.Join(u.Merged, " ")})
	}
	gone := lang.T("(không còn trong danh sách)", "(no longer listed)").In(l)
	for _, g := range r.Changes.Gone {
		t.rows = append(t.rows, []any{g.ID, g.Name, "", g.Outcome, gone, ""})
	}
	return t
}

func requirementChangeTable(r rollup.Rollup, l lang.Lang) rollTable {
	t := rollTable{id: "requirement-changes", title: lang.T("Yêu cầu thay đổi", "Requirements that changed"), columns: append(requirementColumns(),
		figure("Mới không đạt", "Newly failed"), figure("Nay mới thấy không đạt", "Now seen to fail"), figure("Không còn xác định được", "Can no longer be told"), figure("Đã khắc phục", "Mended"))}
	if r.Changes == nil {
		return t
	}
	for _, c := range r.Changes.Requirements {
		t.rows = append(t.rows, append(requirementCells(c.Requirement, l), c.Failed, c.Found, c.Lost, c.Mended))
	}
	return t
}
