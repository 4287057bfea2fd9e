package nuclei

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/sansang/sansang/internal/jobs"
)

// Causes of internal/fact.
const (
	unreachable = "unreachable"
	timeout     = "timeout"
	reset       = "reset"
	blocked     = "blocked"
	denied      = "denied"
	outOfScope  = "out-of-scope"
	skipped     = "skipped"
	unanswered  = "unanswered"
	broken      = "broken"
)

// causeOf names why a run came to nothing: our own failure first, then a wall
// of ours, then whatever was seen first that has a name.
func causeOf(errs []error) (cause, detail string) {
	if errors.Is(errs[0], errTainted) {
		return unanswered, said(errTainted) // the run was stopped for it
	}
	for _, want := range []string{broken, outOfScope, skipped} {
		for _, err := range errs {
			if name(err) == want {
				return want, said(err)
			}
		}
	}
	for _, err := range errs {
		if c := name(err); c != "" {
			return c, said(err)
		}
	}
	return unanswered, said(errs[0])
}

func said(err error) string {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return clip(first, jobs.MostText)
}

// name is the cause of one error, or "" where it says nothing of one.
func name(err error) string {
	var p *panicked
	var h *handshakeError
	var dns *net.DNSError
	var nerr net.Error
	switch {
	case errors.As(err, &p):
		return broken
	case errors.Is(err, errOutside):
		return outOfScope
	case errors.Is(err, context.Canceled):
		return skipped
	case errors.Is(err, errOversize):
		return unanswered // also where the time was over by then: more time would not have made it shorter
	case errors.Is(err, errPartial):
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || byText(err.Error()) == timeout {
			return timeout
		}
		return unanswered
	case errors.Is(err, errSpare), errors.Is(err, errNoAnswer), errors.Is(err, errTainted), errors.Is(err, errDoubt), strings.Contains(err.Error(), "first record does not look like"):
		return unanswered // the last: where tlsx tried again, the text holds other causes too
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return timeout
	case errors.As(err, &dns), errors.Is(err, errNoName):
		return unreachable
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return unreachable
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return denied
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNABORTED):
		return reset
	case errors.As(err, &h):
		return unanswered
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, errInvented):
		return reset
	case errors.As(err, &nerr) && nerr.Timeout():
		return timeout
	}
	return byText(err.Error())
}

// sayings are what is left of a cause where only its text is: in order, since
// one text may hold several.
var sayings = []struct {
	cause string
	texts []string
}{
	{outOfScope, []string{errOutside.Error(), "address not allowed", "no address allowed", "dropped by network policy", "denied address"}},
	{unanswered, []string{errSpare.Error(), "malformed http", "first record does not look like a tls", "remote error: tls", "tls handshake", "unresolved variables"}},
	{unreachable, []string{"connection refused", "no address found", "could not resolve host", "no such host", "network is unreachable", "no route to host", "port closed or filtered"}},
	{timeout, []string{"i/o timeout", "deadline exceeded", "timed out", "timeout awaiting", "request canceled", "max retries exceeded"}},
	{reset, []string{"connection reset", "broken pipe", "eof"}},
	{skipped, []string{"context canceled"}},
	{unanswered, []string{"could not make ", "pre-condition not satisfied", "cannot use ip address as dns input"}},
}

func byText(s string) string {
	s = strings.ToLower(s)
	for _, say := range sayings {
		for _, t := range say.texts {
			if strings.Contains(s, strings.ToLower(t)) {
				return say.cause
			}
		}
	}
	return ""
}
