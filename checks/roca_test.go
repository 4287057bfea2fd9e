package checks

import (
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"testing"
)

func TestROCA(t *testing.T) {
	m := big.NewInt(1)
	for _, p := range rocaPrimes {
		m.Mul(m, big.NewInt(p))
	}
	// a modulus of the form that the library gives, and one just beside it
	for _, e := range []int64{0, 1, 77, 123456789} {
		n := new(big.Int).Exp(big.NewInt(65537), big.NewInt(e), m)
		n.Add(n, new(big.Int).Lsh(m, 1024))
		if !rocaModulus(n) {
			t.Errorf("65537^%d is not found", e)
		}
		if rocaModulus(n.Add(n, big.NewInt(1))) {
			t.Errorf("65537^%d + 1 is taken for one", e)
		}
	}
	for range 3 {
		key, err := rsa.GenerateKey(rand.Reader, 1024)
		if err != nil {
			t.Fatal(err)
		}
		if rocaModulus(key.N) {
			t.Error("a sound key is taken for a weak one")
		}
	}
}
