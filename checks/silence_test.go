package checks

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

var errSilence = &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}

// TestSilence holds when a silent port beside an endpoint is a fact: silence to
// every attempt, and a sign of life before and after each.
func TestSilence(t *testing.T) {
	refused := fact.Because(fact.OutOfScope, "not permitted")
	for name, c := range map[string]struct {
		main, plain []error // of the connections in turn; the last of them goes on
		at          string
		room        int
		want        fact.Cause // empty: filtered
		calls       string     // m: to the endpoint, p: to the plain port
	}{
		"silent all along":                 {[]error{nil}, []error{errSilence}, "", 1, "", "mpmpm"},
		"nobody else is asking":            {[]error{nil}, []error{errSilence}, "", 0, "", "mpmpm"},
		"in a crowd it is only missed":     {[]error{nil}, []error{errSilence}, "", 6, fact.Timeout, "p"},
		"no life before":                   {[]error{errSilence, nil}, []error{errSilence}, "", 1, fact.Timeout, "mp"},
		"no life between":                  {[]error{nil, errSilence}, []error{errSilence}, "", 1, fact.Timeout, "mpm"},
		"no life after":                    {[]error{nil, nil, errSilence}, []error{errSilence}, "", 1, fact.Timeout, "mpmpm"},
		"the second attempt is answered":   {[]error{nil}, []error{errSilence, nil}, "", 1, fact.Timeout, "mpmp"},
		"another host lives for itself":    {[]error{nil}, []error{errSilence}, "http://192.0.2.9/", 1, fact.Timeout, "p"},
		"what the guard held back":         {[]error{nil}, []error{refused}, "", 1, fact.OutOfScope, "mp"},
		"a guard that ran out of patience": {[]error{nil}, []error{errSilence, refused}, "", 1, fact.Timeout, "mpmp"},
		"a name that was not found":        {[]error{nil}, []error{&net.OpError{Op: "dial", Err: &net.DNSError{IsTimeout: true}}}, "", 1, fact.Timeout, "mp"},
	} {
		t.Run(name, func(t *testing.T) {
			e := inventory.Endpoint{ID: "e", Target: "https://192.0.2.1/", Kind: inventory.HTTPS, Plain: c.at}
			calls := ""
			next := func(errs []error, mark string) error {
				n := strings.Count(calls, mark)
				calls += mark
				return errs[min(n, len(errs)-1)]
			}
			dial := func(_ context.Context, address string) (net.Conn, error) {
				err := error(nil)
				if address == e.Address() {
					err = next(c.main, "m")
				} else {
					err = next(c.plain, "p")
				}
				if err != nil {
					return nil, err
				}
				a, b := net.Pipe()
				t.Cleanup(func() { _ = b.Close() })
				return a, nil
			}
			s := Settings{Dial: dial, Now: time.Now, Timeout: time.Second, Log: zerolog.Nop()}
			if c.room > 0 {
				s.Room = NewRoom(c.room)
			}
			o := HTTPRedirect.Observe(context.Background(), NewProbe(s, e, nil))
			if calls != c.calls {
				t.Errorf("connections %q, want %q", calls, c.calls)
			}
			if c.want != "" {
				if o.Unknown == nil || o.Unknown.Cause != c.want {
					t.Errorf("%s %v, want %s", o.Value, o.Unknown, c.want)
				}
				return
			}
			var f Redirect
			if o.Unknown != nil || json.Unmarshal(o.Value, &f) != nil || f.Open || f.State != "filtered" || f.Silent != 2 || f.Content || f.ToHTTPS {
				t.Fatalf("%s %v, want filtered", o.Value, o.Unknown)
			}
			var labels []string
			for _, ev := range o.Evidence {
				labels = append(labels, ev.Label)
			}
			if got := strings.Join(labels, ", "); got != "tcp, tcp, tcp, connection 1 to 192.0.2.1:80: silence, connection 2 to 192.0.2.1:80: silence" {
				t.Errorf("evidence: %s", got)
			}
		})
	}
}
