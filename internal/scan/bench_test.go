package scan

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lab"
)

// BenchmarkScan scans twenty good HTTPS endpoints with every check. It gives
// connections an endpoint, and the wall time as a multiple of the floor: the
// same connections made bare, with as many whole TLS handshakes as the checks
// need, one endpoint after the other on as many workers.
func BenchmarkScan(b *testing.B) {
	const endpoints, handshakes = 20, 6
	var es []inventory.Endpoint
	for i := range endpoints {
		twin, err := lab.Start("http-redirect")
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = twin.Close() }()
		s, err := lab.Start("https-good")
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		es = append(es, inventory.Endpoint{ID: fmt.Sprint(i), Target: s.URL(), Kind: inventory.HTTPS, Plain: twin.URL()})
	}
	var all []string
	for _, c := range checks.All() {
		if !c.OfTemplates() {
			all = append(all, c.ID)
		}
	}
	scope, err := NewScope(inventory.Unit{})
	if err != nil {
		b.Fatal(err)
	}
	var wall, floor time.Duration
	made := 0
	for b.Loop() {
		g := NewGuard(scope, NewThrottle(Rates{}), 5*time.Second, time.Now)
		s := &Scan{Tasks: Plan(inventory.Unit{Endpoints: es}, all), Dial: g.Dial, Workers: 8, Parallel: 6, Timeout: 5 * time.Second, Endpoint: time.Minute, Now: time.Now, Log: zerolog.Nop(),
			Observed: func(o fact.Observation) error {
				if o.Unknown != nil {
					return fmt.Errorf("%s: %w", o.Check, o.Unknown)
				}
				return nil
			}, Happened: func(Event) error { return nil }}
		begin := time.Now()
		if err := s.Run(context.Background()); err != nil {
			b.Fatal(err)
		}
		wall += time.Since(begin)
		made = g.Made()
		floor += bare(b, es, made/endpoints, handshakes)
	}
	b.ReportMetric(float64(made)/endpoints, "connections/endpoint")
	b.ReportMetric(float64(wall)/float64(floor), "x-floor")
}

// bare makes connections connections to each endpoint, handshakes of them with
// a TLS handshake, and gives the time for all.
func bare(b *testing.B, es []inventory.Endpoint, connections, handshakes int) time.Duration {
	b.Helper()
	begin := time.Now()
	work := make(chan inventory.Endpoint)
	done := make(chan error)
	for range 8 {
		go func() {
			var err error
			for e := range work {
				for i := range connections {
					var c net.Conn
					if c, err = net.Dial("tcp", e.Address()); err != nil {
						continue
					}
					if i < handshakes {
						err = tls.Client(c, &tls.Config{InsecureSkipVerify: true}).Handshake()
					}
					_ = c.Close()
				}
			}
			done <- err
		}()
	}
	for _, e := range es {
		work <- e
	}
	close(work)
	for range 8 {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(begin)
}
