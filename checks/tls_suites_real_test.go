package checks

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"encoding/xml"
	"math/big"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
)

const everySuite = "ALL:COMPLEMENTOFALL:eNULL:@SECLEVEL=0"

// opensslConfigs are ways to run Debian's openssl s_server. KEYS stands for
// both certificates, RSA first; RSA and ECDSA for one alone.
var opensslConfigs = map[string]string{
	"as it comes, RSA":                "RSA",
	"as it comes, ECDSA":              "ECDSA",
	"everything, own order, two keys": "KEYS -cipher " + everySuite + " -serverpref -dhparam DH",
	"everything, client's order, RSA": "RSA -cipher " + everySuite + " -dhparam DH",
	"everything, ECDSA, no DH":        "ECDSA -cipher " + everySuite + " -no_dhe -serverpref",
	"ChaCha20 for who wants it":       "RSA -cipher ECDHE:@SECLEVEL=0 -serverpref -prioritize_chacha",
	"one suite":                       "RSA -tls1_2 -cipher AES128-SHA",
	"without TLS 1.3":                 "RSA -no_tls1_3 -cipher ECDHE+AESGCM -serverpref",
	"two suites, client's order":      "RSA -tls1_2 -cipher AES128-SHA:AES256-SHA",
	"TLS 1.3 only, all five":          "RSA -tls1_3 -ciphersuites TLS_AES_128_CCM_8_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384:TLS_AES_128_CCM_SHA256:TLS_AES_128_GCM_SHA256 -serverpref",
	"TLS 1.0 only":                    "RSA -tls1 -cipher DEFAULT:@SECLEVEL=0",
	"anonymous and unencrypted":       "RSA -no_tls1_3 -cipher aNULL:eNULL:@SECLEVEL=0 -serverpref",
	"other groups":                    "RSA -groups P-521:X448:P-384 -serverpref -cipher ECDHE:@SECLEVEL=0",
	"pre-shared keys":                 "-nocert -psk 1a2b3c -cipher PSK:@SECLEVEL=0 -serverpref -no_tls1_3",
}

// openssl starts s_server with some of its options.
func openssl(t testing.TB, options string) inventory.Endpoint {
	path, dir, address := program(t, "openssl"), t.TempDir(), freeAddress(t)
	writeCertificate(t, dir)
	writeRSACertificate(t, dir)
	args := []string{"s_server", "-accept", address, "-www", "-quiet"}
	file := func(name string) string { return filepath.Join(dir, name) }
	for _, o := range strings.Fields(options) {
		switch o {
		case "RSA":
			args = append(args, "-cert", file("rsa-cert.pem"), "-key", file("rsa-key.pem"))
		case "ECDSA":
			args = append(args, "-cert", file("cert.pem"), "-key", file("key.pem"))
		case "KEYS":
			args = append(args, "-cert", file("rsa-cert.pem"), "-key", file("rsa-key.pem"), "-dcert", file("cert.pem"), "-dkey", file("key.pem"))
		case "DH":
			args = append(args, write(t, file("dh.pem"), ffdhe2048))
		default:
			args = append(args, o)
		}
	}
	daemon(t, address, path, args...)
	return inventory.Endpoint{ID: "openssl", Target: address, Kind: inventory.TLS}
}

func writeRSACertificate(t testing.TB, dir string) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "rsa-cert.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, filepath.Join(dir, "rsa-key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})))
}

// TestRealSuites compares our lists, per version, with those of sslscan and
// nmap, and the order with that of sslscan. Where they disagree the peers are
// wrong, in ways that are undone in sslscanSuites and nmapSuites:
//
//   - sslscan lists the two suites with CCM of TLS 1.3 twice;
//   - sslscan tries the suites that its OpenSSL lacks (RC4, 3DES) by other
//     means and last, so their place in the order is not to be seen;
//   - sslscan sees no suite with pre-shared keys, for it has no key; the
//     ServerHello names the suite before a key is needed;
//   - nmap 7.93 calls the suites of TLS 1.3 TLS_AKE_WITH_…, and gives them in
//     an order of its own where the server puts ChaCha20 first on demand.
func TestRealSuites(t *testing.T) {
	for name, options := range opensslConfigs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compareSuites(t, openssl(t, options))
		})
	}
	t.Run("nginx", func(t *testing.T) {
		t.Parallel()
		compareSuites(t, nginx(t, func(string) string { return "return 404;" }, `
			ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers DEFAULT:@SECLEVEL=0; ssl_prefer_server_ciphers on;`))
	})
}

