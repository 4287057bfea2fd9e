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
	Raw      string `json:"raw" vi:"lời chào nguyên văn" en:"greeting as sent"`
	Protocol string `json:"protocol" vi:"phiên bản giao thức SSH" en:"SSH protocol version"`
	Software string `json:"software" vi:"phần mềm máy chủ" en:"server software"`
	Comments string `json:"comments" vi:"phần chú thích" en:"comments"`
}

// SSHBanner reads the identification string of an SSH server.
var SSHBanner = define(Check{
	ID:     "ssh.banner",
	Refs:   []string{"RFC 4253 §4.2", "RFC 4253 §5.1"},
	Speaks: inventory.OverSSH,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Banner, error) {
	var f Banner
	err := p.converse(ctx, p.Endpoint.Address(), func(_ context.Context, conn net.Conn) error {
		s, err := sshkex.Open(conn)
		if err != nil {
			return err
		}
		f = Banner{Raw: s.Banner.Raw, Protocol: s.Banner.Protocol, Software: s.Banner.Software, Comments: s.Banner.Comments}
		return nil
	})
	return f, err
})
