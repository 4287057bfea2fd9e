package checks

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// TestRealSignatures compares our lists with those of sslscan. Under TLS 1.2 it
// is wrong in two ways, for which the list is written down here:
//
//   - it sees no signature of an ECDSA key;
//   - it lists schemes where only static RSA is accepted and nothing is signed.
func TestRealSignatures(t *testing.T) {
	for name, c := range map[string]struct {
		options string
		tls12   []string // where sslscan is wrong
	}{
		"as it comes, RSA":   {"RSA", nil},
		"as it comes, ECDSA": {"ECDSA", []string{"ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512", "ecdsa_sha224"}},
		"of old, two keys": {"KEYS -cipher ALL:@SECLEVEL=0 -sigalgs RSA+SHA1:ECDSA+SHA1:RSA-PSS+SHA384:ECDSA+SHA384:RSA+SHA224",
			[]string{"ecdsa_secp384r1_sha384", "ecdsa_sha1", "rsa_pss_rsae_sha384", "rsa_pkcs1_sha224", "rsa_pkcs1_sha1"}},
		"SHA-1 alone, RSA":  {"RSA -tls1_2 -cipher ALL:@SECLEVEL=0 -sigalgs RSA+SHA1", nil},
		"without TLS 1.2":   {"RSA -tls1_3 -sigalgs RSA-PSS+SHA512", nil},
		"static RSA":        {"RSA -tls1_2 -cipher AES128-SHA", []string{}},
		"another key first": {"RSA -groups P-521", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := openssl(t, c.options)
			theirs := sslscanSignatures(t, e)
			if c.tls12 != nil {
				theirs["TLSv1.2"] = c.tls12
			}
			compareSignatures(t, e, theirs)
		})
	}
	t.Run("nginx", func(t *testing.T) {
		t.Parallel()
		e := nginx(t, func(string) string { return "return 404;" }, "ssl_protocols TLSv1.2 TLSv1.3; ssl_conf_command SignatureAlgorithms ECDSA+SHA256:ECDSA+SHA384;")
		compareSignatures(t, e, map[string][]string{"TLSv1.2": {"ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384"}, "TLSv1.3": {"ecdsa_secp256r1_sha256"}})
	})
}

func compareSignatures(t *testing.T, e inventory.Endpoint, theirs map[string][]string) {
	t.Helper()
	var f Signatures
	decodeFact(t, e, TLSSignatures, &f)
	for v, m := range map[string]fact.Maybe[[]string]{"TLSv1.2": f.TLS12, "TLSv1.3": f.TLS13} {
		ours, unknown := m.Get()
		if unknown != nil {
			t.Errorf("%s: %v", v, unknown)
		}
		t.Log(v, ours)
		compareLists(t, v, ours, theirs[v], false)
	}
	if !fact.Is(f.Ignores, false) {
		t.Errorf("ignores what is offered: %v", f.Ignores)
	}
}

// sslscanSignatures gives the schemes that sslscan lists, under our names.
func sslscanSignatures(t *testing.T, e inventory.Endpoint) map[string][]string {
	t.Helper()
	out := run(t, "sslscan", "--xml=-", "--show-sigs", "--no-cipher-details", "--no-groups", "--no-heartbleed", "--no-check-certificate",
		"--no-renegotiation", "--no-compression", "--no-fallback", e.Address())
	var doc struct {
		Signatures []struct {
			Version string `xml:"sslversion,attr"`
			Name    string `xml:"name,attr"`
		} `xml:"ssltest>connection-signature-algorithm"`
	}
	if err := xml.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	lists := map[string][]string{}
	for _, s := range doc.Signatures {
		if name := strings.ToLower(s.Name); !slices.Contains(lists[s.Version], name) {
			lists[s.Version] = append(lists[s.Version], name)
		}
	}
	return lists
}
