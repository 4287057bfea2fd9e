package lab

import (
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"net/netip"
	"time"
)

const day = 24 * time.Hour

// paper plans the certificate that a server shows. Bad recipes spoil one field
// of a good plan.
type paper struct {
	leaf   x509.Certificate
	key    func() (crypto.Signer, error)
	issuer *authority // nil: the certificate signs itself
	alone  bool       // the intermediate is withheld
}

// goodPaper plans an ECDSA P-256 certificate of the practice CA for every name
// under which the server at host can be reached, valid for 90 days.
func goodPaper(host netip.Addr) paper {
	ips := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if ip := net.IP(host.AsSlice()); !ip.Equal(ips[0]) && !ip.Equal(ips[1]) {
		ips = append(ips, ip)
	}
	return paper{
		leaf: x509.Certificate{
			Subject:     pkix.Name{Organization: []string{"Sansang Lab"}, CommonName: "localhost"},
			DNSNames:    []string{"localhost"},
			IPAddresses: ips,
			KeyUsage:    x509.KeyUsageDigitalSignature,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		},
		key:    func() (crypto.Signer, error) { return mustKey(), nil },
		issuer: practice(),
	}.validFrom(-time.Hour, 90*day)
}

// validFrom sets the validity: it begins that long from now and lasts.
func (p paper) validFrom(begins, lasts time.Duration) paper {
	p.leaf.NotBefore = time.Now().Add(begins)
	p.leaf.NotAfter = p.leaf.NotBefore.Add(lasts - time.Second) // both ends count: RFC 5280, 4.1.2.5
	return p
}

// issue makes the key and signs the certificate.
func (p paper) issue() (tls.Certificate, error) {
	key, err := p.key()
	if err != nil {
		return tls.Certificate{}, err
	}
	parent, signer := &p.leaf, key
	if p.issuer != nil {
		parent, signer = p.issuer.inter, p.issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, &p.leaf, parent, key.Public(), signer)
	if err != nil {
		return tls.Certificate{}, err
	}
	chain := [][]byte{der}
	if p.issuer != nil && !p.alone {
		chain = append(chain, p.issuer.inter.Raw)
	}
	return tls.Certificate{Certificate: chain, PrivateKey: key}, nil
}
