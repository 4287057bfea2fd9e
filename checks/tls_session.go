package checks

import (
	"context"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
)

// Session is the fact of tls.session: how the server binds a session's keys,
// and how it lets clients come back. Where no version from TLS 1.0 to 1.2 is
// accepted, the first two do not apply and are unknown.
type Session struct {
	ExtendedMaster fact.Maybe[bool] `json:"extended_master_secret" vi:"khóa chủ gắn với cả lần bắt tay (extended master secret), ở TLS 1.2 trở xuống" en:"extended master secret under TLS 1.2 and older"`
	EncryptThenMAC fact.Maybe[bool] `json:"encrypt_then_mac" vi:"mã hóa trước rồi mới tính mã xác thực (encrypt-then-MAC) với bộ mật mã CBC" en:"encrypt-then-MAC with suites of CBC"`
	ByID           fact.Maybe[bool] `json:"resumes_by_id" vi:"nối lại phiên theo mã phiên, ở TLS 1.2 trở xuống" en:"resumes sessions by id under TLS 1.2 and older"`
	ByTicket       fact.Maybe[bool] `json:"resumes_by_ticket" vi:"nối lại phiên bằng vé phiên, ở TLS 1.2 trở xuống" en:"resumes sessions by ticket under TLS 1.2 and older"`
	Seconds12      fact.Maybe[int]  `json:"ticket_seconds12" vi:"thời hạn của vé phiên ở TLS 1.2 trở xuống (giây); 0: không có vé hoặc không nêu" en:"lifetime of a ticket under TLS 1.2 and older in seconds; 0: no ticket, or left open"`
	Seconds13      fact.Maybe[int]  `json:"ticket_seconds13" vi:"thời hạn của vé phiên ở TLS 1.3 (giây); 0: không có vé" en:"lifetime of a ticket under TLS 1.3 in seconds; 0: no ticket"`
	EarlyData      fact.Maybe[int]  `json:"early_data" vi:"dữ liệu sớm (0-RTT) mà vé phiên TLS 1.3 cho gửi (byte); 0: không cho" en:"early data (0-RTT) that a ticket of TLS 1.3 allows, in bytes; 0: none"`
}

// TLSSession reads extensions off one ServerHello, completes a handshake with
// an id and one with a ticket and asks to resume both, and completes one of
// TLS 1.3 for the tickets that follow it.
var TLSSession = define(Check{
	ID:       "tls.session",
	Refs:     []string{"RFC 7627", "RFC 7366", "RFC 5077 §3.3", "RFC 5246 §7.3", "RFC 8446 §4.6.1", "RFC 8446 §2.3"},
	Speaks:   inventory.OverTLS,
	Touch:    Polite,
	Known:    fact.Observed,
	Requires: []*Check{TLSSuites},
}, func(ctx context.Context, p *Probe) (f Session, err error) {
	s := sessionSurvey{groupSurvey: newGroupSurvey(p, Read[Suites](p, TLSSuites))}
	var older, tls13 *fact.Unknown
	s.version, older = s.olderVersion()
	switch {
	case older != nil:
		f.olderUnknown(older)
	case s.version == 0:
		f.olderUnknown(fact.Because(fact.Prerequisite, "no version from TLS 1.0 to TLS 1.2 is accepted"))
		f.ByID, f.ByTicket, f.Seconds12 = fact.Known(false), fact.Known(false), fact.Known(0)
	default:
		f.ExtendedMaster, f.EncryptThenMAC = s.extensions(ctx)
		f.ByID = s.byID(ctx)
		f.ByTicket, f.Seconds12 = s.byTicket(ctx)
	}
	f.Seconds13, f.EarlyData, tls13 = s.tls13(ctx)
	if _, nothing := f.ExtendedMaster.Get(); nothing != nil && tls13 != nil && s.version != 0 {
		return Session{}, nothing
	}
	return f, nil
})

func (f *Session) olderUnknown(u *fact.Unknown) {
	f.ExtendedMaster, f.EncryptThenMAC = fact.Not[bool](u), fact.Not[bool](u)
	f.ByID, f.ByTicket, f.Seconds12 = fact.Not[bool](u), fact.Not[bool](u), fact.Not[int](u)
}

// sessionSurvey asks in the newest version from TLS 1.0 to 1.2, and in TLS 1.3.
type sessionSurvey struct {
	*groupSurvey
	version hello.Version // 0: none
}

// olderVersion gives that version, or why nobody can tell.
func (s sessionSurvey) olderVersion() (v hello.Version, unseen *fact.Unknown) {
	for _, v := range []hello.Version{hello.TLS12, hello.TLS11, hello.TLS10} {
		suites, unknown := s.those(v, anySuite)
		switch {
		case len(suites) > 0:
			return v, nil
		case unseen == nil:
			unseen = unknown
		}
	}
	return 0, unseen
}

func anySuite(hello.Suite) bool { return true }

// extensions asks with suites of CBC, if there are any, since encrypt-then-MAC
// goes with those only: RFC 7366 §3.
func (s sessionSurvey) extensions(ctx context.Context) (master, mac fact.Maybe[bool]) {
	o := hello.Offer{Version: s.version, Name: s.p.Endpoint.Name(), Extra: []hello.Extension{hello.EncryptThenMAC}}
	cbc, unknown := s.those(s.version, hello.Suite.UsesCBC)
	suites, _ := s.those(s.version, anySuite)
	if unknown != nil {
		return fact.Not[bool](unknown), fact.Not[bool](unknown)
	}
	o.Suites = numbers(suites)
	if len(cbc) > 0 {
		o.Suites = numbers(cbc)
	}
	a, err := s.p.answer(ctx, o)
	if err == nil && !a.Accepted {
		err = unanswered("accepted " + s.version.String() + " before, and then: " + a.Said)
	}
	if err != nil {
		u := fact.FromError(blame(err))
		return fact.Not[bool](u), fact.Not[bool](u)
	}
	master, mac = fact.Known(a.Hello.Has(hello.ExtendedMaster)), fact.Known(a.Hello.Has(hello.EncryptThenMAC))
	if len(cbc) == 0 {
		mac = fact.Not[bool](fact.Because(fact.Prerequisite, "no suite of CBC is accepted under "+s.version.String()))
	}
	return master, mac
}

func numbers(suites []hello.Suite) (out []uint16) {
	for _, x := range suites {
		out = append(out, uint16(x.ID))
	}
	return out
}
