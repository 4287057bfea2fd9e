package checks

import (
	"context"
	"net"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/starttls"
)

// OpenRelay is the fact of smtp.relay.
type OpenRelay struct {
	Open  fact.Maybe[bool] `json:"open" vi:"nhận chuyển thư cho tên miền không phải của mình" en:"takes mail for a domain that is not its own"`
	Tries []RelayTry       `json:"tries" vi:"đã thử" en:"what was tried"`
	VRFY  bool             `json:"vrfy" vi:"nêu lệnh VRFY (dò người dùng)" en:"lists VRFY (which finds users)"`
	EXPN  bool             `json:"expn" vi:"nêu lệnh EXPN (dò danh sách)" en:"lists EXPN (which finds lists)"`
}

// RelayTry is one recipient that was offered.
type RelayTry struct {
	Form   string `json:"form" vi:"dạng địa chỉ" en:"form of the address"`
	Answer string `json:"answer" vi:"trả lời" en:"answer"`
	Said   string `json:"said" vi:"máy chủ nói" en:"what the server said"`
}

// SMTPRelay offers a mail from and to a domain that never exists, and stops
// before any mail is sent. "Open" is what the server takes from where the
// scanner stands; "closed" is said only of a server that denies it because the
// mail is not its own.
var SMTPRelay = define(Check{
	ID:       "smtp.relay",
	Refs:     []string{"RFC 5321 §3.6", "RFC 5321 §7.3", "RFC 2505 §2.1", "RFC 6761 §6.4", "CVE-1999-0512"},
	Speaks:   inventory.OverStartTLS,
	Touch:    Intrusive,
	Known:    fact.Probed,
	Requires: []*Check{TLSStartTLS},
}, func(ctx context.Context, p *Probe) (OpenRelay, error) {
	f := OpenRelay{Tries: []RelayTry{}}
	if p.Endpoint.Kind != inventory.SMTP {
		return f, fact.Because(fact.Skipped, "this is tried with SMTP alone")
	}
	var r starttls.Relay
	err := p.converse(ctx, p.Endpoint.Address(), func(ctx context.Context, conn net.Conn) (err error) {
		r, err = starttls.AskRelay(ctx, conn, false)
		return relayError(err)
	})
	if err == nil && r.TLS {
		err = p.converseTLS(ctx, func(ctx context.Context, conn net.Conn) error {
			t, err := secure(ctx, conn, tlsClient(p.Endpoint.Name()))
			if err != nil {
				return err
			}
			if r, err = starttls.AskRelay(ctx, t, true); err == nil && len(r.Tries) > 0 {
				p.Note("inside TLS", []byte(r.Tries[0].Said))
			}
			return relayError(err)
		})
	}
	if err != nil {
		return f, err
	}
	for _, t := range r.Tries {
		f.Tries = append(f.Tries, RelayTry{t.Form, string(t.Answer), t.Said})
	}
	f.VRFY, f.EXPN, f.Open = r.VRFY, r.EXPN, relays(r)
	return f, nil
})

func relayError(err error) error {
	if err == nil {
		return nil
	}
	return startTLSError(err)
}

// relays concludes. A server that takes any user of its own domain says nothing
// by taking one with a percent sign, or behind a route that begins with it.
func relays(r starttls.Relay) fact.Maybe[bool] {
	got := map[string]starttls.RelayTry{}
	for _, t := range r.Tries {
		got[t.Form] = t
	}
	led := got["percent"].Answer == starttls.Accepted || got["source-route"].Answer == starttls.Accepted
	switch plain := got["plain"]; {
	case plain.Answer == starttls.Accepted,
		led && slices.Contains([]starttls.RelayAnswer{starttls.Denied, starttls.Unclear}, got["unknown-user"].Answer):
		return fact.Known(true)
	case len(r.Tries) == 0:
		return fact.Not[bool](fact.Because(fact.Prerequisite, "the server asks for TLS before any mail, and does so inside TLS too"))
	case plain.Answer != starttls.Denied:
		return fact.Not[bool](unanswered("a foreign recipient is neither taken nor denied for being foreign: " + plain.Said))
	case led:
		return fact.Not[bool](unanswered("takes any user of its own, so that one with a percent sign or a route tells nothing"))
	}
	return fact.Known(false)
}
