package checks

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

// TestServersOfOneGroup holds that a server is seen alike whatever its groups
// of key exchange are, and that only one which refuses a hello without ML-KEM
// is asked a second time.
func TestServersOfOneGroup(t *testing.T) {
	var groups atomic.Pointer[[]tls.CurveID]
	var cuts atomic.Bool
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", "Tue, 24 Nov 2026 10:00:00 GMT")
		_, _ = w.Write([]byte("<title>x</title>"))
	}))
	s.TLS = &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		c := s.TLS.Clone()
		c.CurvePreferences = *groups.Load()
		if cuts.Load() && !slices.Contains(hello.SupportedCurves, tls.X25519MLKEM768) {
			_ = hello.Conn.Close()
		}
		return c, nil
	}}
	groups.Store(&[]tls.CurveID{})
	s.StartTLS()
	defer s.Close()
	look := func(c *Check) (value string, made int) {
		e := inventory.Endpoint{ID: "x", Target: s.URL + "/", Kind: inventory.HTTPS}
		obs := observe(t, c, e, 5*time.Second)
		if obs.Unknown != nil {
			t.Fatalf("%s: %v", c.ID, obs.Unknown)
		}
		return string(obs.Value), obs.Made
	}
	for _, c := range []*Check{TLSFeatures, TLSCertificate, TLSLint, HTTPCORS, HTTPPage} {
		groups.Store(&[]tls.CurveID{})
		cuts.Store(false)
		want, usual := look(c)
		for name, these := range map[string]struct {
			groups []tls.CurveID
			cuts   bool
			more   int
		}{
			"P-521":                {[]tls.CurveID{tls.CurveP521}, false, 0},
			"ML-KEM":               {[]tls.CurveID{tls.X25519MLKEM768}, false, 1},
			"ML-KEM, or it closes": {[]tls.CurveID{tls.X25519MLKEM768}, true, 1},
		} {
			groups.Store(&these.groups)
			cuts.Store(these.cuts)
			got, made := look(c)
			if made -= usual; got != want || made != these.more {
				t.Errorf("%s of a server of %s: %d connections more, want %d\n%s\n%s", c.ID, name, made, these.more, got, want)
			}
		}
	}
}
