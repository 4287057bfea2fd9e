package nuclei

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"

	"github.com/sansang/sansang/internal/jobs"
)

// tap listens to the connections of one template. Scripts, and modules of
// theirs, pass over errors, and then say of a dead host that it is not
// vulnerable; here they are seen.
type tap struct {
	patient bool // whether reads wait for the whole of an answer

	mu    sync.Mutex
	conns map[*tapped]struct{} // not closed yet
	ended []*tapped            // closed since the last talk
	errs  []error              // of connecting
}

// plain is a proxy to nowhere: with one, fastdialer does not keep the first
// error of an address for ever.
type plain struct {
	*net.Dialer
	tap *tap
}

// Dial connects.
func (p plain) Dial(network, address string) (net.Conn, error) {
	c, err := p.Dialer.Dial(network, address)
	p.tap.mu.Lock()
	defer p.tap.mu.Unlock()
	if err != nil {
		p.tap.errs = append(p.tap.errs, err)
		return nil, err
	}
	if p.tap.patient {
		c = patience(c)
	}
	if p.tap.conns == nil {
		p.tap.conns = map[*tapped]struct{}{}
	}
	t := &tapped{Conn: c, tap: p.tap}
	p.tap.conns[t] = struct{}{}
	return t, nil
}

// tapped is one connection that is listened to.
type tapped struct {
	net.Conn
	tap *tap

	mu       sync.Mutex
	sent     []byte
	received []byte
	asked    bool  // whether anything was waited for
	err      error // that ended the waiting
}

// Read reads, and keeps what came.
func (t *tapped) Read(b []byte) (int, error) {
	n, err := t.Conn.Read(b)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked = true
	t.received = append(t.received, b[:min(n, jobs.MostResponse-len(t.received))]...)
	if err != nil {
		t.err = err
	}
	return n, err
}

// Write writes, and keeps what went. What could not be sent has no answer,
// unless the peer had said its last word.
func (t *tapped) Write(b []byte) (int, error) {
	n, err := t.Conn.Write(b)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent = append(t.sent, b[:min(n, jobs.MostRequest-len(t.sent))]...)
	if err != nil && t.err == nil {
		t.asked, t.err = true, err
	}
	return n, err
}

// Close closes.
func (t *tapped) Close() error {
	t.tap.mu.Lock()
	if _, open := t.tap.conns[t]; open {
		delete(t.tap.conns, t)
		t.tap.ended = append(t.tap.ended, t)
	}
	t.tap.mu.Unlock()
	return t.Conn.Close()
}

// missed is why this connection brought no answer; nil: it brought one, or
// none was waited for.
func (t *tapped) missed() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case !t.asked || t.err == nil:
		return nil
	case errors.Is(t.err, net.ErrClosed):
		return nil // by the script itself
	case len(t.received) == 0, !errors.Is(t.err, io.EOF) && !os.IsTimeout(t.err):
		return t.err
	}
	return nil
}

// talk ends what is open and gives what was said since the last time: errors,
// and the last exchange that was answered.
func (p *tap) talk() (errs []error, last exchange) {
	p.mu.Lock()
	conns := p.ended
	for c := range p.conns {
		conns = append(conns, c)
	}
	errs = p.errs
	p.conns, p.ended, p.errs = nil, nil, nil
	p.mu.Unlock()
	for _, c := range conns {
		if err := c.missed(); err != nil {
			errs = append(errs, err)
		}
		c.mu.Lock()
		if len(c.received) > 0 {
			last = exchange{at: c.RemoteAddr().String(), request: c.sent, response: c.received}
		}
		c.mu.Unlock()
		_ = c.Conn.Close()
	}
	return errs, last
}

func (p *tap) close() { p.talk() }
