package lab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
)

// Server is a practice server that is listening.
type Server struct {
	Name     string
	Kind     string
	AddrPort netip.AddrPort

	gate  *gate
	close func() error
}

// Start runs the recipe of that name until [Server.Close]. If there is no such
// recipe, the error names the nearest.
func Start(name string, opts ...Option) (*Server, error) {
	r, err := find(name)
	if err != nil {
		return nil, err
	}
	return run(r, opts)
}

// Serve runs a server of the caller's own making, for tests that need a
// behaviour no recipe has. Each connection gets its own goroutine; it is
// closed when answer returns, and answer must return once it is closed.
func Serve(answer func(net.Conn), opts ...Option) (*Server, error) {
	talk := func(c *conn) { answer(c) }
	return run(Recipe{Name: "custom", Kind: "tcp", start: raw(talk)}, opts)
}

// run starts a server. One that listens over UDP too, at the port that it was
// given for TCP, may find it taken there; it is then given another.
func run(r Recipe, opts []Option) (s *Server, err error) {
	for range 10 {
		if s, err = runOnce(r, opts); !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
	}
	return s, err
}

func runOnce(r Recipe, opts []Option) (*Server, error) {
	p, err := newPlace(opts)
	if err != nil {
		return nil, fmt.Errorf("starting practice server %s: %w", r.Name, err)
	}
	g, err := openGate(p.addr)
	if err != nil {
		return nil, fmt.Errorf("starting practice server %s: %w", r.Name, err)
	}
	p.addr = g.addrPort()
	serve, err := r.start(p)
	if err != nil {
		return nil, fmt.Errorf("starting practice server %s: %w", r.Name, errors.Join(err, g.Close()))
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		serve(g)
	}()
	return &Server{Name: r.Name, Kind: r.Kind, AddrPort: p.addr, gate: g, close: sync.OnceValue(func() error {
		return g.shut(served)
	})}, nil
}

// URL is what a scan is pointed at: a URL for https and http, host:port for
// every other kind.
func (s *Server) URL() string {
	switch s.Kind {
	case "https", "http":
		return s.Kind + "://" + s.AddrPort.String() + "/"
	}
	return s.AddrPort.String()
}

// Close stops listening, cuts every open connection and returns when all
// goroutines of the server have let go of them. Closing twice is harmless.
func (s *Server) Close() error { return s.close() }
