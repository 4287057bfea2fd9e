package pdfsig

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func want(t *testing.T, r *Result, s State, says string) {
	t.Helper()
	if r.State != s || !strings.Contains(r.Why.En, says) || (s == Invalid || s == Unknown) && !r.Why.Whole() {
		b, _ := json.Marshal(r)
		t.Errorf("state %s (%s), want %s (%s)\n%s", r.State, r.Why.En, s, says, b)
	}
}

func TestUnsigned(t *testing.T) {
	want(t, read(t, body()), Unsigned, "")
	if r := Read(strings.NewReader("PK\x03\x04 a text"), 12, nil, at); r != nil {
		t.Errorf("a file that is no PDF has the state %s", r.State)
	}
}

// What a real tool signs verifies, and does not once a byte was changed.
func TestOpenSSL(t *testing.T) {
	for _, c := range []struct {
		key    string
		args   []string
		digest string
	}{
		{"rsa", []string{"-md", "sha256"}, "SHA-256"},
		{"rsa", []string{"-md", "sha384"}, "SHA-384"},
		{"rsa", []string{"-md", "sha256", "-noattr"}, "SHA-256"},
		{"rsa", []string{"-md", "sha512", "-keyopt", "rsa_padding_mode:pss"}, "SHA-512"},
		{"rsa", []string{"-md", "sha256", "-keyid"}, "SHA-256"},
		{"rsa", []string{"-md", "sha256", "-cades"}, "SHA-256"},
		{"ecdsa", []string{"-md", "sha256"}, "SHA-256"},
		{"ecdsa", []string{"-md", "sha384", "-noattr"}, "SHA-384"},
	} {
		t.Run(c.key+strings.Join(c.args, ""), func(t *testing.T) {
			p := signer(t, c.key)
			pdf := p.openssl(t, body(), c.args...)
			r := read(t, pdf)
			want(t, r, Valid, "")
			s := r.Last()
			if s.Signer.Common != "Nguyễn Văn An" || s.Issuer.Common != "CA thử nghiệm" || s.Digest != c.digest || !s.Whole || s.Chain != ChainNotChecked {
				t.Errorf("signature = %+v", s)
			}
			i := bytes.Index(pdf, []byte("MediaBox"))
			pdf[i+11]++
			want(t, read(t, pdf), Invalid, map[bool]string{true: "changed", false: "does not fit"}[c.args[len(c.args)-1] != "-noattr"])
		})
	}
}

func TestSignatures(t *testing.T) {
	p, other := signer(t, "rsa"), signer(t, "ecdsa")
	for _, c := range []struct {
		name string
		by   person
		how  how
		want State
		says string
	}{
		{"PAdES", p, how{claims: at}, Valid, ""},
		{"ECDSA", other, how{hash: crypto.SHA384}, Valid, ""},
		{"Ed25519", signer(t, "ed25519"), how{hash: crypto.SHA512}, Valid, ""},
		{"PSS", p, how{pss: true, hash: crypto.SHA384}, Valid, ""},
		{"SHA-1", p, how{hash: crypto.SHA1}, Unknown, "SHA-1"},
		{"SHA-1 with ECDSA", other, how{hash: crypto.SHA1, bare: true}, Unknown, "SHA-1"},
		{"short key", signer(t, "rsa-1024"), how{}, Unknown, "2048 bits"},
		{"another hash than it says", p, how{hash: crypto.SHA512, says: crypto.SHA256}, Invalid, "changed"},
		{"no messageDigest", p, how{without: oidMessageDigest}, Invalid, "missing"},
		{"no contentType", p, how{without: oidContentType}, Invalid, "missing"},
		{"two digests", p, how{twice: true}, Invalid, "missing"},
		{"certificate of another", p, how{certOf: other.cert}, Invalid, "not the one that signed"},
		{"key of another", person{key: other.key, cert: signer(t, "ed25519").cert, root: p.root}, how{}, Unknown, "algorithm"},
		{"forged", person{key: keys()["rsa"], cert: signer(t, "rsa-1024").cert, root: p.root}, how{}, Invalid, "does not fit"},
		{"GOST", p, how{wrongAlgorithm: true}, Unknown, "algorithm"},
		{"no certificate", p, how{noCert: true}, Unknown, "is not there"},
		{"two signers", p, how{signers: 2}, Unknown, "several"},
		{"no signer", p, how{signers: -1}, Invalid, "holds no signature"},
		{"carries its content", p, how{inner: []byte("x"), innerType: oidData}, Unknown, "carries"},
		{"signed before the certificate", p, how{claims: at.AddDate(-20, 0, 0)}, Unknown, "not in force"},
	} {
		t.Run(c.name, func(t *testing.T) { want(t, read(t, c.by.sign(t, body(), c.how)), c.want, c.says) })
	}
}

