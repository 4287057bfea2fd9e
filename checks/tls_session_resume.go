package checks

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/hello"
)

var errNoSession = fact.Because(fact.Prerequisite, "there is no session without a certificate of the client")

// byID has a session made without a ticket and asks for it by its id.
func (s sessionSurvey) byID(ctx context.Context) fact.Maybe[bool] {
	made, unknown := s.shake(ctx, nil)
	switch {
	case unknown != nil:
		return fact.Not[bool](unknown)
	case len(made.ID) == 0:
		return fact.Known(false)
	}
	return s.resumes(ctx, hello.Offer{Session: made.ID})
}

// byTicket has a ticket made and comes back with it. With a ticket goes an id
// of the client's, which the server repeats if it resumes: RFC 5077 §3.4.
func (s sessionSurvey) byTicket(ctx context.Context) (resumes fact.Maybe[bool], seconds fact.Maybe[int]) {
	made, unknown := s.shake(ctx, tls.NewLRUClientSessionCache(1))
	switch {
	case unknown != nil:
		return fact.Not[bool](unknown), fact.Not[int](unknown)
	case len(made.Ticket) == 0:
		return fact.Known(false), fact.Known(0)
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id) // never fails
	o := hello.Offer{Session: id, Extra: []hello.Extension{{ID: hello.SessionTicket.ID, Data: made.Ticket}}}
	return s.resumes(ctx, o), fact.Known(int(made.Lifetime))
}

// shake completes a handshake with crypto/tls and reads off it what the server
// gave to come back with. With a cache a ticket is asked for.
func (s sessionSurvey) shake(ctx context.Context, cache tls.ClientSessionCache) (made hello.Session, unknown *fact.Unknown) {
	asked := false
	c := tlsClient(s.p.Endpoint.Name())
	c.MinVersion, c.MaxVersion, c.ClientSessionCache = uint16(s.version), uint16(s.version), cache
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		return &tls.Certificate{}, nil
	}
	err := s.p.converseTLS(ctx, func(ctx context.Context, conn net.Conn) error {
		heard := &listener{Conn: conn}
		t, err := secure(ctx, heard, c)
		if asked && isAlert(err) {
			return errNoSession
		}
		if err == nil {
			made = hello.ReadSession(&heard.got)
			err = t.Close() // in good manners, or some servers forget the session
		}
		return err
	})
	if err != nil {
		return made, fact.FromError(err)
	}
	return made, nil
}

// listener keeps what is read of a connection, up to more than any handshake.
type listener struct {
	net.Conn
	got bytes.Buffer
}

func (l *listener) Read(b []byte) (int, error) {
	const most = 256 << 10
	n, err := l.Conn.Read(b)
	if l.got.Len() < most {
		l.got.Write(b[:n])
	}
	return n, err
}

// resumes asks for a session, or for a new one. It is resumed if the server
// repeats its id and shows no certificate.
func (s sessionSurvey) resumes(ctx context.Context, o hello.Offer) fact.Maybe[bool] {
	suites, unknown := s.those(s.version, anySuite)
	if unknown != nil {
		return fact.Not[bool](unknown)
	}
	o.Version, o.Name, o.Suites = s.version, s.p.Endpoint.Name(), numbers(suites)
	var f hello.Flight
	err := s.p.over(ctx, func(conn net.Conn) (err error) { f, _, err = hello.AskFlight(conn, o); return err })
	if err == nil && !f.Accepted {
		err = unanswered("accepted " + s.version.String() + " before, and then: " + f.Said)
	}
	if err != nil {
		return fact.Not[bool](fact.FromError(blame(err)))
	}
	return fact.Known(bytes.Equal(f.Hello.Session, o.Session) && f.CertificateBytes == 0)
}

// waitFor is how long a server may take to send its tickets and close, once
// the client has said good-bye.
const waitFor = 2 * time.Second

// tls13 completes a handshake of TLS 1.3 and reads the tickets that follow.
func (s sessionSurvey) tls13(ctx context.Context) (seconds, early fact.Maybe[int], unknown *fact.Unknown) {
	unseen := func(u *fact.Unknown) (fact.Maybe[int], fact.Maybe[int], *fact.Unknown) {
		return fact.Not[int](u), fact.Not[int](u), u
	}
	suites, unknown := s.those(hello.TLS13, anySuite)
	switch {
	case unknown != nil:
		return unseen(unknown)
	case len(suites) == 0:
		return fact.Known(0), fact.Known(0), nil
	}
	suites, _ = s.those(hello.TLS13, func(x hello.Suite) bool { return hello.Decrypts(uint16(x.ID)) })
	if len(suites) == 0 {
		return unseen(errUndecipherable)
	}
	tickets, err := s.tickets(ctx, hello.Offer{Version: hello.TLS13, Suites: numbers(suites), Name: s.p.Endpoint.Name()})
	if err != nil {
		return unseen(fact.FromError(blame(err)))
	}
	lifetime, most := uint32(0), uint32(0)
	for _, t := range tickets {
		lifetime, most = max(lifetime, t.Lifetime), max(most, t.EarlyData)
	}
	s.p.Note(hello.TLS13.String(), fmt.Appendf(nil, "%d tickets, for %d s and %d bytes of early data", len(tickets), lifetime, most))
	return fact.Known(int(lifetime)), fact.Known(int(most)), nil
}

func (s sessionSurvey) tickets(ctx context.Context, o hello.Offer) (tickets []hello.Ticket, err error) {
	err = s.p.over(ctx, func(conn net.Conn) error {
		c, f, broken, err := hello.Secure(conn, o)
		switch {
		case err != nil:
			return err
		case !f.Accepted:
			return unanswered("accepted TLS 1.3 before, and then: " + f.Said)
		case broken != nil:
			return broken
		}
		if err := readWithin(conn, waitFor); err != nil {
			return err
		}
		tickets, err = c.Tickets()
		if hello.IsRefusal(err) && f.CertificateRequested {
			return errNoSession
		}
		if len(tickets) > 0 {
			return nil // that it then did not close is of no matter
		}
		return err
	})
	return tickets, err
}
