package hello

import (
	"fmt"
	"io"
)

// Answer is an explicit answer to an offer: the server accepted it, or said
// that it does not.
type Answer struct {
	Accepted bool
	// AboutVersion tells of a refusal that it can only be due to the version.
	// Any other may mean that no suite of this offer suits the server.
	AboutVersion bool
	// Said is what the server said: "ServerHello TLS 1.2", "alert
	// protocol_version(70)".
	Said string
}

func (a Answer) String() string {
	if a.Accepted {
		return "accepted: " + a.Said
	}
	return "refused: " + a.Said
}

// Ask sends the offer and reads the answer to it. An error means that there
// was none: either an error of the connection, or one that tells in what the
// bytes that came are no answer. It is never a refusal.
func Ask(rw io.ReadWriter, o Offer) (Answer, error) {
	if _, err := rw.Write(o.Bytes()); err != nil {
		return Answer{}, err
	}
	return Read(rw, o)
}

// Bounds of what is read before an answer is given up on.
const (
	maxRecord  = 1<<14 + 2048 // RFC 5246 §6.2.3
	maxRecords = 16
	maxHello   = 1 << 14
	maxPrelude = 4 // warnings and HelloRequests before the answer
)

// Read reads the answer to o: at most some records, of which it never holds
// more than has arrived.
func Read(r io.Reader, o Offer) (Answer, error) {
	if o.Version == SSL2 {
		return readSSL2(r)
	}
	var m messages
	for range maxRecords {
		kind, payload, err := readRecord(r)
		if err != nil {
			return Answer{}, err
		}
		switch kind {
		case recordAlert:
			if a, skip, err := alertAnswer(payload); !skip || err != nil {
				return a, err
			}
			m.prelude++
		case recordHandshake:
			body, err := m.serverHello(payload)
			if err != nil {
				return Answer{}, err
			}
			if body != nil {
				return o.judge(body)
			}
		default:
			return Answer{}, fmt.Errorf("record of type %d in answer to a hello", kind)
		}
		if m.prelude > maxPrelude {
			return Answer{}, fmt.Errorf("more than %d messages before the answer", maxPrelude)
		}
	}
	return Answer{}, fmt.Errorf("no ServerHello in %d records", maxRecords)
}

// messages puts handshake messages together from records.
type messages struct {
	pending []byte
	prelude int // messages passed over
}

// serverHello adds a record's payload and gives the body of the ServerHello,
// or nil as long as it is not whole. HelloRequests before it, which RFC 5246
// §7.4.1.1 allows at any time, are passed over.
func (m *messages) serverHello(payload []byte) ([]byte, error) {
	m.pending = append(m.pending, payload...)
	for len(m.pending) >= 4 {
		kind, n := m.pending[0], int(m.pending[1])<<16|int(m.pending[2])<<8|int(m.pending[3])
		switch {
		case kind == msgHelloRequest && n == 0:
			m.prelude++
			m.pending = m.pending[4:]
			continue
		case kind != msgServerHello:
			return nil, fmt.Errorf("handshake message %d where ServerHello belongs", kind)
		case n == 0 || n > maxHello:
			return nil, fmt.Errorf("ServerHello of %d bytes", n)
		case len(m.pending) < 4+n:
			return nil, nil
		}
		return m.pending[4 : 4+n], nil
	}
	return nil, nil
}
