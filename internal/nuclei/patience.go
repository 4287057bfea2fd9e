package nuclei

import (
	"net"
	"os"
	"time"
)

// lull is how long nothing more must come before an answer over TCP is taken
// for whole.
const lull = 400 * time.Millisecond

// patient reads all that comes, where nuclei reads what the first segment
// happened to hold: an answer in two segments would be matched in half.
type patient struct {
	net.Conn
	until time.Time
}

func patience(c net.Conn) net.Conn { return &patient{Conn: c} }

// SetDeadline keeps the deadline.
func (p *patient) SetDeadline(t time.Time) error {
	p.until = t
	return p.Conn.SetDeadline(t)
}

// Read waits for the first bytes as long as the deadline says, and then for
// more, until b is full, the peer has ended or a lull came.
func (p *patient) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	for err == nil && n < len(b) {
		next := time.Now().Add(lull) //nolint:forbidigo // a deadline of a connection
		if !p.until.IsZero() && p.until.Before(next) {
			next = p.until
		}
		_ = p.SetReadDeadline(next)
		var m int
		m, err = p.Conn.Read(b[n:])
		n += m
	}
	_ = p.SetReadDeadline(p.until)
	if n > 0 && (os.IsTimeout(err) || err != nil && err.Error() == "EOF") {
		err = nil // the end is told by the next Read
	}
	return n, err
}
