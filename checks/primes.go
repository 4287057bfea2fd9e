package checks

import (
	"crypto/sha256"
	"math/big"
	"sync"
)

// tested is what is known of a modulus.
type tested struct {
	once        sync.Once
	prime, safe bool // safe: and half of it is prime too
}

// primalities keeps what was found of moduli: many servers have the same, from
// the file that came with them.
var primalities struct {
	sync.Mutex
	by map[[sha256.Size]byte]*tested
}

// mostTested bounds the moduli that are kept.
const mostTested = 4096

// primality tells whether a number is a prime, and a safe one. None of those
// that servers give is longer than 8192 bits, which costs about a second.
func primality(n *big.Int) *tested {
	key := sha256.Sum256(n.Bytes())
	primalities.Lock()
	t := primalities.by[key]
	if t == nil {
		if len(primalities.by) >= mostTested || primalities.by == nil {
			primalities.by = map[[sha256.Size]byte]*tested{}
		}
		t = &tested{}
		primalities.by[key] = t
	}
	primalities.Unlock()
	t.once.Do(func() {
		t.prime = n.ProbablyPrime(1)
		t.safe = t.prime && new(big.Int).Rsh(n, 1).ProbablyPrime(1)
	})
	return t
}
