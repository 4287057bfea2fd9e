package hello

import (
	"errors"
	"fmt"
	"io"
)

// Flight is the first flight of a server up to TLS 1.2: RFC 5246 §7.3. It goes
// as far as the server sent it: Done tells whether that was to its end.
type Flight struct {
	Answer
	CertificateBytes     int    // length of the Certificate message; 0: none
	Leaf                 []byte // the server's own certificate, DER
	Exchange             *Exchange
	CertificateRequested bool
	Done                 bool
}

// Bounds of what is read of a flight.
const (
	maxFlightRecords = 96
	maxFlightMessage = 128 << 10 // a chain longer than that is no chain
)

var errNoFlight = errors.New("SSL 2.0 and TLS 1.3 have no flight in the open")

// AskFlight sends the offer and reads the flight that answers it. An error
// means as in Ask that there was no answer; a flight that breaks off after the
// ServerHello is no error but is not Done, and why it is comes as broken.
func AskFlight(rw io.ReadWriter, o Offer) (f Flight, broken error, err error) {
	if _, err := rw.Write(o.Bytes()); err != nil {
		return Flight{}, nil, err
	}
	return ReadFlight(rw, o)
}

// ReadFlight reads what AskFlight reads.
func ReadFlight(r io.Reader, o Offer) (f Flight, broken error, err error) {
	if o.Version == SSL2 || o.Version == TLS13 {
		return Flight{}, nil, errNoFlight
	}
	s := &stream{r: r, records: maxFlightRecords, limit: maxFlightMessage}
	if f.Answer, err = readAnswer(s, o); err != nil || !f.Accepted {
		return f, nil, err
	}
	for !f.Done {
		m, alert, err := s.next()
		if err == nil && alert != nil {
			err = errors.New(alert.Said)
		}
		if err == nil {
			err = f.add(m)
		}
		if err != nil {
			return f, err, nil
		}
	}
	return f, nil, nil
}

// add takes the next message. No order is demanded of them: what is not there
// is not there.
func (f *Flight) add(m message) (err error) {
	switch m.kind {
	case msgCertificate:
		f.CertificateBytes = len(m.body)
		f.Leaf, err = firstCertificate(m.body)
	case msgServerKeyExchange:
		f.Exchange, err = parseExchange(Find(uint32(f.Hello.Suite)), m.body)
	case msgRequest:
		f.CertificateRequested = true
	case msgStatus:
	case msgServerHelloDone:
		f.Done = true
	default:
		err = fmt.Errorf("handshake message %d in the server's first flight", m.kind)
	}
	return err
}

// firstCertificate takes the first of a list of certificates, each with its
// length before it in three bytes: RFC 5246 §7.4.2.
func firstCertificate(body []byte) ([]byte, error) {
	chain, rest, ok := cutLong(body)
	if !ok || len(rest) != 0 {
		return nil, errors.New("malformed Certificate")
	}
	if len(chain) == 0 {
		return nil, nil // RFC 5246 allows none only to a client, but some servers send it
	}
	leaf, _, ok := cutLong(chain)
	if !ok {
		return nil, errors.New("malformed Certificate")
	}
	return leaf, nil
}

func cutLong(b []byte) (data, rest []byte, ok bool) {
	if len(b) < 3 {
		return nil, nil, false
	}
	n := int(b[0])<<16 | int(b[1])<<8 | int(b[2])
	if len(b) < 3+n {
		return nil, nil, false
	}
	return b[3 : 3+n], b[3+n:], true
}
