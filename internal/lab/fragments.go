package lab

import (
	"encoding/binary"
	"net"
	"slices"
)

// crumble fits [website.behind]: a listener whose connections send handshake
// messages in fragments of one byte (RFC 5246, 6.2.1; RFC 8446, 5.1), as long
// as they are in the clear.
func crumble(ln net.Listener, _ []byte) net.Listener { return crumbling{ln} }

type crumbling struct{ net.Listener }

func (l crumbling) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &crumbs{Conn: c}, nil
}

// crumbs reads the records that crypto/tls writes, which are always whole.
type crumbs struct {
	net.Conn
	encrypted bool // a ChangeCipherSpec has passed, or application data
}

func (c *crumbs) Write(p []byte) (int, error) {
	var out []byte
	for b := p; len(b) >= recordHeader; {
		n := recordHeader + int(binary.BigEndian.Uint16(b[3:]))
		whole := b[:min(n, len(b))]
		c.encrypted = c.encrypted || whole[0] != recordHandshake && whole[0] != recordAlert
		if c.encrypted || whole[0] == recordAlert {
			out = append(out, whole...)
		} else {
			for fragment := range slices.Chunk(whole[recordHeader:], 1) {
				out = append(append(out, recordHandshake, whole[1], whole[2], 0, 1), fragment...)
			}
		}
		b = b[len(whole):]
	}
	if _, err := c.Conn.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}
