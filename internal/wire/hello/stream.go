package hello

import (
	"errors"
	"fmt"
	"io"
)

// Bounds of what is read before an answer is given up on.
const (
	maxRecord  = 1<<14 + 2048 // RFC 5246 §6.2.3
	fullRecord = 5 + maxRecord
	maxRecords = 16 // of full size, up to the ServerHello
	maxHello   = 1 << 14
	maxPrelude = 4 // warnings and HelloRequests
)

// stream puts handshake messages together from records: at most so many bytes
// of them, however small they are cut, and never more than has arrived.
type stream struct {
	r     io.Reader
	left  int // bytes of records that may still come
	limit int // of a message other than the ServerHello; 0: maxHello

	is13 bool  // the server has answered with TLS 1.3
	keys *half // of what the server sends; nil: nothing is encrypted yet
	deaf bool  // to application data, which is passed over

	pending []byte
	prelude int // messages passed over
}

// message is one handshake message.
type message struct {
	kind byte
	body []byte
}

// bytes gives the message as it came.
func (m message) bytes() []byte {
	n := len(m.body)
	return append([]byte{m.kind, byte(n >> 16), byte(n >> 8), byte(n)}, m.body...)
}

// next gives the next message, or the alert in its place that refuses.
// Warnings are passed over, and so are HelloRequests, which RFC 5246 §7.4.1.1
// allows at any time.
func (s *stream) next() (message, *Answer, error) {
	for {
		m, whole, err := s.cut()
		if whole || err != nil {
			return m, nil, err
		}
		if s.left < fullRecord {
			return m, nil, fmt.Errorf("no whole message in the records that were read")
		}
		kind, payload, err := s.record()
		if err != nil {
			return m, nil, err
		}
		s.left -= 5 + len(payload)
		switch kind {
		case recordChangeCipher:
			if !s.is13 || s.keys == nil && len(s.pending) > 0 {
				return m, nil, fmt.Errorf("record of type %d in answer to a hello", kind)
			}
			// It is there for middleboxes and means nothing: RFC 8446 §5.
		case recordAlert:
			if a, skip, err := alertAnswer(payload); !skip || err != nil {
				return m, &a, err
			}
			if err := s.passOver(); err != nil {
				return m, nil, err
			}
		case recordApplication:
			if !s.deaf {
				return m, nil, fmt.Errorf("record of type %d in answer to a hello", kind)
			}
		case recordHandshake:
			s.pending = append(s.pending, payload...)
		default:
			return m, nil, fmt.Errorf("record of type %d in answer to a hello", kind)
		}
	}
}

// encrypt has all that follows decrypted.
func (s *stream) encrypt(keys *half) error {
	if len(s.pending) > 0 {
		return errors.New("unencrypted messages after the ServerHello")
	}
	s.keys = keys
	return nil
}

// record reads the next record. Among encrypted ones there may be alerts in
// the open, of a server that failed before it had keys.
func (s *stream) record() (kind byte, payload []byte, err error) {
	kind, payload, err = readRecord(s.r)
	switch {
	case err != nil || s.keys == nil || kind == recordAlert || kind == recordChangeCipher:
		return kind, payload, err
	case kind != recordApplication:
		return 0, nil, fmt.Errorf("record of type %d among encrypted ones", kind)
	}
	return s.keys.open(payload)
}

// cut takes a message off what is pending, if there is a whole one.
func (s *stream) cut() (m message, whole bool, err error) {
	for len(s.pending) >= 4 {
		kind, n := s.pending[0], int(s.pending[1])<<16|int(s.pending[2])<<8|int(s.pending[3])
		limit := max(s.limit, maxHello)
		if kind == msgServerHello {
			limit = maxHello
		}
		switch {
		case kind == msgHelloRequest && n == 0:
			s.pending = s.pending[4:]
			if err := s.passOver(); err != nil {
				return m, false, err
			}
			continue
		case kind == msgServerHello && n == 0, n > limit:
			return m, false, fmt.Errorf("%s of %d bytes", messageName(kind), n)
		case len(s.pending) < 4+n:
			return m, false, nil
		}
		m = message{kind, s.pending[4 : 4+n]}
		s.pending = s.pending[4+n:]
		return m, true, nil
	}
	return m, false, nil
}

func (s *stream) passOver() error {
	if s.prelude++; s.prelude > maxPrelude {
		return fmt.Errorf("more than %d messages before the answer", maxPrelude)
	}
	return nil
}

func messageName(kind byte) string {
	if kind == msgServerHello {
		return "ServerHello"
	}
	return fmt.Sprintf("handshake message %d", kind)
}
