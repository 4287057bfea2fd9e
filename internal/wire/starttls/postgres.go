package starttls

import (
	"encoding/binary"
	"strings"
)

// sslRequest is a startup packet of eight bytes with a code in place of the
// version: PostgreSQL documentation, Message Formats, SSLRequest.
const sslRequest = "\x00\x00\x00\x08\x04\xd2\x16\x2f"

// postgres sends SSLRequest; the answer is one byte. A server that talks first
// may begin with that byte too ("SSH-…"), so nothing may stand after it.
func postgres(s *session) error {
	if err := s.send([]byte(sslRequest)); err != nil {
		return err
	}
	b, err := s.ReadByte()
	switch {
	case err != nil:
		return err
	case b == 'E':
		return s.pgError()
	case b != 'S' && b != 'N', s.buffered() > 0:
		return s.other()
	case b == 'N':
		return ErrNotOffered
	}
	return nil
}

// pgError reads an ErrorResponse as a refusal to serve us.
func (s *session) pgError() error {
	fields, err := s.pgFields()
	if err != nil {
		return err
	}
	if said, ok := fields['M']; ok {
		return declined(said)
	}
	return s.other()
}

// pgFields reads an ErrorResponse after its first byte: length, then fields of
// a letter and a string.
func (s *session) pgFields() (map[byte]string, error) {
	head, err := s.take(4)
	if err != nil {
		return nil, s.named(err)
	}
	n := binary.BigEndian.Uint32(head)
	if n < 5 || n > maxLine {
		return nil, s.other()
	}
	body, err := s.take(int(n) - 4)
	if err != nil {
		return nil, s.named(err)
	}
	fields := map[byte]string{}
	for _, field := range strings.Split(string(body), "\x00") {
		if field != "" {
			fields[field[0]] = field[1:]
		}
	}
	return fields, nil
}
