package dnssec

import (
	"strings"
	"time"

	"github.com/miekg/dns"
)

// reliable tells of an algorithm by which a signature counts.
func reliable(algorithm uint8) bool {
	switch algorithm {
	case dns.RSASHA256, dns.RSASHA512, dns.ECDSAP256SHA256, dns.ECDSAP384SHA384, dns.ED25519:
		return true
	}
	return false
}

// weak tells of an algorithm that validators treat as none: RSAMD5 and DSA
// (RFC 8624 §3.1), RSASHA1 with its NSEC3 twin (RFC 9905), ECC-GOST (RFC 9906).
func weak(algorithm uint8) bool {
	switch algorithm {
	case dns.RSAMD5, dns.DSA, dns.DSANSEC3SHA1, dns.RSASHA1, dns.RSASHA1NSEC3SHA1, dns.ECCGOST:
		return true
	}
	return false
}

// digests tells of a digest by which a DS counts.
func digests(kind uint8) bool { return kind == dns.SHA256 || kind == dns.SHA384 }

// weakDigest tells of a digest by which no DS counts any more: SHA-1 (RFC
// 9905), GOST R 34.11-94 (RFC 9906).
func weakDigest(kind uint8) bool { return kind == dns.SHA1 || kind == dns.GOST94 }

// usable tells of a key that signs a zone and is not revoked (RFC 4034 §2.1,
// RFC 5011 §2.1).
func usable(k *dns.DNSKEY) bool {
	return k.Flags&dns.ZONE != 0 && k.Flags&dns.REVOKE == 0 && k.Protocol == 3 && reliable(k.Algorithm)
}

func vouches(d *dns.DS, k *dns.DNSKEY) bool {
	if d.KeyTag != k.KeyTag() || d.Algorithm != k.Algorithm {
		return false
	}
	own := k.ToDS(d.DigestType)
	return own != nil && strings.EqualFold(own.Digest, d.Digest)
}

// pick gives the records of one name and type.
func pick(section []dns.RR, name string, kind uint16) (out []dns.RR) {
	for _, rr := range section {
		if h := rr.Header(); h.Rrtype == kind && h.Class == dns.ClassINET && dns.CanonicalName(h.Name) == name {
			out = append(out, rr)
		}
	}
	return out
}

// verify looks in a section for a signature of a set of records that one of
// the zone's keys made. Nil: there is one that holds now.
func (w *walk) verify(section, set []dns.RR, zone string, keys []*dns.DNSKEY) *Verdict {
	h := set[0].Header()
	why, tried, last, near := Unsigned, 0, time.Time{}, false
	for _, rr := range section {
		s, ok := rr.(*dns.RRSIG)
		if !ok || s.TypeCovered != h.Rrtype || dns.CanonicalName(s.Hdr.Name) != dns.CanonicalName(h.Name) {
			continue
		}
		if dns.CanonicalName(s.SignerName) != zone || int(s.Labels) != labels(h.Name) {
			continue // of another zone, or of a wildcard, which none of these may be
		}
		if tried++; tried > mostSignatures {
			return unclear(TooMuch, zone)
		}
		if late := w.outside(s); late != "" {
			if at := w.ends(s); late == Expired && at.After(last) {
				last = at
			}
			if why == Unsigned {
				why = late
			}
			near = near || w.near(s, late)
			continue
		}
		good, enough := w.signed(s, keys, set)
		switch {
		case good:
			if at := w.ends(s); w.seen.Expires.IsZero() || at.Before(w.seen.Expires) {
				w.seen.Expires = at
			}
			return nil
		case enough:
			return unclear(TooMuch, zone)
		case reliable(s.Algorithm):
			why = Forged
		}
	}
	if near {
		return unclear(Clock, zone)
	}
	if why == Expired {
		w.seen.Expires = last
	}
	return bogus(why, zone)
}

// signed tells whether one of the keys made the signature, or whether finding
// out is too much work.
func (w *walk) signed(s *dns.RRSIG, keys []*dns.DNSKEY, set []dns.RR) (good, enough bool) {
	same := 0
	for _, k := range keys {
		if k.Algorithm != s.Algorithm || k.KeyTag() != s.KeyTag {
			continue
		}
		if same++; same > mostSameTag || w.left == 0 {
			return false, true
		}
		w.left--
		if s.Verify(k, set) == nil {
			return true, false
		}
	}
	return false, false
}

// outside tells on which side of a signature's time we are, by the serial
// numbers of RFC 4034 §3.1.5.
func (w *walk) outside(s *dns.RRSIG) Reason {
	now := uint32(w.now.Truncate(time.Second).Unix()) //nolint:gosec // wraps by design
	switch {
	case int32(s.Expiration-now) < 0: //nolint:gosec // serial arithmetic
		return Expired
	case int32(now-s.Inception) < 0: //nolint:gosec // serial arithmetic
		return NotYet
	}
	return ""
}

// near tells of a signature that is so little out of its time that it may be
// our clock that is wrong.
func (w *walk) near(s *dns.RRSIG, late Reason) bool {
	by := w.now.Sub(w.ends(s))
	if late == NotYet {
		by = time.Duration(int32(s.Inception-uint32(w.now.Unix()))) * time.Second //nolint:gosec // serial arithmetic
	}
	return by < skew
}

// ends gives the end of a signature's time.
func (w *walk) ends(s *dns.RRSIG) time.Time {
	now := w.now.Truncate(time.Second)
	in := int32(s.Expiration - uint32(now.Unix())) //nolint:gosec // serial arithmetic
	return now.Add(time.Duration(in) * time.Second)
}

// labels counts as the field of an RRSIG does: neither root nor asterisk.
func labels(name string) int {
	n := dns.CountLabel(name)
	if strings.HasPrefix(name, "*.") {
		n--
	}
	return n
}
