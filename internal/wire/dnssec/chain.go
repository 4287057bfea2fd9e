package dnssec

import (
	"context"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// Follow tells whether the zone in which name lies is signed so that it holds,
// from the anchors down. The error is that of asking.
func Follow(ctx context.Context, ask Ask, anchors []*dns.DS, name string, now time.Time) (Chain, error) {
	name = dns.CanonicalName(name)
	zone, ds := above(anchors, name)
	switch {
	case ds == nil:
		return Chain{Verdict: *unclear(NoAnchor, name)}, nil
	case dns.CountLabel(name) > mostLabels:
		return Chain{Verdict: *unclear(TooMuch, name)}, nil
	}
	w := &walk{ask: ask, now: now, left: mostVerified}
	keys, v, err := w.keys(ctx, zone, ds)
	if v != nil && v.State == Bogus && v.Reason == Unsigned {
		v = unclear(NoSignatures, zone)
	}
	for _, below := range down(zone, name) {
		if v != nil || err != nil {
			break
		}
		ds, v, err = w.delegation(ctx, zone, below, keys)
		if v == nil && err == nil && len(ds) > 0 {
			zone = below
			keys, v, err = w.keys(ctx, zone, ds)
		}
	}
	if v == nil && err == nil {
		v, err = w.apex(ctx, zone, keys)
	}
	if err != nil {
		return Chain{}, err
	}
	w.seen.Verdict = *v
	return w.seen, nil
}

// down lists the names from below zone to name, the highest first.
func down(zone, name string) (out []string) {
	starts := dns.Split(name)
	for i := len(starts) - 1 - dns.CountLabel(zone); i >= 0; i-- {
		out = append(out, name[starts[i]:])
	}
	return out
}

// keys gives the keys of a zone, which the DS of its parent vouch for.
func (w *walk) keys(ctx context.Context, zone string, ds []*dns.DS) ([]*dns.DNSKEY, *Verdict, error) {
	w.seen = Chain{Zone: zone, DS: ds}
	beyond := slices.ContainsFunc(ds, func(d *dns.DS) bool { return !weak(d.Algorithm) && !weakDigest(d.DigestType) })
	ds = slices.DeleteFunc(slices.Clone(ds), func(d *dns.DS) bool { return !reliable(d.Algorithm) || !digests(d.DigestType) })
	if len(ds) == 0 && beyond {
		return nil, unclear(Unsupported, zone), nil
	}
	if len(ds) == 0 {
		return nil, insecure(Algorithm, zone), nil
	}
	m, err := w.ask(ctx, zone, dns.TypeDNSKEY)
	if err != nil {
		return nil, nil, err
	}
	set := pick(m.Answer, zone, dns.TypeDNSKEY)
	var all, vouched []*dns.DNSKEY
	switch {
	case len(set) == 0:
		return nil, absent(m, NoKey, zone), nil
	case len(set) > mostKeys:
		return nil, unclear(TooMuch, zone), nil
	}
	for _, rr := range set {
		k := rr.(*dns.DNSKEY)
		w.seen.Keys = append(w.seen.Keys, k)
		if usable(k) {
			all = append(all, k)
		}
	}
	for _, k := range all {
		if slices.ContainsFunc(ds, func(d *dns.DS) bool { return vouches(d, k) }) {
			vouched = append(vouched, k)
		}
	}
	if len(vouched) == 0 {
		return nil, bogus(Mismatch, zone), nil
	}
	if v := w.verify(m.Answer, set, zone, vouched); v != nil {
		return nil, v, nil
	}
	return all, nil, nil
}

// delegation looks for a zone that begins at below, as seen by the zone above
// it. No DS and no verdict: nothing begins there.
func (w *walk) delegation(ctx context.Context, zone, below string, keys []*dns.DNSKEY) ([]*dns.DS, *Verdict, error) {
	m, err := w.ask(ctx, below, dns.TypeDS)
	if err != nil {
		return nil, nil, err
	}
	if set := pick(m.Answer, below, dns.TypeDS); len(set) > 0 {
		if v := w.verify(m.Answer, set, zone, keys); v != nil {
			return nil, v, nil
		}
		var out []*dns.DS
		for _, rr := range set[:min(len(set), mostKeys)] {
			out = append(out, rr.(*dns.DS))
		}
		return out, nil, nil
	}
	if len(pick(m.Answer, below, dns.TypeCNAME)) > 0 {
		return nil, unclear(Alias, below), nil
	}
	if m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
		return nil, unclear(NoAnswer, below), nil
	}
	return nil, w.denied(m, zone, below, keys), nil
}

// apex looks at a signature of the zone's own data: keys that hold do not mean
// that the zone was signed again since.
func (w *walk) apex(ctx context.Context, zone string, keys []*dns.DNSKEY) (*Verdict, error) {
	m, err := w.ask(ctx, zone, dns.TypeSOA)
	if err != nil {
		return nil, err
	}
	set := pick(m.Answer, zone, dns.TypeSOA)
	if len(set) == 0 {
		return absent(m, Unproven, zone), nil
	}
	if v := w.verify(m.Answer, set, zone, keys); v != nil {
		return v, nil
	}
	return &Verdict{State: Secure, At: zone}, nil
}

// absent judges an answer without the records: only one without error says
// that they are not there.
func absent(m *dns.Msg, r Reason, at string) *Verdict {
	if m.Rcode == dns.RcodeSuccess {
		return bogus(r, at)
	}
	return unclear(NoAnswer, at)
}
