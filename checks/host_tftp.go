package checks

import (
	"context"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/udp"
)

// TFTP is the fact of host.tftp.
type TFTP struct {
	Answers fact.Maybe[bool] `json:"answers" vi:"có máy chủ TFTP trả lời" en:"a TFTP server answers"`
	Silent  fact.Maybe[bool] `json:"silent" vi:"im lặng: không trả lời, cũng không báo cổng đóng" en:"silent: neither an answer nor word that the port is closed"`
}

// HostTFTP asks for a file whose name is made up. A TFTP server answers from a
// port of its own (RFC 1350 §4).
var HostTFTP = define(Check{
	ID:     "host.tftp",
	Refs:   []string{"RFC 1350 §4", "RFC 1350 §5"},
	Speaks: inventory.OverHost,
	Touch:  Polite,
	Known:  fact.Probed,
}, func(ctx context.Context, p *Probe) (TFTP, error) {
	h := p.sendWide(ctx, question{port: udp.PortTFTP, send: udp.TFTP(), accept: udp.TFTPAnswered})
	return TFTP{Answers: h.answers(), Silent: keptSilent([]heard{h})}, nil
})
