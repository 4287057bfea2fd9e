package hello

import (
	"bytes"
	"crypto/hmac"
	"errors"
	"fmt"
	"io"
	"slices"
)

// handshake13 is a handshake of TLS 1.3 as far as the server's Finished, with
// keys of our own: RFC 8446 §2. Who the server is, is not verified.
type handshake13 struct {
	rw     io.ReadWriter
	offer  Offer
	stream *stream
	flight Flight

	schedule       *schedule
	client, server []byte // traffic secrets
}

// askFlight13 is AskFlight for TLS 1.3. A HelloRetryRequest is answered once.
func askFlight13(rw io.ReadWriter, o Offer) (f Flight, broken error, err error) {
	return newHandshake13(rw, o).run()
}

func newHandshake13(rw io.ReadWriter, o Offer) *handshake13 {
	return &handshake13{rw: rw, offer: o, stream: &stream{r: rw, left: maxFlightRecords * fullRecord, limit: maxFlightMessage}}
}

func (h *handshake13) run() (f Flight, broken error, err error) {
	h.offer.memory = newMemory()
	said, answer, err := h.greet()
	if err == nil && h.flight.Accepted {
		if broken = h.agree(said, answer); broken == nil {
			broken = h.read()
		}
	}
	return h.flight, broken, err
}

// greet sends the hello and gives both messages as they go into the transcript.
func (h *handshake13) greet() (said, answer []byte, err error) {
	sent := h.offer.Bytes()
	if _, err := h.rw.Write(sent); err != nil {
		return nil, nil, err
	}
	m, a, err := readHello(h.stream, h.offer)
	h.flight.Answer = a
	h.stream.is13 = a.Accepted
	return sent[recordHead:], m.bytes(), err
}

// agree goes from the hellos to keys for what follows.
func (h *handshake13) agree(said, answer []byte) (err error) {
	chosen := h.flight.Hello
	if h.schedule, err = newSchedule(chosen.Suite); err != nil {
		return err
	}
	if chosen.Retry {
		if said, answer, err = h.again(said, answer); err != nil {
			return err
		}
	}
	h.schedule.add(said, answer)
	shared, err := h.offer.memory.agree(h.flight.Hello.Group, h.flight.Hello.share)
	if err != nil {
		return err
	}
	h.client, h.server = h.schedule.handshake(shared)
	return h.stream.encrypt(h.schedule.half(h.server))
}

// again sends the hello once more with the key that a HelloRetryRequest asks
// for. Of the first hello a hash stays in the transcript: RFC 8446 §4.4.1.
func (h *handshake13) again(said, request []byte) (hello, answer []byte, err error) {
	asked := h.flight.Answer
	hash := h.schedule.hash()
	hash.Write(said)
	h.schedule.add([]byte{msgHash, 0, 0, byte(hash.Size())}, hash.Sum(nil), request)

	if group := asked.Hello.Group; group != 0 {
		if _, ok := h.offer.key(group); !ok || !slices.Contains(orAll(h.offer.Groups, groups), group) {
			return nil, nil, fmt.Errorf("wants a key of %s, of which none can be made here", GroupName(group))
		}
		h.offer.Shares = []uint16{group}
	}
	h.offer.memory.again, h.offer.memory.cookie = true, asked.Hello.cookie
	hello, answer, err = h.greet()
	switch again := h.flight.Answer; {
	case err != nil:
	case !again.Accepted:
		err = fmt.Errorf("asks for another hello, and to that: %w", &lateRefusal{again})
	case again.Hello.Retry:
		err = errors.New("asks for another hello twice")
	case again.Hello.Suite != asked.Hello.Suite:
		err = errors.New("changes the suite between its answers")
	default:
		return hello, answer, nil
	}
	h.flight.Answer = asked
	return nil, nil, err
}

// read reads the flight up to a Finished that fits it.
func (h *handshake13) read() error {
	for !h.flight.Done {
		m, alert, err := h.stream.next()
		switch {
		case err != nil:
			return err
		case alert != nil:
			return &lateRefusal{*alert}
		case m.kind == msgFinished && !hmac.Equal(m.body, h.schedule.finished(h.server)):
			return errors.New("the Finished does not fit the handshake")
		}
		if err := h.flight.add(m); err != nil {
			return err
		}
		h.schedule.add(m.bytes())
	}
	return nil
}

// add13 takes the next message of a flight of TLS 1.3.
func (f *Flight) add13(m message) (err error) {
	switch m.kind {
	case msgEncryptedExtensions:
		inner := ServerHello{Version: TLS13}
		err = inner.readExtensions(m.body)
		f.Hello.ALPN, f.Encrypted = inner.ALPN, inner.Extensions
	case msgRequest:
		f.CertificateRequested, f.ClientCAs = true, authorities13(m.body)
	case msgCertificate:
		f.CertificateBytes = len(m.body)
		err = f.certificates13(m.body)
	case msgCertificateVerify:
		if len(m.body) < 2 {
			return errors.New("malformed CertificateVerify")
		}
		f.Signature = uint16(m.body[0])<<8 | uint16(m.body[1])
	case msgFinished:
		f.Done = true
	default:
		err = fmt.Errorf("handshake message %d in the server's first flight", m.kind)
	}
	return err
}

// certificates13 reads a list in which each has extensions: RFC 8446 §4.4.2.
func (f *Flight) certificates13(body []byte) error {
	if !bytes.HasPrefix(body, []byte{0}) { // no context: it answers no request
		return errCertificate
	}
	chain, rest, ok := cutLong(body[1:])
	if !ok || len(rest) != 0 {
		return errCertificate
	}
	for len(chain) > 0 {
		cert, more, ok := cutLong(chain)
		if !ok {
			return errCertificate
		}
		exts, more, ok := cutVector(more)
		if !ok {
			return errCertificate
		}
		if f.Leaf == nil {
			f.OCSP, f.Timestamps = stapled(find(exts, StatusRequest.ID)), find(exts, extTimestamps)
		}
		f.certificate(cert)
		chain = more
	}
	return nil
}
