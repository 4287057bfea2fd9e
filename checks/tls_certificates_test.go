package checks

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"strings"
	"testing"
)

// TestHugeKeyIsNotChecked holds that a key nobody has is not calculated with.
func TestHugeKeyIsNotChecked(t *testing.T) {
	t.Parallel()
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	n := new(big.Int).SetBit(big.NewInt(1), 200_000, 1)
	leaf := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, &rsa.PublicKey{N: n, E: 1<<31 - 1}, signer)
	if err != nil {
		t.Fatal(err)
	}
	s := &certificateSurvey{p: new(Probe)}
	if row, err := s.row([][]byte{der}); err == nil || !strings.Contains(err.Error(), "RSA key of 200001 bits") {
		t.Errorf("%+v, %v", row, err)
	}
}
