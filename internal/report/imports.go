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
	for _, i := range v.doc.Assessment.Imports() {
		name := outside(i.Tool, 40)
		if i.Version != "" {
			name += " " + outside(i.Version, 40)
		}
		add(lang.T("Nhập từ công cụ khác", "From another tool"), name, outside(i.Name, 60), "SHA-256 "+short(i.SHA256), v.ran(i), v.leftOut(i))
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
	return v.in(lang.Tf("%d mục không dùng được", "%d items left out", len(i.Left)))
}

// assessed names the imported file that attests a requirement of which the unit
// file says nothing itself.
func (v view) assessed(id string) string {
	h := v.doc.Assessment.Header
	about := func(a inventory.Attestation) bool { return a.Requirement == id }
	if i := slices.IndexFunc(h.Attested, about); i >= 0 && !slices.ContainsFunc(h.Unit.Attestations, about) {
		return outside(h.Attested[i].Document, 60)
	}
	return ""
}
