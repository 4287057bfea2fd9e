package pdfsig

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	at    = time.Date(2026, 11, 24, 3, 15, 0, 0, time.UTC)
	space = 9000 // hexadecimal digits kept for a signature
)

// person is somebody who signs, and the root that vouches for them.
type person struct {
	key        crypto.Signer
	cert, root *x509.Certificate
}

var keys = sync.OnceValue(func() map[string]crypto.Signer {
	r, _ := rsa.GenerateKey(rand.Reader, 2048)
	short, _ := rsa.GenerateKey(rand.Reader, 1024)
	e, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	_, d, _ := ed25519.GenerateKey(rand.Reader)
	return map[string]crypto.Signer{"rsa": r, "rsa-1024": short, "ecdsa": e, "ed25519": d}
})

func signer(t *testing.T, key string) person {
	t.Helper()
	ca, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	make := func(cn string, serial int64, isCA bool, pub any, parent *x509.Certificate) *x509.Certificate {
		c := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: cn, Organization: []string{"UBND tỉnh Gia Lai"}},
			NotBefore: at.AddDate(-10, 0, 0), NotAfter: at.AddDate(50, 0, 0), SubjectKeyId: []byte{1, 2, byte(serial)}, IsCA: isCA, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
		if parent == nil {
			parent = c
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, pub, ca)
		if err != nil {
			t.Fatal(err)
		}
		out, _ := x509.ParseCertificate(der)
		return out
	}
	p := person{key: keys()[key]}
	p.root = make("CA thử nghiệm", 1, true, ca.Public(), nil)
	p.cert = make("Nguyễn Văn An", 7, false, p.key.Public(), p.root)
	return p
}

// body is a PDF of one page, with an attached stream that looks like a signed
// PDF and is none.
func body() []byte {
	trap := "<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> >>\nendstream is a word here\n"
	return []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" +
		"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n" +
		"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n" +
		"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Note (a \\) >> \\\\) >>\nendobj\n" +
		fmt.Sprintf("4 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n", len(trap), trap) +
		"trailer\n<< /Root 1 0 R /Size 5 >>\n%%EOF\n")
}

// draft is a PDF with an empty place for a signature.
type draft struct {
	data       []byte
	start, end int // of Contents, with its angle brackets
	rangeAt    int
}

// room adds a revision with a place for a signature.
func room(pdf []byte, subFilter string) draft {
	var b bytes.Buffer
	b.Write(pdf)
	n := 9 + 2*bytes.Count(pdf, []byte("/FT /Sig"))
	fields := ""
	for i := 9; i <= n; i += 2 {
		fields += fmt.Sprintf("%d 0 R ", i+1)
	}
	fmt.Fprintf(&b, "1 0 obj\n<< /Type /Catalog /Pages 2 0 R /AcroForm << /SigFlags 3 /Fields [%s] >> >>\nendobj\n", fields)
	fmt.Fprintf(&b, "%d 0 obj\n<< /FT /Sig /Type /Annot /Subtype /Widget /T (ky%d) /V %d 0 R /P 3 0 R /Rect [0 0 0 0] >>\nendobj\n", n+1, n, n)
	fmt.Fprintf(&b, "%d 0 obj\n<< /Type /%s /Filter /Adobe.PPKLite /SubFilter /%s /M (D:20261124101500+07'00') /ByteRange ",
		n, map[bool]string{true: "DocTimeStamp", false: "Sig"}[subFilter == "ETSI.RFC3161"], subFilter)
	d := draft{rangeAt: b.Len()}
	fmt.Fprintf(&b, "%-50s /Contents ", "[0 0 0 0]")
	d.start = b.Len()
	b.WriteString("<" + strings.Repeat("0", space) + ">")
	d.end = b.Len()
	b.WriteString(" >>\nendobj\ntrailer\n<< /Root 1 0 R /Size 99 >>\nstartxref\n0\n%%EOF\n")
	d.data = b.Bytes()
	d.ranges(0, d.start, d.end, len(d.data)-d.end)
	return d
}

func (d *draft) ranges(n ...int) {
	copy(d.data[d.rangeAt:], fmt.Appendf(nil, "%-50s", strings.ReplaceAll(fmt.Sprint(n), "  ", " ")))
}

