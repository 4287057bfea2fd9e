package main

import (
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/scan"
	"github.com/sansang/sansang/internal/worker"
)

func limits(s *scan.Scan, r scan.Rates) record.Limits {
	return record.Limits{TimeoutMillis: s.Timeout.Milliseconds(), EndpointMillis: s.Endpoint.Milliseconds(), TotalMillis: s.Budget().Milliseconds(),
		Parallel: s.Parallel, PerHost: r.Host, PerNetwork: r.Network, Global: r.Global, Loopback: r.Own, Ports: s.Ports.Name, HostMillis: s.Host.Milliseconds()}
}

func pairs(s *scan.Scan) []record.Pair {
	var out []record.Pair
	for _, t := range s.Tasks {
		for _, c := range t.Checks {
			out = append(out, record.Pair{Endpoint: t.Endpoint.ID, Check: c.ID})
		}
	}
	return out
}

// walls tells what kept the template worker in; nil where none was started.
func walls(pool *worker.Pool) *record.Worker {
	wall, why := pool.Wall()
	if wall == "" && why == "" {
		return nil
	}
	return &record.Worker{Wall: wall, Why: why}
}
