package lab

import (
	"math/rand/v2"
	"net"
	"time"
)

// reset waits a moment for the peer's first byte, so that the peer's connect
// has surely succeeded, then closes with RST.
func reset(c *conn) {
	c.hear(50 * time.Millisecond)
	_ = c.SetLinger(0)
}

// hear gives what the peer says first, at most 4 KB of it, or nothing if it
// stays silent for that long.
func (c *conn) hear(patience time.Duration) []byte {
	_ = c.SetReadDeadline(time.Now().Add(patience))
	b := make([]byte, 4<<10)
	n, _ := c.Read(b)
	return b[:n]
}

// drip writes one byte a second: first, then filler for ever.
func (c *conn) drip(first string, filler byte) {
	for i := 0; ; i++ {
		b := filler
		if i < len(first) {
			b = first[i]
		}
		if _, err := c.Write([]byte{b}); err != nil || !c.pause(time.Second) {
			return
		}
	}
}

// dripAnswer begins an answer in the protocol that the peer seems to speak; a
// peer that waits to be greeted gets an SSH greeting.
func dripAnswer(c *conn) {
	switch first := c.hear(500 * time.Millisecond); {
	case len(first) > 0 && first[0] == recordHandshake:
		// A record of 16 KB with a ServerHello of TLS 1.2 in it.
		c.drip("\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03", 0)
	case len(first) == 0 || string(first[:min(4, len(first))]) == "SSH-":
		c.drip("SSH-2.0-OpenSSH_9.9", ' ')
	default:
		c.drip("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nX-Padding: ", 'a')
	}
}

// garbage is the same stream for every connection, so that a test which fails
// on it fails again.
func garbage(c *conn) {
	random := rand.NewChaCha8([32]byte{'g', 'a', 'r', 'b', 'a', 'g', 'e'})
	b := make([]byte, 32<<10)
	for {
		_, _ = random.Read(b) // never fails
		if _, err := c.Write(b); err != nil {
			return
		}
	}
}

// diesAfter is a good web site that stops listening with its nth connection;
// that one and those before it are served to their end.
func diesAfter(n int) starter {
	return https(func(w *website) {
		w.behind = func(ln net.Listener, _ []byte) net.Listener { return &mortal{Listener: ln, left: n} }
	})
}

// mortal is a listener that closes after so many connections.
type mortal struct {
	net.Listener
	left int // touched by the one goroutine that accepts
}

func (m *mortal) Accept() (net.Conn, error) {
	c, err := m.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if m.left--; m.left == 0 {
		_ = m.Close()
	}
	return c, nil
}
