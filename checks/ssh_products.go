package checks

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed ssh_products.txt
var sshProductList string

// sshProducts are the products that come with a host key ready made, by its
// fingerprint. Whoever has one such device can pass for all others.
var sshProducts = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(sshProductList) {
		if fingerprint, product, ok := strings.Cut(strings.TrimSpace(line), " "); ok && fingerprint != "#" {
			out[fingerprint] = product
		}
	}
	return out
})
