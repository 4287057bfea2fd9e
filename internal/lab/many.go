package lab

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Many is a crowd of practice servers behind a few listeners. A connection goes
// to the server of the address and port that it was made to, so that the
// listeners may take those of a whole network (AnyIP: a local route to it).
// A server is made when somebody first comes, and forgotten a while after the
// last has left: the crowd costs what is in use, not what there could be.
type Many struct {
	listeners []*net.TCPListener
	recipe    func(netip.AddrPort) string
	idle      time.Duration
	done      chan struct{}
	ended     sync.WaitGroup

	mu       sync.Mutex
	servers  map[netip.AddrPort]*member
	accepted int64
}

// member is one server of the crowd.
type member struct {
	door  *door
	shut  func() error
	gate  *gate
	since time.Time // nobody has come since
}

// StartMany serves what comes to the listeners, which it then owns. recipe
// names the practice server at an address; "" and names that there are not
// cut the connection. A server without connections for as long as idle is
// forgotten, with its certificate and its tickets.
//
// The listeners are the caller's affair, and so is that nobody else reaches
// them: practice servers are weak on purpose.
func StartMany(listeners []*net.TCPListener, recipe func(netip.AddrPort) string, idle time.Duration) *Many {
	m := &Many{listeners: listeners, recipe: recipe, idle: idle, done: make(chan struct{}), servers: map[netip.AddrPort]*member{}}
	for _, l := range listeners {
		m.ended.Go(func() { m.accept(l) })
	}
	m.ended.Go(m.forget)
	return m
}

// Accepted is how many connections have come so far, and how many servers
// there are now.
func (m *Many) Accepted() (connections int64, servers int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.accepted, len(m.servers)
}

// Close stops listening and cuts every connection.
func (m *Many) Close() error {
	close(m.done)
	var err error
	for _, l := range m.listeners {
		err = errors.Join(err, l.Close())
	}
	m.ended.Wait()
	for _, o := range m.servers {
		err = errors.Join(err, o.shut())
	}
	return err
}

func (m *Many) accept(l *net.TCPListener) {
	for {
		c, err := l.AcceptTCP()
		switch {
		case err == nil:
			m.hand(c)
		case errors.Is(err, net.ErrClosed) || !pause(m.done, 50*time.Millisecond):
			return
		}
	}
}

// hand gives a connection to the server that it is meant for.
func (m *Many) hand(c *net.TCPConn) {
	to := c.LocalAddr().(*net.TCPAddr).AddrPort()
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	m.mu.Lock()
	defer m.mu.Unlock()
	m.accepted++
	o := m.servers[to]
	if o == nil {
		var err error
		if o, err = m.start(to); err != nil {
			_ = c.SetLinger(0)
			_ = c.Close()
			return
		}
		m.servers[to] = o
	}
	o.since = time.Now()
	o.door.let(c)
}

func (m *Many) start(at netip.AddrPort) (*member, error) {
	r, err := find(m.recipe(at))
	if err != nil {
		return nil, err
	}
	serve, err := r.start(place{addr: at, many: true})
	if err != nil {
		return nil, err
	}
	d := &door{addr: net.TCPAddrFromAddrPort(at), in: make(chan *net.TCPConn, maxConns), shut: make(chan struct{})}
	g, served := newGate(d), make(chan struct{})
	go func() {
		defer close(served)
		serve(g)
	}()
	return &member{door: d, gate: g, shut: func() error { return g.shut(served) }}, nil
}

// forget lets go of servers to which nobody comes.
func (m *Many) forget() {
	for pause(m.done, m.idle/2) {
		var gone []*member
		m.mu.Lock()
		for at, o := range m.servers {
			if time.Since(o.since) > m.idle && o.gate.empty() {
				delete(m.servers, at)
				gone = append(gone, o)
			}
		}
		m.mu.Unlock()
		for _, o := range gone {
			_ = o.shut()
		}
	}
}
