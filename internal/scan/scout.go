package scan

import (
	"context"
	"net"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/inventory"
)

// Scouts ask a few ports, of some hosts at the same time, and do not wait long.
var scoutPorts = []string{"443", "80", "22", "445"}

const (
	scoutAtOnce = 16
	scoutWithin = 1300 * time.Millisecond
)

// scout finds in each range of hosts one that answers, before the ports of any
// are asked: else those that are asked first and are silent would have no
// neighbour to be held against.
func (r *run) scout(ctx context.Context, hosts []Task) {
	ranges := map[string][]inventory.Endpoint{}
	for _, t := range hosts {
		if slices.Contains(t.Checks, checks.HostPorts) {
			ranges[t.Endpoint.Range] = append(ranges[t.Endpoint.Range], t.Endpoint)
		}
	}
	for _, of := range ranges {
		r.scoutRange(ctx, of)
	}
}

func (r *run) scoutRange(ctx context.Context, hosts []inventory.Endpoint) {
	if len(hosts) < 2 {
		return // it has no neighbour
	}
	ctx = checks.WithPace(ctx, checks.Pace{Within: scoutWithin})
	for _, port := range scoutPorts {
		for some := range slices.Chunk(hosts, scoutAtOnce) {
			if r.life.among(hosts) || ctx.Err() != nil {
				return
			}
			var g errgroup.Group
			for _, h := range some {
				g.Go(func() error {
					address := net.JoinHostPort(h.Target, port)
					conn, err := r.Dial(ctx, address)
					r.life.note(address, err)
					if err != nil {
						return nil // it is only asked whether it answers
					}
					return conn.Close()
				})
			}
			_ = g.Wait()
		}
	}
}
