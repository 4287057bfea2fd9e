package checks

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Revocation is the fact of tls.revocation.
type Revocation struct {
	Revoked  fact.Maybe[bool] `json:"revoked" vi:"chứng thư số đã bị thu hồi" en:"certificate is revoked"`
	Seen     bool             `json:"seen_revoked" vi:"đã thấy chứng thư số bị thu hồi" en:"certificate was seen to be revoked"`
	Source   string           `json:"source" vi:"biết từ đâu: ocsp-stapled, ocsp hoặc crl" en:"known from: ocsp-stapled, ocsp or crl"`
	Updated  time.Time        `json:"this_update" vi:"trạng thái tính đến" en:"state as of"`
	Services []string         `json:"services" vi:"dịch vụ cho biết việc thu hồi" en:"services that tell of revocation"`
}

// TLSRevocation asks whether the server's certificate was revoked: of what the
// server sent along, then of the services that the certificate names. Those
// are other people's servers: the dialer lets nothing reach them unless the
// authorisation covers them, and the answer is then Unknown{out-of-scope}.
var TLSRevocation = define(Check{
	ID:     "tls.revocation",
	Refs:   []string{"RFC 6960", "RFC 5280 §5", "RFC 6066 §8"},
	Speaks: inventory.OverTLS,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Revocation, error) {
	s, err := p.show(ctx)
	if err != nil {
		return Revocation{}, err
	}
	leaf := s.chain[0]
	f := Revocation{Services: append(append([]string{}, leaf.OCSPServer...), leaf.CRLDistributionPoints...)}
	issuer := issuerOf(leaf, s.chain[1:])
	if issuer == nil {
		f.Revoked = fact.Not[bool](fact.Because(fact.Prerequisite, "the server does not send the certificate of the issuer"))
		return f, nil
	}
	var failed error
	for _, ask := range revocationSources(p, leaf, issuer, s.staple) {
		state, err := ask.of(ctx)
		if err != nil {
			failed = worse(failed, err)
			continue
		}
		f.Revoked, f.Seen, f.Source, f.Updated = fact.Known(state.revoked), state.revoked, ask.name, state.at
		return f, nil
	}
	if failed == nil {
		failed = fact.Because(fact.Prerequisite, "neither the server nor the certificate tells where to ask")
	}
	f.Revoked = fact.Not[bool](fact.FromError(blame(failed)))
	return f, nil
})

// revocation is what a source says of the certificate, as of a moment.
type revocation struct {
	revoked bool
	at      time.Time
}

type revocationSource struct {
	name string
	of   func(context.Context) (revocation, error)
}

// revocationSources lists where to ask, the nearest first.
func revocationSources(p *Probe, leaf, issuer *x509.Certificate, staple []byte) []revocationSource {
	var out []revocationSource
	if len(staple) > 0 {
		out = append(out, revocationSource{"ocsp-stapled", func(context.Context) (revocation, error) {
			return readOCSP(staple, leaf, issuer, p.Now())
		}})
	}
	for _, service := range leaf.OCSPServer {
		out = append(out, revocationSource{"ocsp", func(ctx context.Context) (revocation, error) {
			return p.askOCSP(ctx, service, leaf, issuer)
		}})
	}
	for _, service := range leaf.CRLDistributionPoints {
		out = append(out, revocationSource{"crl", func(ctx context.Context) (revocation, error) {
			body, err := p.fetch(ctx, service)
			if err != nil {
				return revocation{}, err
			}
			return readCRL(body, leaf, issuer, p.Now())
		}})
	}
	return out
}

// issuerOf finds the certificate that signed the leaf.
func issuerOf(leaf *x509.Certificate, others []*x509.Certificate) *x509.Certificate {
	for _, c := range others {
		if bytes.Equal(leaf.RawIssuer, c.RawSubject) && leaf.CheckSignatureFrom(c) == nil {
			return c
		}
	}
	return nil
}

// askOCSP asks by GET, as RFC 6960 appendix A.1 has it.
func (p *Probe) askOCSP(ctx context.Context, service string, leaf, issuer *x509.Certificate) (revocation, error) {
	q, err := ocsp.CreateRequest(leaf, issuer, nil)
	if err != nil {
		return revocation{}, unanswered("no question can be made: " + err.Error())
	}
	body, err := p.fetch(ctx, strings.TrimSuffix(service, "/")+"/"+url.PathEscape(base64.StdEncoding.EncodeToString(q)))
	if err != nil {
		return revocation{}, err
	}
	return readOCSP(body, leaf, issuer, p.Now())
}

// fetch gets a whole document over plain HTTP.
func (p *Probe) fetch(ctx context.Context, address string) ([]byte, error) {
	u, err := inventory.ParseTarget(address)
	if err != nil {
		return nil, unanswered("service that is not asked: " + err.Error())
	}
	pg, err := p.get(ctx, u, nil)
	switch {
	case err != nil:
		return nil, err
	case pg.Status != 200:
		return nil, unanswered("the revocation service does not answer with 200")
	case pg.Cut != nil:
		return nil, blame(pg.Cut)
	}
	return pg.Body, nil
}

// readOCSP reads an answer that the issuer, or who it delegates, has signed,
// and that holds now.
func readOCSP(der []byte, leaf, issuer *x509.Certificate, now time.Time) (revocation, error) {
	r, err := ocsp.ParseResponseForCert(der, leaf, issuer)
	if err != nil {
		return revocation{}, unanswered("OCSP: " + err.Error())
	}
	if err := inDate(r.ThisUpdate, r.NextUpdate, now); err != nil {
		return revocation{}, err
	}
	switch r.Status {
	case ocsp.Good, ocsp.Revoked:
		return revocation{r.Status == ocsp.Revoked, r.ThisUpdate.UTC()}, nil
	}
	return revocation{}, unanswered("the OCSP service does not know the certificate")
}

// readCRL reads a list that the issuer has signed and that holds now.
func readCRL(der []byte, leaf, issuer *x509.Certificate, now time.Time) (revocation, error) {
	list, err := x509.ParseRevocationList(der)
	if err == nil {
		err = list.CheckSignatureFrom(issuer)
	}
	if err != nil {
		return revocation{}, unanswered("CRL: " + err.Error())
	}
	if err := inDate(list.ThisUpdate, list.NextUpdate, now); err != nil {
		return revocation{}, err
	}
	for _, e := range list.RevokedCertificateEntries {
		if e.SerialNumber.Cmp(leaf.SerialNumber) == 0 {
			return revocation{true, list.ThisUpdate.UTC()}, nil
		}
	}
	return revocation{false, list.ThisUpdate.UTC()}, nil
}

// inDate refuses what was said too long ago; a clock may be a little off.
func inDate(from, until, now time.Time) error {
	const slack = 5 * time.Minute
	if now.Add(slack).Before(from) || !until.IsZero() && now.Add(-slack).After(until) {
		return unanswered("the revocation state is not of today: from " + from.Format(time.DateOnly))
	}
	return nil
}

// worse keeps, of the reasons why nobody answered, the one that the unit can do
// most about: that asking was not authorised.
func worse(a, b error) error {
	var u *fact.Unknown
	if errors.As(a, &u) && u.Cause == fact.OutOfScope {
		return a
	}
	return b
}
