package checks

import (
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/hello"
)

// The versions in which a hole may be.
var (
	versionsSSL3  = []hello.Version{hello.SSL3}
	versionsBeast = []hello.Version{hello.TLS10, hello.SSL3}
	versionsOlder = []hello.Version{hello.TLS12, hello.TLS11, hello.TLS10, hello.SSL3}
)

func isCBC(s hello.Suite) bool { return strings.Contains(s.Encryption, "CBC") }
func isRC4(s hello.Suite) bool { return strings.HasPrefix(s.Encryption, "RC4") }

func isExportRSA(s hello.Suite) bool {
	return s.Export && s.KeyExchange == "RSA" && !strings.Contains(s.Name, "EXPORT1024")
}

func isExportDH(s hello.Suite) bool { return s.Export && s.HasPrime() }

// hasShortBlocks tells of CBC with blocks of 64 bits: after 2^32 of them two
// are likely to be alike.
func hasShortBlocks(s hello.Suite) bool {
	return isCBC(s) && slices.ContainsFunc([]string{"3DES", "DES", "IDEA", "RC2"}, func(name string) bool { return strings.HasPrefix(s.Encryption, name) })
}

// either is true if one of the things is there, false if none is.
func either(things ...fact.Maybe[bool]) fact.Maybe[bool] { return settled(true, things) }

// both is false if one of the things is not there, true if all are.
func both(things ...fact.Maybe[bool]) fact.Maybe[bool] { return settled(false, things) }

// settled is v as soon as one of the things is; the contrary only if all are
// known to be that.
func settled(v bool, things []fact.Maybe[bool]) fact.Maybe[bool] {
	var missing *fact.Unknown
	for _, m := range things {
		got, unseen := m.Get()
		switch {
		case unseen != nil && missing == nil:
			missing = unseen
		case unseen == nil && got == v:
			return fact.Known(v)
		}
	}
	if missing != nil {
		return fact.Not[bool](missing)
	}
	return fact.Known(!v)
}

// conclusion is the facts that holes follow from.
type conclusion struct {
	p        *Probe
	versions Versions
	suites   map[hello.Version]fact.Maybe[[]string]
}

func newConclusion(p *Probe) *conclusion {
	c := &conclusion{p: p, versions: Read[Versions](p, TLSVersions)}
	f, unseen := Glance[Suites](p, TLSSuites)
	c.suites = map[hello.Version]fact.Maybe[[]string]{hello.SSL2: f.SSL2, hello.SSL3: f.SSL3, hello.TLS10: f.TLS10,
		hello.TLS11: f.TLS11, hello.TLS12: f.TLS12, hello.TLS13: f.TLS13}
	for v, accepted := range acceptedVersions(c.versions) {
		switch {
		case fact.Is(accepted, false):
			c.suites[v] = fact.Known([]string{})
		case unseen != nil:
			c.suites[v] = fact.Not[[]string](unseen)
		}
	}
	return c
}

// anySuite tells whether a suite of one of the versions is such.
func (c *conclusion) anySuite(such func(hello.Suite) bool, versions []hello.Version) fact.Maybe[bool] {
	var each []fact.Maybe[bool]
	for _, v := range versions {
		names, unseen := c.suites[v].Get()
		if unseen != nil {
			each = append(each, fact.Not[bool](fact.Because(unseen.Cause, v.String()+": "+unseen.Detail)))
			continue
		}
		each = append(each, fact.Known(slices.ContainsFunc(names, func(name string) bool {
			s, ok := hello.Named(name)
			return ok && such(s)
		})))
	}
	return either(each...)
}

// shortPrime tells of Diffie-Hellman of 1024 bits or less: such a prime is
// within reach of states (CVE-2015-4000). Without suites that have one there is
// none, whatever tls.groups saw.
func (c *conclusion) shortPrime() fact.Maybe[bool] {
	if none := c.anySuite(hello.Suite.HasPrime, versionsOlder); fact.Is(none, false) {
		return none
	}
	bits, unseen := c.prime()
	if unseen != nil {
		return fact.Not[bool](unseen)
	}
	const reach = 1024
	return fact.Known(0 < bits && bits <= reach)
}

func (c *conclusion) prime() (int, *fact.Unknown) {
	g, unseen := Glance[Groups](c.p, TLSGroups)
	if unseen != nil {
		return 0, unseen
	}
	return g.DHBits.Get()
}

// sharedPrime tells whether the short prime is one that many servers share.
func (c *conclusion) sharedPrime() fact.Maybe[bool] {
	short := c.shortPrime()
	if !fact.Is(short, true) {
		return short
	}
	g, _ := Glance[Groups](c.p, TLSGroups)
	name, unseen := g.DHPrime.Get()
	if unseen != nil {
		return fact.Not[bool](unseen)
	}
	return fact.Known(name != "")
}

// unprotected tells whether clients that know a newer version can be made to
// fall back. A server with one version only has the hole for all its clients.
func (c *conclusion) unprotected() fact.Maybe[bool] {
	f, unseen := Glance[Fallback](c.p, TLSFallback)
	if unseen != nil {
		return fact.Not[bool](unseen)
	}
	if !f.Needed {
		return fact.Known(true)
	}
	heeded, unseen := f.SCSV.Get()
	if unseen != nil {
		return fact.Not[bool](unseen)
	}
	return fact.Known(!heeded)
}

func (c *conclusion) deflate() fact.Maybe[bool] {
	f, unseen := Glance[Compression](c.p, TLSCompression)
	if unseen != nil {
		return fact.Not[bool](unseen)
	}
	return fact.Known(f.Deflate)
}
