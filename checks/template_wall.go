package checks

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
	"github.com/sansang/sansang/internal/templates"
)

// control asks for a path that does not exist, by the engine and as the
// templates do; it finds every answer, so that it has its status. Its name is new each time.
var control = &templates.Template{ID: "control", Protocols: []string{"http"}, Steps: 1, SHA256: "control", Data: []byte(`id: control
info: {name: control, author: sansang, severity: info}
http:
  - method: GET
    path: ["{{BaseURL}}/{{rand_text_alpha(12)}}.{{rand_text_alpha(3)}}"]
    matchers:
      - {type: dsl, dsl: ["status_code > 0"]}
`)}

// refuses tells of a status that some servers and filters give to everything.
func refuses(status int) bool {
	return slices.Contains([]int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusMethodNotAllowed,
		http.StatusNotAcceptable, http.StatusProxyAuthRequired, http.StatusTeapot, http.StatusTooManyRequests, http.StatusUnavailableForLegalReasons}, status) ||
		status > http.StatusUnavailableForLegalReasons // 444, 499, 5xx and what filters invent
}

// wall tells why a negative answer shows nothing: its status is one that the
// server, or a filter before it, gives to a path that does not exist as well.
// The control is asked after the answer, so that a filter which has only just
// closed is found too.
func (p *Probe) wall(ctx context.Context, a jobs.Answer) *fact.Unknown {
	at := slices.IndexFunc(a.Statuses, refuses)
	if at < 0 {
		return nil
	}
	status := a.Statuses[at]
	c, err := p.engine.Run(ctx, control)
	switch {
	case err != nil:
		return fact.FromError(err)
	case c.Cause != "":
		return fact.Because(fact.Cause(c.Cause), "a path that does not exist: "+c.Detail)
	case len(c.Statuses) == 0:
		return fact.Because(fact.Unanswered, "a path that does not exist has no status")
	case slices.Contains(a.Statuses, c.Statuses[len(c.Statuses)-1]):
		return fact.Because(fact.Blocked, fmt.Sprintf("a path that does not exist is answered with %d as well", c.Statuses[len(c.Statuses)-1]))
	case status >= http.StatusInternalServerError && status != http.StatusNotImplemented:
		return fact.Because(fact.Unanswered, fmt.Sprintf("answered with %d", status))
	}
	return nil
}
