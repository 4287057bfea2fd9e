package checks

import (
	"context"
	"net"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/starttls"
)

// ClearLogin is the fact of starttls.login.
type ClearLogin struct {
	Protocol  string           `json:"protocol" vi:"giao thức" en:"protocol"`
	BeforeTLS fact.Maybe[bool] `json:"before_tls" vi:"cho đăng nhập khi chưa mã hóa" en:"lets clients log in before TLS"`
	By        string           `json:"by" vi:"biết bằng cách nào" en:"how that is known"`
}

// StartTLSLogin tells whether a password may be sent in clear. Most protocols
// list what a client may do before TLS; FTP does not, and is asked with the name
// of a user who does not exist, up to where the password would follow.
var StartTLSLogin = define(Check{
	ID:       "starttls.login",
	Refs:     []string{"RFC 8314 §3", "RFC 4954 §4", "RFC 9051 §6.2.3", "RFC 2449 §6.3", "RFC 4217 §3", "RFC 4513 §5.1.3"},
	Speaks:   inventory.OverStartTLS,
	Touch:    Intrusive,
	Known:    fact.Observed,
	Requires: []*Check{TLSStartTLS},
}, func(ctx context.Context, p *Probe) (ClearLogin, error) {
	turn := Read[StartTLS](p, TLSStartTLS)
	f := ClearLogin{Protocol: turn.Protocol, BeforeTLS: turn.AuthBeforeTLS, By: "features listed before TLS"}
	if turn.Protocol != string(starttls.FTP) {
		return f, nil
	}
	f.By = "answer to USER"
	err := p.converse(ctx, p.Endpoint.Address(), func(ctx context.Context, conn net.Conn) error {
		offered, told, said, err := starttls.FTPUser(ctx, conn)
		if err != nil {
			return startTLSError(err)
		}
		if f.BeforeTLS = fact.Known(offered); !told {
			f.BeforeTLS = fact.Not[bool](unanswered("USER is refused, but not for want of TLS: " + said))
		}
		return nil
	})
	return f, err
})
