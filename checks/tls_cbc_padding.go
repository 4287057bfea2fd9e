package checks

import (
	"context"
	"net"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
	"github.com/sansang/sansang/internal/wire/holes"
)

// CBCPadding is the fact of tls.cbc_padding. SeenVulnerable is false where
// nothing was tried; what may be there all the same is in Vulnerable.
type CBCPadding struct {
	Asked          bool             `json:"asked" vi:"được yêu cầu thử (--thorough)" en:"asked to try (--thorough)"`
	SeenVulnerable bool             `json:"seen_vulnerable" vi:"đã thấy lỗ hổng đệm CBC" en:"a hole in the padding of CBC was seen"`
	Vulnerable     fact.Maybe[bool] `json:"vulnerable" vi:"có lỗ hổng đệm CBC (POODLE trên TLS, Zombie POODLE, GOLDENDOODLE…)" en:"has a hole in the padding of CBC (POODLE over TLS, Zombie POODLE, GOLDENDOODLE…)"`
	Accepts        fact.Maybe[bool] `json:"accepts_malformed" vi:"nhận bản ghi có đệm sai (POODLE trên TLS)" en:"takes a record whose padding is wrong (POODLE over TLS)"`
	Tried          []string         `json:"tried" vi:"phiên bản và bộ mật mã đã thử" en:"versions and suites tried"`
}

// TLSCBCPadding sends malformed records in each version before TLS 1.3 that
// accepts CBC, with the suite that the server chooses of those that crypto/tls
// has. It takes some twenty handshakes, so it waits to be asked.
var TLSCBCPadding = define(Check{
	ID:       "tls.cbc_padding",
	Refs:     []string{"CVE-2014-8730", "CVE-2016-2107", "CVE-2019-1559", "CVE-2019-6593", "RFC 5246 §6.2.3.2", "RFC 7457 §2.4"},
	Speaks:   inventory.OverTLS,
	Touch:    Intrusive,
	Known:    fact.Probed,
	Requires: []*Check{TLSVersions},
	MayRead:  []*Check{TLSSuites},
}, func(ctx context.Context, p *Probe) (CBCPadding, error) {
	f := CBCPadding{Asked: p.Thorough, Tried: []string{}}
	if !p.Thorough {
		u := fact.Because(fact.Skipped, "takes many handshakes: asked only by scan --thorough")
		f.Vulnerable, f.Accepts = fact.Not[bool](u), fact.Not[bool](u)
		return f, nil
	}
	var vulnerable, accepts []fact.Maybe[bool]
	c := newConclusion(p)
	for _, v := range []hello.Version{hello.TLS12, hello.TLS11, hello.TLS10} {
		o, tried, err := p.padding(ctx, v, c)
		if tried != "" {
			f.Tried = append(f.Tried, tried)
		}
		if err != nil {
			u := fact.FromError(blame(err))
			u = fact.Because(u.Cause, v.String()+": "+u.Detail)
			vulnerable, accepts = append(vulnerable, fact.Not[bool](u)), append(accepts, fact.Not[bool](u))
			continue
		}
		vulnerable, accepts = append(vulnerable, fact.Known(o.Vulnerable)), append(accepts, fact.Known(o.Accepts))
	}
	f.Vulnerable, f.Accepts = either(vulnerable...), either(accepts...)
	if _, unseen := f.Vulnerable.Get(); unseen != nil {
		return CBCPadding{}, unseen // it was asked for, and not told
	}
	f.SeenVulnerable = fact.Is(f.Vulnerable, true)
	return f, nil
})

// padding probes one version. Without CBC there is no padding, which needs the
// exchange in which the version, or every suite of CBC, was refused.
func (p *Probe) padding(ctx context.Context, v hello.Version, c *conclusion) (o holes.PaddingOracle, tried string, err error) {
	if fact.Is(c.anySuite(isCBC, []hello.Version{v}), false) {
		return o, "", nil
	}
	if _, unseen := acceptedVersions(c.versions)[v].Get(); unseen != nil {
		return o, "", unseen
	}
	canSpeak := c.anySuite(func(s hello.Suite) bool { return s.ID <= 0xffff && holes.CanCBC(uint16(s.ID)) }, []hello.Version{v})
	if fact.Is(canSpeak, false) {
		return o, "", fact.Because(fact.Prerequisite, "accepts CBC only in suites that this tool's TLS library lacks")
	}
	var suite uint16
	o, err = holes.FindPadding(func(f holes.Flaw, d time.Duration) (said string, err error) {
		err = p.converseTLS(ctx, func(ctx context.Context, conn net.Conn) (err error) {
			suite, said, err = holes.Padding(ctx, conn, v, p.Endpoint.Name(), f, d)
			return err
		})
		return said, err
	})
	if suite != 0 {
		tried = v.String() + " " + hello.Find(uint32(suite)).Name
		p.Note(tried, []byte(strings.Join(o.Said, "\n")))
	}
	return o, tried, err
}
