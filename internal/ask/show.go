package ask

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// show tells a question: what is asked, by which law, and what would answer it.
func (t *talk) show(q Question, n, of int) {
	t.line("")
	t.say(lang.Tf("Việc %[1]d/%[2]d: %[3]s – %[4]s", "%[1]d of %[2]d: %[3]s – %[5]s", n, of, q.ID, q.Title.Vi, q.Title.En))
	force := cmp.Or(q.Force.Text(), judge.Recommended.Text())
	t.part(lang.T("Mức độ", "Force"), lang.T(force.Vi+", "+q.Severity.Text().Vi, force.En+", "+q.Severity.Text().En))
	if q.System != nil {
		t.part(lang.T("Hệ thống", "System"), lang.Tf("%s (%s)", "%s (%s)", q.System.Name, q.System.ID))
	}
	if q.Endpoint != "" {
		t.part(lang.T("Nơi", "Place"), lang.T(q.Endpoint, q.Endpoint))
	}
	t.part(lang.T("Hiện nay", "Now"), q.now())
	t.part(lang.T("Yêu cầu", "Required"), q.Need)
	if q.Evidence != nil {
		t.part(lang.T("Tài liệu cần có", "Document"), q.Evidence.What)
	}
	t.part(lang.T("Có giá trị", "Counts"), counts(q.Months))
	t.part(lang.T("Căn cứ", "Basis"), basis(q.Basis))
	t.part(lang.T("Lưu ý", "Note"), q.Note)
	if q.Scan {
		t.part(lang.T("Cách khác", "Or else"), lang.T("rà quét cũng có thể cho thấy điều này.", "a scan may show this too."))
	}
	t.line("")
}

// now tells how a question stands: nothing was supplied, or why what was does
// not count.
func (q Question) now() lang.Text {
	s := q.Why.Cause.Text()
	if p := q.Paper; p != nil {
		s = lang.T(s.Vi+": "+p.Document, s.En+": "+p.Document)
		if p.Review != nil && q.Why.Cause == fact.Rejected {
			s = lang.T(s.Vi+" ("+p.Review.By+": "+p.Review.Reason+")", s.En+" ("+p.Review.By+": "+p.Review.Reason+")")
		}
	}
	return s
}

// explain tells how to meet a requirement.
func (t *talk) explain(q Question) {
	t.part(lang.T("Cách thực hiện", "How"), q.Fix)
	t.part(lang.T("Xem thêm", "More"), lang.T("sansang explain "+q.ID, "sansang explain "+q.ID))
	t.line("")
}

func counts(months int) lang.Text {
	if months > 0 {
		return lang.Tf("%d tháng kể từ ngày ban hành, hoặc đến ngày ghi trong văn bản nếu sớm hơn.", "%d months from the day of issue, or to the day that it states if that is earlier.", months)
	}
	return lang.T("đến ngày ghi trong văn bản; không ghi thì không có hạn.", "to the day that it states; without one it has no end.")
}

func basis(bs []judge.Basis) lang.Text {
	var vi, en []string
	for _, b := range bs {
		name := strings.TrimSpace(b.Law + " " + b.Article)
		vi = append(vi, strings.TrimSpace(name+" "+b.Status.Mark().Vi))
		en = append(en, strings.TrimSpace(name+" "+b.Status.Mark().En))
	}
	return lang.T(strings.Join(vi, "; "), strings.Join(en, "; "))
}

// show writes a day as people of a language do.
func show(d inventory.Date, l lang.Lang) string {
	if l == lang.Vi {
		return d.Format("02/01/2006")
	}
	return d.Format(time.DateOnly)
}

// ask writes a prompt and hears the answer; errEnd where there is none.
func (t *talk) ask(prompt lang.Text) (string, error) {
	_, _ = io.WriteString(t.out, prompt.In(t.Lang))
	line, ok := t.next()
	if !ok {
		t.line("")
		return "", errEnd
	}
	if t.Echo {
		t.line(plain(line))
	}
	return line, nil
}

func (t *talk) say(s lang.Text) {
	for _, l := range fold(s.In(t.Lang), t.Width) {
		t.line(l)
	}
}

// part writes a labelled text, its lines indented.
func (t *talk) part(label, s lang.Text) {
	if s.Empty() {
		return
	}
	lines := fold(label.In(t.Lang)+": "+s.In(t.Lang), t.Width-4)
	for i, l := range lines {
		if i > 0 {
			l = "    " + l
		}
		t.line(l)
	}
}

func (t *talk) line(s string) { _, _ = fmt.Fprintln(t.out, s) }

// fold breaks a text between words. Its own line breaks stay, and so does a
// line that begins with a blank: it is to be copied as it is.
func fold(s string, width int) []string {
	var out []string
	for _, para := range strings.Split(strings.TrimRight(s, "\n "), "\n") {
		para = plain(para)
		if strings.HasPrefix(para, " ") {
			out = append(out, para)
			continue
		}
		row := ""
		for _, word := range strings.Fields(para) {
			if row != "" && utf8.RuneCountInString(row)+1+utf8.RuneCountInString(word) > width {
				out, row = append(out, row), ""
			}
			if row != "" {
				row += " "
			}
			row += word
		}
		out = append(out, row)
	}
	return out
}

// plain takes out what a terminal would take for a command, and what would
// break a line of the unit file.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if unicode.IsControl(r) || r == utf8.RuneError || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, s)
}
