package checks

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/starttls"
)

// Injection is the fact of starttls.injection.
type Injection struct {
	Vulnerable bool   `json:"vulnerable" vi:"thi hành lệnh chèn vào trước khi mã hóa (STARTTLS injection)" en:"obeys a command that was put in before encryption (STARTTLS injection)"`
	Answer     string `json:"answer" vi:"máy chủ đã trả lời thế nào" en:"what it answered"`
}

// StartTLSInjection smuggles a harmless command along with the request for TLS.
// A server that obeys it does so inside TLS, ahead of what was sent there. What
// makes it so is held against a conversation without a stowaway.
var StartTLSInjection = define(Check{
	ID:       "starttls.injection",
	Refs:     []string{"CVE-2011-0411", "CVE-2011-1926", "CVE-2021-33515", "CVE-2021-23214", "RFC 3207 §6", "RFC 7457 §2.2"},
	Speaks:   inventory.OverStartTLS,
	Touch:    Intrusive,
	Known:    fact.Probed,
	Requires: []*Check{TLSStartTLS},
}, func(ctx context.Context, p *Probe) (Injection, error) {
	name, _ := p.Endpoint.StartTLS()
	protocol := starttls.Protocol(name)
	offer := Read[StartTLS](p, TLSStartTLS)
	switch {
	case !starttls.Injectable(protocol):
		return Injection{}, fact.Because(fact.Skipped, "it is not known how to try this in "+name)
	case !offer.Offered || offer.Refused:
		return Injection{Answer: "does not turn to TLS"}, nil
	}
	first := p.smuggle(ctx, protocol, true)
	if first.err == nil && !first.obeyed {
		return Injection{Answer: first.said}, nil
	}
	if first.err != nil && !first.protest {
		return Injection{}, first.err
	}
	control := p.smuggle(ctx, protocol, false)
	switch {
	case control.err != nil:
		return Injection{}, control.err
	case control.obeyed:
		return Injection{}, unanswered("answers more than it was asked, without a stowaway: " + control.said)
	}
	again := p.smuggle(ctx, protocol, true)
	switch {
	case first.obeyed && again.obeyed:
		return Injection{Vulnerable: true, Answer: first.said}, nil
	case first.protest && again.protest:
		return Injection{Answer: "ends the conversation, twice: " + first.err.Error()}, nil
	case again.err != nil:
		return Injection{}, again.err
	}
	return Injection{}, unanswered("not twice the same: " + first.said + "; " + again.said)
})

// smuggled is what came of one conversation.
type smuggled struct {
	obeyed  bool
	said    string
	protest bool  // it would have none of it: refused, or ended what was to become TLS
	err     error // why nothing was told
}

// hangsUp tells of a server that complains in clear, where TLS belongs, and ends
// the connection: vsftpd takes the stowaway for TLS, and does so.
func hangsUp(conn net.Conn, err error) bool {
	var clear tls.RecordHeaderError
	if !errors.As(err, &clear) {
		return false
	}
	const enough = 4 << 10
	n, err := io.Copy(io.Discard, io.LimitReader(conn, enough))
	return n < enough && (err == nil || fact.FromError(err).Cause == fact.Reset)
}

// smuggle turns to TLS, with a stowaway or without, and sees what is obeyed.
func (p *Probe) smuggle(ctx context.Context, protocol starttls.Protocol, stowaway bool) (s smuggled) {
	turn := starttls.Upgrade
	if stowaway {
		turn = starttls.Inject
	}
	s.err = p.converse(ctx, p.Endpoint.Address(), func(ctx context.Context, conn net.Conn) error {
		next, err := turn(ctx, conn, protocol, p.Endpoint.Name())
		if err != nil {
			s.protest = errors.Is(err, starttls.ErrRefused)
			return unreached(err)
		}
		t, err := secure(ctx, next, tlsClient(p.Endpoint.Name()))
		if err != nil {
			s.protest = isAlert(err) || fact.FromError(err).Cause == fact.Reset || hangsUp(next, err)
			return err
		}
		var said []string
		s.obeyed, said, err = starttls.Obeyed(t, protocol)
		s.said = strings.Join(said, " | ")
		return err
	})
	what := "without a stowaway: "
	if stowaway {
		what = "with a stowaway: "
	}
	if s.err != nil {
		what += s.err.Error() + " "
	}
	p.Note("inside TLS", []byte(what+s.said))
	return s
}
