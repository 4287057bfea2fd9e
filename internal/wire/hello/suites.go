package hello

import (
	"slices"
	"sync"
)

// batchSize is how many suites one hello names where a server is not yet known
// to take more. Some old servers fail on more than 128, and a hello of this
// many stays below 512 bytes.
const batchSize = 100

// usual are the suites that nearly every server has one of. They go first, so
// that one connection settles nearly every version.
var usual = []uint16{
	0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, // ECDHE, AEAD
	0x009e, 0x009f, 0xccaa, 0x009c, 0x009d, // DHE and RSA, AEAD
	0xc009, 0xc013, 0xc00a, 0xc014, 0xc023, 0xc027, 0xc024, 0xc028, // ECDHE, CBC
	0x0033, 0x0039, 0x0067, 0x006b, 0x0045, 0x0088, // DHE, CBC
	0x002f, 0x0035, 0x003c, 0x003d, 0x0041, 0x0084, // RSA, CBC
	0xc008, 0xc012, 0x0016, 0x000a, // 3DES
	0xc007, 0xc011, 0x0005, 0x0004, // RC4
	0x0015, 0x0009, 0x0014, 0x0008, 0x0006, 0x0003, // DES and export
	0x0032, 0x0038, 0x0013, // DSS
}

// usual13 are those of RFC 8446 §B.4.
var usual13 = []uint16{0x1301, 0x1302, 0x1303, 0x1304, 0x1305}

// pool is all suites that versions have in common: TLS 1.3 has its own.
type pool struct {
	first, rest []uint16    // the usual ones, and the others by number
	lists       [2][]uint16 // all of them, forward and backward, the usual ones last
}

var pools = sync.OnceValue(func() map[bool]pool {
	out := map[bool]pool{}
	for is13, first := range map[bool][]uint16{true: usual13, false: usual} {
		p := pool{first: first}
		for _, s := range table() {
			if s.ID <= 0xffff && (s.since() == TLS13) == is13 && !slices.Contains(first, uint16(s.ID)) {
				p.rest = append(p.rest, uint16(s.ID))
			}
		}
		for turn := range p.lists {
			p.lists[turn] = slices.Concat(turned(turn, p.rest), turned(turn, first))
		}
		out[is13] = p
	}
	return out
})

func poolOf(v Version) pool { return pools()[v == TLS13] }

// suitesOf lists the suites of TLS 1.3, or all that are older, in two lots.
func suitesOf(v Version) (first, rest []uint16) {
	p := poolOf(v)
	return slices.Clone(p.first), slices.Clone(p.rest)
}

// batches lists every suite that fits the version, in lots of a size that no
// server chokes on, the usual ones first. Only a server that refused each lot
// can be said to have no suite in common with us.
func batches(v Version) [][]uint16 {
	first, rest := suitesOf(v)
	if v == TLS13 {
		// The suites of TLS 1.2 let an older server answer with its version.
		return [][]uint16{slices.Concat(first, rest, usual[:11])}
	}
	tooNew := func(id uint16) bool { return Find(uint32(id)).since() > v }
	first, rest = slices.DeleteFunc(first, tooNew), slices.DeleteFunc(rest, tooNew)
	return append([][]uint16{first}, slices.Collect(slices.Chunk(rest, batchSize))...)
}
