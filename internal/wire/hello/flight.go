package hello

import (
	"errors"
	"fmt"
	"io"
)

// Flight is the first flight of a server: RFC 5246 §7.3, RFC 8446 §2. It goes
// as far as the server sent it: Done tells whether that was to its end.
type Flight struct {
	Answer
	CertificateBytes     int       // length of the Certificate message; 0: none
	Leaf                 []byte    // the server's own certificate, DER
	Chain                [][]byte  // as it was sent, with the leaf, of maxChain at most
	OCSP                 []byte    // the response that was stapled; nil: none
	Timestamps           []byte    // the list of SCTs that came beside the certificate; nil: none
	Exchange             *Exchange // up to TLS 1.2
	Signature            uint16    // the scheme by which the server signed; 0: none was named
	Encrypted            []uint16  // the extensions that TLS 1.3 keeps secret
	CertificateRequested bool
	ClientCAs            [][]byte // the authorities that it names, DER
	Done                 bool
}

// Bounds of what is read of a flight.
const (
	maxFlightRecords = 96        // of full size
	maxFlightMessage = 128 << 10 // a chain longer than that is no chain
	maxChain         = 16
)

var (
	errNoFlight    = errors.New("SSL 2.0 has no such flight")
	errNoKeys      = errors.New("the flight of TLS 1.3 is read only by who sent the hello")
	errCertificate = errors.New("malformed Certificate")
)

// AskFlight sends the offer and reads the flight that answers it. An error
// means as in Ask that there was no answer; a flight that breaks off after the
// ServerHello is no error but is not Done, and why it is comes as broken.
//
// Under TLS 1.3 keys are exchanged to read it, and a HelloRetryRequest is
// answered. The client's own Finished is never sent.
func AskFlight(rw io.ReadWriter, o Offer) (f Flight, broken error, err error) {
	if o.Version == TLS13 {
		return askFlight13(rw, o)
	}
	if _, err := rw.Write(o.Bytes()); err != nil {
		return Flight{}, nil, err
	}
	return ReadFlight(rw, o)
}

// ReadFlight reads what AskFlight reads, up to TLS 1.2.
func ReadFlight(r io.Reader, o Offer) (f Flight, broken error, err error) {
	if o.Version == SSL2 {
		return Flight{}, nil, errNoFlight
	}
	if o.Version == TLS13 {
		return Flight{}, nil, errNoKeys
	}
	s := &stream{r: r, left: maxFlightRecords * fullRecord, limit: maxFlightMessage}
	if _, f.Answer, err = readHello(s, o); err != nil || !f.Accepted {
		return f, nil, err
	}
	f.Timestamps = f.Hello.timestamps
	for !f.Done {
		m, alert, err := s.next()
		if err == nil && alert != nil {
			err = &lateRefusal{*alert}
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
	if f.Hello.Version == TLS13 {
		return f.add13(m)
	}
	switch m.kind {
	case msgCertificate:
		f.CertificateBytes = len(m.body)
		err = f.certificates(m.body)
	case msgServerKeyExchange:
		err = f.exchange(m.body)
	case msgRequest:
		f.CertificateRequested, f.ClientCAs = true, authorities(f.Hello.Version, m.body)
	case msgStatus:
		f.OCSP = stapled(m.body)
	case msgServerHelloDone:
		f.Done = true
	default:
		err = fmt.Errorf("handshake message %d in the server's first flight", m.kind)
	}
	return err
}

// certificates reads a list of certificates, each with its length before it in
// three bytes: RFC 5246 §7.4.2. It allows an empty one only to a client, but
// some servers send it.
func (f *Flight) certificates(body []byte) error {
	chain, rest, ok := cutLong(body)
	if !ok || len(rest) != 0 {
		return errCertificate
	}
	for len(chain) > 0 {
		cert, more, ok := cutLong(chain)
		if !ok {
			return errCertificate
		}
		f.certificate(cert)
		chain = more
	}
	return nil
}

// certificate takes the next of the chain.
func (f *Flight) certificate(der []byte) {
	if f.Leaf == nil {
		f.Leaf = der
	}
	if len(f.Chain) < maxChain {
		f.Chain = append(f.Chain, der)
	}
}

// exchange reads a ServerKeyExchange and the scheme of its signature, which
// TLS 1.2 names: RFC 5246 §7.4.3.
func (f *Flight) exchange(body []byte) (err error) {
	suite := Find(uint32(f.Hello.Suite))
	var signed []byte
	f.Exchange, signed, err = parseExchange(suite, body)
	if f.Hello.Version == TLS12 && suite.Signs() && len(signed) >= 4 {
		f.Signature = uint16(signed[0])<<8 | uint16(signed[1])
	}
	return err
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
