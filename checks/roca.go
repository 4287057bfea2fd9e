package checks

import (
	"crypto/rsa"
	"crypto/x509"
	"math/big"
)

// rocaPrimes are those whose residues tell: Nemec and others, "The Return of
// Coppersmith's Attack", ACM CCS 2017, §3.
var rocaPrimes = []int64{3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83,
	89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167}

// bearsROCA tells whether the modulus could come from the library of
// CVE-2017-15361: its primes, and so their product, are powers of 65537 modulo
// each of these small primes. Of other keys fewer than one in 2^27 looks so.
func bearsROCA(c *x509.Certificate) bool {
	key, ok := c.PublicKey.(*rsa.PublicKey)
	return ok && rocaModulus(key.N)
}

func rocaModulus(n *big.Int) bool {
	for _, p := range rocaPrimes {
		rest := new(big.Int).Mod(n, big.NewInt(p)).Int64()
		power := int64(1)
		for i := int64(0); power != rest; i++ {
			if power = power * (65537 % p) % p; i >= p || power == 1 {
				return false
			}
		}
	}
	return true
}
