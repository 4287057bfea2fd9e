package checks

import (
	"context"
	"net"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
	"github.com/sansang/sansang/internal/wire/holes"
)

// Ticketbleed is the fact of tls.ticketbleed.
type Ticketbleed struct {
	Tickets    bool `json:"tickets" vi:"cấp vé phiên (session ticket) ở TLS 1.2" en:"gives session tickets in TLS 1.2"`
	Vulnerable bool `json:"vulnerable" vi:"có lỗ hổng Ticketbleed" en:"is vulnerable to Ticketbleed"`
}

// TLSTicketbleed resumes a session of its own under an id that is a byte
// short. The answer is neither kept nor recorded, but for its length.
var TLSTicketbleed = define(Check{
	ID:       "tls.ticketbleed",
	Refs:     []string{"CVE-2016-9244", "RFC 5077 §3.4"},
	Speaks:   inventory.OverTLS,
	Touch:    Intrusive,
	Known:    fact.Probed,
	Requires: []*Check{TLSVersions},
}, func(ctx context.Context, p *Probe) (Ticketbleed, error) {
	versions, err := p.older()
	if err != nil || len(versions) == 0 {
		return Ticketbleed{}, err
	}
	if !slices.Contains(versions, hello.TLS12) {
		return Ticketbleed{}, fact.Because(fact.Prerequisite, "asked in TLS 1.2 only, which was not seen to be accepted")
	}
	var t *holes.Ticket
	err = p.converseTLS(ctx, func(ctx context.Context, conn net.Conn) (err error) {
		t, err = holes.GetTicket(ctx, conn, p.Endpoint.Name())
		return err
	})
	if err != nil || t == nil {
		return Ticketbleed{}, err
	}
	var r holes.Resumption
	err = p.converseTLS(ctx, func(_ context.Context, conn net.Conn) (err error) {
		r, err = t.Ticketbleed(conn, p.Endpoint.Name(), func() { hush(conn) })
		return err
	})
	if err != nil {
		return Ticketbleed{}, err
	}
	p.Note("resumption", []byte(r.Answer))
	if !r.Resumed {
		return Ticketbleed{}, unanswered("gives a ticket and does not resume its session")
	}
	return Ticketbleed{Tickets: true, Vulnerable: r.Vulnerable}, nil
})
