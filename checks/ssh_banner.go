package checks

import (
	"context"
	"net"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/sshkex"
)

// Banner is the fact of ssh.banner.
type Banner struct {
	Raw      string           `json:"raw" vi:"lời chào nguyên văn" en:"greeting as sent"`
	Protocol string           `json:"protocol" vi:"phiên bản giao thức SSH" en:"SSH protocol version"`
	Software string           `json:"software" vi:"phần mềm máy chủ" en:"server software"`
	Comments string           `json:"comments" vi:"phần chú thích" en:"comments"`
	Version1 fact.Maybe[bool] `json:"version1" vi:"nói SSH 1 khi được chào bằng SSH 1" en:"speaks SSH 1 when greeted in SSH 1"`
	Answer1  string           `json:"version1_answer" vi:"trả lời của máy chủ khi được chào bằng SSH 1" en:"the server's answer to a greeting in SSH 1"`
}

// SSHBanner greets in SSH 1. A server introduces itself whatever the client
// speaks, and what it does then tells whether it has SSH 1.
var SSHBanner = define(Check{
	ID:     "ssh.banner",
	Refs:   []string{"RFC 4253 §4.2", "RFC 4253 §5.1", "draft-ylonen-ssh-protocol-00"},
	Speaks: inventory.OverSSH,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Banner, error) {
	var o sshkex.Older
	err := p.converse(ctx, p.Endpoint.Address(), func(_ context.Context, conn net.Conn) (err error) {
		o, err = sshkex.OpenOlder(conn)
		return turned(err)
	})
	f := bannerOf(o.Banner)
	f.Answer1 = unanswered(o.Said).Detail // on one line
	if err == nil {
		f.Version1 = fact.Known(o.Spoken)
		return f, nil
	}
	u := fact.FromError(err)
	f.Version1 = fact.Not[bool](u)
	if u.Cause != fact.Reset {
		return f, given(f, err)
	}
	// It cut the connection, by which it refuses only if it goes on to greet
	// those who greet in SSH 2.
	again, err := p.greeting(ctx)
	switch {
	case err != nil:
		return f, given(f, err)
	case f.Raw == "":
		again.Version1 = f.Version1 // it might have cut everybody just then
	default:
		again.Version1, again.Answer1 = fact.Known(false), "closes without a word"
	}
	return again, nil
})

// given is nil where the banner came, whatever came after it.
func given(f Banner, err error) error {
	if f.Raw != "" {
		return nil
	}
	return err
}

func (p *Probe) greeting(ctx context.Context) (f Banner, err error) {
	err = p.converse(ctx, p.Endpoint.Address(), func(_ context.Context, conn net.Conn) error {
		s, err := sshkex.Open(conn)
		if err == nil {
			f = bannerOf(s.Banner)
		}
		return turned(err)
	})
	return f, err
}

func bannerOf(b sshkex.Banner) Banner {
	return Banner{Raw: b.Raw, Protocol: b.Protocol, Software: b.Software, Comments: b.Comments}
}
