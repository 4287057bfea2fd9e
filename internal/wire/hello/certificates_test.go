package hello

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"
)

func certify(t *testing.T, key crypto.Signer) tls.Certificate {
	t.Helper()
	leaf := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"example.test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func certificatesOfKinds(t *testing.T) map[string]tls.Certificate {
	t.Helper()
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, e, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]tls.Certificate{"RSA": certify(t, r), "ECDSA": certify(t, c), "Ed25519": certify(t, e)}
}

// TestFindCertificates finds every kind of key of crypto/tls, and no other.
func TestFindCertificates(t *testing.T) {
	all := certificatesOfKinds(t)
	suites := []uint16{0xc02f, 0xc02b, 0xc013, 0xc009, 0x002f}
	for _, kinds := range [][]string{{"RSA"}, {"ECDSA"}, {"Ed25519"}, {"RSA", "ECDSA"}, {"ECDSA", "Ed25519", "RSA"}} {
		cfg := &tls.Config{MinVersion: tls.VersionTLS10, CipherSuites: suites}
		for _, k := range kinds {
			cfg.Certificates = append(cfg.Certificates, all[k])
		}
		for _, v := range []Version{TLS13, TLS12, TLS11, TLS10} {
			want := slices.DeleteFunc(slices.Sorted(slices.Values(kinds)), func(k string) bool { return k == "Ed25519" && v < TLS12 })
			o := Offer{Version: v, Suites: suites, Name: "example.test"}
			if v == TLS13 {
				o.Suites = usual13
			}
			got, err := FindCertificates(o, func(o Offer) (Flight, error) { return AskCertificate(serveOnce(t, cfg), o) })
			found := slices.Sorted(slices.Values(got.Kinds))
			switch {
			case !slices.Equal(found, want) || err != nil || got.Strange != nil || got.Refusal == "" && v >= TLS12:
				t.Errorf("%s of a server with %v: %v, %v, %v", v, kinds, found, err, got)
			case got.Hellos > len(want)+1:
				t.Errorf("%s of a server with %v: %d hellos", v, kinds, got.Hellos)
			}
			for i, f := range got.Flights {
				if !slices.EqualFunc(f.Chain, all[got.Kinds[i]].Certificate, slices.Equal) {
					t.Errorf("%s: the certificate of %s is another", v, got.Kinds[i])
				}
			}
		}
	}
}

// TestFindCertificatesNeverGuesses holds that what was not answered is not
// taken for refused, and that a server which shows one certificate to all has
// one.
func TestFindCertificatesNeverGuesses(t *testing.T) {
	rsaOnly := Flight{Answer: Answer{Accepted: true, Hello: ServerHello{Version: TLS12, Suite: 0x002f}}}
	refuses := Flight{Answer: Answer{Said: "alert handshake_failure(40)"}}
	doubts := Flight{Answer: Answer{Said: "alert internal_error(80)", Doubtful: true}}
	for _, c := range []struct {
		name    string
		then    Flight
		err     error
		want    string
		refusal string
	}{
		{"refuses", refuses, nil, "[RSA] <nil>", "alert handshake_failure(40)"},
		{"shows it again", rsaOnly, nil, "[RSA] <nil>", "chooses a key of RSA again"},
		{"falls silent", Flight{}, ErrSilent, "[RSA] the server said nothing", ""},
		{"fails, and then with all", doubts, nil, "[RSA] accepted a key of RSA before, and then: alert internal_error(80)", ""},
	} {
		asked := 0
		got, err := FindCertificates(Offer{Version: TLS12, Suites: []uint16{0x002f, 0xc02b}}, func(Offer) (Flight, error) {
			if asked++; asked == 1 {
				return rsaOnly, nil
			}
			return c.then, c.err
		})
		if said := fmt.Sprint(got.Kinds, " ", err); said != c.want || got.Refusal != c.refusal {
			t.Errorf("%s: %s, refusal %q", c.name, said, got.Refusal)
		}
	}
	for _, first := range []error{ErrSilent, ErrCut} {
		if got, err := FindCertificates(Offer{Version: TLS12, Suites: []uint16{0x002f}}, func(Offer) (Flight, error) { return Flight{}, first }); !errors.Is(err, first) || got.Kinds != nil {
			t.Errorf("%v at first: %v, %v", first, got, err)
		}
	}
	got, err := FindCertificates(Offer{Version: TLS12, Suites: []uint16{0x002f}}, func(Offer) (Flight, error) { return refuses, nil })
	if err != nil || got.Kinds != nil || got.Refusal != refuses.Said {
		t.Errorf("refuses all: %v, %v", got, err)
	}
}

// TestKindsOf holds which kinds a list of suites can ask for.
func TestKindsOf(t *testing.T) {
	for _, c := range []struct {
		version Version
		suites  []uint16
		want    string
		strange bool
	}{
		{TLS12, []uint16{0x002f}, "[RSA]", false},
		{TLS12, []uint16{0xc02f}, "[RSA RSA-PSS]", false},
		{TLS11, []uint16{0xc013, 0xc009, 0x0032}, "[ECDSA RSA DSA]", false},
		{TLS12, []uint16{0xc02b}, "[ECDSA Ed25519 Ed448]", false},
		{TLS12, []uint16{0x0034, 0x008c, 0xc01d}, "[]", false}, // anonymous, PSK, SRP
		{TLS12, []uint16{0xc100}, "[]", true},                  // GOST
		{TLS12, []uint16{0xc004, 0xc02f}, "[RSA RSA-PSS]", true},
		{TLS13, []uint16{0x1301}, "[ECDSA Ed25519 Ed448 RSA RSA-PSS SM2 GOST ML-DSA]", false},
	} {
		kinds, strange := Offer{Version: c.version, Suites: c.suites}.kindsOf()
		names := []string{}
		for _, k := range kinds {
			names = append(names, keyKinds[k].name)
		}
		if fmt.Sprint(names) != c.want || (strange != nil) != c.strange {
			t.Errorf("%s, %x: %v, %v", c.version, c.suites, names, strange)
		}
	}
}
