package checks

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/jobs"
	"github.com/sansang/sansang/internal/templates"
)

// Engine runs templates on the endpoint of a probe. Its error names why there
// is no answer, as that of a DialFunc does. Before it sends anything, and after
// it has waited for its turn, it calls Turned.
type Engine interface {
	Run(context.Context, *templates.Template) (jobs.Answer, error)
}

type turnKey struct{}

// AtTurn has do called when the turn has come of a template that is run by ctx.
func AtTurn(ctx context.Context, do func()) context.Context {
	return context.WithValue(ctx, turnKey{}, do)
}

// Turned tells whoever has a template run by ctx that its turn has come.
func Turned(ctx context.Context) {
	if turned, ok := ctx.Value(turnKey{}).(func()); ok {
		turned()
	}
}

// Match is the fact of a template: what it looks for is there, or is not, and
// the exchange that shows it. What was not seen is no Match.
type Match struct {
	Found     bool     `json:"found" vi:"có tìm thấy" en:"found"`
	At        string   `json:"at" vi:"ở đâu" en:"where"`
	Extracted []string `json:"extracted" vi:"giá trị đọc được" en:"values read"`
	Request   string   `json:"request" vi:"câu hỏi đã gửi" en:"request sent"`
	Response  string   `json:"response" vi:"câu trả lời (đã rút gọn)" en:"response (shortened)"`
}

// undetermined is the name of the matcher by which a template of ours says
// that the product is there and does not tell what was asked of it.
const undetermined = "undetermined"

// hidesVersion is the reason of an Unknown of such a template.
const hidesVersion = "the product is there, and does not show what would tell"

// shownBytes bounds what a Match shows; the evidence beside it has more.
const shownBytes = 1 << 10

// typeOf is the type of a fact that is known in a way.
func typeOf[F any](way fact.Way) *fact.Type {
	t, err := fact.TypeOf[F]()
	if err != nil {
		panic(err)
	}
	t.Known = way
	return t
}

// templateCheck makes a check of a template. Its text is read when it is
// needed, for most runs of the program need none.
func templateCheck(id string, speaks inventory.Protocol, known fact.Way, read func() (*templates.Template, error)) *Check {
	c := &Check{ID: id, Speaks: speaks, Touch: Polite, Known: known, Fact: typeOf[Match](known), Template: read}
	if speaks == inventory.OverHTTP {
		c.MayRead = []*Check{HTTPPaths} // which tells whether a wall answers in the server's place
	}
	c.observe = func(ctx context.Context, p *Probe) (any, error) {
		t, err := read()
		if err != nil {
			return nil, err
		}
		return p.template(ctx, t)
	}
	return c
}

// FromTemplate makes the check of a template that a user brings.
func FromTemplate(id string, t *templates.Template) *Check {
	return templateCheck(id, speaks(t), fact.Probed, func() (*templates.Template, error) { return t, nil })
}

// speaks tells what an endpoint must speak for a template to be run on it.
func speaks(t *templates.Template) inventory.Protocol {
	for _, rank := range []struct {
		of string
		is inventory.Protocol
	}{{"http", inventory.OverHTTP}, {"ssl", inventory.OverTLS}, {"dns", inventory.OverDNS}} {
		if slices.Contains(t.Protocols, rank.of) {
			return rank.is
		}
	}
	return inventory.OverTCP
}

