package checks

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Paths is the fact of http.paths.
type Paths struct {
	Whole   fact.Maybe[bool] `json:"whole" vi:"đã xem được mọi đường dẫn" en:"every path was seen"` // a gap makes the scan try again, alone
	Answers []PathAnswer     `json:"answers" vi:"các đường dẫn đã hỏi và điều nội dung cho thấy" en:"paths asked for, and what their content shows"`
}

// PathAnswer is what came of one path. Where Cause is set it tells nothing.
type PathAnswer struct {
	Path   string   `json:"path" vi:"đường dẫn" en:"path"`
	Groups []string `json:"groups" vi:"hỏi để tìm gì" en:"what it was asked for"`
	Status int      `json:"status" vi:"mã trạng thái HTTP" en:"HTTP status"`
	What   string   `json:"what" vi:"nội dung nhận ra được" en:"what its content was recognised as"`
	Proof  string   `json:"proof" vi:"dấu hiệu nhận ra (đã che giá trị)" en:"what proved it (values masked)"`
	Cause  string   `json:"cause" vi:"vì sao chưa rõ" en:"why it is unknown"`
	Detail string   `json:"detail" vi:"chi tiết vì sao chưa rõ" en:"detail of why it is unknown"`
}

// The groups of what is looked for.
const (
	groupFiles    = "files"
	groupDebug    = "debug"
	groupAPI      = "api"
	groupListing  = "listing"
	groupDefault  = "default"
	groupConsoles = "consoles"
)

// HTTPPaths asks, over one connection where the server keeps it, for a short
// fixed list of paths that should show nothing, and looks for what they would
// show. A path that exists nowhere is asked for before, between and after
// them: an answer counts only while that one is answered as at first.
var HTTPPaths = define(Check{
	ID:       "http.paths",
	Refs:     []string{"CWE-538", "CWE-548", "CWE-489", "OWASP WSTG-CONF-04", "OWASP WSTG-CONF-05"},
	Speaks:   inventory.OverHTTP,
	Touch:    Intrusive,
	Known:    fact.Observed,
	Requires: []*Check{HTTPAnswer},
}, func(ctx context.Context, p *Probe) (Paths, error) {
	before := Read[Answer](p, HTTPAnswer)
	u, err := url.Parse(before.URL)
	if err != nil {
		return Paths{}, fact.Because(fact.Prerequisite, "http.answer has no address")
	}
	s := p.session(ctx, u)
	s.quiet = true
	defer s.close()
	w := &walk{session: s, front: u.RequestURI(), before: before}
	w.all()
	p.Note("what each path answered", []byte(w.log.String()))
	f := Paths{Answers: w.answers, Whole: fact.Known(true)}
	if u := f.nothing(); u != nil {
		return Paths{}, u
	}
	for _, a := range f.Answers {
		if a.Cause != "" {
			f.Whole = fact.Not[bool](a.unknown())
		}
	}
	return f, nil
})

// nothing says why no path at all gave an answer that counts; nil if one did.
func (f Paths) nothing() *fact.Unknown {
	for _, a := range f.Answers {
		if a.Cause == "" {
			return nil
		}
	}
	return f.Answers[0].unknown()
}

func (a PathAnswer) unknown() *fact.Unknown { return fact.Because(fact.Cause(a.Cause), a.Detail) }

// in gives the answers that show something of a group, and why another of the
// group is unknown.
func (f Paths) in(group string) (found []PathAnswer, unseen *fact.Unknown) {
	for _, a := range f.Answers {
		switch {
		case a.What != "" && groupOf(a.What) == group:
			found = append(found, a)
		case a.Cause != "" && unseen == nil && slices.Contains(a.Groups, group):
			unseen = fact.Because(fact.Cause(a.Cause), a.Path+": "+a.Detail)
		}
	}
	return found, unseen
}

// groupOf and nameOf part what was recognised.
func groupOf(what string) string { group, _, _ := strings.Cut(what, ":"); return group }
func nameOf(what string) string  { _, name, _ := strings.Cut(what, ":"); return name }
