package checks

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
)

// testsslServer is the one server on which testssl.sh is asked in every run:
// all versions that OpenSSL 3.0 has, few suites, each way to exchange keys.
var testsslServer = withApache(`SSLProtocol all
	SSLCipherSuite ECDHE+AESGCM:DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA:AES128-SHA:@SECLEVEL=0
	SSLHonorCipherOrder on`)

// TestRealTestSSL compares our facts with the claims of testssl.sh, which
// takes half a minute for one server. With SANSANG_TESTSSL=1 it asks all that
// testssl.sh has, of all servers of peerCases, and takes a quarter of an hour.
func TestRealTestSSL(t *testing.T) {
	t.Run("apache", func(t *testing.T) {
		t.Parallel()
		testsslServes(t, testsslServer(t), peerCase{}, "-p", "-P", "-S", "-H", "-I", "-R", "-C", "-Z")
	})
	if os.Getenv("SANSANG_TESTSSL") != "1" {
		return
	}
	for name, c := range peerCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testsslServes(t, c.start(t), c, "-p", "-P", "-f", "-S", "-E", "-U")
		})
	}
}

// testsslServes runs testssl.sh and holds each of its claims for which we have
// a fact against that.
func testsslServes(t *testing.T, e inventory.Endpoint, c peerCase, options ...string) {
	t.Helper()
	claims := testssl(t, e, options...)
	compareTestSSLVersions(t, e, claims)
	compareTestSSLSuites(t, e, claims)
	if c.noCert {
		return // crypto/tls cannot talk to it, and testssl.sh sees little: docs/peers.md
	}
	compareTestSSLGroups(t, e, claims)
	compareTestSSLHoles(t, e, c, claims)
	compareTestSSLCertificate(t, e, claims)
}

// testssl gives what testssl.sh found, by its names for it. Its own exit code
// tells of findings, not of failures.
func testssl(t testing.TB, e inventory.Endpoint, options ...string) map[string]string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "testssl.json")
	args := append([]string{"--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--jsonfile", file}, options...)
	begun := time.Now()
	said, _ := exec.CommandContext(t.Context(), program(t, "testssl"), append(args, e.Address())...).CombinedOutput()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	var list []struct{ ID, Finding string }
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	out := map[string]string{}
	for _, f := range list {
		if f.ID == "cert" {
			continue
		}
		if out[f.ID] != "" {
			f.Finding = out[f.ID] + "\n" + f.Finding
		}
		out[f.ID] = f.Finding
	}
	t.Logf("testssl.sh took %v for %d findings", time.Since(begun).Round(time.Second), len(out))
	return out
}

func compareTestSSLVersions(t *testing.T, e inventory.Endpoint, claims map[string]string) {
	t.Helper()
	var f Versions
	decodeFact(t, e, TLSVersions, &f)
	for id, ours := range map[string]fact.Maybe[bool]{"SSLv2": f.SSL2, "SSLv3": f.SSL3, "TLS1": f.TLS10, "TLS1_1": f.TLS11, "TLS1_2": f.TLS12, "TLS1_3": f.TLS13} {
		same(t, "testssl.sh, "+id, ours, strings.HasPrefix(claims[id], "offered"))
	}
	if alpn, ok := claims["ALPN"]; ok && len(strings.Fields(alpn)) > 0 && alpn != "not offered" {
		var f Features
		decodeFact(t, e, TLSFeatures, &f)
		theirs := slices.DeleteFunc(strings.Fields(strings.ReplaceAll(alpn, ",", " ")), func(s string) bool { return s != "h2" && s != "http/1.1" })
		compareLists(t, "testssl.sh, ALPN", f.ALPN, theirs, false)
	}
}

// compareTestSSLSuites compares the lists, which testssl.sh gives with
// -E, and whose order counts.
func compareTestSSLSuites(t *testing.T, e inventory.Endpoint, claims map[string]string) {
	t.Helper()
	lists, order := ourSuites(t, e)
	theirs := map[string][]string{}
	for id := range claims {
		rest, ok := strings.CutPrefix(id, "cipher-")
		version, number, ok2 := strings.Cut(rest, "_x")
		if !ok || !ok2 {
			continue
		}
		n, err := strconv.ParseUint(number, 16, 32)
		if err != nil {
			t.Errorf("testssl.sh names a suite %s", id)
			continue
		}
		v := strings.NewReplacer("tls1_", "TLS 1.", "tls1", "TLS 1.0", "ssl", "SSL ").Replace(version)
		theirs[v] = append(theirs[v], hello.Find(uint32(n)).Name)
	}
	if len(theirs) > 0 {
		for v, ours := range lists {
			compareLists(t, "testssl.sh, "+v, ours, theirs[v], false)
		}
	}
	switch claims["cipher_order"] {
	case "server":
		same(t, "testssl.sh, order", fact.Known(order), true)
	case "NOT a cipher order configured":
		same(t, "testssl.sh, order", fact.Known(order), false)
	}
}

// testsslGroups are our names of the groups that testssl.sh calls otherwise.
var testsslGroups = map[string]string{"prime256v1": "secp256r1", "prime192v1": "secp192r1", "X25519": "x25519", "X448": "x448"}

