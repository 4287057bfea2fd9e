package starttls

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
)

// packets is a connection inside TDS packets: MS-TDS 3.2.5.1, the handshake of
// TLS is the payload of PRELOGIN messages. It carries the handshake and no
// more; after it, TLS would be outside.
type packets struct {
	net.Conn
	left int // payload bytes of the packet that is being read
}

func inPackets(c net.Conn) net.Conn { return &packets{Conn: c} }

// NetConn is the connection that carries the packets.
func (p *packets) NetConn() net.Conn { return p.Conn }

// Write sends b as one message.
func (p *packets) Write(b []byte) (int, error) {
	var out []byte
	for rest := b; ; {
		n := min(len(rest), tdsPacket-tdsHeader)
		out = appendPacket(out, rest[:n], n == len(rest))
		if rest = rest[n:]; len(rest) == 0 {
			break
		}
	}
	if _, err := p.Conn.Write(out); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Read gives payload. Empty packets are no end and may come a few times only.
func (p *packets) Read(b []byte) (int, error) {
	for range maxLines {
		if p.left > 0 {
			n, err := p.Conn.Read(b[:min(len(b), p.left)])
			p.left -= n
			return n, err
		}
		var head [tdsHeader]byte
		if _, err := io.ReadFull(p.Conn, head[:]); err != nil {
			return 0, err
		}
		n := int(binary.BigEndian.Uint16(head[2:]))
		if (head[0] != tdsPrelogin && head[0] != tdsResponse) || n < tdsHeader {
			return 0, fmt.Errorf("a TDS packet belongs here, not % x", head)
		}
		p.left = n - tdsHeader
	}
	return 0, fmt.Errorf("%d empty TDS packets", maxLines)
}

func appendPacket(out, payload []byte, last bool) []byte {
	status := byte(0)
	if last {
		status = tdsLast
	}
	out = append(out, tdsPrelogin, status)
	out = binary.BigEndian.AppendUint16(out, uint16(tdsHeader+len(payload)))
	return append(append(out, 0, 0, 0, 0), payload...) // SPID, packet number, window
}