func TestChainAndTime(t *testing.T) {
	p, stranger := signer(t, "ecdsa"), signer(t, "ecdsa")
	pdf := p.sign(t, body(), how{claims: at.Add(-time.Hour)})
	for _, c := range []struct {
		roots []*x509.Certificate
		want  Chain
	}{{nil, ChainNotChecked}, {[]*x509.Certificate{p.root}, ChainTrusted}, {[]*x509.Certificate{stranger.root}, ChainUntrusted}} {
		s := read(t, pdf, c.roots...).Last()
		if s.State != Valid || s.Chain != c.want || (s.ChainWhy != "") != (c.want == ChainUntrusted) || !s.Signed.Equal(at.Add(-time.Hour)) {
			t.Errorf("signature = %+v, want the chain %s", s, c.want)
		}
	}
	// without a signed time, what the dictionary claims
	if s := read(t, p.sign(t, body(), how{})).Last(); !s.Signed.Equal(at) {
		t.Errorf("signed %v, want %v", s.Signed, at)
	}
}

func TestRevisions(t *testing.T) {
	p, q := signer(t, "rsa"), signer(t, "ecdsa")
	one := p.sign(t, body(), how{})
	want(t, read(t, append(bytes.Clone(one), "\r\n\n"...)), Valid, "")
	want(t, read(t, append(bytes.Clone(one), "3 0 obj\n<< /Type /Page >>\nendobj\n%%EOF\n"...)), Unknown, "added after")
	two := q.sign(t, one, how{})
	r := read(t, two)
	want(t, r, Valid, "")
	if len(r.Signatures) != 2 || r.Signatures[0].Whole || !r.Signatures[1].Whole || r.Last().Digest != "SHA-256" {
		t.Errorf("signatures = %+v", r.Signatures)
	}
	want(t, read(t, two[:len(one)]), Valid, "")
	// a byte of the first revision breaks both, one of the second only the last
	both, last := bytes.Clone(two), bytes.Clone(two)
	both[bytes.Index(both, []byte("MediaBox"))]++
	last[len(last)-4]++
	for i, pdf := range [][]byte{both, last} {
		r := read(t, pdf)
		want(t, r, Invalid, fmt.Sprintf("signature %d of 2", i+1))
	}
	want(t, read(t, two[:len(two)-20]), Invalid, "cut")
}

func TestTimestamp(t *testing.T) {
	p, tsa := signer(t, "rsa"), signer(t, "ecdsa")
	one := p.sign(t, body(), how{})
	stamp := func(of func([]byte) []byte) []byte {
		d := room(one, "ETSI.RFC3161")
		var info tstInfo
		info.Version, info.Policy, info.Serial, info.Time = 1, oid("1.2.3"), p.cert.SerialNumber, at.Add(time.Minute)
		info.Imprint.Algorithm.Algorithm, info.Imprint.Digest = oid("2.16.840.1.101.3.4.2.1"), sum(crypto.SHA256, [][]byte{of(d.signed())})
		b, err := asn1.Marshal(info)
		if err != nil {
			t.Fatal(err)
		}
		return d.put(tsa.cms(t, nil, how{inner: b, innerType: oidTSTInfo}))
	}
	r := read(t, stamp(func(b []byte) []byte { return b }))
	want(t, r, Valid, "")
	if s := r.Signatures[1]; !s.Timestamp || !s.Signed.Equal(at.Add(time.Minute)) || r.Last() != &r.Signatures[0] {
		t.Errorf("the timestamp is %+v", s)
	}
	want(t, read(t, stamp(func(b []byte) []byte { return b[1:] })), Invalid, "changed")
}

// Ranges that leave room for something unsigned, each with a signature that
// fits the bytes it says it covers.
func TestByteRange(t *testing.T) {
	p := signer(t, "ecdsa")
	for _, c := range []struct {
		name string
		n    func(start, end, size int) []int
		want State
		says string
	}{
		{"as it must be", func(s, e, n int) []int { return []int{0, s, e, n - e} }, Valid, ""},
		{"not from the beginning", func(s, e, n int) []int { return []int{20, s - 20, e, n - e} }, Invalid, "beginning"},
		{"gap wider than the signature", func(s, e, n int) []int { return []int{0, s - 40, e, n - e} }, Invalid, "more than the signature"},
		{"gap to the end", func(s, e, n int) []int { return []int{0, s, e + 7, n - e - 7} }, Invalid, "more than the signature"},
		{"gap elsewhere", func(s, e, n int) []int { return []int{0, 20, 40, n - 40} }, Invalid, "more than the signature"},
		{"overlapping", func(s, e, n int) []int { return []int{0, e, s, n - s} }, Invalid, "overlap"},
		{"beyond the file", func(s, e, n int) []int { return []int{0, s, e, n} }, Invalid, "beyond"},
		{"far beyond", func(s, e, n int) []int { return []int{0, s, e, 9223372036854775807} }, Invalid, "beyond"},
		{"negative", func(s, e, n int) []int { return []int{0, s, e, -5} }, Invalid, "negative"},
		{"three numbers", func(s, e, n int) []int { return []int{0, s, e} }, Invalid, "four"},
		{"three ranges", func(s, e, n int) []int { return []int{0, s, e, 1, e + 1, 5} }, Invalid, "four"},
		{"shorter than the file", func(s, e, n int) []int { return []int{0, s, e, 8} }, Unknown, "added after"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := room(body(), "ETSI.CAdES.detached")
			n := c.n(d.start, d.end, len(d.data))
			d.ranges(n...)
			signed := d.signed()
			if c.want != Invalid {
				signed = append(bytes.Clone(d.data[:n[1]]), d.data[n[2]:n[2]+n[3]]...)
			}
			want(t, read(t, d.put(p.cms(t, signed, how{}))), c.want, c.says)
		})
	}
}

