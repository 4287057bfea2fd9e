package starttls

import (
	"encoding/binary"
	"fmt"
)

// The numbers of MS-TDS 2.2.3.1 (packets) and 2.2.6.5 (PRELOGIN).
const (
	tdsResponse = 0x04
	tdsPrelogin = 0x12
	tdsLast     = 0x01 // status: end of message
	tdsHeader   = 8
	tdsPacket   = 4096 // the size before any other is agreed on

	optVersion    = 0
	optEncryption = 1
	optEnd        = 0xff

	encryptNotSupported = 2
)

// prelogin asks for encryption: the table of options (kind, place, length) and
// then their values: version 0, encryption on, instance "", thread 0, no MARS.
const prelogin = "\x00\x00\x1a\x00\x06" + "\x01\x00\x20\x00\x01" + "\x02\x00\x21\x00\x01" + "\x03\x00\x22\x00\x04" + "\x04\x00\x26\x00\x01" + "\xff" +
	"\x00\x00\x00\x00\x00\x00" + "\x01" + "\x00" + "\x00\x00\x00\x00" + "\x00"

// mssql exchanges PRELOGIN messages. The handshake of TLS goes inside packets
// of the same kind.
func mssql(s *session) error {
	if err := s.send(appendPacket(nil, []byte(prelogin), true)); err != nil {
		return err
	}
	head, err := s.take(tdsHeader)
	if err != nil {
		return s.named(err)
	}
	n := int(binary.BigEndian.Uint16(head[2:]))
	if head[0] != tdsResponse || n <= tdsHeader || n > tdsPacket || head[1]&tdsLast == 0 {
		return s.other()
	}
	body, err := s.take(n - tdsHeader)
	if err != nil {
		return s.named(err)
	}
	options, ok := preloginOptions(body)
	encryption := options[optEncryption]
	if !ok || len(encryption) != 1 || encryption[0] > 3 {
		return s.other()
	}
	if v := options[optVersion]; len(v) == 6 {
		s.pre.Greeting = fmt.Sprintf("SQL Server %d.%d.%d", v[0], v[1], binary.BigEndian.Uint16(v[2:]))
	}
	if encryption[0] == encryptNotSupported {
		return ErrNotOffered
	}
	s.wrap = inPackets
	return nil
}

// preloginOptions reads the table of options.
func preloginOptions(b []byte) (map[byte][]byte, bool) {
	options := map[byte][]byte{}
	for at := 0; at < len(b) && b[at] != optEnd; at += 5 {
		if len(b)-at < 5 {
			return nil, false
		}
		place, n := int(binary.BigEndian.Uint16(b[at+1:])), int(binary.BigEndian.Uint16(b[at+3:]))
		if place+n > len(b) {
			return nil, false
		}
		options[b[at]] = b[place : place+n]
	}
	return options, true
}
