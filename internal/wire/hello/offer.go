package hello

import (
	"crypto/rand"
	"encoding/binary"
)

// Offer is one ClientHello: one version and some suites of it.
type Offer struct {
	Version Version
	Suites  []uint16
	Name    string // for SNI; empty or an IP address: none (RFC 6066 §3)
}

// Offers gives the hellos that together offer every suite of the version.
// They are to be sent one by one, each on a connection of its own, until one
// is accepted or refused because of its version.
func Offers(v Version, name string) []Offer {
	if v == SSL2 {
		return []Offer{{Version: v}} // SSL 2.0 has neither other suites nor names
	}
	var out []Offer
	for _, suites := range batches(v) {
		out = append(out, Offer{Version: v, Suites: suites, Name: name})
	}
	return out
}

// The types of record and of handshake message that occur around a hello.
const (
	recordAlert     = 21
	recordHandshake = 22

	msgHelloRequest = 0
	msgClientHello  = 1
	msgServerHello  = 2
)

// Bytes writes the offer as it goes over the wire, with fresh random numbers.
func (o Offer) Bytes() []byte {
	if o.Version == SSL2 {
		return ssl2Hello()
	}
	body := append16(nil, uint16(min(o.Version, TLS12))) // TLS 1.3 says its version in an extension
	body = append(body, random(32)...)
	if o.Version == TLS13 {
		body = append(append(body, 32), random(32)...) // a session id, as middleboxes expect: RFC 8446 D.4
	} else {
		body = append(body, 0)
	}
	var suites []byte
	for _, s := range o.Suites {
		suites = append16(suites, s)
	}
	if o.Version < TLS13 {
		suites = append16(suites, noRenegotiation)
	}
	body = appendVector(body, suites)
	body = append(body, 1, 0) // no compression
	if o.Version >= TLS10 {   // SSL 3.0 has no extensions
		body = appendVector(body, o.extensions(len(body)))
	}
	msg := append([]byte{msgClientHello, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
	record := append16([]byte{recordHandshake}, uint16(min(o.Version, TLS10))) // RFC 8446 D.2: what all servers take
	return appendVector(record, msg)
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

func append16(b []byte, n uint16) []byte { return binary.BigEndian.AppendUint16(b, n) }

// appendVector appends data with its length before it in two bytes.
func appendVector(b, data []byte) []byte { return append(append16(b, uint16(len(data))), data...) }
