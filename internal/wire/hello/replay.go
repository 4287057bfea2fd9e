package hello

import (
	"bytes"
	"slices"
)

// Replay reads a recorded exchange: what was offered, and what the server
// chose of it. It is not ok if the record is no hello of ours of at least
// SSL 3.0, or if the server did not accept it.
func Replay(sent, received []byte) (v Version, c Choice, ok bool) {
	kind, payload, err := readRecord(bytes.NewReader(sent))
	const upToSession = 4 + 2 + 32 // header of the message, version, random
	if err != nil || kind != recordHandshake || len(payload) <= upToSession || payload[0] != msgClientHello {
		return 0, Choice{}, false
	}
	v = Version(payload[4])<<8 | Version(payload[5])
	session := int(payload[upToSession])
	if len(payload) < upToSession+1+session {
		return 0, Choice{}, false
	}
	suites, _, whole := cutVector(payload[upToSession+1+session:])
	if !whole || len(suites)%2 != 0 {
		return 0, Choice{}, false
	}
	for pair := range slices.Chunk(suites, 2) {
		c.Of = append(c.Of, uint16(pair[0])<<8|uint16(pair[1]))
	}
	if v == TLS12 && slices.Contains(c.Of, usual13[0]) {
		v = TLS13 // only such an offer names those
	}
	a, err := Read(bytes.NewReader(received), Offer{Version: v, Suites: c.Of})
	c.Chosen = a.Hello.Suite
	return v, c, err == nil && a.Accepted
}
