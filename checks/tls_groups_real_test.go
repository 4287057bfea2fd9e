package checks

import (
	"encoding/xml"
	"strconv"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
)

// TestRealGroupOrder looks at servers that are told an order, or none.
func TestRealGroupOrder(t *testing.T) {
	for options, want := range map[string]string{
		"RSA -serverpref -groups P-384:X25519:P-256": `{"tls12": ["secp384r1", "x25519", "secp256r1"], "server_order12": true, "tls13": ["secp384r1", "x25519", "secp256r1"], "server_order13": true}`,
		"RSA -groups P-384:X25519:P-256":             `{"tls12": ["x25519", "secp256r1", "secp384r1"], "server_order12": false, "tls13": ["secp384r1", "x25519", "secp256r1"], "server_order13": true}`,
		"RSA -groups P-384 -tls1_3":                  `{"tls12": [], "tls13": ["secp384r1"], "server_order12": {"unknown": {"cause": "prerequisite"}}, "server_order13": true}`,
	} {
		t.Run(options, func(t *testing.T) {
			t.Parallel()
			expect(t, openssl(t, options), map[*Check]string{TLSGroups: want})
		})
	}
}

// TestRealGroups compares groups and primes with those of sslscan. It is blind
// in two ways, for which the list of TLS 1.2 is written down here:
//
//   - it offers one group at a time, so of an ECDSA key it sees the key's own
//     curve only, while clients that name that curve beside others get those;
//   - it offers no suites without authentication.
func TestRealGroups(t *testing.T) {
	for name, c := range map[string]struct {
		options, prime string
		blind          []string
	}{
		"as it comes, RSA":         {"RSA", "", nil},
		"as it comes, ECDSA":       {"ECDSA", "", []string{"x25519", "secp256r1", "secp384r1", "secp521r1", "x448"}},
		"own order, ECDSA":         {"ECDSA -serverpref", "", []string{"x25519", "secp256r1"}}, // the rest comes after the key's curve
		"own order, two keys, DHE": {"KEYS -serverpref -dhparam DH", "ffdhe2048", nil},
		"other groups":             {"RSA -groups P-521:X448:P-384:ffdhe3072 -serverpref -dhparam DH", "ffdhe2048", nil},
		"other groups, ECDSA":      {"ECDSA -groups P-521:P-256:X25519", "", []string{"x25519", "secp256r1", "secp521r1"}},
		"old curves":               {"RSA -groups brainpoolP384r1:secp256k1:sect283r1 -no_tls1_3", "", nil},
		"prime of its own accord":  {"RSA -tls1_2 -cipher DHE:aNULL:@SECLEVEL=0", "RFC 2409 group 2", []string{"x25519", "secp256r1", "secp384r1", "secp521r1", "x448"}},
		"no elliptic curves":       {"RSA -tls1_2 -cipher AES128-SHA", "", nil},
		"TLS 1.3 only":             {"ECDSA -tls1_3", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := openssl(t, c.options)
			theirs, bits := sslscanGroups(t, e)
			if c.blind != nil {
				theirs["TLSv1.2"] = c.blind
			}
			compareGroups(t, e, theirs, bits, c.prime)
		})
	}
}

func compareGroups(t *testing.T, e inventory.Endpoint, theirs map[string][]string, bits int, prime string) {
	t.Helper()
	var f Groups
	decodeFact(t, e, TLSGroups, &f)
	for v, m := range map[string]fact.Maybe[[]string]{"TLSv1.2": f.TLS12, "TLSv1.3": f.TLS13} {
		ours, unknown := m.Get()
		if unknown != nil {
			t.Errorf("%s: %v", v, unknown)
		}
		compareLists(t, v, ours, theirs[v], false)
	}
	if got, unknown := f.DHBits.Get(); unknown != nil || got != bits {
		t.Errorf("a prime of %d bits, %v; sslscan sees one of %d", got, unknown, bits)
	}
	if got, unknown := f.DHPrime.Get(); unknown != nil || prime != "" && got != prime {
		t.Errorf("the prime is %q, %v; want %q", got, unknown, prime)
	}
}

// sslscanGroups gives the groups that sslscan lists, under our names, and the
// length of the shortest prime.
func sslscanGroups(t *testing.T, e inventory.Endpoint) (groups map[string][]string, bits int) {
	t.Helper()
	out := run(t, "sslscan", "--xml=-", "--no-heartbleed", "--no-check-certificate", "--no-renegotiation", "--no-compression", "--no-fallback", e.Address())
	var doc struct {
		Groups []struct {
			Version string `xml:"sslversion,attr"`
			ID      string `xml:"id,attr"`
		} `xml:"ssltest>group"`
		Ciphers []struct {
			Bits int `xml:"dhebits,attr"`
		} `xml:"ssltest>cipher"`
	}
	if err := xml.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	groups = map[string][]string{}
	for _, g := range doc.Groups {
		id, err := strconv.ParseUint(strings.TrimPrefix(g.ID, "0x"), 16, 16)
		if err != nil {
			t.Fatal(err)
		}
		groups[g.Version] = append(groups[g.Version], hello.GroupName(uint16(id)))
	}
	for _, c := range doc.Ciphers {
		if c.Bits > 0 && (bits == 0 || c.Bits < bits) {
			bits = c.Bits
		}
	}
	return groups, bits
}
