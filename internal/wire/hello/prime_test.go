package hello

import (
	"math/big"
	"strings"
	"testing"
)

// TestStandards proves each prime that is made by a rule to be a safe one; no
// wrong digit and no wrong addend could be.
func TestStandards(t *testing.T) {
	names := standards().names
	if len(names) != len(ofPi)+len(ofE) {
		t.Errorf("%d primes", len(names))
	}
	for number, rules := range map[*big.Int][]rule{pi(): ofPi, e(): ofE} {
		for _, r := range rules {
			p := r.prime(number)
			half := new(big.Int).Rsh(p, 1)
			if r.bits > 4096 && testing.Short() {
				continue
			}
			if p.BitLen() != int(r.bits) || !p.ProbablyPrime(0) || !half.ProbablyPrime(0) {
				t.Errorf("%s: no safe prime of %d bits: %x", r.name, r.bits, p)
			}
			if got := PrimeName(p); got != r.name {
				t.Errorf("%s is called %q", r.name, got)
			}
		}
	}
}

// oakley2 is printed in RFC 2409 §6.2, apache22 in mod_ssl's ssl_engine_dh.c.
const (
	oakley2 = `FFFFFFFF FFFFFFFF C90FDAA2 2168C234 C4C6628B 80DC1CD1 29024E08 8A67CC74 020BBEA6 3B139B22 514A0879 8E3404DD
		EF9519B3 CD3A431B 302B0A6D F25F1437 4FE1356D 6D51C245 E485B576 625E7EC6 F44C42E9 A637ED6B 0BFF5CB6 F406B7ED
		EE386BFB 5A899FA5 AE9F2411 7C4B1FE6 49286651 ECE65381 FFFFFFFF FFFFFFFF`
	apache22 = `9FDB8B8A 004544F0 045F1737 D0BA2E0B 274CDF1A 9F588218 FB435316 A16E3741
		71FD19D8 D8F37C39 BF863FD6 0E3E3006 80A3030C 6E4C3757 D08F70E6 AA871033`
)

func TestPrimeName(t *testing.T) {
	for digits, want := range map[string]string{oakley2: "RFC 2409 group 2", apache22: "Apache 2.2 default", "F1": ""} {
		p, ok := new(big.Int).SetString(strings.Join(strings.Fields(digits), ""), 16)
		if got := PrimeName(p); !ok || got != want {
			t.Errorf("called %q, want %q", got, want)
		}
	}
}
