package checks

import (
	"context"
	"fmt"
	"net"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/hello"
)

// over lets talk speak over one connection to the endpoint, which answered
// hellos before. Its error is one that hello understands, and holds why.
func (p *Probe) over(ctx context.Context, talk func(net.Conn) error) error {
	return ofHello(p.converseTLS(ctx, func(_ context.Context, conn net.Conn) error { return talk(conn) }))
}

// ofHello makes of the error of an exchange one that hello understands.
func ofHello(err error) error {
	if err == nil {
		return nil
	}
	switch u := fact.FromError(err); u.Cause {
	case fact.Reset:
		return fmt.Errorf("%w: %w", hello.ErrCut, u)
	case fact.Timeout:
		return fmt.Errorf("%w: %w", hello.ErrSilent, u)
	case fact.Unreachable:
		return fact.Because(fact.Blocked, "answered other hellos before: "+u.Detail)
	default:
		return u
	}
}

// answer asks by one hello, as over does.
func (p *Probe) answer(ctx context.Context, o hello.Offer) (a hello.Answer, err error) {
	err = p.over(ctx, func(conn net.Conn) (err error) { a, err = hello.Ask(conn, o); return err })
	return a, err
}
