package checks

import (
	"math/big"
	"sync"
	"testing"
)

// A modulus is the same whether it was met before or not, and no more are kept
// than the bound.
func TestPrimality(t *testing.T) {
	for n, want := range map[int64][2]bool{23: {true, true}, 29: {true, false}, 15: {false, false}} {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if got := primality(big.NewInt(n)); got.prime != want[0] || got.safe != want[1] {
					t.Errorf("%d: prime %v, safe %v", n, got.prime, got.safe)
				}
			})
		}
		all.Wait()
	}
	for i := range int64(mostTested + 10) {
		primality(big.NewInt(1000 + i))
	}
	if len(primalities.by) > mostTested {
		t.Errorf("%d are kept", len(primalities.by))
	}
}
