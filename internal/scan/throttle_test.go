package scan

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sansang/sansang/internal/fact"
)

// connections tells when each of n connections to an address was let through.
func connections(t *testing.T, th *Throttle, a string, n int) time.Duration {
	t.Helper()
	began := time.Now()
	for range n {
		if err := th.wait(t.Context(), netip.MustParseAddr(a)); err != nil {
			t.Fatal(err)
		}
	}
	return time.Since(began)
}

func TestAShareOfTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		part, whole := 1.0, 1.0
		th := NewThrottle(Rates{Host: 10, Network: 30, Global: 200})
		th.Share = func(_ context.Context, p netip.Prefix) (float64, error) {
			if p == (netip.Prefix{}) {
				return whole, nil
			}
			if p.String() != "192.0.2.0/24" && p.String() != "2001:db8::/64" {
				t.Errorf("asked for %v", p)
			}
			return part, nil
		}
		for _, c := range []struct {
			to          string
			part, whole float64
			want        time.Duration
		}{
			{"192.0.2.1", 1, 1, 10 * time.Second},
			{"192.0.2.1", 0.5, 1, 20 * time.Second},
			{"2001:db8::1", 0.25, 1, 40 * time.Second},
			{"192.0.2.1", 1, 0.01, 50 * time.Second}, // 2 a second of all
			{"192.0.2.1", 1, 1, 10 * time.Second},    // the others have gone
		} {
			part, whole = c.part, c.whole
			time.Sleep(time.Minute) // no limit is used up
			if got := connections(t, th, c.to, 100); got < c.want*8/10 || got > c.want*11/10 {
				t.Errorf("%+v: a hundred connections took %v", c, got)
			}
		}
	})
}

func TestWithoutAShareNothingIsConnected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		th := NewThrottle(Rates{Host: 1})
		th.Share = func(context.Context, netip.Prefix) (float64, error) {
			switch gone := time.Since(began); {
			case gone < time.Second/2:
				return 1, nil
			case gone < time.Minute:
				return 0, errors.New("it ran out")
			}
			return 0, nil
		}
		connections(t, th, "192.0.2.1", 1)
		// it is lost while a connection waits for its turn
		if u := fact.FromError(th.wait(t.Context(), netip.MustParseAddr("192.0.2.1"))); u == nil || u.Cause != fact.Skipped {
			t.Errorf("connected: %v", u)
		}
		time.Sleep(time.Minute)
		if u := fact.FromError(th.wait(t.Context(), netip.MustParseAddr("192.0.2.9"))); u == nil || u.Cause != fact.Skipped {
			t.Errorf("connected by no share: %v", u)
		}
	})
}

func TestOneThrottleForManyGuards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(Rates{Network: 10})
		began := time.Now()
		var all sync.WaitGroup
		for i := range 5 {
			all.Go(func() {
				for range 20 {
					if err := th.wait(t.Context(), netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if took := time.Since(began); took < 9*time.Second || took > 11*time.Second {
			t.Errorf("a hundred connections to one network took %v", took)
		}
	})
}

// Networks that were left are forgotten; one in use is not, or it would begin
// again with all of its burst.
func TestLimitsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(Rates{Host: 1, Network: 30})
		for i := range 20000 {
			connections(t, th, netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1}).String(), 1)
			time.Sleep(10 * time.Millisecond)
		}
		if len(th.limits) > 2*leastCrowd {
			t.Errorf("%d limits are kept, of 100 a second for a second", len(th.limits))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		connections(t, th, "10.254.0.1", 1)
		for i := range 5000 {
			_ = th.of(netip.PrefixFrom(netip.AddrFrom4([4]byte{11, byte(i >> 8), byte(i), 1}), 32), 1)
		}
		if th.wait(ctx, netip.MustParseAddr("10.254.0.1")) == nil {
			t.Error("a limit was forgotten that was used up")
		}
	})
}

// A request by a connection that there is takes a turn of its host and its
// network, and the connection for it one of all.
func TestWhatTakesWhichTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(Rates{Host: 10, Global: 2})
		for of, want := range map[turn]time.Duration{connects: 50 * time.Second, asks: 10 * time.Second, asked: 50 * time.Second} {
			time.Sleep(time.Minute)
			began := time.Now()
			for range 100 {
				if err := th.take(t.Context(), netip.MustParseAddr("192.0.2.1"), of); err != nil {
					t.Fatal(err)
				}
			}
			if got := time.Since(began); got < want*9/10 || got > want*11/10 {
				t.Errorf("%+v: %v", of, got)
			}
		}
	})
}

// A throttle that is told to keep a lower rate does so at once, also for hosts
// that it has met.
func TestAThrottleKeepsOtherRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(Rates{Host: 100})
		connections(t, th, "192.0.2.1", 10)
		th.Keep(Rates{Host: 1, Global: 10})
		if took := connections(t, th, "192.0.2.1", 10); took < 9*time.Second || took > 11*time.Second {
			t.Errorf("ten connections at one a second took %v", took)
		}
		if took := connections(t, th, "127.0.0.1", 10); took != 0 {
			t.Errorf("loopback waited %v", took)
		}
	})
}
