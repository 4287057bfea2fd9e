package service

import (
	"context"
	"encoding/binary"
)

// cassandra is CQL, version 3 of its native protocol: header of nine bytes,
// native_protocol_v3.spec §2. OPTIONS has no body.
var cassandra = protocol{name: "cql", ports: []int{9042}, hello: "\x03\x00\x00\x00\x05\x00\x00\x00\x00", rare: true, knows: func(asked bool, h string) (Service, bool) {
	op, _, ok := cqlFrame(h)
	return Service{Product: "Cassandra", Banner: "OPTIONS"}, asked && ok && (op == cqlSupported || op == cqlError)
}}

const (
	cqlError        = 0x00
	cqlReady        = 0x02
	cqlAuthenticate = 0x03
	cqlSupported    = 0x06
)

func cqlFrame(h string) (op byte, body string, ok bool) {
	if len(h) < 9 || h[0] < 0x81 || h[0] > 0x86 || h[2] != 0 {
		return 0, "", false
	}
	n := binary.BigEndian.Uint32([]byte(h[5:]))
	if uint64(n) > uint64(len(h)-9) {
		return 0, "", false
	}
	return h[4], h[9 : 9+n], true
}

func askCassandra(ctx context.Context, t Target) (Access, error) {
	const startup = "\x03\x00\x00\x00\x01\x00\x00\x00\x16" + "\x00\x01" + "\x00\x0bCQL_VERSION" + "\x00\x053.0.0"
	return one(ctx, t, startup, func(s string) bool { _, _, ok := cqlFrame(s); return ok }, func(s string) (Access, bool) {
		switch op, body, ok := cqlFrame(s); {
		case ok && op == cqlReady:
			return open("STARTUP: READY"), true
		case ok && op == cqlAuthenticate:
			return shut("STARTUP: AUTHENTICATE %s", body[min(2, len(body)):]), true
		}
		return Access{}, false
	})
}
