package scan

import (
	"context"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// unheard is a connection that was reset before anything could be sent.
type unheard struct{ net.Conn }

func (unheard) Write([]byte) (int, error) {
	return 0, &net.OpError{Op: "write", Err: syscall.ECONNRESET}
}

// An endpoint that never says a byte is not asked for long, neither by many
// connections at a time nor by one, and each check says why nothing is known.
func TestSilenceIsNotAskedForLong(t *testing.T) {
	for recipe, want := range map[string]fact.Cause{"never-answers": fact.Timeout, "closes": fact.Reset, "resets": fact.Reset, "hears nothing": fact.Reset} {
		for _, kind := range []inventory.Kind{inventory.HTTPS, inventory.SSH, inventory.SMTP} {
			for _, parallel := range []int{6, 1} {
				dial, serves := loopback(t).Dial, recipe
				if recipe == "hears nothing" {
					serves = "closes"
					inner := dial
					dial = func(ctx context.Context, address string) (net.Conn, error) {
						conn, err := inner(ctx, address)
						return unheard{conn}, err
					}
				}
				sc, k := scanOf(t, dial, inventory.Endpoint{ID: "e", Target: start(t, serves).AddrPort.String(), Kind: kind})
				sc.Parallel = parallel
				if err := sc.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				answers(t, sc, k)
				for _, o := range k.obs {
					switch c := o.Unknown; {
					case o.Check == "tcp.open", o.Check == "http.redirect", o.Check == "ssh.shared":
					case c == nil:
						t.Errorf("%s, %s: %s is a fact", recipe, kind, o.Check)
					case c.Cause != want && c.Cause != fact.Prerequisite && (kind != inventory.SMTP || c.Cause != fact.Timeout):
						t.Errorf("%s, %s: %s: %v", recipe, kind, o.Check, c)
					}
				}
				if made := k.events[len(k.events)-1].Made; made > 45 {
					t.Errorf("%s, %s, %d at a time: %d connections", recipe, kind, parallel, made)
				}
			}
		}
	}
}

// One that begins to speak late is heard out.
func TestOneThatSpeaksLate(t *testing.T) {
	good, mute := start(t, "https-good"), start(t, "never-answers")
	for _, late := range []int32{3, 8, 12} {
		var begun atomic.Int32
		inner := loopback(t).Dial
		sc, k := scanOf(t, func(ctx context.Context, address string) (net.Conn, error) {
			if begun.Add(1) <= late {
				address = mute.AddrPort.String()
			}
			return inner(ctx, address)
		}, inventory.Endpoint{ID: "e", Target: good.URL(), Kind: inventory.HTTPS})
		if err := sc.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		answers(t, sc, k)
		for _, o := range k.obs {
			if c, _ := checks.Find(o.Check); missed(c, o) {
				t.Errorf("mute for %d connections: %s: %s %v", late, o.Check, o.Value, o.Unknown)
			}
		}
	}
}

// One that resets for a moment, and is asked one thing at a time, is asked again
// after it.
func TestSilenceOfAMoment(t *testing.T) {
	good, resets := start(t, "https-good"), start(t, "resets")
	inner := loopback(t).Dial
	var until time.Time
	sc, k := scanOf(t, func(ctx context.Context, address string) (net.Conn, error) {
		if time.Now().Before(until) {
			address = resets.AddrPort.String()
		}
		return inner(ctx, address)
	}, inventory.Endpoint{ID: "e", Target: good.URL(), Kind: inventory.HTTPS})
	sc.Parallel, sc.Pause = 1, time.Second
	until = time.Now().Add(sc.Pause / 2)
	if err := sc.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, o := range k.obs {
		if o.Check == "tls.certificate" && o.Unknown != nil {
			t.Errorf("asked no more after a moment: %v", o.Unknown)
		}
	}
}

// One that speaks again after a moment is not given up because another port,
// beside it or of another host, stays silent.
func TestSilenceOfAnotherPort(t *testing.T) {
	good, mute := start(t, "https-good"), start(t, "never-answers")
	for _, plain := range []string{"http://127.0.0.1:1/", "http://127.0.0.2:1/"} {
		var asked atomic.Int32 // of the other port; the endpoint speaks after the second
		inner := loopback(t).Dial
		e := inventory.Endpoint{ID: "e", Target: good.URL(), Kind: inventory.HTTPS, Plain: plain}
		sc, k := scanOf(t, func(ctx context.Context, address string) (net.Conn, error) {
			other := address != e.Address()
			if other {
				asked.Add(1)
			}
			if other || asked.Load() < 2 {
				address = mute.AddrPort.String()
			}
			return inner(ctx, address)
		}, e)
		sc.Tasks = []Task{{e, []*checks.Check{checks.HTTPRedirect, checks.TLSCertificate}}}
		if err := sc.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		answers(t, sc, k)
		if o := k.of("e", checks.TLSCertificate.ID); o.Unknown != nil {
			t.Errorf("beside %s: %v", plain, o.Unknown)
		}
	}
}