// template runs a template and makes a fact of its answer.
func (p *Probe) template(ctx context.Context, t *templates.Template) (Match, error) {
	if p.engine == nil {
		return Match{}, fact.Because(fact.Skipped, "this scan has no template worker")
	}
	http := slices.Contains(t.Protocols, "http")
	if u := p.unseen(HTTPPaths); http && u != nil && u.Cause == fact.Blocked {
		return Match{}, u
	}
	var first *jobs.Answer
	if http {
		first = p.controls.before(ctx, p.engine)
	}
	a, err := p.engine.Run(ctx, t)
	request, response := requestOf(t, a), keepable(t, a)
	p.tape.exchange("template "+t.ID, request, response)
	switch {
	case err != nil:
		return Match{}, err
	case a.Cause != "":
		return Match{}, fact.Because(fact.Cause(a.Cause), a.Detail)
	case a.Found && len(a.Matchers) > 0 && !slices.ContainsFunc(a.Matchers, func(m string) bool { return m != undetermined }):
		return Match{}, fact.Because(fact.Unanswered, hidesVersion)
	}
	if !a.Found && http {
		if u := p.wall(ctx, t, a, first); u != nil {
			return Match{}, u
		}
	}
	m := Match{Found: a.Found, At: placeOf(t, a), Extracted: a.Extracted, Request: excerpt(request), Response: excerpt(response)}
	switch {
	case m.Extracted == nil:
		m.Extracted = []string{}
	case t.Secret || tagged(t, secrets):
		m.Extracted = []string{fmt.Sprintf("[%d not kept]", len(m.Extracted))}
	}
	return m, nil
}

// Tags of templates whose find may hold what nobody should have, and of those
// that read it off.
var (
	exposes = []string{"exposure", "exposures", "exposed", "config", "configs", "backup", "backups", "file", "files", "disclosure", "unauth", "lfi"}
	secrets = []string{"token", "tokens", "secret", "secrets", "creds", "credential", "credentials", "keys", "default-login"}
)

func tagged(t *templates.Template, with []string) bool {
	return slices.ContainsFunc(t.Tags, func(tag string) bool { return slices.Contains(with, tag) })
}

// keepable is the response without a body that might hold what was not meant
// for anybody: its length and digest stand for it. Where nothing was found, a
// page may be kept, but no file: a secret of another form than the template
// knows is one too.
func keepable(t *templates.Template, a jobs.Answer) []byte {
	if !t.Secret && !tagged(t, exposes) && !tagged(t, secrets) {
		return a.Response
	}
	head, body, ok := bytes.Cut(a.Response, []byte("\r\n\r\n"))
	if !ok || !slices.Contains(t.Protocols, "http") {
		head, body = nil, a.Response
	}
	if start := bytes.TrimSpace(body); !a.Found && (len(start) == 0 || start[0] == '<') {
		return a.Response
	}
	return append(slices.Clip(head), fmt.Sprintf("\r\n\r\n[%d bytes not kept, SHA-256 %x]", len(body), sha256.Sum256(body))...)
}

// logsIn tells of a template whose find is a way in.
func logsIn(t *templates.Template) bool {
	return tagged(t, secrets) || slices.Contains(t.Classes, templates.DefaultLogin) || slices.Contains(t.Classes, templates.BruteForce)
}

var credentialLine = regexp.MustCompile(`(?im)^((?:proxy-)?authorization|cookie):.*$`)

// requestOf is the request without the credentials that let somebody in.
func requestOf(t *templates.Template, a jobs.Answer) []byte {
	if !a.Found || !logsIn(t) {
		return a.Request
	}
	head, body, ok := bytes.Cut(a.Request, []byte("\r\n\r\n"))
	if !ok || !slices.Contains(t.Protocols, "http") {
		return fmt.Appendf(nil, "[%d bytes not kept]", len(a.Request))
	}
	first, rest, _ := bytes.Cut(head, []byte("\r\n"))
	if path, _, query := bytes.Cut(first, []byte("?")); query {
		first = append(slices.Clip(path), "?[not kept]"...)
	}
	rest = credentialLine.ReplaceAll(rest, []byte("$1: [not kept]\r"))
	return fmt.Appendf(nil, "%s\r\n%s\r\n\r\n[%d bytes not kept]", first, rest, len(body))
}

// placeOf is the place without what was asked of it, for the same.
func placeOf(t *templates.Template, a jobs.Answer) string {
	if path, _, query := strings.Cut(a.At, "?"); query && a.Found && logsIn(t) {
		return path
	}
	return a.At
}

func excerpt(b []byte) string {
	return strings.ToValidUTF8(string(b[:min(len(b), shownBytes)]), "\ufffd")
}
