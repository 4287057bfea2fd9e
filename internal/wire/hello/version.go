// Package hello asks a server, by ClientHellos of our own making, what it
// accepts: versions from SSL 2.0 to TLS 1.3, every suite and group of each.
// crypto/tls cannot be asked, for it neither speaks the old versions nor offers
// the old suites.
//
// An exchange is one hello on a connection and the server's first flight,
// never more, so nothing secret passes. Ask reads the ServerHello or what
// refuses it, AskFlight what follows; only for that, and only under TLS 1.3,
// is a key agreed on. Suites and Groups find all
// that is accepted by elimination.
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
