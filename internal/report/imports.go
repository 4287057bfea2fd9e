package report

import (
	"slices"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

// imports tells of the result files of other tools that facts were taken from.
// Their words are weighed like sights, so a reader must see whose they are.
func (v view) imports(add func(lang.Text, ...string)) {
	h := v.doc.Assessment.Header
	tell := func(all []record.Imported, z inventory.Zone) {
		for _, i := range all {
			name := outside(i.Tool, 40)
			if i.Version != "" {
				name += " " + outside(i.Version, 40)
			}
			add(lang.T("Nhập từ công cụ khác", "From another tool"), name, outside(i.Name, 60), "SHA-256 "+short(i.SHA256), v.ran(i), v.in(z.Text()), v.leftOut(i))
		}
	}
	tell(h.Imported, h.Vantage.Zone)
	for _, s := range h.Joined {
		tell(s.Imported, s.Vantage.Zone)
	}
}

// ran says when the other tool ran, and who says so.
func (v view) ran(i record.Imported) string {
	at := moment(i.Produced, v.lang)
	if i.TimeBy == record.ByOperator {
		return v.in(lang.Tf("chạy lúc %s (theo người nhập)", "ran on %s (as the operator says)", at))
	}
	return v.in(lang.Tf("chạy lúc %s", "ran on %s", at))
}

func (v view) leftOut(i record.Imported) string {
	if len(i.Left) == 0 {
		return ""
	}
	return v.in(lang.Tf("%d mục không dùng được", "items left out: %d", len(i.Left)))
}

// whose says whose word there is of a requirement: the unit's own, that of
// imported assessment results, or both.
func (v view) whose(id string) lang.Text {
	h := v.doc.Assessment.Header
	about := func(a inventory.Attestation) bool { return a.Requirement == id }
	i := slices.IndexFunc(h.Attested, about)
	switch own := slices.ContainsFunc(h.Unit.Attestations, about); {
	case i < 0:
		return lang.T("theo tài liệu đơn vị khai báo", "by the document that the unit declares")
	case own:
		return lang.Tf("theo tài liệu đơn vị khai báo và kết quả đánh giá đã nhập (%s)", "by the document that the unit declares and assessment results that were imported (%s)", outside(h.Attested[i].Document, 60))
	}
	return lang.Tf("theo kết quả đánh giá đã nhập (%s)", "by assessment results that were imported (%s)", outside(h.Attested[i].Document, 60))
}
