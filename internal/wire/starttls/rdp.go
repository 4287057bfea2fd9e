package starttls

import (
	"encoding/binary"
	"fmt"
)

// connectionRequest is MS-RDPBCGR 2.2.1.1: TPKT (RFC 1006 §6), X.224
// Connection Request (class 0), and the wish for TLS, alone or under CredSSP:
// a server that wants CredSSP would refuse plain TLS, and the hello is the same.
const connectionRequest = "\x03\x00\x00\x13" + "\x0e\xe0\x00\x00\x00\x00\x00" +
	"\x01\x00\x08\x00" + "\x0b\x00\x00\x00" // RDP_NEG_REQ: SSL | HYBRID | HYBRID_EX

// The numbers of the answer: MS-RDPBCGR 2.2.1.2.
const (
	x224Confirm    = 0xd0
	x224Disconnect = 0x80
	x224Header     = 7

	negotiationResponse = 2
	negotiationFailure  = 3
	negotiationLength   = 8

	sslNotAllowed = 2 // and 3: there is no certificate
)

var rdpFailures = map[uint32]string{
	1: "SSL_REQUIRED_BY_SERVER", 2: "SSL_NOT_ALLOWED_BY_SERVER", 3: "SSL_CERT_NOT_ON_SERVER",
	4: "INCONSISTENT_FLAGS", 5: "HYBRID_REQUIRED_BY_SERVER", 6: "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
}

// rdp is one X.224 request and its confirmation.
func rdp(s *session) error {
	if err := s.send([]byte(connectionRequest)); err != nil {
		return err
	}
	head, err := s.take(4)
	if err != nil {
		return s.named(err)
	}
	n := int(binary.BigEndian.Uint16(head[2:]))
	if head[0] != 3 || head[1] != 0 || n < 4+x224Header || n > 1<<10 {
		return s.other()
	}
	b, err := s.take(n - 4)
	switch {
	case err != nil:
		return s.named(err)
	case int(b[0]) != len(b)-1: // X.224 length indicator
		return s.other()
	case b[1]&0xf0 == x224Disconnect:
		return declined("X.224 disconnect")
	case b[1]&0xf0 != x224Confirm:
		return s.other()
	}
	return s.negotiated(b[x224Header:])
}

// negotiated reads what was agreed on. Nothing at all comes from a server that
// knows only the encryption of RDP itself.
func (s *session) negotiated(b []byte) error {
	if len(b) == 0 {
		return ErrNotOffered
	}
	if len(b) != negotiationLength || binary.LittleEndian.Uint16(b[2:]) != negotiationLength {
		return s.other()
	}
	switch v := binary.LittleEndian.Uint32(b[4:]); {
	case b[0] == negotiationFailure && (v == sslNotAllowed || v == sslNotAllowed+1):
		return ErrNotOffered
	case b[0] == negotiationFailure:
		return refused(fmt.Sprintf("failure %d %s", v, rdpFailures[v]))
	case b[0] != negotiationResponse:
		return s.other()
	case v == 0: // the encryption of RDP itself
		return ErrNotOffered
	}
	return nil
}
