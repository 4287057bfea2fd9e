package lab

import (
	"bufio"
	"io"
	"net"
	"time"
)

// A front looks at the first bytes of a connection that crypto/tls would get.
// It gives the answer to a hello that crypto/tls cannot speak, with the
// server's certificate cert in it, or nil to leave the connection to crypto/tls;
// an empty one closes.
// It must only Peek.
type front func(r *bufio.Reader, cert []byte) []byte

// listener fits [website.behind].
func (f front) listener(ln net.Listener, cert []byte) net.Listener {
	return &frontListener{Listener: ln, front: f, cert: cert}
}

// frontListener puts a front before every connection of a listener.
type frontListener struct {
	net.Listener
	front front
	cert  []byte // DER
}

func (l *frontListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &frontConn{Conn: c, r: bufio.NewReaderSize(c, recordHeader+maxRecord), l: l}, nil
}

// frontConn asks the front at the first Read, so in the goroutine that owns
// the connection. After an answer of the front the connection reads as ended.
type frontConn struct {
	net.Conn
	r     *bufio.Reader
	l     *frontListener
	asked bool
}

func (c *frontConn) Read(p []byte) (int, error) {
	if !c.asked {
		c.asked = true
		if answer := c.l.front(c.r, c.l.cert); answer != nil {
			if len(answer) == 0 {
				return 0, io.EOF
			}
			if _, err := c.Write(answer); err != nil {
				return 0, err
			}
			_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
			_, _ = io.Copy(io.Discard, c.r) // a client may say more; nobody can answer it
			return 0, io.EOF
		}
	}
	return c.r.Read(p)
}
