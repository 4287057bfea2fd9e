package checks

import (
	"context"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Holes is the fact of tls.holes: what follows from versions, suites and
// groups that the server accepts.
type Holes struct {
	Poodle       fact.Maybe[bool] `json:"poodle" vi:"POODLE: SSL 3.0 với CBC" en:"POODLE: SSL 3.0 with CBC"`
	PoodleForced fact.Maybe[bool] `json:"poodle_forced" vi:"POODLE kể cả với máy khách mới, vì ép hạ phiên bản được" en:"POODLE even against new clients, which can be made to fall back"`
	Drown        fact.Maybe[bool] `json:"drown" vi:"DROWN: nhận SSL 2.0 ở chính điểm này" en:"DROWN: accepts SSL 2.0 at this very place"`
	Freak        fact.Maybe[bool] `json:"freak" vi:"FREAK: trao đổi khóa RSA loại hạn chế xuất khẩu" en:"FREAK: key exchange by RSA of export strength"`
	Logjam       fact.Maybe[bool] `json:"logjam" vi:"Logjam: Diffie-Hellman loại xuất khẩu hoặc từ 1024 bit trở xuống" en:"Logjam: Diffie-Hellman of export strength, or of 1024 bits or less"`
	LogjamShared fact.Maybe[bool] `json:"logjam_shared" vi:"Logjam: số nguyên tố ngắn đó nhiều máy chủ dùng chung, nên tính trước được" en:"Logjam: that short prime is shared by many servers, so work on it can be done ahead"`
	Sweet32      fact.Maybe[bool] `json:"sweet32" vi:"SWEET32: mã khối 64 bit" en:"SWEET32: ciphers with blocks of 64 bits"`
	RC4          fact.Maybe[bool] `json:"rc4" vi:"mã dòng RC4" en:"the stream cipher RC4"`
	Crime        fact.Maybe[bool] `json:"crime" vi:"CRIME: nén trong TLS" en:"CRIME: compression within TLS"`
	Beast        fact.Maybe[bool] `json:"beast" vi:"BEAST (tiềm tàng): CBC ở TLS 1.0 hoặc SSL 3.0" en:"BEAST (potential): CBC under TLS 1.0 or SSL 3.0"`
	Lucky13      fact.Maybe[bool] `json:"lucky13" vi:"Lucky 13 (tiềm tàng): còn nhận CBC" en:"Lucky 13 (potential): CBC is accepted at all"`
}

// TLSHoles concludes; it sends nothing. Of a hole that several things would
// open, one that was seen is enough, and only all of them, seen not to be
// there, rule it out.
var TLSHoles = define(Check{
	ID: "tls.holes",
	Refs: []string{"CVE-2014-3566", "CVE-2016-0800", "CVE-2015-0204", "CVE-2015-4000", "CVE-2016-2183", "CVE-2013-2566", "CVE-2015-2808",
		"CVE-2012-4929", "CVE-2011-3389", "CVE-2013-0169", "RFC 7457"},
	Speaks:   inventory.OverTLS,
	Touch:    Passive,
	Known:    fact.Inferred,
	Requires: []*Check{TLSVersions},
	MayRead:  []*Check{TLSSuites, TLSGroups, TLSCompression, TLSFallback},
}, func(_ context.Context, p *Probe) (Holes, error) {
	c := newConclusion(p)
	poodle := c.anySuite(isCBC, versionsSSL3)
	return Holes{
		Poodle: poodle, PoodleForced: both(poodle, c.unprotected()),
		Drown: c.versions.SSL2, Freak: c.anySuite(isExportRSA, versionsOlder),
		Logjam: either(c.anySuite(isExportDH, versionsOlder), c.shortPrime()), LogjamShared: c.sharedPrime(),
		Sweet32: c.anySuite(hasShortBlocks, allVersions), RC4: c.anySuite(isRC4, allVersions), Crime: c.deflate(),
		Beast: c.anySuite(isCBC, versionsBeast), Lucky13: c.anySuite(isCBC, versionsOlder),
	}, nil
})
