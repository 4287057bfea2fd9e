package certlint

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	domainValidated = mustOID(2, 23, 140, 1, 2, 1)
	begins          = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
)

func mustOID(arcs ...uint64) x509.OID {
	id, err := x509.OIDFromInts(arcs)
	if err != nil {
		panic(err)
	}
	return id
}

// paper makes certificates as public authorities issue them in 2026: by the
// profiles of the Baseline Requirements 2.x, with a CRL and without OCSP.
type paper struct {
	leaf, inter, root x509.Certificate
}

func goodPaper() paper {
	serial := func(b byte) *big.Int { return new(big.Int).SetBytes(slices.Repeat([]byte{b}, 16)) }
	ca := x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature, NotBefore: begins.AddDate(-1, 0, 0)}
	p := paper{root: ca, inter: ca}
	p.root.SerialNumber, p.root.NotAfter = serial(1), begins.AddDate(9, 0, 0)
	p.root.Subject = pkix.Name{Country: []string{"VN"}, Organization: []string{"Example Trust"}, CommonName: "Example Root R1"}
	p.inter.SerialNumber, p.inter.NotAfter, p.inter.MaxPathLenZero = serial(2), begins.AddDate(2, 0, 0), true
	p.inter.Subject = pkix.Name{Country: []string{"VN"}, Organization: []string{"Example Trust"}, CommonName: "E7"}
	p.inter.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	p.inter.Policies = []x509.OID{domainValidated}
	p.inter.IssuingCertificateURL = []string{"http://r1.example.com/"}
	p.inter.CRLDistributionPoints = []string{"http://r1.example.com/r1.crl"}
	p.leaf = x509.Certificate{
		SerialNumber: serial(3), NotBefore: begins, NotAfter: begins.AddDate(0, 0, 90).Add(-time.Second), DNSNames: []string{"ubnd.example.com"},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
		Policies:              []x509.OID{domainValidated},
		IssuingCertificateURL: []string{"http://e7.example.com/"}, CRLDistributionPoints: []string{"http://e7.example.com/1.crl"},
	}
	return p
}

// issue signs the leaf and the intermediate.
func (p paper) issue(t testing.TB) (leaf, inter []byte) {
	t.Helper()
	keys := [3]*ecdsa.PrivateKey{}
	for i := range keys {
		var err error
		if keys[i], err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	sign := func(c, by *x509.Certificate, key, signer *ecdsa.PrivateKey) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, c, by, key.Public(), signer)
		if err != nil {
			t.Fatal(err)
		}
		made, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	root := sign(&p.root, &p.root, keys[0], keys[0])
	i := sign(&p.inter, root, keys[1], keys[0])
	return sign(&p.leaf, i, keys[2], keys[1]).Raw, i.Raw
}

// TestLint holds that a certificate as they should be passes but for what RFC
// 5280 would like to see, and that a spoiled one is found out.
func TestLint(t *testing.T) {
	const wished = "w_ext_subject_key_identifier_missing_sub_cert" // §4.2.1.2, which the Baseline Requirements advise against
	for _, c := range []struct {
		name  string
		spoil func(*paper)
		want  string // of the leaf beside what is wished, with its source
	}{
		{"good", func(*paper) {}, ""},
		{"name too long", func(p *paper) { p.leaf.Subject.CommonName = strings.Repeat("ubnd.", 16) + "example.com" }, "e_subject_common_name_max_length RFC 5280, " +
			"e_subject_common_name_not_exactly_from_san CA/B Forum BR, w_subject_common_name_included CA/B Forum BR"},
		{"no such domain", func(p *paper) { p.leaf.DNSNames = []string{"ubnd.noi-bo"} }, "e_dnsname_not_valid_tld CA/B Forum BR"},
		{"too long a life", func(p *paper) { p.leaf.NotAfter = begins.AddDate(3, 0, 0) }, "e_sub_cert_valid_time_longer_than_825_days CA/B Forum BR, " +
			"e_tls_server_cert_valid_time_longer_than_398_days Apple, w_tls_server_cert_valid_time_longer_than_397_days Apple"},
		{"of before OCSP was optional", func(p *paper) { p.leaf.NotBefore, p.leaf.NotAfter = begins.AddDate(-3, 0, 0), begins.AddDate(-3, 3, 0) },
			"e_sub_cert_aia_does_not_contain_ocsp_url CA/B Forum BR"},
	} {
		p := goodPaper()
		c.spoil(&p)
		leaf, inter := p.issue(t)
		found, err := Lint(leaf)
		var said []string
		for _, f := range found {
			if f.Name == wished && !f.Error && f.Standard {
				continue
			}
			said = append(said, f.Name+" "+f.Source)
			if f.Error != strings.HasPrefix(f.Name, "e_") || f.Standard != strings.HasPrefix(f.Source, "RFC") || f.Section == "" || f.About == "" {
				t.Errorf("%s: %+v", c.name, f)
			}
		}
		if got := strings.Join(said, ", "); got != c.want || err != nil || len(found) == len(said) {
			t.Errorf("%s: %s, %v; want %s", c.name, got, err, c.want)
		}
		if found, err := Lint(inter); err != nil || len(found) > 0 {
			t.Errorf("%s: the intermediate: %v, %v", c.name, found, err)
		}
	}
	if found, err := Lint([]byte("no certificate")); err == nil || found != nil {
		t.Errorf("no certificate: %v, %v", found, err)
	}
}

// FuzzLint holds that no certificate makes it panic.
func FuzzLint(f *testing.F) {
	leaf, inter := goodPaper().issue(f)
	f.Add(leaf)
	f.Add(inter)
	f.Fuzz(func(t *testing.T, der []byte) {
		if found, err := Lint(der); err != nil && found != nil {
			t.Errorf("both findings and an error: %v, %v", found, err)
		}
	})
}
