package checks

import (
	"context"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// TestTwin holds how a name and its twin are told apart, where a scan may go to
// one way in and not to the other.
func TestTwin(t *testing.T) {
	at := map[string]string{
		"cong.example.test:80":     says(t, nil, emptyOK).Address(),
		"www.cong.example.test:80": says(t, nil, "HTTP/1.1 301 Moved\r\nLocation: http://cong.example.test/\r\nContent-Length: 0\r\n\r\n").Address(),
	}
	dial := func(ctx context.Context, address string) (net.Conn, error) {
		if to, ok := at[address]; ok {
			return new(net.Dialer).DialContext(ctx, "tcp", to)
		}
		if address == "cong.example.test:443" {
			return nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
		}
		return nil, fact.Because(fact.OutOfScope, address)
	}
	e := inventory.Endpoint{ID: "e", Target: "http://cong.example.test/", Kind: inventory.HTTP}
	obs := HTTPEntries.Observe(t.Context(), NewProbe(Settings{Dial: dial, Now: time.Now, Timeout: 5 * time.Second, Log: zerolog.Nop()}, e, nil))
	if obs.Unknown != nil {
		t.Fatal(obs.Unknown)
	}
	want := `{
		"http": {"url": "http://cong.example.test/", "live": true, "canonical": true},
		"https": {"live": false, "hsts": {"unknown": {"cause": "prerequisite"}}},
		"twin_http": {"url": "http://www.cong.example.test/", "live": true, "redirects_to": "http://cong.example.test/", "canonical": false},
		"twin_https": {"url": "https://www.cong.example.test/", "live": {"unknown": {"cause": "out-of-scope"}}},
		"downgrade": false, "http2": {"unknown": {"cause": "prerequisite"}}
	}`
	if diff := differs("fact", decode(t, []byte(want)), decode(t, obs.Value)); diff != "" {
		t.Errorf("%s\nwhole: %s", diff, obs.Value)
	}
}

func TestTwinOf(t *testing.T) {
	for name, want := range map[string]string{"cong.example.test": "www.cong.example.test", "WWW.Cong.example.test": "cong.example.test", "127.0.0.1": "", "::1": "", "localhost": ""} {
		if got, none := twinOf(name); got != want || (none == nil) != (want != "") {
			t.Errorf("%s: %q, %v", name, got, none)
		}
	}
}