// testsslPrimes are the words by which testssl.sh tells the primes of
// Diffie-Hellman under TLS 1.2, which are no groups of ours there.
var testsslPrimes = regexp.MustCompile(`^(ffdhe\d+|\d+|\(\d+|DH|Unknown|bits\)|Group|group|RFC.*)$`)

// compareTestSSLGroups compares the curves and groups of all versions
// together, as testssl.sh gives them.
func compareTestSSLGroups(t *testing.T, e inventory.Endpoint, claims map[string]string) {
	t.Helper()
	if _, asked := claims["PFS"]; !asked {
		return
	}
	var f Groups
	decodeFact(t, e, TLSGroups, &f)
	var ours, theirs []string
	for _, list := range []fact.Maybe[[]string]{f.TLS12, f.TLS13} {
		names, _ := list.Get()
		ours = append(ours, names...)
	}
	slices.Sort(ours)
	for _, name := range strings.Fields(claims["PFS_ECDHE_curves"] + " " + claims["DH_groups"]) {
		if as := testsslGroups[name]; as != "" {
			name = as
		}
		if slices.Contains(ours, name) || !testsslPrimes.MatchString(name) {
			theirs = append(theirs, name)
		}
	}
	compareLists(t, "testssl.sh, groups", slices.Compact(ours), theirs, false)
}

func compareTestSSLHoles(t *testing.T, e inventory.Endpoint, of peerCase, claims map[string]string) {
	t.Helper()
	if of.noBeats {
		delete(claims, "heartbleed")
	}
	for id, c := range map[string]*Check{"heartbleed": TLSHeartbleed, "CCS": TLSCCS, "ticketbleed": TLSTicketbleed, "ROBOT": TLSRobot} {
		var f struct{ Vulnerable bool }
		if vulnerable, ok := claimed(claims[id]); ok {
			decodeFact(t, e, c, &f)
			same(t, "testssl.sh, "+id, fact.Known(f.Vulnerable), vulnerable)
		}
	}
	var again Renegotiation
	decodeFact(t, e, TLSRenegotiation, &again)
	if claim, ok := claims["secure_renego"]; ok && !strings.HasPrefix(claims["TLS1_2"], "not offered") { // TLS 1.3 has none
		same(t, "testssl.sh, secure renegotiation", again.Secure, strings.HasPrefix(claim, "supported"))
	}
	if vulnerable, ok := claimed(claims["secure_client_renego"]); ok && !of.blind { // nor sees testssl.sh what sslscan does not
		same(t, "testssl.sh, renegotiation by the client", again.ClientInitiated, vulnerable)
	}
	var compression Compression
	decodeFact(t, e, TLSCompression, &compression)
	if vulnerable, ok := claimed(claims["CRIME_TLS"]); ok {
		same(t, "testssl.sh, CRIME", fact.Known(compression.Deflate), vulnerable)
	}
	var fallback Fallback
	decodeFact(t, e, TLSFallback, &fallback)
	if claim, ok := claims["fallback_SCSV"]; ok && fallback.Needed && !strings.HasPrefix(claim, "no protocol") {
		same(t, "testssl.sh, fallback", fallback.SCSV, claim == "supported")
	}
}

// claimed reads what testssl.sh says of a hole; often it says neither.
func claimed(finding string) (vulnerable, ok bool) {
	vulnerable = strings.HasPrefix(finding, "VULNERABLE")
	return vulnerable, vulnerable || strings.HasPrefix(finding, "not vulnerable")
}

func compareTestSSLCertificate(t *testing.T, e inventory.Endpoint, claims map[string]string) {
	t.Helper()
	if claims["cert_keySize"] == "" {
		return // it numbers the certificates of a server with two keys, and shows none under TLS 1.3 alone
	}
	var f Certificate
	decodeFact(t, e, TLSCertificate, &f)
	if claim := claims["cert_keySize"]; !strings.HasPrefix(claim, f.KeyType) && !strings.HasPrefix(claim, "EC") || f.KeyType == "RSA" && claim != "RSA "+strconv.FormatInt(f.KeyBits, 10)+" bits" {
		t.Errorf("key %s %d, testssl.sh says %s", f.KeyType, f.KeyBits, claim)
	}
	for id, ours := range map[string]string{
		"cert_notAfter": f.NotAfter.UTC().Format("2006-01-02 15:04"), "cert_notBefore": f.NotBefore.UTC().Format("2006-01-02 15:04"),
		"certs_countServer": strconv.Itoa(len(f.Chain)),
	} {
		if claims[id] != ours {
			t.Errorf("%s: we say %s, testssl.sh %s", id, ours, claims[id])
		}
	}
	hash := strings.ReplaceAll(f.Chain[0].SignatureHash, "-", "")
	if !strings.Contains(claims["cert_signatureAlgorithm"], hash) || f.SelfSigned != strings.Contains(claims["cert_chain_of_trust"], "self signed") {
		t.Errorf("signature %s, self-signed %v; testssl.sh says %s, %s", hash, f.SelfSigned, claims["cert_signatureAlgorithm"], claims["cert_chain_of_trust"])
	}
	var features Features
	decodeFact(t, e, TLSFeatures, &features)
	same(t, "testssl.sh, stapling", fact.Known(features.Stapled), claims["OCSP_stapling"] == "offered")
	same(t, "testssl.sh, must-staple", fact.Known(features.MustStaple), claims["cert_mustStapleExtension"] != "--")
}
