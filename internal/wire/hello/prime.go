package hello

import (
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"sync"
)

// PrimeName names a prime of Diffie-Hellman that many servers share; "" if
// it is none of those. Who has broken it once (RFC 9325 §4.4) can read them
// all, as long as it is short.
func PrimeName(p *big.Int) string {
	if name, ok := defaults[fingerprint(p)]; ok {
		return name
	}
	return standards().names[fingerprint(p)]
}

// NamedPrime gives the prime of RFC 2409, RFC 3526 or RFC 7919 that PrimeName
// calls so; nil if there is none.
func NamedPrime(name string) *big.Int {
	if p := standards().primes[name]; p != nil {
		return new(big.Int).Set(p)
	}
	return nil
}

// fingerprint is enough of a hash that no two of these primes have it.
func fingerprint(p *big.Int) string {
	sum := sha256.Sum256(p.Bytes())
	return hex.EncodeToString(sum[:8])
}

// defaults are the primes that came with programs, or with RFC 5114, whose
// primes do not follow from a rule.
var defaults = map[string]string{
	"44c55cfee5c07592": "RFC 5114 group 22", "bfe545862ca102ad": "RFC 5114 group 23", "0b7835722cb61982": "RFC 5114 group 24",
	"3cdb020b9ef298b2": "Apache 2.0 default", "f79d1db3c955a28f": "Apache 2.0 default", // 512 and 1024 bits
	"db01e702899166da": "Apache 2.2 default", "bf910d9df4e0b2e7": "Apache 2.2 default", // likewise
	"8ae47dca3d24e9b6": "nginx default",
	"73b391ec8da33ee1": "Java default", "ee5483fe4b96caa1": "Java default", "cc21a33dd1a3edf4": "Java default", // 512, 768, 1024
	"f26e2403f3f07946": "OpenSSL default", "66d0bf38b0bdfacf": "OpenSSL default", // 512, 1024
	"3166ce1918000532": "OpenSSL default", "9e348a9471b7d123": "OpenSSL default", "ce7728db3aed1119": "OpenSSL default", // 2048 twice, 4096
}

// A rule makes a safe prime of the digits of a number that nobody has chosen:
// 2^bits - 2^(bits-64) - 1 + 2^64 * (floor(2^(bits-130) * number) + plus).
type rule struct {
	name string
	bits uint
	plus int64
}

var (
	ofPi = []rule{ // RFC 2409 §6, RFC 3526
		{"RFC 2409 group 1", 768, 149686}, {"RFC 2409 group 2", 1024, 129093}, {"RFC 3526 group 5", 1536, 741804},
		{"RFC 3526 group 14", 2048, 124476}, {"RFC 3526 group 15", 3072, 1690314}, {"RFC 3526 group 16", 4096, 240904},
		{"RFC 3526 group 17", 6144, 929484}, {"RFC 3526 group 18", 8192, 4743158},
	}
	ofE = []rule{ // RFC 7919 appendix A
		{"ffdhe2048", 2048, 560316}, {"ffdhe3072", 3072, 2625351}, {"ffdhe4096", 4096, 5736041},
		{"ffdhe6144", 6144, 15705020}, {"ffdhe8192", 8192, 10965728},
	}
)

// standard primes by name, and their names by fingerprint.
type standard struct {
	primes map[string]*big.Int
	names  map[string]string
}

var standards = sync.OnceValue(func() standard {
	s := standard{map[string]*big.Int{}, map[string]string{}}
	for number, rules := range map[*big.Int][]rule{pi(): ofPi, e(): ofE} {
		for _, r := range rules {
			p := r.prime(number)
			s.primes[r.name], s.names[fingerprint(p)] = p, r.name
		}
	}
	return s
})

// precision is of pi and e in bits behind the point.
const precision = 8192

func (r rule) prime(number *big.Int) *big.Int {
	one := big.NewInt(1)
	power := func(n uint) *big.Int { return new(big.Int).Lsh(one, n) }
	digits := new(big.Int).Rsh(number, precision-(r.bits-130))
	digits.Add(digits, big.NewInt(r.plus))
	p := power(r.bits)
	p.Sub(p, power(r.bits-64)).Sub(p, one)
	return p.Add(p, digits.Lsh(digits, 64))
}

// guard bits keep rounding away from the last digits that count.
const guard = 64

// pi is by Machin: 16 arctan(1/5) - 4 arctan(1/239).
func pi() *big.Int {
	a := new(big.Int).Mul(big.NewInt(16), arctan(5))
	b := new(big.Int).Mul(big.NewInt(4), arctan(239))
	return a.Sub(a, b).Rsh(a, guard)
}

// arctan is that of 1/x: 1/x - 1/3x³ + 1/5x⁵ - …
func arctan(x int64) *big.Int {
	power := new(big.Int).Lsh(big.NewInt(1), precision+guard)
	power.Quo(power, big.NewInt(x))
	sum, square := new(big.Int), big.NewInt(x*x)
	for n := int64(1); power.Sign() > 0; n += 2 {
		term := new(big.Int).Quo(power, big.NewInt(n))
		if n%4 == 3 {
			term.Neg(term)
		}
		sum.Add(sum, term)
		power.Quo(power, square)
	}
	return sum
}

// e is 1 + 1/1! + 1/2! + …
func e() *big.Int {
	term := new(big.Int).Lsh(big.NewInt(1), precision+guard)
	sum := new(big.Int)
	for n := int64(1); term.Sign() > 0; n++ {
		sum.Add(sum, term)
		term.Quo(term, big.NewInt(n))
	}
	return sum.Rsh(sum, guard)
}
