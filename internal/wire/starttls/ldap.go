package starttls

import "fmt"

// startTLS is an ExtendedRequest with the name of StartTLS: RFC 4511 §4.14.1.
const startTLS = "\x30\x1d" + // LDAPMessage
	"\x02\x01\x01" + // messageID 1
	"\x77\x18" + // [APPLICATION 23]
	"\x80\x16" + "1.3.6.1.4.1.1466.20037"

// The tags of RFC 4511 §4 that the answer has.
const (
	berSequence   = 0x30
	berInteger    = 0x02
	berEnumerated = 0x0a
	berExtended   = 0x78 // [APPLICATION 24]
)

// protocolError is how a server says that it has no TLS, "by design or current
// configuration": RFC 4511 §4.14.2.
const protocolError = 2

// ldap is one request and its answer.
func ldap(s *session) error {
	if err := s.send([]byte(startTLS)); err != nil {
		return err
	}
	message, err := s.message()
	if err != nil {
		return err
	}
	id, op, ok := cutBER(message, berInteger)
	if !ok || len(id) != 1 || id[0] > 1 {
		return s.other()
	}
	answer, _, ok := cutBER(op, berExtended)
	if !ok {
		return s.other()
	}
	result, rest, ok := cutBER(answer, berEnumerated)
	if !ok || len(result) != 1 {
		return s.other()
	}
	_, rest, _ = cutBER(rest, 0x04) // matchedDN
	words, _, _ := cutBER(rest, 0x04)
	said := fmt.Sprintf("resultCode %d %s", result[0], words)
	switch {
	case id[0] == 0: // unsolicited: RFC 4511 §4.4.1, the server is about to close
		return declined(said)
	case result[0] == 0:
		return nil
	case result[0] == protocolError:
		return ErrNotOffered
	}
	return refused(said)
}

// message reads the content of an LDAPMessage. Active Directory writes lengths
// in more bytes than they need, which BER allows and DER does not.
func (s *session) message() ([]byte, error) {
	head, err := s.take(2)
	if err != nil {
		return nil, s.named(err)
	}
	if head[0] != berSequence {
		return nil, s.other()
	}
	n := int(head[1])
	if n >= 0x80 {
		b, err := s.take(n & 0x7f)
		if err != nil {
			return nil, s.named(err)
		}
		if n, err = berLength(b); err != nil {
			return nil, s.other()
		}
	}
	content, err := s.take(n)
	return content, s.named(err)
}

// cutBER takes the content of the first element off b, if it has that tag.
func cutBER(b []byte, tag byte) (content, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != tag {
		return nil, b, false
	}
	n, at := int(b[1]), 2
	if n >= 0x80 {
		at += n & 0x7f
		if len(b) < at {
			return nil, b, false
		}
		var err error
		if n, err = berLength(b[2:at]); err != nil {
			return nil, b, false
		}
	}
	if len(b)-at < n {
		return nil, b, false
	}
	return b[at : at+n], b[at+n:], true
}

// berLength reads the long form of a length: X.690 §8.1.3.5.
func berLength(b []byte) (int, error) {
	n := 0
	for _, c := range b {
		if n = n<<8 | int(c); n > maxPreamble {
			return 0, errTooMuch
		}
	}
	if len(b) == 0 {
		return 0, fmt.Errorf("a length without end")
	}
	return n, nil
}
