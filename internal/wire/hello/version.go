// Package hello asks a server, by a ClientHello of our own making, whether it
// accepts a protocol version, from SSL 2.0 to TLS 1.3. crypto/tls cannot be
// asked: it neither speaks the old versions nor offers the old suites.
//
// The package sends one hello on a connection and reads the answer to it,
// never more: no key is agreed on and nothing secret passes.
package hello

import "fmt"

// Version is a protocol version as it is written on the wire.
type Version uint16

// The versions, oldest first.
const (
	SSL2  Version = 0x0002 // Hickman, The SSL Protocol, 1995
	SSL3  Version = 0x0300 // RFC 6101
	TLS10 Version = 0x0301 // RFC 2246
	TLS11 Version = 0x0302 // RFC 4346
	TLS12 Version = 0x0303 // RFC 5246
	TLS13 Version = 0x0304 // RFC 8446
)

var versionNames = map[Version]string{
	SSL2: "SSL 2.0", SSL3: "SSL 3.0", TLS10: "TLS 1.0", TLS11: "TLS 1.1", TLS12: "TLS 1.2", TLS13: "TLS 1.3",
}

func (v Version) String() string {
	if name, ok := versionNames[v]; ok {
		return name
	}
	return fmt.Sprintf("version 0x%04x", uint16(v))
}