func TestForms(t *testing.T) {
	p := signer(t, "ecdsa")
	good := string(p.sign(t, body(), how{}))
	start, end := strings.Index(good, "/Contents <3"), strings.Index(good, "> >>\nendobj\ntrailer\n<< /Root 1 0 R /Size 99")
	cms := good[start+len("/Contents ") : end+1]
	for _, c := range []struct {
		name, from, to string
		want           State
		says           string
	}{
		{"not hexadecimal", "/Contents <3", "/Contents <z", Unknown, "not hexadecimal"},
		{"broken CMS", "/Contents <30", "/Contents <00", Unknown, "cannot be read"},
		{"a literal string", cms, "(" + cms[1:len(cms)-1] + ")", Unknown, "not hexadecimal"},
		{"old form", "/ETSI.CAdES.detached", "/adbe.pkcs7.sha1____", Unknown, "the form"},
		{"range elsewhere", "/ByteRange [0", "/ByteRange 5 0 R /X [0", Unknown, "does not say"},
		{"damaged", "/ByteRange [0", "/ByteRange 5 0 R [0", Unknown, "damaged"},
		{"escaped name", "/ByteRange ", "/Byte#52ange ", Invalid, "changed"},
		{"no range", "/ByteRange [0", "/ByteRangf [0", Unknown, "does not say"},
		{"no content", "/Contents <3", "/Contentt <3", Invalid, "no content"},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := strings.LastIndex(good, c.from)
			pdf := good[:i] + c.to + good[i+len(c.from):]
			if c.name == "escaped name" { // keep the places as they are
				pdf = strings.Replace(pdf, "  /Contents", "/Contents", 1)
			}
			want(t, read(t, []byte(pdf)), c.want, c.says)
		})
	}
}

func TestBounds(t *testing.T) {
	if r := Read(bytes.NewReader(body()), MaxBytes+1, nil, time.Now()); r.State != Unknown || !strings.Contains(r.Why.En, "MB") {
		t.Errorf("a large file: %+v", r)
	}
	large := string(body()) + "9 0 obj << /Type /Sig /Contents <" + strings.Repeat("0", maxCMS) + "> /ByteRange "
	at := strings.LastIndex(large, "<00")
	large += fmt.Sprintf("[0 %d %d 8] >> endobj", at, at+maxCMS+2)
	want(t, read(t, []byte(large)), Unknown, "larger than any")
	many := body()
	for range maxSignatures + 1 {
		many = append(many, "9 0 obj << /Type /Sig /ByteRange [0 1 2 3] /Contents <00> >> endobj\n"...)
	}
	want(t, read(t, many), Unknown, "more than")
	for name, s := range map[string]string{"brackets": "[", "dictionaries": "<</A", "strings": "(", "delimiters": ">]", "objects": "1 0 obj ( endobj", "streams": "<<>>stream ", "comments": "%", "numbers": "1 0 "} {
		if r := read(t, append([]byte("%PDF-1.4\n"), strings.Repeat(s, 1<<20/len(s))...)); r.State != Unsigned {
			t.Errorf("a million %s: %+v", name, r)
		}
	}
}

// A timestamp that a real authority makes is read too.
func TestOpenSSLTimestamp(t *testing.T) {
	p := signer(t, "rsa")
	d := room(body(), "ETSI.RFC3161")
	p.files(t, d.signed(), func(run func(...string), out func() []byte) {
		run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.pem", "-days", "30", "-subj", "/CN=TSA", "-addext", "extendedKeyUsage=critical,timeStamping")
		run("ts", "-query", "-data", "body", "-sha256", "-cert", "-out", "query")
		run("ts", "-reply", "-queryfile", "query", "-config", "ts.cnf", "-section", "tsa", "-signer", "tsa.pem", "-inkey", "tsa.key", "-token_out", "-out", "sig")
		r := read(t, d.put(out()))
		want(t, r, Valid, "")
		if s := r.Signatures[0]; !s.Timestamp || s.Signer.Common != "TSA" || r.Last() != nil || s.Signed.IsZero() {
			t.Errorf("%+v", s)
		}
	})
}
