package nuclei

import (
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/projectdiscovery/nuclei/v3/pkg/output"
)

// errInvented is a reset of which rawhttp made the answer 400.
var errInvented = errors.New("connection reset by the peer before an answer")

var (
	lengthSaid = regexp.MustCompile(`(?im)^content-length:[ \t]*([0-9]+)`)
	encoded    = regexp.MustCompile(`(?im)^content-encoding:`)
	retryLater = regexp.MustCompile(`(?im)^retry-after:`)
)

// raw takes an event over HTTP that the wire had not seen: requests that are
// written byte by byte go by a client of their own, which takes a body that
// ends early for whole.
func (r *run) raw(fields output.InternalEvent) {
	response, body := text(fields["response"]), text(fields["body"])
	if strings.HasPrefix(response, "HTTP/0.0 ") {
		r.errs = append(r.errs, errInvented)
		return
	}
	status, _ := fields["status_code"].(int)
	if status == 0 {
		return
	}
	if r.shown++; r.shown <= r.seen {
		return
	}
	if !strings.HasPrefix(response, "HTTP/1.") { // rawhttp takes any version
		r.errs = append(r.errs, errSpare)
		return
	}
	head, _, _ := strings.Cut(response, "\r\n\r\n")
	if said := lengthSaid.FindStringSubmatch(head); said != nil && !encoded.MatchString(head) {
		n, err := strconv.Atoi(said[1])
		bodiless := status == http.StatusNoContent || status == http.StatusNotModified || strings.HasPrefix(text(fields["request"]), "HEAD ")
		if (err != nil || len(body) < n) && !bodiless {
			r.errs = append(r.errs, errPartial)
		}
	}
	if len(body) >= mostBody {
		r.errs = append(r.errs, errOversize)
	}
	r.seen++
	r.requests++
	r.answers++
	r.status(status)
	r.blocked = r.blocked || status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable && retryLater.MatchString(head)
	r.last = exchange{at: text(fields["matched"]), request: []byte(text(fields["request"])), response: []byte(response), status: status}
}
