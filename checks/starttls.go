package checks

import (
	"context"
	"errors"
	"net"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/starttls"
)

// converseTLS is converse with the endpoint, from where the ClientHello goes
// next. Every check that says something about TLS of the endpoint uses it, or
// a series.
func (p *Probe) converseTLS(ctx context.Context, talk func(context.Context, net.Conn) error) error {
	return p.again(func() error {
		conn, err := p.reachTLS(ctx)
		if err != nil {
			return err
		}
		return p.exchange(ctx, conn, talk)
	})
}

// reachTLS connects to the endpoint, up to where the ClientHello goes next: on
// an endpoint that begins in clear, TLS was asked for.
func (p *Probe) reachTLS(ctx context.Context) (net.Conn, error) {
	conn, err := p.Dial(ctx)
	protocol, clear := p.Endpoint.StartTLS()
	if err != nil || !clear {
		return conn, err
	}
	within, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	next, err := starttls.Upgrade(within, conn, starttls.Protocol(protocol), p.Endpoint.Name())
	if err == nil {
		return next, nil
	}
	_ = conn.Close()
	if ctx.Err() != nil {
		return nil, ctx.Err() // the scan was stopped, which is not the server's doing
	}
	return nil, unreached(err)
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
