package checks

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// answersHellos are hostile servers that answer a hello in due form and turn
// on their client only then, with the versions that they say they accept.
var answersHellos = map[string]string{
	"cert-5mb":           `{"tls12": true, "tls13": false, "tls11": {"unknown": {"cause": "unanswered"}}}`,
	"cert-16mb":          `{"tls12": true, "tls13": false, "tls11": {"unknown": {"cause": "unanswered"}}}`,
	"tls-announces-16mb": `{"tls12": true, "tls13": false, "tls11": {"unknown": {"cause": "unanswered"}}}`,
	"tls-endless-retry":  `{"tls12": false, "tls13": true, "tls11": false, "tls10": false, "ssl3": false, "ssl2": false}`,
	"tls13-garbage":      `{"tls12": false, "tls13": true, "tls11": false, "tls10": false, "ssl3": false, "ssl2": false}`,
}

// restsOnVersions tells of a check that reads what the server said in hellos.
func restsOnVersions(c *Check) bool {
	return c == TLSVersions || slices.ContainsFunc(c.Before(), restsOnVersions)
}

// TestHostileTLS points every check that speaks TLS at servers that turn it
// against their client: floods of records, messages of 16 MB, lengths beyond
// the end. Each look ends soon, whatever the server sends, costs little memory
// (that of the server too, for it lives in this process), sees no hole, and is
// no defect of ours.
func TestHostileTLS(t *testing.T) {
	for _, recipe := range []string{
		"cert-5mb", "cert-16mb", "tls-announces-16mb", "tls-endless-retry", "tls13-garbage", "tls-garbage",
		"tls-endless-warnings", "tls-endless-empty", "tls-endless-ccs", "tls-absurd-lengths", "one-byte-a-second",
	} {
		t.Run(recipe, func(t *testing.T) {
			e := endpointOf(t, TLSVersions, recipe)
			for _, c := range All() {
				if c.Speaks == inventory.OverTLS {
					bounded(t, c, e)
				}
			}
			if want, speaks := answersHellos[recipe]; speaks {
				obs := observe(t, TLSVersions, e, 10*time.Second)
				if diff := differs("tls.versions", decode(t, []byte(want)), decode(t, obs.Value)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func bounded(t *testing.T, c *Check, e inventory.Endpoint) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begun := time.Now()
	obs := observe(t, c, e, time.Second/2)
	took := time.Since(begun)
	runtime.ReadMemStats(&after)
	if cost := after.TotalAlloc - before.TotalAlloc; cost > 128<<20 { // in all, for up to 500 connections of it and of what it rests on
		t.Errorf("%s costs %d MB of memory", c.ID, cost>>20)
	}
	if took > 10*time.Second {
		t.Errorf("%s takes %v", c.ID, took)
	}
	if u := obs.Unknown; u != nil && (u.Cause == fact.Broken || len(u.Detail) > 1000) {
		t.Errorf("%s is unknown because %v", c.ID, u)
	}
	if strings.Contains(string(obs.Value), `"vulnerable":true`) || strings.Contains(string(obs.Value), `"broken"`) {
		t.Errorf("%s sees %s", c.ID, obs.Value)
	}
	t.Logf("%-20s %6d KB, %4d ms, %d connections: %.160s%v", c.ID, (after.TotalAlloc-before.TotalAlloc)>>10, took.Milliseconds(), obs.Made, obs.Value, obs.Unknown)
}

// TestFragmentsAreRead holds that a good server is read alike when it cuts its
// handshake to fragments of one byte, which is legal.
func TestFragmentsAreRead(t *testing.T) {
	whole, cut := endpointOf(t, TLSVersions, "https-good"), endpointOf(t, TLSVersions, "https-fragments")
	for _, c := range All() {
		if c.Speaks != inventory.OverTLS {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			want, got := observe(t, c, whole, 10*time.Second), observe(t, c, cut, 10*time.Second)
			if want.Unknown != nil || got.Unknown != nil {
				t.Fatalf("whole: %v, in fragments: %v", want.Unknown, got.Unknown)
			}
			w, g := decode(t, want.Value), decode(t, got.Value)
			forgetCertificate(w)
			forgetCertificate(g)
			if diff := differs(c.ID, w, g); diff != "" {
				t.Errorf("in fragments %s", diff)
			}
		})
	}
}

// forgetCertificate leaves out of a fact what differs from one certificate to
// the next of the same kind.
func forgetCertificate(v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, own := range []string{"not_before", "not_after", "this_update", "sha256"} {
			delete(v, own)
		}
		for _, x := range v {
			forgetCertificate(x)
		}
	case []any:
		for _, x := range v {
			forgetCertificate(x)
		}
	}
}
