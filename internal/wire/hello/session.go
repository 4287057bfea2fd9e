package hello

import (
	"encoding/binary"
	"errors"
	"io"
)

// Session is what a server up to TLS 1.2 gives its client to come back with.
type Session struct {
	ID       []byte // empty: none
	Ticket   []byte // RFC 5077; empty: none
	Lifetime uint32 // of the ticket in seconds, a hint; 0: none
}

var errTicket = errors.New("malformed NewSessionTicket")

// ReadSession reads it off what a server sent in the whole of a handshake: id
// and ticket go over the wire in the open. What was read up to an error is
// given.
func ReadSession(r io.Reader) (out Session) {
	s := &stream{r: r, left: maxFlightRecords * fullRecord, limit: maxFlightMessage}
	for {
		m, alert, err := s.next()
		if err != nil || alert != nil {
			return out
		}
		switch m.kind {
		case msgServerHello:
			h, err := parseServerHello(m.body)
			if err != nil || h.Version > TLS12 {
				return out
			}
			out.ID = h.Session
		case msgNewSessionTicket:
			if len(m.body) >= 4 {
				out.Lifetime = binary.BigEndian.Uint32(m.body)
				out.Ticket, _, _ = cutVector(m.body[4:])
			}
		}
	}
}

// Ticket is one of TLS 1.3: RFC 8446 §4.6.1.
type Ticket struct {
	Lifetime  uint32 // in seconds
	EarlyData uint32 // bytes that a client may send before the handshake; 0: none
}

func parseTicket(body []byte) (t Ticket, err error) {
	const upToNonce = 4 + 4 // lifetime, what is added to the age
	if len(body) <= upToNonce || len(body) < upToNonce+1+int(body[upToNonce]) {
		return t, errTicket
	}
	t.Lifetime = binary.BigEndian.Uint32(body)
	_, rest, ok := cutVector(body[upToNonce+1+int(body[upToNonce]):])
	if !ok {
		return t, errTicket
	}
	exts, _, ok := cutVector(rest)
	if !ok {
		return t, errTicket
	}
	if most := find(exts, extEarlyData); len(most) == 4 {
		t.EarlyData = binary.BigEndian.Uint32(most)
	}
	return t, nil
}

// Channel is a connection of TLS 1.3 whose handshake is our turn to finish.
type Channel struct{ h *handshake13 }

// Secure is AskFlight for who goes on; the channel is nil where the flight is
// not Done.
func Secure(rw io.ReadWriter, o Offer) (c *Channel, f Flight, broken error, err error) {
	h := newHandshake13(rw, o)
	f, broken, err = h.run()
	if err == nil && broken == nil && f.Done {
		c = &Channel{h}
	}
	return c, f, broken, err
}

const maxTickets = 8

// Tickets finishes the handshake, without a certificate even if one was asked
// for, says good-bye and gives the tickets that come before the server does.
// A server sends them on hearing Finished, so one that then closes without any
// gives none. An error tells that it did not close.
func (c *Channel) Tickets() (out []Ticket, err error) {
	h := c.h
	client, server := h.schedule.application()
	var last []byte
	if h.flight.CertificateRequested {
		last = []byte{msgCertificate, 0, 0, 4, 0, 0, 0, 0}
		h.schedule.add(last)
	}
	last = append(last, message{msgFinished, h.schedule.finished(h.client)}.bytes()...)
	goodbye := h.schedule.half(client).seal(recordAlert, []byte{levelWarning, alertCloseNotify})
	if _, err := h.rw.Write(append(h.schedule.half(h.client).seal(recordHandshake, last), goodbye...)); err != nil {
		return nil, err
	}
	if err := h.stream.encrypt(h.schedule.half(server)); err != nil {
		return nil, err
	}
	h.stream.deaf = true
	for len(out) < maxTickets {
		m, alert, err := h.stream.next()
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, errFarewell):
			return out, nil
		case err != nil:
			return out, err
		case alert != nil:
			return out, &lateRefusal{*alert}
		case m.kind != msgNewSessionTicket:
			continue
		}
		t, err := parseTicket(m.body)
		if err != nil {
			return out, err
		}
		out = append(out, t)
	}
	return out, nil
}
