package checks

import (
	"context"
	"net"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
)

// converse connects to "host:port", lets talk speak for one exchange and
// closes. The errors of connecting are kept.
func (p *Probe) converse(ctx context.Context, address string, talk func(context.Context, net.Conn) error) error {
	return p.again(func() error {
		conn, err := p.DialTo(ctx, address)
		if err != nil {
			return err
		}
		return p.exchange(ctx, conn, talk)
	})
}

// exchange lets talk speak over the connection, and closes it. Whatever talk
// waits for ends with ctx or with the time of one exchange. Its errors are
// named by blame.
func (p *Probe) exchange(ctx context.Context, conn net.Conn, talk func(context.Context, net.Conn) error) error {
	defer func() { _ = conn.Close() }() // all that counts has been read
	within, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	if err := p.bound(within, conn); err != nil {
		return blame(err)
	}
	stop := context.AfterFunc(within, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	err := talk(within, conn)
	if err != nil && ctx.Err() != nil {
		return ctx.Err() // the scan was stopped, which is not the server's doing
	}
	return blame(err)
}

// blame names the error of talking to a server. One that fact.FromError does
// not know comes from a library that could make no sense of what the server
// sent, so it is the server that did not answer: it must not be taken for a
// defect of ours.
func blame(err error) error {
	if err == nil {
		return nil
	}
	u := fact.FromError(err)
	if u.Cause == fact.Broken {
		return unanswered(err.Error())
	}
	return u
}

// unanswered says that what came is no answer. The detail may quote the
// server, so it is cut short and kept to one line.
func unanswered(detail string) *fact.Unknown {
	return fact.Because(fact.Unanswered, oneLine(detail, 200))
}

// oneLine makes of what a server says one line of at most so many letters.
func oneLine(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return s
}
