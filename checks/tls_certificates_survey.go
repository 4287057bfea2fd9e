package checks

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/hello"
)

// certificateSurvey is what was seen of a server's certificates so far.
type certificateSurvey struct {
	p      *Probe
	suites *groupSurvey

	rows   []Shown
	newest hello.Version // that has certificates
	unseen *fact.Unknown // why there may be more
}

// withName asks every version that tls.suites found, for the endpoint's name.
func (s *certificateSurvey) withName(ctx context.Context) {
	for _, v := range []hello.Version{hello.TLS13, hello.TLS12, hello.TLS11, hello.TLS10, hello.SSL3} {
		suites, unknown := s.suites.those(v, hello.Suite.HasCertificate)
		if unknown != nil {
			s.miss(v, unknown)
			continue
		}
		if len(suites) == 0 {
			continue
		}
		s.newest = max(s.newest, v)
		o := hello.Offer{Version: v, Name: s.p.Endpoint.Name()}
		for _, x := range suites {
			o.Suites = append(o.Suites, uint16(x.ID))
		}
		found, err := hello.FindCertificates(o, s.asker(ctx, nil))
		unread := s.take(v, found, func(row *Shown) { row.WithName = true })
		switch {
		case err != nil:
			s.miss(v, fact.FromError(blame(err)))
		case unread != nil:
			s.miss(v, unread)
		case found.Strange != nil:
			s.miss(v, fact.Because(fact.Prerequisite, found.Strange.Error()))
		case len(found.Flights) == 0:
			s.miss(v, unanswered("accepted before, and then: "+found.Refusal))
		}
	}
	if len(s.rows) == 0 && s.unseen == nil {
		s.unseen = fact.Because(fact.Prerequisite, "no suite is accepted that comes with a certificate")
	}
}

// miss keeps the first reason why a certificate may have stayed unseen.
func (s *certificateSurvey) miss(v hello.Version, u *fact.Unknown) {
	if s.unseen == nil {
		s.unseen = fact.Because(u.Cause, v.String()+": "+u.Detail)
	}
}

func (s *certificateSurvey) asker(ctx context.Context, nameless *bool) hello.FlightAsker {
	return func(o hello.Offer) (f hello.Flight, err error) {
		err = s.p.over(ctx, func(conn net.Conn) (err error) {
			f, err = hello.AskCertificate(conn, o)
			if nameless != nil && errors.Is(err, hello.ErrName) {
				*nameless, f, err = true, hello.Flight{Answer: hello.Answer{Said: err.Error()}}, nil
			}
			return err
		})
		return f, err
	}
}

// nameWanted is what a server may say that wants a name and got none: RFC 8446
// §9.2. Of alerts in doubt it is the one that is none here.
const nameWanted = "alert missing_extension(109)"

// withoutName asks as a client does that sends no name, in the newest version.
// The server behind may be another, so all usual suites are offered.
func (s *certificateSurvey) withoutName(ctx context.Context) fact.Maybe[string] {
	if _, err := netip.ParseAddr(s.p.Endpoint.Name()); err == nil {
		for i := range s.rows {
			s.rows[i].WithoutName = true
		}
		return fact.Known("same") // an address is never sent: RFC 6066 §3
	}
	nameless := false
	found, err := hello.FindCertificates(hello.Offers(s.newest, "")[0], s.asker(ctx, &nameless))
	unread := s.take(s.newest, found, func(row *Shown) { row.WithoutName = true })
	switch {
	case err != nil:
		return fact.Not[string](fact.FromError(blame(err)))
	case unread != nil:
		return fact.Not[string](unread)
	case len(found.Flights) > 0:
		return fact.Known(s.compare())
	case nameless || !found.Doubtful || found.Refusal == nameWanted:
		return fact.Known("none")
	}
	return fact.Not[string](unanswered("to a hello without a name: " + found.Refusal))
}

