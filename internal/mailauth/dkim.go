package mailauth

import (
	"context"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"strings"
)

// DKIM is the key of one selector (RFC 6376 §3.6.1).
type DKIM struct {
	Records  int
	KeyType  string // "rsa", "ed25519", or what it says
	Bits     int    // 0: the key cannot be read
	Revoked  bool   // an empty p=
	Testing  bool   // t=y
	SHA1     bool   // h= allows only SHA-1 (RFC 8301)
	Problems []string
}

// ReadDKIM reads the key of a selector.
func ReadDKIM(ctx context.Context, dns Resolver, selector, domain string) (DKIM, error) {
	k := DKIM{Problems: []string{}}
	name := selector + "._domainkey." + domain
	if !plainName(name) {
		k.Problems = append(k.Problems, "the selector is no name")
		return k, nil
	}
	records, err := dns.TXT(ctx, name)
	if err != nil {
		return k, err
	}
	if k.Records = len(records); k.Records == 1 {
		k.parse(records[0])
	}
	return k, nil
}

func (k *DKIM) parse(record string) {
	tags, ok := tagList(record)
	if !ok {
		k.Problems = append(k.Problems, "a part is not name=value, or stands twice")
	}
	k.KeyType = "rsa"
	key, has := "", false
	for i, t := range tags {
		switch t.name {
		case "v":
			if t.value != "DKIM1" || i > 0 {
				k.Problems = append(k.Problems, "v= is not DKIM1 at the beginning")
			}
		case "k":
			k.KeyType = strings.ToLower(t.value)
		case "p":
			key, has = t.value, true
		case "t":
			k.Testing = slices.Contains(split(t.value), "y")
		case "h":
			k.SHA1 = !slices.Contains(split(t.value), "sha256")
		}
	}
	switch {
	case !has:
		k.Problems = append(k.Problems, "there is no key (p=)")
	case key == "":
		k.Revoked = true
	default:
		if k.Bits = bits(k.KeyType, key); k.Bits == 0 {
			k.Problems = append(k.Problems, "the key cannot be read")
		}
	}
}

func split(s string) (out []string) {
	for part := range strings.SplitSeq(s, ":") {
		out = append(out, strings.ToLower(strings.TrimSpace(part)))
	}
	return out
}

// bits is the size of a key: of RSA in the form of X.509, or of PKCS #1 as some
// have it; Ed25519 as it is (RFC 8463 §4).
func bits(kind, text string) int {
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return 0
	}
	switch kind {
	case "rsa":
		if k, err := x509.ParsePKIXPublicKey(raw); err == nil {
			if r, is := k.(*rsa.PublicKey); is {
				return r.N.BitLen()
			}
			return 0
		}
		if r, err := x509.ParsePKCS1PublicKey(raw); err == nil {
			return r.N.BitLen()
		}
	case "ed25519":
		if len(raw) == ed25519.PublicKeySize {
			return 8 * len(raw)
		}
	}
	return 0
}
