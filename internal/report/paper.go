package report

import (
	"fmt"
	"strings"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// paper is a document that the unit attests with, as it stands.
type paper struct {
	judge.Paper
	ID    string
	Head  string // how it stands and until when
	Lines []row
}

// papers lists what the unit attests with, by requirement, the newest first.
func (v view) papers() []paper {
	var out []paper
	have := map[string]bool{}
	for _, res := range v.Requirements {
		for _, f := range res.Findings {
			for _, p := range f.Papers {
				key := fmt.Sprint(res.ID, p.Attestation, p.State, p.CountsUntil)
				if have[key] {
					continue
				}
				have[key] = true
				out = append(out, paper{p, res.ID, v.standing(p), v.paperLines(p)})
			}
		}
	}
	return out
}

// standing says how a document stands: "accepted, counts through 28/02/2027
// (days left: 96)".
func (v view) standing(p judge.Paper) string {
	s := v.in(p.State.Text())
	if p.Result == inventory.NotMet && p.Document != "" {
		s += v.in(lang.T(", nói là chưa đạt", ", says not met"))
	}
	switch {
	case p.DaysLeft == nil || p.State == judge.PaperFuture || p.State == judge.PaperRefused || p.State == judge.PaperChanged || p.State == judge.PaperMissing: // it does not count at all
	case *p.DaysLeft < 0:
		s += v.in(lang.T(" sau ngày ", " after ")) + day(p.CountsUntil.Time, v.lang)
	default:
		through := lang.T(", thời hạn đến hết ngày ", ", would end with ")
		if p.Counts() {
			through = lang.T(", có giá trị đến hết ngày ", ", counts through ")
		}
		s += v.in(through) + day(p.CountsUntil.Time, v.lang) +
			v.in(lang.Tf(" (còn %d ngày)", " (days left: %d)", *p.DaysLeft))
	}
	return s
}

// paperLines tells what a document is and what is said of it.
func (v view) paperLines(p judge.Paper) []row {
	var out []row
	add := func(label lang.Text, parts ...string) {
		if s := strings.Join(addNew(nil, parts...), ", "); s != "" {
			out = append(out, row{v.in(label), s})
		}
	}
	if p.Document != "" {
		add(lang.T("Tài liệu", "Document"), outside(p.Document, 120)+" (SHA-256 "+short(p.SHA256)+")")
	}
	issued := lang.T("Ban hành", "Issued")
	if p.Document == "" {
		issued = lang.T("Ngày", "Said on")
	}
	add(issued, outside(p.Issuer, 120), day(p.Issued.Time, v.lang), labelled(v.in(lang.T("người ký: ", "signed by: ")), outside(p.Signer, 120)))
	add(lang.T("Xác nhận", "Attested by"), outside(p.By, 120))
	add(lang.T("Ghi chú", "Remark"), outside(p.Note, 300))
	add(lang.T("Phạm vi", "About"), outside(p.System, 60), outside(p.Endpoint, 60))
	if r := p.Review; r != nil {
		word := lang.T("chấp nhận", "accepted")
		if r.Result == inventory.Refused {
			word = lang.T("không chấp nhận", "refused")
		}
		add(lang.T("Đánh giá", "Review"), v.in(word)+" ("+outside(r.By, 120)+", "+day(r.On.Time, v.lang)+")"+labelled(": ", outside(r.Reason, 300)))
	}
	if s := p.Signature; s != nil {
		told := v.in(s.State.Text()) + labelled(": ", outside(s.Signer, 120))
		if !s.Signed.IsZero() {
			told += v.in(lang.T(", tự ghi ký lúc ", ", by its own word of ")) + moment(s.Signed, v.lang)
		}
		add(lang.T("Chữ ký số", "Signature"), told, outside(v.in(s.Detail), 300))
	}
	return out
}

// said tells who says that something is not met, where no document does.
func (v view) said(f judge.Finding) []seen {
	for _, p := range f.Papers {
		if p.Counts() {
			if p.State != judge.PaperStated {
				return nil
			}
			return []seen{{Label: v.in(lang.T("đơn vị tự nhận", "the unit says of itself")),
				Value: v.in(lang.T("chưa đạt", "not met")) + " (" + outside(p.Attester(), 120) + ", " + day(p.Issued.Time, v.lang) + ")" + labelled(": ", outside(p.Note, 300))}}
		}
	}
	return nil
}

func (t *text) documents() {
	ps := t.papers()
	if len(ps) == 0 {
		return
	}
	t.heading(t.in(lang.Tf("TÀI LIỆU CHỨNG MINH (%d)", "DOCUMENTS AS EVIDENCE (%d)", len(ps))))
	for _, p := range ps {
		t.write(bold, " -  ", "    ", p.ID+" · "+p.Head)
		for _, l := range p.Lines {
			t.field(4, l.Label, l.Value)
		}
	}
}

// operators tells who runs the systems that the unit only uses.
func (v view) operators() []string {
	var out []string
	for _, s := range v.RunByOthers {
		told := outside(s.Name, 120) + ": " + outside(s.Operator.Name, 120)
		if s.Operator.ID != "" {
			told += " (" + outside(s.Operator.ID, 40) + ")"
		}
		out = append(out, told)
	}
	return out
}
