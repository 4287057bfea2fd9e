package checks

import (
	"context"
	"net"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/sshkex"
)

// Authentication is the fact of ssh.auth: what a server offers to somebody
// whom it does not know, before anything was tried.
type Authentication struct {
	NoneAccepted        bool                 `json:"none_accepted" vi:"cho vào không cần xác thực" en:"lets in without authentication"`
	Methods             fact.Maybe[[]string] `json:"methods" vi:"các cách đăng nhập máy chủ chào" en:"ways to log in that are offered"`
	PublicKey           fact.Maybe[bool]     `json:"public_key" vi:"chào đăng nhập bằng khóa" en:"offers log-in by key"`
	Password            fact.Maybe[bool]     `json:"password" vi:"chào đăng nhập bằng mật khẩu" en:"offers log-in by password"`
	KeyboardInteractive fact.Maybe[bool]     `json:"keyboard_interactive" vi:"chào đăng nhập kiểu hỏi-đáp (keyboard-interactive: mật khẩu, mã một lần hoặc cả hai)" en:"offers log-in by questions (keyboard-interactive: a password, a one-time code or both)"`
	Partial             bool                 `json:"partial" vi:"coi yêu cầu không xác thực là một bước đã qua" en:"takes the request without authentication for one step passed"`
	Notice              string               `json:"notice" vi:"thông báo trước khi đăng nhập" en:"notice before log-in"`
}

// sshName stands for nobody: no system is to have a user of this name.
const sshName = "sansang-readiness-check"

// SSHAuth asks in the name of nobody which ways to log in there are. No
// password, no key and no answer to a question is ever sent. It comes last, so
// that a penalty for an unknown user hits nothing else.
var SSHAuth = define(Check{
	ID:       "ssh.auth",
	Refs:     []string{"RFC 4252 §5.1", "RFC 4252 §5.2", "RFC 4252 §5.4", "RFC 4256"},
	Speaks:   inventory.OverSSH,
	Touch:    Polite,
	Known:    fact.Observed,
	Requires: []*Check{SSHAlgorithms},
	MayRead:  []*Check{SSHBanner, SSHHostKeys, SSHGex},
}, func(ctx context.Context, p *Probe) (Authentication, error) {
	var l sshkex.Login
	algorithm := firstKey(Read[Algorithms](p, SSHAlgorithms).HostKeys)
	_, err := p.overSSH(ctx, algorithm, func(_ net.Conn, s *sshkex.Session, proof *sshkex.Proof) error {
		if err := s.Seal(proof); err != nil {
			return err
		}
		if _, _, err := s.Service(); err != nil {
			return err
		}
		var err error
		l, err = s.None(sshName)
		return err
	})
	if err != nil {
		return Authentication{}, err
	}
	f := Authentication{NoneAccepted: l.Accepted, Partial: l.Partial, Notice: unanswered(l.Notice).Detail} // on one line
	offers := func(name string) fact.Maybe[bool] { return fact.Known(slices.Contains(l.Methods, name)) }
	f.Methods = fact.Known(l.Methods)
	f.PublicKey, f.Password, f.KeyboardInteractive = offers("publickey"), offers("password"), offers("keyboard-interactive")
	said := "refuses " + sshName
	if l.Accepted {
		said = "lets " + sshName + " in"
		u := fact.Because(fact.Prerequisite, "the server let us in and offered nothing")
		f.Methods = fact.Not[[]string](u)
		f.PublicKey, f.Password, f.KeyboardInteractive = fact.Not[bool](u), fact.Not[bool](u), fact.Not[bool](u)
	}
	p.Note(said, []byte(strings.Join(l.Methods, ",")+"\n"+l.Notice))
	return f, nil
})
