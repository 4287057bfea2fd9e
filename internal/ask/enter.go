package ask

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// document hears what a document is, and keeps it.
func (t *talk) document(q Question) error {
	t.say(lang.T("Ở mỗi dòng: Enter nhận giá trị trong ngoặc vuông, [l] quay lại, [t] thoát.", "In each line: Enter takes what is in brackets, [b] goes back, [q] quits."))
	paper, err := t.file()
	if err != nil {
		return err
	}
	a := Answer{Result: inventory.Met, Document: paper.Path}
	proposed := inventory.Date{}
	if !paper.Signed.IsZero() && !paper.Signed.After(t.Today.End()) {
		y, m, d := paper.Signed.In(inventory.Vietnam).Date()
		proposed.Time = time.Date(y, m, d, 0, 0, 0, 0, inventory.Vietnam)
	}
	if a.Issued, err = t.date(lang.T("Ngày ban hành (ví dụ 24/11/2026)", "Issued on (such as 24/11/2026)"), proposed, t.notFuture); err != nil {
		return err
	}
	a.Until, err = t.date(lang.T("Có giá trị đến hết ngày (văn bản không ghi thì để trống)", "Counts through (leave empty if it does not say)"), inventory.Date{}, func(d inventory.Date) lang.Text {
		if !d.IsZero() && d.Before(a.Issued.Time) {
			return lang.T("Ngày này trước ngày ban hành.", "That is before it was issued.")
		}
		return lang.Text{}
	})
	if err != nil {
		return err
	}
	if a.Issuer, err = t.text(lang.T("Cơ quan ban hành", "Issued by (the body)"), t.issuer, true); err != nil {
		return err
	}
	if a.Signer, err = t.text(lang.T("Người ký (họ tên, chức vụ)", "Signed by (name and office)"), paper.Signer, true); err != nil {
		return err
	}
	by := t.by
	if by == "" {
		by = a.Signer
	}
	if a.By, err = t.text(lang.T("Người xác nhận (họ tên, chức vụ)", "Attested by (name and office)"), by, true); err != nil {
		return err
	}
	if past := t.past(q, a); !past.Empty() {
		t.say(past)
	}
	return t.keep(q, a)
}

// notMet hears that a requirement is not met, and keeps it.
func (t *talk) notMet(q Question) error {
	a := Answer{Result: inventory.NotMet, Issued: t.Today}
	var err error
	if a.Note, err = t.text(lang.T("Còn thiếu gì, bao giờ xong (có thể để trống)", "What is lacking, until when (may be left empty)"), "", false); err != nil {
		return err
	}
	if a.By, err = t.text(lang.T("Người xác nhận (họ tên, chức vụ)", "Attested by (name and office)"), t.by, true); err != nil {
		return err
	}
	return t.keep(q, a)
}

// keep asks once more, then has the answer kept.
func (t *talk) keep(q Question, a Answer) error {
	line, err := t.entry(lang.T("Ghi lại? [Enter: ghi]", "Keep this? [Enter: yes]"))
	if err != nil {
		return err
	}
	if !slices.Contains(yes, strings.ToLower(line)) {
		t.say(lang.T("Không ghi.", "Not kept."))
		return errBack
	}
	where, err := t.host.Save(q, a)
	if err != nil {
		t.fault(err)
		return errBack
	}
	t.by = a.By
	if a.Issuer != "" {
		t.issuer = a.Issuer
	}
	t.say(where)
	return nil
}

// yes are the ways to say so.
var yes = []string{"", "c", "có", "ghi", "y", "yes"}

// file hears where a document is, until there is one.
func (t *talk) file() (Paper, error) {
	for {
		line, err := t.entry(lang.T("Tệp tài liệu (gõ đường dẫn hoặc kéo thả tệp vào đây)", "Document file (type its path or drop the file here)"))
		if err != nil {
			return Paper{}, err
		}
		if line == "" {
			return Paper{}, errBack
		}
		var first error
		for _, path := range paths(line) {
			p, err := t.host.Look(path)
			if err == nil {
				if !p.Note.Empty() {
					t.say(p.Note)
				}
				return p, nil
			}
			if first == nil {
				first = err
			}
		}
		t.fault(first)
	}
}

