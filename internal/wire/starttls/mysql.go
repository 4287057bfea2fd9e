package starttls

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// The capability flags of MySQL, Client/Server Protocol, that are needed.
const (
	mysqlProtocol41 = 1 << 9
	mysqlSSL        = 1 << 11
	mysqlSecure     = 1 << 15
	mysqlPluginAuth = 1 << 19
)

// mysql reads the server's greeting and, if the flag CLIENT_SSL is in it, sends
// an SSLRequest, to which there is no answer.
func mysql(s *session) error {
	head, err := s.take(4)
	if err != nil {
		return s.named(err)
	}
	n := int(head[0]) | int(head[1])<<8 | int(head[2])<<16
	if n == 0 || n > maxLine || head[3] != 0 {
		return s.other()
	}
	packet, err := s.take(n)
	if err != nil {
		return s.named(err)
	}
	switch packet[0] {
	case 0xff: // ERR_Packet: code, in newer ones "#" and a state of five letters, text
		if len(packet) < 4 {
			return s.other()
		}
		return declined(fmt.Sprintf("%d %s", binary.LittleEndian.Uint16(packet[1:]), packet[3:]))
	case 9: // Handshake V9 has no flags
		version, _, ok := bytes.Cut(packet[1:], []byte{0})
		if !ok || !isText(version) {
			return s.other()
		}
		s.pre.Greeting = printable(string(version))
		return ErrNotOffered
	case 10:
		return s.handshakeV10(packet[1:])
	}
	return s.other()
}

// handshakeV10 reads version, thread id, eight bytes of salt, zero, flags.
func (s *session) handshakeV10(b []byte) error {
	version, rest, ok := bytes.Cut(b, []byte{0})
	if !ok || !isText(version) || len(rest) < 4+8+1+2 || rest[12] != 0 {
		return s.other()
	}
	s.pre.Greeting = printable(string(version))
	if binary.LittleEndian.Uint16(rest[13:])&mysqlSSL == 0 {
		return ErrNotOffered
	}
	request := []byte{32, 0, 0, 1} // length, sequence
	request = binary.LittleEndian.AppendUint32(request, mysqlProtocol41|mysqlSSL|mysqlSecure|mysqlPluginAuth)
	request = binary.LittleEndian.AppendUint32(request, 1<<24) // largest packet
	request = append(request, 33)                              // utf8_general_ci
	return s.send(append(request, make([]byte, 23)...))
}

func isText(b []byte) bool {
	return len(b) > 0 && !bytes.ContainsFunc(b, func(r rune) bool { return r < ' ' || r > '~' })
}
