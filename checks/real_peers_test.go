package checks

import (
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// peerCase is a server whose facts are held against those that sslscan and
// nmap claim of it. What they cannot see is written down, and docs/peers.md
// says why: a peer that learns to see it fails the test too.
type peerCase struct {
	start   func(*testing.T) inventory.Endpoint
	prime   string   // name of its Diffie-Hellman prime, of which peers see only the length
	blind   bool     // sslscan sees no suite before TLS 1.3, so no prime either
	bits    int      // length of the prime, if sslscan is blind
	curves  []string // of TLS 1.2, where sslscan sees none
	noCert  bool     // we see no certificate
	noBeats bool     // we cannot tell whether it bleeds, and sslscan says that it does not
}

func withApache(directives string) func(*testing.T) inventory.Endpoint {
	return func(t *testing.T) inventory.Endpoint { return apache(t, directives) }
}

func withGnuTLS(priority string, options ...string) func(*testing.T) inventory.Endpoint {
	return func(t *testing.T) inventory.Endpoint { return gnutls(t, priority, options...) }
}

func withStunnel(options string) func(*testing.T) inventory.Endpoint {
	return func(t *testing.T) inventory.Endpoint { return stunnel(t, options) }
}

const nobody = "--disable-client-cert"

var peerCases = map[string]peerCase{
	"apache, as it comes": {start: withApache(""), prime: "RFC 3526 group 14"},
	"apache, intermediate": {start: withApache(`SSLProtocol -all +TLSv1.2 +TLSv1.3
		SSLCipherSuite ECDHE+AESGCM:ECDHE+CHACHA20
		SSLHonorCipherOrder on
		SSLOpenSSLConfCmd Curves X25519:P-256`)},
	"apache, modern": {start: withApache("ECDSA\nSSLProtocol -all +TLSv1.3\nSSLSessionTickets off")},
	"apache, of old": {start: withApache(`SSLProtocol all
		SSLCipherSuite ALL:@SECLEVEL=0
		SSLHonorCipherOrder on
		SSLInsecureRenegotiation on`), prime: "RFC 3526 group 14"},
	"apache, two keys":         {start: withApache("ECDSA\nSSLProtocol -all +TLSv1.2\nSSLCipherSuite HIGH:!aNULL")},
	"apache, wants a client's": {start: withApache("SSLVerifyClient require\nSSLCACertificateFile DIR/rsa-cert.pem"), blind: true, bits: 2048},
	"gnutls, normal":           {start: withGnuTLS("NORMAL")},
	"gnutls, of old": {start: withGnuTLS("LEGACY:+VERS-SSL3.0:+VERS-TLS1.0:+VERS-TLS1.1:+ARCFOUR-128:+3DES-CBC:+MD5:%SERVER_PRECEDENCE", nobody, "--heartbeat"),
		noBeats: true},
	"gnutls, suite B":        {start: withGnuTLS("ECDSA SUITEB128", nobody)},
	"gnutls, PFS, own order": {start: withGnuTLS("PFS:%SERVER_PRECEDENCE", "--noticket", nobody)},
	"gnutls, TLS 1.3 only":   {start: withGnuTLS("NORMAL:-VERS-ALL:+VERS-TLS1.3", nobody)},
	"gnutls, DHE only":       {start: withGnuTLS("NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA", nobody), noCert: true},
	"gnutls, anonymous": {start: withGnuTLS("NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ANON-ECDH:+ANON-DH:+NULL", nobody),
		noCert: true, curves: []string{"secp256r1", "secp384r1", "secp521r1", "x25519", "x448"}},
	"gnutls, no RFC 5746":  {start: withGnuTLS("NORMAL:-VERS-ALL:+VERS-TLS1.2:%DISABLE_SAFE_RENEGOTIATION", nobody), blind: true, bits: 2048},
	"stunnel, as it comes": {start: withStunnel("")},
	"stunnel, of old":      {start: withStunnel("ciphers = ALL:@SECLEVEL=0\nsslVersionMin = TLSv1\nsecurityLevel = 0\nrenegotiation = yes")},
	"stunnel, one group": {start: withStunnel(`curves = P-384
sslVersionMin = TLSv1.2
ciphers = ECDHE+AESGCM
options = CIPHER_SERVER_PREFERENCE
renegotiation = no`)},
}

// TestRealPeers compares what we see of Debian's servers with what sslscan and
// nmap claim of them, wherever they claim something.
func TestRealPeers(t *testing.T) {
	for name, c := range peerCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := c.start(t)
			compareSSLScan(t, e)
			c.compareSuites(t, e)
			theirs, bits := sslscanGroups(t, e)
			if c.curves != nil {
				compareLists(t, "curves of sslscan", nil, theirs["TLSv1.2"], true)
				theirs["TLSv1.2"] = c.curves
			}
			if c.blind {
				bits = c.bits
			}
			compareGroups(t, e, theirs, bits, c.prime)
			c.compareRest(t, e, sslscanAll(t, e))
			compareNmap(t, e)
		})
	}
}

func (c peerCase) compareSuites(t *testing.T, e inventory.Endpoint) {
	t.Helper()
	if !c.blind {
		compareSuites(t, e)
		return
	}
	ours, _ := ourSuites(t, e)
	sslscan, nmap := sslscanSuites(t, e), nmapSuites(t, e)
	for v, list := range ours {
		compareLists(t, "nmap, "+v, list, nmap[v], false)
		if v != "TLS 1.3" {
			list = nil
		}
		compareLists(t, "sslscan, "+v, list, sslscan[v], false)
	}
}

