package lab

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	maxConns = 256             // at one time and server; further ones wait in the kernel's queue
	maxLife  = 5 * time.Minute // of one connection, whatever its recipe does
)

// gate is the listener of one server. It knows every connection that it let
// in, so that shut can cut them all and wait until their owners let go.
type gate struct {
	tcp   tcpListener
	slots chan struct{} // one element for each open connection
	done  chan struct{} // closed by shut

	mu     sync.Mutex
	open   map[*conn]struct{}
	owners sync.WaitGroup
}

// tcpListener is what a gate needs of a *net.TCPListener.
type tcpListener interface {
	AcceptTCP() (*net.TCPConn, error)
	Close() error
	Addr() net.Addr
}

func openGate(addr netip.AddrPort) (*gate, error) {
	tcp, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	return newGate(tcp), nil
}

func newGate(tcp tcpListener) *gate {
	return &gate{
		tcp:   tcp,
		slots: make(chan struct{}, maxConns),
		done:  make(chan struct{}),
		open:  make(map[*conn]struct{}),
	}
}

func (g *gate) addrPort() netip.AddrPort {
	a := g.tcp.Addr().(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// accept waits for a free slot and a connection. It rides out shortages (file
// descriptors) and fails only when the gate is closed.
func (g *gate) accept() (*conn, error) {
	select {
	case g.slots <- struct{}{}:
	case <-g.done:
		return nil, net.ErrClosed
	}
	for {
		tcp, err := g.tcp.AcceptTCP()
		if err == nil {
			return g.admit(tcp), nil
		}
		if errors.Is(err, net.ErrClosed) || !pause(g.done, 50*time.Millisecond) {
			<-g.slots
			return nil, err
		}
	}
}

func (g *gate) admit(tcp *net.TCPConn) *conn {
	c := &conn{TCPConn: tcp, gate: g}
	c.life = time.AfterFunc(maxLife, func() { _ = tcp.Close() })
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open[c] = struct{}{}
	g.owners.Add(1)
	return c
}

func (g *gate) forget(c *conn) {
	c.life.Stop()
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.open, c)
	<-g.slots
	g.owners.Done()
}

// empty tells that nobody is inside.
func (g *gate) empty() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.open) == 0
}

// shut closes the gate, waits until the service has seen that (served), cuts
// what is open and waits for the owners. Nothing can be admitted after served,
// so nothing is missed.
func (g *gate) shut(served <-chan struct{}) error {
	close(g.done)
	err := g.Close()
	<-served
	g.mu.Lock()
	for c := range g.open {
		_ = c.TCPConn.Close() // only its owner calls c.Close
	}
	g.mu.Unlock()
	g.owners.Wait()
	return err
}

// Accept, Close and Addr make the gate a net.Listener for net/http and
// crypto/tls. Close stops listening and leaves open connections alone.

func (g *gate) Accept() (net.Conn, error) {
	c, err := g.accept()
	if err != nil {
		return nil, err // not c: a nil *conn in a net.Conn is not nil
	}
	return c, nil
}

func (g *gate) Close() error {
	if err := g.tcp.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

func (g *gate) Addr() net.Addr { return g.tcp.Addr() }
