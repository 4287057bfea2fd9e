package scan

import (
	"context"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// A plain port that drops all that comes, beside a server that answers, is
// seen to be filtered; one that is silent only while we are many is not.
func TestFilteredTwin(t *testing.T) {
	for name, c := range map[string]struct {
		answers int64 // the connection to the plain port from which on it answers
		want    string
	}{
		"always silent":             {1 << 60, `"state":"filtered","silent":2`},
		"silent in the crowd alone": {2, `"state":"open","silent":0`},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, "https-good")
			plain := start(t, "http-redirect")
			var asked atomic.Int64
			inner := loopback(t).Dial
			dial := func(ctx context.Context, address string) (net.Conn, error) {
				if address == plain.AddrPort.String() && asked.Add(1) < c.answers {
					return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}
				}
				return inner(ctx, address)
			}
			sc, k := scanOf(t, dial, inventory.Endpoint{ID: "e", Target: s.URL(), Kind: inventory.HTTPS, Plain: plain.URL()})
			if err := sc.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(k.obs, func(o fact.Observation) bool { return o.Check == "http.redirect" })
			if o := k.obs[i]; !strings.Contains(string(o.Value), c.want) {
				t.Errorf("%s %v, want %s", o.Value, o.Unknown, c.want)
			}
			if asked.Load() < 2 {
				t.Error("the plain port was not asked twice: this test shows nothing")
			}
		})
	}
}
