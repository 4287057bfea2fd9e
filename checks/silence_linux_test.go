package checks

import (
	"context"
	"encoding/json"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/inventory"
)

// deafPort is a port whose queue is full and from which nobody takes: Linux
// drops every further SYN, as a filter does.
func deafPort(t *testing.T, host string) string {
	t.Helper()
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	_ = raw.Control(func(fd uintptr) { err = syscall.Listen(int(fd), 0) })
	if err != nil {
		t.Fatal(err)
	}
	filler, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = filler.Close() })
	return l.Addr().String()
}

// TestFilteredPort sees a real server beside a real port that drops SYNs.
func TestFilteredPort(t *testing.T) {
	s := start(t, "https-good")
	e := inventory.Endpoint{ID: "e", Target: s.URL(), Kind: inventory.HTTPS, Plain: "http://" + deafPort(t, s.AddrPort.Addr().String()) + "/"}
	dial := func(ctx context.Context, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		return dialLoopback(ctx, address)
	}
	set := Settings{Dial: dial, Now: time.Now, Timeout: time.Second, Log: zerolog.Nop()}
	o := HTTPRedirect.Observe(context.Background(), NewProbe(set, e, nil))
	var f Redirect
	if o.Unknown != nil || json.Unmarshal(o.Value, &f) != nil || f.State != "filtered" || f.Open || o.Made != 3 {
		t.Errorf("%s %v, %d connections", o.Value, o.Unknown, o.Made)
	}
	_ = s.Close()
	if o := HTTPRedirect.Observe(context.Background(), NewProbe(set, e, nil)); o.Unknown == nil {
		t.Errorf("beside a dead server: %s", o.Value)
	}
}