// date hears a day, which is zero for an empty line where none is proposed.
// wrong tells what is wrong with it.
func (t *talk) date(what lang.Text, proposed inventory.Date, wrong func(inventory.Date) lang.Text) (inventory.Date, error) {
	for {
		prompt := what
		if !proposed.IsZero() {
			prompt = lang.T(what.Vi+" ["+show(proposed, lang.Vi)+"]", what.En+" ["+show(proposed, lang.En)+"]")
		}
		line, err := t.entry(prompt)
		if err != nil {
			return inventory.Date{}, err
		}
		d, ok := day(line)
		if line == "" {
			d, ok = proposed, true
		}
		if !ok {
			t.say(lang.T("Không đọc được ngày này; viết như 24/11/2026 (ngày/tháng/năm).", "That is no day that can be read; write it as 24/11/2026 (day/month/year) or 2026-11-24."))
			continue
		}
		if bad := wrong(d); !bad.Empty() {
			t.say(bad)
			continue
		}
		return d, nil
	}
}

// notFuture wants a day, and one that has come.
func (t *talk) notFuture(d inventory.Date) lang.Text {
	switch {
	case d.IsZero():
		return lang.T("Cần có ngày ban hành.", "The day of issue is needed.")
	case d.After(t.Today.Time):
		return lang.Tf("Ngày này chưa tới (hôm nay là %[1]s).", "That day has not come (today is %[2]s).", show(t.Today, lang.Vi), show(t.Today, lang.En))
	}
	return lang.Text{}
}

// past says that a document has run out already, empty if it has not.
func (t *talk) past(q Question, a Answer) lang.Text {
	end := a.Until
	if q.Months > 0 {
		if own := (inventory.Date{Time: a.Issued.AddDate(0, q.Months, -1)}); end.IsZero() || own.Before(end.Time) {
			end = own
		}
	}
	if end.IsZero() || !end.Before(t.Today.Time) {
		return lang.Text{}
	}
	return lang.Tf("Lưu ý: tài liệu này đã hết giá trị sau ngày %[1]s nên sẽ không được tính.", "Note: this document counted through %[2]s and will not count any more.", show(end, lang.Vi), show(end, lang.En))
}

// text hears a text; must refuses an empty one.
func (t *talk) text(what lang.Text, proposed string, must bool) (string, error) {
	for {
		prompt := what
		if proposed != "" {
			prompt = lang.T(what.Vi+" ["+proposed+"]", what.En+" ["+proposed+"]")
		}
		line, err := t.entry(prompt)
		if err != nil {
			return "", err
		}
		switch line = plain(line); {
		case line == "" && proposed != "":
			return proposed, nil
		case line == "" && must:
			t.say(lang.T("Mục này cần có.", "This is needed."))
		case len([]rune(line)) > maxText:
			t.say(lang.Tf("Dài quá %d chữ; viết ngắn lại.", "That is longer than %d letters; make it shorter.", maxText))
		default:
			return line, nil
		}
	}
}

// maxText is the most letters of a name or remark, as the unit file has it.
const maxText = 200

// entry hears one line of what is being entered, where the person may go back.
func (t *talk) entry(what lang.Text) (string, error) {
	line, err := t.ask(lang.T(what.Vi+": ", what.En+": "))
	if err != nil {
		return "", err
	}
	switch choice(t.Lang, line) {
	case "back":
		return "", errBack
	case "end":
		return "", errEnd
	}
	return line, nil
}

func (t *talk) fault(err error) {
	var s lang.Speaker
	if errors.As(err, &s) {
		t.say(lang.T(s.In(lang.Vi), s.In(lang.En)))
		return
	}
	t.say(lang.Tf("%v", "%v", err))
}