func (d *draft) signed() []byte {
	return append(bytes.Clone(d.data[:d.start]), d.data[d.end:]...)
}

func (d *draft) put(cms []byte) []byte {
	copy(d.data[d.start+1:], hex.EncodeToString(cms))
	return d.data
}

// how says how a CMS is made; the zero value is as PAdES asks.
type how struct {
	hash, says     crypto.Hash // says: in the SignerInfo; 0 means SHA-256
	bare           bool        // no signed attributes
	pss            bool
	without        asn1.ObjectIdentifier // a signed attribute left out
	twice          bool                  // messageDigest twice
	certOf         *x509.Certificate     // in signing-certificate-v2
	inner          []byte                // encapsulated, with its type
	innerType      asn1.ObjectIdentifier
	noCert         bool
	signers        int // 0 means 1
	claims         time.Time
	wrongAlgorithm bool
}

func oid(s string) (out asn1.ObjectIdentifier) {
	for _, p := range strings.Split(s, ".") {
		n := 0
		_, _ = fmt.Sscan(p, &n)
		out = append(out, n)
	}
	return out
}

func der(t *testing.T, v any, params ...string) []byte {
	t.Helper()
	b, err := asn1.MarshalWithParams(v, strings.Join(params, ","))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func wrap(class, tag int, inner ...[]byte) asn1.RawValue {
	return asn1.RawValue{Class: class, Tag: tag, IsCompound: true, Bytes: bytes.Join(inner, nil)}
}

// cms signs content. It is a writer of its own, on nothing of the reader.
func (p person) cms(t *testing.T, content []byte, h how) []byte {
	t.Helper()
	if h.hash == 0 {
		h.hash = crypto.SHA256
	}
	if h.says == 0 {
		h.says = h.hash
	}
	hashOIDs := map[crypto.Hash]string{crypto.SHA1: "1.3.14.3.2.26", crypto.SHA256: "2.16.840.1.101.3.4.2.1", crypto.SHA384: "2.16.840.1.101.3.4.2.2", crypto.SHA512: "2.16.840.1.101.3.4.2.3"}
	digestAlg := pkix.AlgorithmIdentifier{Algorithm: oid(hashOIDs[h.says])}
	typ, inner := oid("1.2.840.113549.1.7.1"), []byte(nil)
	if h.inner != nil {
		typ, content = h.innerType, h.inner
		inner = der(t, wrap(2, 0, der(t, h.inner)))
	}
	hashed := func(b []byte) []byte { w := h.hash.New(); w.Write(b); return w.Sum(nil) }
	message, attrs := content, []byte(nil)
	if !h.bare {
		list := [][]byte{}
		add := func(o string, value []byte) {
			if !oid(o).Equal(h.without) {
				list = append(list, der(t, wrap(0, 16, der(t, oid(o)), der(t, wrap(0, 17, value)))))
			}
		}
		add("1.2.840.113549.1.9.3", der(t, typ))
		add("1.2.840.113549.1.9.4", der(t, hashed(content)))
		if h.twice {
			add("1.2.840.113549.1.9.4", der(t, hashed(nil)))
		}
		if !h.claims.IsZero() {
			add("1.2.840.113549.1.9.5", der(t, h.claims, "utc"))
		}
		of := p.cert
		if h.certOf != nil {
			of = h.certOf
		}
		w := crypto.SHA256.New()
		w.Write(of.Raw)
		add("1.2.840.113549.1.9.16.2.47", der(t, wrap(0, 16, der(t, wrap(0, 16, der(t, wrap(0, 16, der(t, w.Sum(nil)))))))))
		attrs = der(t, wrap(2, 0, list...))
		message = der(t, wrap(0, 17, list...))
	}
	var sigAlg pkix.AlgorithmIdentifier
	var opts crypto.SignerOpts = h.hash
	toSign := hashed(message)
	switch p.key.(type) {
	case *rsa.PrivateKey:
		sigAlg.Algorithm = oid("1.2.840.113549.1.1.1")
		if h.pss {
			sigAlg.Algorithm = oid("1.2.840.113549.1.1.10")
			alg := der(t, pkix.AlgorithmIdentifier{Algorithm: oid(hashOIDs[h.hash])})
			sigAlg.Parameters = asn1.RawValue{FullBytes: der(t, wrap(0, 16, der(t, wrap(2, 0, alg)), der(t, wrap(2, 1, der(t, wrap(0, 16, der(t, oid("1.2.840.113549.1.1.8")), alg)))), der(t, wrap(2, 2, der(t, h.hash.Size())))))}
			opts = &rsa.PSSOptions{SaltLength: h.hash.Size(), Hash: h.hash}
		}
	case *ecdsa.PrivateKey:
		sigAlg.Algorithm = oid(map[crypto.Hash]string{crypto.SHA1: "1.2.840.10045.4.1", crypto.SHA256: "1.2.840.10045.4.3.2", crypto.SHA384: "1.2.840.10045.4.3.3", crypto.SHA512: "1.2.840.10045.4.3.4"}[h.hash])
	case ed25519.PrivateKey:
		sigAlg.Algorithm, toSign, opts = oid("1.3.101.112"), message, crypto.Hash(0)
	}
	if h.wrongAlgorithm {
		sigAlg.Algorithm = oid("1.2.643.7.1.1.3.2") // GOST
	}
	sig, err := p.key.Sign(rand.Reader, toSign, opts)
	if err != nil {
		t.Fatal(err)
	}
	one := der(t, wrap(0, 16, der(t, 1), der(t, wrap(0, 16, p.cert.RawIssuer, der(t, p.cert.SerialNumber))), der(t, digestAlg), attrs, der(t, sigAlg), der(t, sig)))
	var all, certs []byte
	if h.signers == 0 {
		h.signers = 1
	}
	for range max(h.signers, 0) {
		all = append(all, one...)
	}
	if !h.noCert {
		certs = der(t, wrap(2, 0, p.cert.Raw, p.root.Raw))
	}
	sd := der(t, wrap(0, 16, der(t, 1), der(t, wrap(0, 17, der(t, digestAlg))), der(t, wrap(0, 16, der(t, typ), inner)), certs, der(t, wrap(0, 17, all))))
	return der(t, wrap(0, 16, der(t, oid("1.2.840.113549.1.7.2")), der(t, wrap(2, 0, sd))))
}

// sign makes a signed revision of a PDF.
func (p person) sign(t *testing.T, pdf []byte, h how) []byte {
	t.Helper()
	d := room(pdf, "ETSI.CAdES.detached")
	return d.put(p.cms(t, d.signed(), h))
}

// openssl signs with the tool of that name.
func (p person) openssl(t *testing.T, pdf []byte, args ...string) []byte {
	t.Helper()
	d := room(pdf, "adbe.pkcs7.detached")
	p.files(t, d.signed(), func(run func(...string), out func() []byte) {
		run(append([]string{"cms", "-sign", "-binary", "-outform", "DER", "-signer", "cert.pem", "-inkey", "key.pem", "-in", "body", "-out", "sig"}, args...)...)
		d.put(out())
	})
	return d.data
}

// files gives what openssl needs in a folder, a way to run it there, and what
// it wrote into the file sig.
func (p person) files(t *testing.T, content []byte, do func(run func(...string), out func() []byte)) {
	t.Helper()
	bin, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("there is no openssl on this machine")
	}
	dir := t.TempDir()
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), "body": content,
		"cert.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert.Raw}), "serial": []byte("01\n"),
		"ts.cnf": []byte("[tsa]\nserial=serial\ndefault_policy=1.2.3\ndigests=sha256\nsigner_digest=sha256\ness_cert_id_alg=sha256\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	do(func(args ...string) {
		cmd := exec.Command(bin, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}, func() []byte {
		sig, err := os.ReadFile(filepath.Join(dir, "sig"))
		if err != nil {
			t.Fatal(err)
		}
		return sig
	})
}

func read(t *testing.T, pdf []byte, roots ...*x509.Certificate) *Result {
	t.Helper()
	var pool *x509.CertPool
	if roots != nil {
		pool = x509.NewCertPool()
		for _, r := range roots {
			pool.AddCert(r)
		}
	}
	r := Read(bytes.NewReader(pdf), int64(len(pdf)), pool, at)
	if r == nil {
		t.Fatal("not taken for a PDF")
	}
	return r
}
