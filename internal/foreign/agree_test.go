package foreign

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lab"
)

const samples = "../../testdata/foreign"

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(samples, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// apart are fields in which a practice server has two faces: that of Heartbleed
// plays the old server, with other suites and without tickets, to hellos that
// offer a heartbeat. testssl.sh always offers one, our other checks do not. Both
// are right.
var apart = map[string][]string{"heartbleed": {"tls.suites.tls12", "tls.suites.accepted", "tls.ticketbleed.tickets", "tls.features.http2", "tls.features.alpn"}}

// TestAgreesWithOwnChecks: the files are what the tools wrote of practice
// servers. Wherever both they and our own checks know a field of the same
// server, they say the same.
func TestAgreesWithOwnChecks(t *testing.T) {
	for file, c := range map[string]struct {
		recipe string
		least  int // fields that are compared
	}{
		"testssl-https-good.json":             {"https-good", 35},
		"testssl-https-tls10.json":            {"https-tls10", 35},
		"testssl-suites-weak.json":            {"suites-weak", 35},
		"testssl-ccs-injection.json":          {"ccs-injection", 20},
		"testssl-robot.json":                  {"robot", 20},
		"testssl-ticketbleed.json":            {"ticketbleed", 20},
		"testssl-renegotiation-insecure.json": {"renegotiation-insecure", 20},
		"testssl-compression-deflate.json":    {"compression-deflate", 20},
		"testssl-fallback-unprotected.json":   {"fallback-unprotected", 20},
		"testssl-headers-none.json":           {"headers-none", 20},
		"testssl-https-ssl3.json":             {"https-ssl3", 20},
		"testssl-cert-self-signed.json":       {"cert-self-signed", 20},
		"testssl-https-ssl2.json":             {"https-ssl2", 15},
		"testssl-suites-null-export.json":     {"suites-null-export", 15},
		"testssl-heartbleed.json":             {"heartbleed", 15},
		"testssl-flat-heartbleed.json":        {"heartbleed", 7},
		"ssh-audit-ssh-good.json":             {"ssh-good", 14},
		"ssh-audit-ssh-terrapin.json":         {"ssh-terrapin", 14},
		"ssh-audit-ssh-weak-kex.json":         {"ssh-weak-kex", 14},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			s, err := lab.Start(c.recipe)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			e := inventory.Endpoint{ID: c.recipe, Target: s.URL(), Kind: inventory.Kind(s.Kind), Zone: inventory.Internal}
			r, err := Read(file, "", sample(t, file))
			if err != nil {
				t.Fatal(err)
			}
			theirs, left, err := r.Observations(Place{Endpoints: []inventory.Endpoint{e}, Only: e.ID, By: fact.Teller{Tool: r.Tool, File: file}, At: time.Now()})
			if err != nil || len(left) > 0 {
				t.Fatal(err, left)
			}
			seen := map[string]fact.Observation{}
			compared := 0
			for _, o := range theirs {
				check, _ := checks.Find(o.Check)
				compared += compare(t, check, look(check, e, seen), o, apart[c.recipe])
			}
			t.Logf("%d fields compared", compared)
			if compared < c.least {
				t.Errorf("%d fields were compared, and there were %d", compared, c.least)
			}
		})
	}
}

// compare holds each field that is known on both sides of one check.
func compare(t *testing.T, c *checks.Check, ours, theirs fact.Observation, apart []string) (n int) {
	t.Helper()
	if ours.Unknown != nil || theirs.Unknown != nil {
		return 0
	}
	var a, b map[string]json.RawMessage
	if json.Unmarshal(ours.Value, &a) != nil || json.Unmarshal(theirs.Value, &b) != nil {
		t.Fatalf("%s: %s, %s", c.ID, ours.Value, theirs.Value)
	}
	for _, f := range c.Fact.Fields {
		var x, y any
		_, _ = json.Unmarshal(a[f.Name], &x), json.Unmarshal(b[f.Name], &y)
		if open(x) || open(y) || f.Type.Kind == fact.Time || slices.Contains(apart, c.ID+"."+f.Name) { // the certificates of practice are made anew each time
			continue
		}
		sorted(x)
		sorted(y)
		if n++; !reflect.DeepEqual(x, y) {
			t.Errorf("%s.%s: we see %s, the file says %s", c.ID, f.Name, a[f.Name], b[f.Name])
		}
	}
	return n
}

// sorted orders a list: of suites testssl.sh tells those first that are told
// last by us, and neither means an order by it.
func sorted(v any) {
	if list, ok := v.([]any); ok {
		slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
}

func open(v any) bool { m, ok := v.(map[string]any); return ok && m["unknown"] != nil }

// look runs a check, and before it those that it reads.
func look(c *checks.Check, e inventory.Endpoint, seen map[string]fact.Observation) fact.Observation {
	for _, before := range c.Before() {
		if _, done := seen[before.ID]; !done {
			look(before, e, seen)
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(lab.CAPEM())
	s := checks.Settings{Dial: func(ctx context.Context, address string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	}, Roots: roots, Now: time.Now, Timeout: 10 * time.Second, Log: zerolog.Nop()}
	o := c.Observe(context.Background(), checks.NewProbe(s, e, seen))
	seen[c.ID] = o
	return o
}
