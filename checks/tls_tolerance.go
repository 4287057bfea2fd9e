package checks

import (
	"context"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
)

// Tolerance is the fact of tls.tolerance: what the server bears in a hello,
// beside one that it accepts.
type Tolerance struct {
	Versions   fact.Maybe[bool] `json:"versions" vi:"chịu được phiên bản chưa có" en:"bears versions to come"`
	Extensions fact.Maybe[bool] `json:"extensions" vi:"chịu được phần mở rộng lạ" en:"bears unknown extensions"`
	Suites     fact.Maybe[bool] `json:"suites" vi:"chịu được bộ mật mã lạ" en:"bears unknown suites"`
	Groups     fact.Maybe[bool] `json:"groups" vi:"chịu được nhóm trao đổi khóa lạ" en:"bears unknown groups"`
	Signatures fact.Maybe[bool] `json:"signatures" vi:"chịu được thuật toán ký lạ" en:"bears unknown signature schemes"`
	ManySuites fact.Maybe[bool] `json:"many_suites" vi:"chịu được hơn 128 bộ mật mã" en:"bears more than 128 suites"`
	Size256    fact.Maybe[bool] `json:"size_256" vi:"chịu được lời chào từ 256 đến 511 byte" en:"bears a hello of 256 to 511 bytes"`
	Size512    fact.Maybe[bool] `json:"size_512" vi:"chịu được lời chào từ 512 byte" en:"bears a hello of 512 bytes and more"`
	Size4096   fact.Maybe[bool] `json:"size_4096" vi:"chịu được lời chào 4096 byte" en:"bears a hello of 4096 bytes"`
	EmptyLast  fact.Maybe[bool] `json:"empty_extension" vi:"chịu được phần mở rộng cuối không có nội dung" en:"bears a last extension without content"`
	Name       fact.Maybe[bool] `json:"unknown_name" vi:"chịu được tên miền không có trên máy chủ (SNI)" en:"bears a name that it does not know (SNI)"`
}

// TLSTolerance sends variants of a hello that the server accepts. One that it
// accepts is borne. That one is not borne is known only when it failed twice
// between normal hellos that were accepted: see toleranceSurvey.bears.
var TLSTolerance = define(Check{
	ID:       "tls.tolerance",
	Refs:     []string{"RFC 8701", "RFC 8446 §4.1.2", "RFC 5246 §E.1", "RFC 7685", "RFC 6066 §3"},
	Speaks:   inventory.OverTLS,
	Touch:    Polite,
	Known:    fact.Observed,
	Requires: []*Check{TLSVersions},
}, func(ctx context.Context, p *Probe) (f Tolerance, err error) {
	list, unseen := Read[Versions](p, TLSVersions).accepted()
	if len(list) == 0 && unseen != nil {
		return f, unseen
	}
	if len(list) == 0 || list[0] < hello.TLS10 {
		return f, fact.Because(fact.Prerequisite, "no version from TLS 1.0 on is accepted")
	}
	s := toleranceSurvey{p: p}
	if err := s.settle(ctx, list[0]); err != nil {
		return f, err
	}
	f.unknowns(ctx, &s)
	f.sizes(ctx, &s)
	f.EmptyLast = s.bears(ctx, "empty extension", hello.Offer.EmptyLast)
	f.Name = s.bears(ctx, "unknown name", func(o hello.Offer) hello.Offer { o.Name = "khong-co.invalid"; return o })
	f.Versions = s.versions(ctx, list, f.Versions)
	return f, nil
})

// unknowns says everything unknown in one hello, and only if that fails one
// thing in each.
func (f *Tolerance) unknowns(ctx context.Context, s *toleranceSurvey) {
	if s.once(ctx, everyUnknown(s.normal)) == "" {
		yes := fact.Known(true)
		f.Versions, f.Extensions, f.Suites, f.Groups, f.Signatures, f.ManySuites, f.Size512 = yes, yes, yes, yes, yes, yes, yes
	} else {
		f.Extensions = s.bears(ctx, "extension", hello.Offer.UnknownExtension)
		f.Suites = s.bears(ctx, "suite", hello.Offer.UnknownSuite)
		f.Groups = s.bears(ctx, "group", hello.Offer.UnknownGroup)
		f.Signatures = s.bears(ctx, "signature scheme", hello.Offer.UnknownSignature)
		f.ManySuites = s.bears(ctx, "more than 128 suites", hello.Offer.ManySuites)
		f.Size512 = s.bears(ctx, "1024 bytes", sized(1024))
		f.Versions = fact.Known(true)
		if s.normal.Version == hello.TLS13 {
			f.Versions = s.bears(ctx, "version", hello.Offer.UnknownVersion)
		}
	}
	if s.normal.Version < hello.TLS12 {
		f.Signatures = fact.Not[bool](fact.Because(fact.Prerequisite, "signature schemes are named only from TLS 1.2 on"))
	}
}

func everyUnknown(o hello.Offer) hello.Offer {
	return o.UnknownExtension().UnknownSuite().UnknownGroup().UnknownSignature().UnknownVersion().ManySuites().Sized(1024)
}

func (f *Tolerance) sizes(ctx context.Context, s *toleranceSurvey) {
	f.Size256 = s.bears(ctx, "384 bytes", sized(384))
	f.Size4096 = s.bears(ctx, "4096 bytes", sized(4096))
}

func sized(bytes int) func(hello.Offer) hello.Offer {
	return func(o hello.Offer) hello.Offer { return o.Sized(bytes) }
}