// compare tells whether a client gets the same by that version with a name and
// without.
func (s *certificateSurvey) compare() string {
	for _, row := range s.rows {
		if row.WithName != row.WithoutName && (row.WithoutName || slices.Contains(row.Protocols, s.newest.String())) {
			return "other"
		}
	}
	return "same"
}

// take makes rows of what was found: one for each certificate and chain. A
// certificate that cannot be read makes none, but it was there.
func (s *certificateSurvey) take(v hello.Version, found hello.Certificates, mark func(*Shown)) (unread *fact.Unknown) {
	for _, f := range found.Flights {
		row, err := s.row(f.Chain)
		if err != nil {
			unread = fact.FromError(blame(err))
			continue
		}
		i := slices.IndexFunc(s.rows, func(r Shown) bool { return r.SHA256 == row.SHA256 && slices.Equal(r.Chain, row.Chain) })
		if i < 0 && len(s.rows) >= mostShown {
			unread = unanswered("the server shows more certificates than are kept")
			continue
		}
		if i < 0 {
			i, s.rows = len(s.rows), append(s.rows, row)
			s.p.Note("certificate", f.Leaf)
		}
		mark(&s.rows[i])
		if !slices.Contains(s.rows[i].Protocols, v.String()) {
			s.rows[i].Protocols = append(s.rows[i].Protocols, v.String())
		}
	}
	said := fmt.Sprintf("%d certificates with %d hellos", len(found.Flights), found.Hellos)
	if found.Refusal != "" {
		said += "; the rest: " + found.Refusal
	}
	s.p.Note(v.String(), []byte(said))
	return unread
}

// Bounds of what is read. No authority issues keys of more bits, and checking a
// signature by one of a million takes minutes.
const (
	longest   = 16 // more than what hello keeps of a chain
	mostShown = 16
	mostRSA   = 16384
)

func (s *certificateSurvey) row(chain [][]byte) (Shown, error) {
	if len(chain) >= longest {
		return Shown{}, unanswered("a chain of too many certificates")
	}
	row := Shown{Protocols: []string{}, Chain: []ChainLink{}}
	for i, der := range chain {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return Shown{}, unanswered("a certificate that cannot be read: " + err.Error())
		}
		if k, ok := c.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() > mostRSA {
			return Shown{}, unanswered(fmt.Sprintf("a certificate with an RSA key of %d bits", k.N.BitLen()))
		}
		l, err := describe(c)
		if err != nil {
			return Shown{}, err
		}
		row.Chain = append(row.Chain, ChainLink{
			Position: int64(i), Subject: l.Subject, KeyType: l.KeyType, KeyBits: l.KeyBits,
			Signature: c.SignatureAlgorithm.String(), SignatureHash: l.SignatureHash, SelfSigned: l.SelfSigned,
		})
		if i == 0 {
			sum := sha256.Sum256(der)
			row.Subject, row.Names, row.NameMatches = l.Subject, names(c), c.VerifyHostname(s.p.Endpoint.Name()) == nil
			row.NotBefore, row.NotAfter, row.LifetimeDays = c.NotBefore, c.NotAfter, lifetimeDays(c)
			row.SHA256, row.KeyType, row.KeyBits, row.Signature, row.ROCA = hex.EncodeToString(sum[:]), l.KeyType, l.KeyBits, c.SignatureAlgorithm.String(), bearsROCA(c)
		}
	}
	return row, nil
}

func (s *certificateSurvey) fact(without fact.Maybe[string]) Certificates {
	f := Certificates{Seen: s.rows, WithoutName: without, KeyTypes: fact.Known(s.keyTypes()), Whole: fact.Known(true)}
	if s.unseen != nil {
		f.KeyTypes, f.Whole = fact.Not[[]string](s.unseen), fact.Not[bool](s.unseen)
	}
	return f
}

func (s *certificateSurvey) keyTypes() []string {
	out := []string{}
	for _, row := range s.rows {
		if row.WithName && !slices.Contains(out, row.KeyType) {
			out = append(out, row.KeyType)
		}
	}
	return out
}