func compareSuites(t *testing.T, e inventory.Endpoint) {
	t.Helper()
	ours, order := ourSuites(t, e)
	sslscan, nmap := sslscanSuites(t, e), nmapSuites(t, e)
	for v, list := range ours {
		t.Logf("%s: %d suites, own order %v", v, len(list), order)
		seen := slices.DeleteFunc(slices.Clone(list), func(name string) bool { return strings.Contains(name, "PSK_") })
		compareLists(t, "sslscan, "+v, seen, sslscan[v], false)
		compareLists(t, "order of sslscan, "+v, withoutLacking(seen), withoutLacking(sslscan[v]), order)
		if nmap != nil {
			compareLists(t, "nmap, "+v, list, nmap[v], false)
		}
	}
}

// withoutLacking leaves out the suites that Debian's OpenSSL lacks.
func withoutLacking(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return strings.Contains(name, "_RC4_") || strings.Contains(name, "_3DES_") })
}

func compareLists(t *testing.T, what string, ours, theirs []string, inOrder bool) {
	t.Helper()
	ours, theirs = slices.Clone(ours), slices.Clone(theirs)
	if !inOrder {
		slices.Sort(ours)
		slices.Sort(theirs)
	}
	if !slices.Equal(ours, theirs) {
		t.Errorf("%s\n  we:   %v\n  they: %v\n  only we: %v\n  only they: %v", what, ours, theirs, minus(ours, theirs), minus(theirs, ours))
	}
}

// ourSuites gives the lists by version, and whether they are in an order.
func ourSuites(t *testing.T, e inventory.Endpoint) (map[string][]string, bool) {
	t.Helper()
	var f Suites
	decodeFact(t, e, TLSSuites, &f)
	out := map[string][]string{}
	all, unknown := f.Accepted.Get()
	if unknown != nil {
		t.Fatalf("accepted is unknown: %v", unknown)
	}
	for _, v := range allVersions {
		out[v.String()] = []string{}
	}
	for _, s := range all {
		out[s.Protocol] = append(out[s.Protocol], s.Name)
	}
	order, unknown := f.ServerOrder.Get()
	if unknown != nil {
		t.Errorf("server_order is unknown: %v", unknown)
	}
	return out, order
}

// sslscanSuites gives what sslscan lists, under our names.
func sslscanSuites(t *testing.T, e inventory.Endpoint) map[string][]string {
	t.Helper()
	out := run(t, "sslscan", "--xml=-", "--no-cipher-details", "--no-heartbleed", "--no-groups", "--no-check-certificate",
		"--no-renegotiation", "--no-compression", "--no-fallback", e.Address())
	var doc struct {
		Ciphers []struct {
			Version string `xml:"sslversion,attr"`
			ID      string `xml:"id,attr"`
		} `xml:"ssltest>cipher"`
	}
	if err := xml.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	lists := map[string][]string{}
	for _, c := range doc.Ciphers {
		id, err := strconv.ParseUint(strings.TrimPrefix(c.ID, "0x"), 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		v := strings.Replace(strings.Replace(c.Version, "SSLv", "SSL ", 1), "TLSv", "TLS ", 1)
		if name := hello.Find(uint32(id)).Name; !slices.Contains(lists[v], name) {
			lists[v] = append(lists[v], name)
		}
	}
	return lists
}

// nmapSuites gives what nmap's ssl-enum-ciphers lists; nil if there is no nmap.
func nmapSuites(t *testing.T, e inventory.Endpoint) map[string][]string {
	t.Helper()
	if _, err := exec.LookPath("nmap"); err != nil {
		return nil
	}
	host, port, _ := strings.Cut(e.Address(), ":")
	out := run(t, "nmap", "-Pn", "-n", "-oX", "-", "-p", port, "--script", "+ssl-enum-ciphers", host)
	type table struct {
		Key    string  `xml:"key,attr"`
		Tables []table `xml:"table"`
		Elems  []struct {
			Key  string `xml:"key,attr"`
			Text string `xml:",chardata"`
		} `xml:"elem"`
	}
	var doc struct {
		Versions []table `xml:"host>ports>port>script>table"`
	}
	if err := xml.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	lists := map[string][]string{}
	for _, v := range doc.Versions {
		name := strings.Replace(strings.Replace(v.Key, "SSLv", "SSL ", 1), "TLSv", "TLS ", 1)
		for _, part := range v.Tables {
			for _, suite := range part.Tables {
				for _, e := range suite.Elems {
					if part.Key == "ciphers" && e.Key == "name" {
						lists[name] = append(lists[name], strings.Replace(e.Text, "TLS_AKE_WITH_", "TLS_", 1))
					}
				}
			}
		}
	}
	return lists
}

func run(t testing.TB, name string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, program(t, name), args...).Output()
	if err != nil {
		t.Fatal(name, err)
	}
	return out
}

// ffdhe2048 of RFC 7919, for what is to offer DHE.
const ffdhe2048 = `-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
`
