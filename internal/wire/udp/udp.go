// Package udp knows the questions that tell what answers over UDP, and how to
// read the answers: bytes only, on the standard library alone. Nothing here
// opens a socket. Every parser takes one datagram of a stranger, whatever it
// holds, and says false where it is no answer to that very question; none
// keeps more than the datagram gave.
package udp

import "crypto/rand"

// Ports of the protocols, by IANA.
const (
	PortQOTD      = 17
	PortChargen   = 19
	PortDNS       = 53
	PortTFTP      = 69
	PortNTP       = 123
	PortSNMP      = 161
	PortCLDAP     = 389
	PortIKE       = 500
	PortIPMI      = 623
	PortSSDP      = 1900
	PortIKENAT    = 4500
	PortMemcached = 11211
)

// MaxDatagram is the longest UDP payload that IPv4 can carry: an answer fits.
const MaxDatagram = 65507

// chance gives n bytes by which an answer is told from a forged or a late one.
func chance(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails, or ends the program
	return b
}

// isText tells whether a datagram is plain text: ASCII that can be shown.
func isText(b []byte) bool {
	for _, c := range b {
		if (c < ' ' || c > '~') && c != '\r' && c != '\n' && c != '\t' {
			return false
		}
	}
	return len(b) > 0
}