// sslscanClaims is what sslscan says beside versions, suites and groups.
type sslscanClaims struct {
	Renegotiation struct {
		Supported bool `xml:"supported,attr"`
		Secure    bool `xml:"secure,attr"`
	} `xml:"ssltest>renegotiation"`
	Heartbleed []struct {
		Vulnerable bool `xml:"vulnerable,attr"`
	} `xml:"ssltest>heartbleed"`
	Fallback *struct {
		Supported bool `xml:"supported,attr"`
	} `xml:"ssltest>fallback"`
	Compression *struct {
		Supported bool `xml:"supported,attr"`
	} `xml:"ssltest>compression"`
	Certificates []struct {
		Signature string `xml:"signature-algorithm"`
		Key       struct {
			Type string `xml:"type,attr"`
			Bits int64  `xml:"bits,attr"`
		} `xml:"pk"`
		SelfSigned bool   `xml:"self-signed"`
		NotAfter   string `xml:"not-valid-after"`
	} `xml:"ssltest>certificates>certificate"`
}

func sslscanAll(t *testing.T, e inventory.Endpoint) (claims sslscanClaims) {
	t.Helper()
	out := run(t, "sslscan", "--xml=-", "--no-ciphersuites", "--no-groups", e.Address())
	if err := xml.Unmarshal(out, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func (c peerCase) compareRest(t *testing.T, e inventory.Endpoint, they sslscanClaims) {
	t.Helper()
	for _, h := range they.Heartbleed {
		var f Heartbleed
		if c.noBeats {
			if obs := observe(t, TLSHeartbleed, e, 10*time.Second); obs.Unknown == nil || h.Vulnerable {
				t.Errorf("heartbleed: %s, %v; sslscan says %v", obs.Value, obs.Unknown, h.Vulnerable)
			}
			break
		}
		decodeFact(t, e, TLSHeartbleed, &f)
		same(t, "heartbleed", fact.Known(f.Vulnerable), h.Vulnerable)
	}
	var compression Compression
	decodeFact(t, e, TLSCompression, &compression)
	if they.Compression != nil {
		same(t, "compression", fact.Known(compression.Deflate), they.Compression.Supported)
	}
	var fallback Fallback
	decodeFact(t, e, TLSFallback, &fallback)
	if they.Fallback != nil && fallback.Needed {
		same(t, "fallback", fallback.SCSV, they.Fallback.Supported)
	}
	var versions Versions
	decodeFact(t, e, TLSVersions, &versions)
	var again Renegotiation
	decodeFact(t, e, TLSRenegotiation, &again)
	if fact.Is(versions.TLS11, true) || fact.Is(versions.TLS10, true) { // sslscan asks in no other version
		same(t, "secure renegotiation", again.Secure, they.Renegotiation.Secure)
	}
	switch {
	case c.noCert:
		if obs := observe(t, TLSCertificate, e, 10*time.Second); obs.Unknown == nil {
			t.Errorf("sees the certificate %s", obs.Value)
		}
	case len(they.Certificates) == 0 && c.blind:
	case len(they.Certificates) == 0:
		t.Error("sslscan sees no certificate")
	default:
		compareCertificate(t, e, they)
	}
}

func compareCertificate(t *testing.T, e inventory.Endpoint, they sslscanClaims) {
	t.Helper()
	var ours Certificate
	decodeFact(t, e, TLSCertificate, &ours)
	theirs := they.Certificates[0]
	if keyTypes[theirs.Key.Type] != ours.KeyType && e.ID == "apache2" {
		return // one with two keys shows one to each
	}
	until, err := time.Parse("Jan _2 15:04:05 2006 GMT", theirs.NotAfter)
	if err != nil || !until.Equal(ours.NotAfter) {
		t.Errorf("certificate until %v, sslscan says %v, %v", ours.NotAfter, until, err)
	}
	if keyTypes[theirs.Key.Type] != ours.KeyType || theirs.Key.Type == "RSA" && theirs.Key.Bits != ours.KeyBits {
		t.Errorf("key %s %d, sslscan says %s %d", ours.KeyType, ours.KeyBits, theirs.Key.Type, theirs.Key.Bits)
	}
	hash := strings.ToUpper(strings.ReplaceAll(ours.Chain[0].SignatureHash, "-", ""))
	if !strings.Contains(strings.ToUpper(theirs.Signature), hash) || theirs.SelfSigned != ours.SelfSigned {
		t.Errorf("signature %s, self-signed %v; sslscan says %s, %v", hash, ours.SelfSigned, theirs.Signature, theirs.SelfSigned)
	}
}

var keyTypes = map[string]string{"RSA": "RSA", "EC": "ECDSA", "ECDSA": "ECDSA"}

// same holds one of our fields against a claim.
func same[E comparable](t *testing.T, what string, ours fact.Maybe[E], theirs E) {
	t.Helper()
	if got, unknown := ours.Get(); unknown != nil || got != theirs {
		t.Errorf("%s: we say %v, %v; they say %v", what, got, unknown, theirs)
	}
}

// compareNmap compares compression, and whose order counts, as nmap has them.
func compareNmap(t *testing.T, e inventory.Endpoint) {
	t.Helper()
	host, port, _ := strings.Cut(e.Address(), ":")
	out := string(run(t, "nmap", "-Pn", "-n", "-p", port, "--script", "+ssl-enum-ciphers", host))
	var compression Compression
	decodeFact(t, e, TLSCompression, &compression)
	same(t, "nmap, compression", fact.Known(compression.Deflate), strings.Contains(out, "DEFLATE"))
	var suites Suites
	decodeFact(t, e, TLSSuites, &suites)
	own, client := strings.Contains(out, "cipher preference: server"), strings.Contains(out, "cipher preference: client")
	if own != client { // of single suites it says "indeterminate"
		same(t, "nmap, order", suites.ServerOrder, own)
	}
}
