package checks

import (
	"context"
	"errors"
	"net"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/starttls"
)

// converseTLS is converse with the endpoint, from where the ClientHello goes
// next: on an endpoint that begins in clear, TLS was asked for before talk is
// called. Every check that says something about TLS of the endpoint uses it.
func (p *Probe) converseTLS(ctx context.Context, talk func(context.Context, net.Conn) error) error {
	return p.converse(ctx, p.Endpoint.Address(), func(ctx context.Context, conn net.Conn) error {
		if protocol, ok := p.Endpoint.StartTLS(); ok {
			next, err := starttls.Upgrade(ctx, conn, starttls.Protocol(protocol), p.Endpoint.Name())
			if err != nil {
				return unreached(err)
			}
			conn = next
		}
		return talk(ctx, conn)
	})
}

// unreached says why a connection did not come as far as TLS. A connection
// that is cut there is no answer to a hello, which was never sent: it must not
// look like one (see TLSVersions.settle), so it is no Unknown{reset}.
func unreached(err error) *fact.Unknown {
	u := startTLSError(err)
	switch {
	case errors.Is(err, starttls.ErrNotOffered):
		u.Detail = "the server offers no STARTTLS"
	case errors.Is(err, starttls.ErrRefused):
		u.Detail = "the server offers no STARTTLS: it refuses it (" + refusal(err) + ")"
	case u.Cause == fact.Timeout || u.Cause == fact.Skipped:
		return u
	default:
		u.Detail = "TLS was not reached: " + u.Detail
	}
	return fact.Because(fact.Prerequisite, u.Detail)
}

// startTLSError names what went wrong before TLS.
func startTLSError(err error) *fact.Unknown {
	var other *starttls.OtherProtocolError
	var declined *starttls.DeclinedError
	switch {
	case errors.As(err, &other):
		return fact.Because(fact.Prerequisite, other.Error())
	case errors.As(err, &declined):
		return unanswered(declined.Error())
	}
	return fact.FromError(blame(err))
}

func refusal(err error) string {
	var r *starttls.RefusedError
	if errors.As(err, &r) {
		return r.Said
	}
	return ""
}
