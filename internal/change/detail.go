package change

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// pairs lists the facts that findings rest on and that differ.
func pairs(x, y []*judge.Finding) []Pair {
	var out []Pair
	add := func(fs []*judge.Finding, set func(*Pair, any)) {
		for _, f := range fs {
			for _, s := range f.Saw {
				i := slices.IndexFunc(out, func(p Pair) bool { return p.Path == s.Path })
				if i < 0 {
					i, out = len(out), append(out, Pair{Path: s.Path, Label: s.Label})
				}
				set(&out[i], s.Value)
			}
		}
	}
	add(x, func(p *Pair, v any) { p.Old = v })
	add(y, func(p *Pair, v any) { p.New = v })
	return slices.DeleteFunc(out, func(p Pair) bool { return reflect.DeepEqual(p.Old, p.New) })
}

// rule tells what is otherwise in the policy about a requirement.
func (t *table) rule(id string) Cause {
	a, b := find(t.old.Policy, id), find(t.now.Policy, id)
	c := Cause{Kind: PolicyKind}
	switch {
	case a == nil && b != nil:
		c.What = lang.T("chính sách thêm yêu cầu này", "the policy asks for this as well")
	case a != nil && b == nil:
		c.What = lang.T("chính sách không còn yêu cầu này", "the policy no longer asks for this")
	default:
		c.What = lang.Tf("chính sách thay đổi: %s %s → %s %s", "the policy changed: %s %s → %s %s", t.old.Policy.ID, t.old.Policy.Version, t.now.Policy.ID, t.now.Policy.Version)
		if parts := differences(a, b); len(parts) > 0 {
			c.What.Vi += " (" + strings.Join(parts, ", ") + ")"
			c.What.En += " (" + strings.Join(parts, ", ") + ")"
		}
	}
	return c
}

func find(p *judge.Policy, id string) *judge.Requirement {
	i := slices.IndexFunc(p.Requirements, func(r *judge.Requirement) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return p.Requirements[i]
}

// differences names the parts of a requirement that are not the same, as they
// are called in its file. Wording changes no verdict.
func differences(a, b *judge.Requirement) []string {
	fields := func(r *judge.Requirement) map[string]json.RawMessage {
		text, err := json.Marshal(r)
		var m map[string]json.RawMessage
		if err != nil || json.Unmarshal(text, &m) != nil {
			return nil
		}
		return m
	}
	if a == nil || b == nil {
		return nil
	}
	x, y := fields(a), fields(b)
	var out []string
	for _, name := range []string{"basis", "strength", "levels", "from", "for", "expect", "also", "known", "max_age", "evidence", "due"} {
		if !bytes.Equal(x[name], y[name]) {
			out = append(out, name)
		}
	}
	return out
}

// declaration tells what the unit file says otherwise about a place.
func (t *table) declaration(k key) Cause {
	a, b := t.old.Case.Unit, t.now.Case.Unit
	c := Cause{Kind: UnitFile, What: lang.T("tệp đơn vị khai báo khác trước", "the unit file declares something else")}
	if k.Endpoint != "" {
		x, y := place(a, k.Endpoint), place(b, k.Endpoint)
		switch {
		case x == nil && y != nil:
			c.What = lang.Tf("thêm %s vào tệp đơn vị", "%s was added to the unit file", k.Endpoint)
			return c
		case x != nil && y == nil:
			c.What = lang.Tf("%s không còn trong tệp đơn vị", "%s is no longer in the unit file", k.Endpoint)
			return c
		case x != nil && !sameText(x, y):
			c.What = lang.Tf("%s khai báo khác trước trong tệp đơn vị", "the unit file declares %s otherwise", k.Endpoint)
		}
	}
	for _, s := range a.Systems {
		i := slices.IndexFunc(b.Systems, func(o inventory.System) bool { return o.ID == s.ID })
		if k.System != "" && s.ID != k.System || i < 0 {
			continue
		}
		if o := b.Systems[i]; o.Level != s.Level {
			c.What = lang.Tf("cấp độ của hệ thống %s: %d → %d", "the level of the system %s: %d → %d", s.ID, s.Level, o.Level)
		} else if o.IsToConnect() != s.IsToConnect() {
			c.What = lang.Tf("hệ thống %s: thay đổi việc có kết nối hay không", "the system %s: whether it is to connect has changed", s.ID)
		}
	}
	return c
}

func place(u inventory.Unit, id string) *inventory.Endpoint {
	for _, e := range u.Places() {
		if e.ID == id {
			return &e
		}
	}
	return nil
}

// clock tells what date has passed.
func (t *table) clock(before, after *judged, x, y []*judge.Finding, k key) Cause {
	c := Cause{Kind: Date, What: lang.Tf("đánh giá vào ngày khác: %s → %s", "judged as of another day: %s → %s", onDay(t.old.Case.At), onDay(t.now.Case.At))}
	if before == nil {
		return c
	}
	if w := waived(x); w != nil && waived(y) == nil && fails(y) {
		return Cause{Kind: WaiverEnded, What: lang.Tf("miễn trừ hết hạn ngày %s", "the waiver ended on %s", w.Expires.Format(time.DateOnly))}
	}
	for _, m := range lacks(y) {
		switch m.Cause { //nolint:exhaustive // others do not come with time
		case fact.Expired:
			return Cause{Kind: EvidenceEnd, What: lang.T("tài liệu chứng minh ra ngoài thời hạn hiệu lực", "the document is outside its validity")}
		case fact.Stale:
			return Cause{Kind: Stale, What: lang.T("dữ kiện đã quá cũ so với thời hạn của chính sách", "the facts are older than the policy allows")}
		}
	}
	for _, m := range lacks(x) {
		switch m.Cause { //nolint:exhaustive // as above
		case fact.Expired:
			return Cause{Kind: EvidenceKind, What: lang.T("tài liệu chứng minh vào thời hạn hiệu lực", "the document has come into its validity")}
		case fact.Stale:
			return Cause{Kind: Stale, What: lang.T("vào ngày này dữ kiện còn đủ mới", "as of this day the facts are fresh enough")}
		}
	}
	a, b := before.results[k.id], after.results[k.id]
	switch {
	case a == nil || b == nil:
	case len(a.Basis) == 0 && len(b.Basis) > 0:
		c.What = lang.Tf("văn bản có hiệu lực: %s", "in force by now: %s", b.Basis[0].Law)
	case len(a.Basis) > 0 && len(b.Basis) == 0:
		c.What = lang.Tf("văn bản hết hiệu lực: %s", "no longer in force: %s", a.Basis[0].Law)
	case a.Decides != b.Decides && a.Note != b.Note:
		c.What = lang.T("qua hạn thực hiện của yêu cầu", "the due date of the requirement has passed")
		if a.Decides {
			c.What = lang.T("chưa tới hạn thực hiện của yêu cầu", "the requirement is not yet due")
		}
	default:
		for _, f := range slices.Concat(x, y) {
			for _, s := range f.Saw {
				at, is := s.Value.(time.Time)
				if is && between(at, t.old.Case.At, t.now.Case.At) {
					c.What = lang.Tf("qua ngày %s (%s)", "past %s (%s)", onDay(at), s.Path)
					return c
				}
			}
		}
	}
	return c
}

func between(at, a, b time.Time) bool {
	if b.Before(a) {
		a, b = b, a
	}
	return !at.Before(a) && !at.After(b)
}

func onDay(t time.Time) string { return t.In(inventory.Vietnam).Format(time.DateOnly) }
