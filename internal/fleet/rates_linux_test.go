package fleet_test

import (
	"context"
	"io"
	"net"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fleet"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/scan"
)

// connecting makes eight connections before each look, as fast as the guard of
// a scan lets it.
func connecting(to string, throttle *scan.Throttle, look fleet.Look) fleet.Look {
	return func(ctx context.Context, t fleet.Task, w io.Writer) error {
		u := t.Unit.Declared
		u.Endpoints = append([]inventory.Endpoint{{ID: "met", Target: to, Kind: inventory.TCP}}, u.Endpoints...)
		u.Authorisation = &inventory.Authorisation{From: inventory.Date{Time: time.Now().AddDate(-1, 0, 0)}, Until: inventory.Date{Time: time.Now().AddDate(1, 0, 0)},
			Scope: inventory.Scope{CIDRs: []netip.Prefix{netip.MustParsePrefix(lookedAt + "/32")}}}
		scope, err := scan.NewScope(u)
		if err != nil {
			return err
		}
		guard := scan.NewGuard(scope, throttle, 5*time.Second, time.Now)
		for range 8 {
			c, err := guard.Dial(ctx, to)
			if err == nil {
				err = c.Close()
			}
			if err != nil && ctx.Err() == nil {
				return err
			}
		}
		return look(ctx, t, w)
	}
}

// counted is a server that keeps when each connection came.
type counted struct {
	net.Listener
	mu sync.Mutex
	at []time.Time
	by map[string]int
}

func count(t *testing.T, host string) *counted {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	must(t, err)
	c := &counted{Listener: l, by: map[string]int{}}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			from, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
			_ = conn.Close()
			c.mu.Lock()
			c.at, c.by[from] = append(c.at, time.Now()), c.by[from]+1
			c.mu.Unlock()
		}
	}()
	return c
}

// TestThreeWorkersKeepOneRate has three workers, each in a network of its own,
// look at one /24, which bears what the rate says of all together. What counts
// is what the server sees.
func TestThreeWorkersKeepOneRate(t *testing.T) {
	t.Parallel()
	inHub(t, 3, func() {
		const units, perSecond, window = 60, 40, 6 * time.Second
		zone := inventory.Internet
		server := count(t, lookedAt)
		pg := postgres(t, t.TempDir(), hub)
		db := open(t, pg.URL())
		run, err := planOnce(t.Context(), db, units, []inventory.Zone{zone})
		must(t, err)
		j := job{Most: 4, Lease: 30 * time.Second, Look: 10 * time.Millisecond, Log: filepath.Join(t.TempDir(), "log"), Dial: server.Addr().String(), Rate: perSecond}
		workers := inNetworks(t, pg, j, zone, zone, zone)
		ended(t, db, run.ID)
		for _, w := range workers {
			w.interrupt(t)
		}
		whole(t, db, run.ID, units)
		server.mu.Lock()
		defer server.mu.Unlock()
		most := 0
		for i, first := 0, 0; i < len(server.at); i++ {
			for server.at[i].Sub(server.at[first]) > window {
				first++
			}
			most = max(most, i-first+1)
		}
		bursts := 3*perSecond/4 + perSecond // a quarter of a second's worth each, and what waits for a server that has no processor for a second
		t.Logf("%d connections in %s, by %v, at most %d in %s", len(server.at), server.at[len(server.at)-1].Sub(server.at[0]).Round(time.Millisecond), server.by, most, window)
		if bound := int(perSecond*window.Seconds()) + bursts; most > bound {
			t.Errorf("%d connections came in %s, more than the %d that the rate allows", most, window, bound)
		}
		if len(server.by) < 3 {
			t.Errorf("only %d of three workers connected: %v", len(server.by), server.by)
		}
	})
}
