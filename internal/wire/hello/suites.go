package hello

import "slices"

// batchSize is how many suites one hello names. Some old servers fail on more
// than 128, and a hello of this many stays below 512 bytes.
const batchSize = 100

// A span is a run of cipher suites as the IANA registry lists them, and the
// first version in which they may be used.
type span struct {
	first, last uint16
	since       Version
}

// spans lists every suite up to TLS 1.2 that IANA has assigned, and those that
// were in use without: export suites with 56 bits (0x0060), the first ChaCha20
// ones (0xcc13), FIPS suites of Netscape (0xfefe). 0x0000 is absent because it
// is no suite that one may choose, 0x5600 because it means "I am falling back".
var spans = []span{
	{0x0001, 0x003a, SSL3},
	{0x003b, 0x0040, TLS12},
	{0x0041, 0x0046, SSL3},
	{0x0060, 0x0066, SSL3},
	{0x0067, 0x006d, TLS12},
	{0x0080, 0x009b, SSL3},
	{0x009c, 0x00ad, TLS12},
	{0x00ae, 0x00b9, TLS10},
	{0x00ba, 0x00c5, TLS12},
	{0xc001, 0xc022, SSL3},
	{0xc023, 0xc032, TLS12},
	{0xc033, 0xc03b, TLS10},
	{0xc03c, 0xc0b3, TLS12},
	{0xc100, 0xc102, TLS12},
	{0xcc13, 0xcc15, TLS12},
	{0xcca8, 0xccae, TLS12},
	{0xd001, 0xd003, TLS12},
	{0xd005, 0xd005, TLS12},
	{0xfefe, 0xfeff, SSL3},
}

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

// tls13Suites are all of TLS 1.3: RFC 8446 B.4, RFC 8998, RFC 9150, RFC 9367.
var tls13Suites = []uint16{
	0x1301, 0x1302, 0x1303, 0x1304, 0x1305, 0x1306, 0x1307,
	0x00c6, 0x00c7, 0xc0b4, 0xc0b5, 0xc103, 0xc104, 0xc105, 0xc106,
}

// ssl2Suites are the seven cipher kinds of SSL 2.0.
var ssl2Suites = []uint32{0x010080, 0x020080, 0x030080, 0x040080, 0x050080, 0x060040, 0x0700c0}

// noRenegotiation is TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 §3.3): some
// servers refuse a client that does not send it.
const noRenegotiation = 0x00ff

// batches lists every suite that fits the version, in lots of a size that no
// server chokes on, the usual ones first. Only a server that refused each lot
// can be said to have no suite in common with us.
func batches(v Version) [][]uint16 {
	if v == TLS13 {
		// The suites of TLS 1.2 let an older server answer with its version.
		return [][]uint16{append(slices.Clone(tls13Suites), usual[:11]...)}
	}
	var rest, first []uint16
	for _, s := range spans {
		for id := s.first; v >= s.since && id <= s.last; id++ {
			if slices.Contains(usual, id) {
				first = append(first, id)
			} else {
				rest = append(rest, id)
			}
		}
	}
	slices.SortFunc(first, func(a, b uint16) int { return slices.Index(usual, a) - slices.Index(usual, b) })
	return append([][]uint16{first}, slices.Collect(slices.Chunk(rest, batchSize))...)
}
