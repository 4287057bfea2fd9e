package checks

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Authentication is the fact of ssh.auth: what a server offers to somebody
// whom it does not know, before anything was tried.
type Authentication struct {
	NoneAccepted bool             `json:"none_accepted" vi:"cho vào không cần xác thực" en:"lets in without authentication"`
	PublicKey    fact.Maybe[bool] `json:"public_key" vi:"chào đăng nhập bằng khóa" en:"offers log-in by key"`
	Password     fact.Maybe[bool] `json:"password" vi:"chào đăng nhập bằng mật khẩu" en:"offers log-in by password"`
	Notice       string           `json:"notice" vi:"thông báo trước khi đăng nhập" en:"notice before log-in"`
}

const maxNotice = 1 << 10 // bytes of the notice that are kept

// SSHAuth asks in the name of nobody which ways to log in there are. No
// password, no key and no answer to a question is ever sent.
var SSHAuth = define(Check{
	ID:       "ssh.auth",
	Refs:     []string{"RFC 4252 §5.2", "RFC 4252 §5.4"},
	Speaks:   inventory.OverSSH,
	Touch:    Polite,
	Known:    fact.Observed,
	Requires: []*Check{SSHHostKeys}, // so it comes last: a penalty for an unknown user hits nothing else
}, func(ctx context.Context, p *Probe) (Authentication, error) {
	var f Authentication
	var key, password, let, refused bool
	err := p.converse(ctx, p.Endpoint.Address(), func(_ context.Context, conn net.Conn) error {
		proved := false
		config := sshConfig(func(string, net.Addr, ssh.PublicKey) error { proved = true; return nil })
		all := slices.Concat(ssh.SupportedAlgorithms().HostKeys, ssh.InsecureAlgorithms().HostKeys)
		config.HostKeyAlgorithms = all
		config.BannerCallback = func(s string) error {
			f.Notice += s[:min(len(s), maxNotice-len(f.Notice))]
			return nil
		}
		// The library calls back only for what the server offers.
		config.Auth = []ssh.AuthMethod{
			ssh.PublicKeysCallback(func() ([]ssh.Signer, error) { key = true; return nil, nil }),
			ssh.PasswordCallback(func() (string, error) { password = true; return "", errNoPassword }),
		}
		c, channels, requests, err := ssh.NewClientConn(conn, p.Endpoint.Address(), config)
		if err == nil {
			let = true
			closeSSH(c, channels, requests)
			return nil
		}
		// The library has no type for a server that offers no further way.
		refused = proved && (password || strings.Contains(err.Error(), "no supported methods remain"))
		return err
	})
	f.Notice = unanswered(f.Notice).Detail // on one line
	switch {
	case let:
		f.NoneAccepted = true
		u := fact.Because(fact.Prerequisite, "the server let us in and offered nothing")
		f.PublicKey, f.Password = fact.Not[bool](u), fact.Not[bool](u)
		return f, nil
	case refused:
		f.PublicKey, f.Password = fact.Known(key), fact.Known(password)
		return f, nil
	}
	return f, err
})

// errNoPassword ends the exchange in place of a password.
var errNoPassword = errors.New("no password is ever sent")
