package lab

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"sync"
	"time"
)

// authority is a certification authority in memory: a root that clients may
// trust, and an intermediate that signs for servers.
type authority struct {
	root, inter *x509.Certificate
	key         *ecdsa.PrivateKey // of the intermediate
}

var (
	// practice is the authority whose root CAPEM gives away.
	practice = sync.OnceValue(func() *authority { return newAuthority("Sansang Practice") })
	// stranger is one that nobody trusts.
	stranger = sync.OnceValue(func() *authority { return newAuthority("Sansang Stranger") })
)

// CAPEM gives the root certificate of the practice CA. It is made in memory
// once per process, and its key is on no disk.
func CAPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: practice().root.Raw})
}

// newAuthority panics if the standard library cannot sign: there is nothing a
// caller could do about it.
func newAuthority(name string) *authority {
	rootKey, interKey := mustKey(), mustKey()
	root := mustCertify(caTemplate(name+" Root CA", 10), nil, rootKey, rootKey)
	inter := mustCertify(caTemplate(name+" Intermediate CA", 5), root, interKey, rootKey)
	return &authority{root: root, inter: inter, key: interKey}
}

func caTemplate(name string, years int) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		Subject:               pkix.Name{Organization: []string{"Sansang Lab"}, CommonName: name},
		NotBefore:             now.AddDate(-1, 0, 0), // before every leaf, expired ones too
		NotAfter:              now.AddDate(years, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
}

func mustKey() *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(fmt.Sprintf("lab: making a P-256 key: %v", err))
	}
	return k
}

// mustCertify signs template for key with signer; a nil parent means the
// certificate signs itself.
func mustCertify(template, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) *x509.Certificate {
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		panic(fmt.Sprintf("lab: signing %q: %v", template.Subject, err))
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		panic(fmt.Sprintf("lab: reading back %q: %v", template.Subject, err))
	}
	return c
}
