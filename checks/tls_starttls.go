package checks

import (
	"context"
	"errors"
	"net"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
	"github.com/sansang/sansang/internal/wire/starttls"
)

// StartTLS is the fact of tls.starttls.
type StartTLS struct {
	Protocol      string           `json:"protocol" vi:"giao thức" en:"protocol"`
	Offered       bool             `json:"offered" vi:"có hỗ trợ chuyển sang TLS (STARTTLS)" en:"offers to turn to TLS (STARTTLS)"`
	Refused       bool             `json:"refused" vi:"từ chối chuyển sang TLS khi được yêu cầu" en:"refuses TLS when asked"`
	Greeting      string           `json:"greeting" vi:"lời chào trước khi mã hóa" en:"greeting before TLS"`
	AuthBeforeTLS fact.Maybe[bool] `json:"auth_before_tls" vi:"cho đăng nhập khi chưa mã hóa" en:"lets clients log in before TLS"`
}

// TLSStartTLS asks for TLS in the way of the endpoint's protocol.
//
// That TLS is offered is said only of a server that then answers a hello: one
// byte is how PostgreSQL agrees, and many a server begins with that byte. That
// it is not offered, or refused, is said only of a server that said so in the
// protocol. A server that turns us away said nothing about TLS.
var TLSStartTLS = define(Check{
	ID: "tls.starttls",
	Refs: []string{"RFC 3207", "RFC 2595", "RFC 9051 §6.2.1", "RFC 5804 §2.2", "RFC 4217 §4", "RFC 4511 §4.14", "RFC 6120 §5",
		"RFC 4642", "MS-TDS 2.2.6.5", "MS-RDPBCGR 5.4.5.1", "RFC 8314 §3", "RFC 9325 §3.1.3"},
	Speaks: inventory.OverStartTLS,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (StartTLS, error) {
	name, _ := p.Endpoint.StartTLS()
	protocol := starttls.Protocol(name)
	f := StartTLS{Protocol: name}
	err := p.converse(ctx, p.Endpoint.Address(), func(ctx context.Context, conn net.Conn) error {
		next, pre, err := starttls.Open(ctx, conn, protocol, p.Endpoint.Name())
		f.Greeting, f.Offered, f.AuthBeforeTLS = pre.Greeting, pre.Offered, authBeforeTLS(pre, protocol)
		switch {
		case errors.Is(err, starttls.ErrNotOffered):
			return nil
		case errors.Is(err, starttls.ErrRefused):
			f.Refused = true
			p.Note("refusal", []byte(refusal(err)))
			return nil
		case err != nil:
			return startTLSError(err)
		}
		_, err = hello.Ask(next, hello.Offers(hello.TLS12, p.Endpoint.Name())[0])
		return err
	})
	return f, err
})

func authBeforeTLS(pre starttls.Preamble, protocol starttls.Protocol) fact.Maybe[bool] {
	offered, told := pre.AuthOffered(protocol)
	if !told {
		return fact.Not[bool](fact.Because(fact.Skipped, "the server lists no ways to log in; only a login would tell, and none is tried"))
	}
	return fact.Known(offered)
}
