package nuclei

import (
	"unsafe"

	"github.com/Mzack9999/gcache"
	"github.com/projectdiscovery/nuclei/v3/pkg/protocols/common/protocolstate"
)

// forgetful keeps nothing. The modules of scripts keep what they found out by
// host and port, for all engines and the life of the process, and also a
// "false" that came of an error they passed over.
type forgetful struct {
	gcache.Cache[uint64, any]
}

// GetIFPresent finds nothing.
func (forgetful) GetIFPresent(uint64) (any, error) { return nil, gcache.KeyNotFoundError }

// Set keeps nothing.
func (forgetful) Set(uint64, any) error { return nil }

// forget puts it in place. The cache is the memoizer's first field, and it has
// no setter; a test holds that what is done twice is done twice.
func forget() {
	(*struct{ cache gcache.Cache[uint64, any] })(unsafe.Pointer(protocolstate.Memoizer)).cache = forgetful{}
}
