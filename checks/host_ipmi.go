package checks

import (
	"context"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/udp"
)

// IPMI is the fact of host.ipmi.
type IPMI struct {
	Answers   fact.Maybe[bool] `json:"answers" vi:"có bộ điều khiển quản trị (BMC) trả lời" en:"a management controller (BMC) answers"`
	V15       fact.Maybe[bool] `json:"v15" vi:"nhận IPMI 1.5" en:"takes IPMI 1.5"`
	V20       fact.Maybe[bool] `json:"v20" vi:"nhận IPMI 2.0" en:"takes IPMI 2.0"`
	None      fact.Maybe[bool] `json:"no_authentication" vi:"cho kiểu không xác thực" en:"offers the type without authentication"`
	Anonymous fact.Maybe[bool] `json:"anonymous" vi:"cho đăng nhập không tên, không mật khẩu" en:"lets log in with neither name nor password"`
	NullUser  fact.Maybe[bool] `json:"null_user" vi:"có người dùng không tên" en:"has a user without a name"`
	Clear     fact.Maybe[bool] `json:"clear_password" vi:"cho gửi mật khẩu dạng rõ" en:"lets passwords be sent in clear"`
	Silent    fact.Maybe[bool] `json:"silent" vi:"im lặng: không trả lời, cũng không báo cổng đóng" en:"silent: neither an answer nor word that the port is closed"`
}

// HostIPMI asks what a controller tells everybody before they log in.
var HostIPMI = define(Check{
	ID:     "host.ipmi",
	Refs:   []string{"IPMI v2.0 §13.2.3", "IPMI v2.0 §22.13"},
	Speaks: inventory.OverHost,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (IPMI, error) {
	var a udp.Authentication
	said := p.sendOver(ctx, question{port: udp.PortIPMI, send: udp.Capabilities, accept: func(b []byte) (ok bool) { a, ok = udp.ReadCapabilities(b); return ok }})
	f := IPMI{Answers: said.answers()}
	parts := map[*fact.Maybe[bool]]bool{&f.V15: a.V15, &f.V20: a.V20, &f.None: a.None, &f.Anonymous: a.Anonymous, &f.NullUser: a.NullUser, &f.Clear: a.StraightKey}
	for field, yes := range parts {
		if *field = fact.Known(yes); said.answer == nil {
			*field = said.answers() // false where the port is closed
		}
	}
	asked := []heard{said}
	if said.answer == nil && !said.closed {
		presence := udp.NewPresence()
		pong := p.sendOver(ctx, question{port: udp.PortIPMI, send: presence.Send, accept: func(b []byte) bool { _, ok := presence.Answered(b); return ok }})
		f.Answers, asked = pong.answers(), append(asked, pong)
	}
	f.Silent = keptSilent(asked)
	return f, nil
})
