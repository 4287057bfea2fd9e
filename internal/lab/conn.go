package lab

import (
	"io"
	"net"
	"sync"
	"time"
)

// conn is a connection that a gate let in. Its owner, and nobody else, calls
// Close; that is how the gate knows that the owner has finished.
type conn struct {
	*net.TCPConn
	gate   *gate
	life   *time.Timer
	closed sync.Once
}

// Close closes the connection and gives its slot back.
func (c *conn) Close() error {
	err := c.TCPConn.Close()
	c.closed.Do(func() { c.gate.forget(c) })
	return err
}

// pause sleeps and tells whether the server is still meant to run.
func (c *conn) pause(d time.Duration) bool { return pause(c.gate.done, d) }

// finish says that nothing more will be written, then reads until the peer
// closes too. A plain Close with unread bytes in the queue would make the
// kernel send RST and could destroy what the peer has not read yet.
func (c *conn) finish() {
	_ = c.CloseWrite()
	c.drain(5 * time.Second)
}

// drain reads and forgets for that long, or until the peer closes.
func (c *conn) drain(d time.Duration) {
	_ = c.SetReadDeadline(time.Now().Add(d))
	_, _ = io.Copy(io.Discard, c.TCPConn)
}

// pause sleeps for d; it is false if done was closed meanwhile.
func pause(done <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-done:
		return false
	}
}

// raw makes a starter from what one connection does, each in a goroutine of
// its own. talk must return when its connection is cut.
func raw(talk func(*conn)) starter {
	return func(place) (service, error) { return each(talk), nil }
}

func each(talk func(*conn)) service {
	return func(g *gate) {
		for {
			c, err := g.accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				talk(c)
			}()
		}
	}
}
