package hello

import (
	"crypto/rand"
	"encoding/binary"
	"slices"
)

// Offer is one ClientHello: one version, some suites of it, and what else the
// server is to choose from. The zero value of what stands below Name is what
// asks for as much as possible.
type Offer struct {
	Version Version
	Suites  []uint16
	Name    string // for SNI; empty or an IP address: none (RFC 6066 §3)

	Groups      []uint16    // nil: all there are
	Shares      []uint16    // TLS 1.3, groups of which a key is sent; nil: x25519 and P-256; empty: none
	Signatures  []uint16    // nil: all there are
	ALPN        []string    // RFC 7301
	Compression []byte      // methods; nil: none, which is method 0
	Signals     []uint16    // suites that are none; nil: the signal of RFC 5746 below TLS 1.3
	Session     []byte      // below TLS 1.3, the id of one to resume, of 32 bytes at most; nil: none
	Extra       []Extension // further extensions, as they are
	Last        []Extension // likewise, at the end
	Claims      Version     // the version that the hello names instead of its own; 0: its own
	Ahead       []uint16    // TLS 1.3, versions that the client would like better
	Size        int         // of the message, to which it is padded if it is shorter; 0: as is safe

	memory *memory // of who goes on from the hello; nil: nobody does
}

// Extension is one of the extensions of a hello.
type Extension struct {
	ID   uint16
	Data []byte
}

// Signals that are sent among the suites.
const (
	NoRenegotiation uint16 = 0x00ff // RFC 5746 §3.3: some servers refuse a client that does not send it
	FallBack        uint16 = 0x5600 // RFC 7507 §2: this is not the best version of the client
)

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

// Long is the hello that offers every suite of the version at once, the usual
// ones last: see Suites.
func Long(v Version, name string) Offer {
	if v == SSL2 {
		return Offer{Version: v}
	}
	return Offer{Version: v, Suites: slices.Clone(poolOf(v).lists[0]), Name: name}
}

// The types of record and of handshake message that occur around a hello.
const (
	recordChangeCipher = 20
	recordAlert        = 21
	recordHandshake    = 22
	recordApplication  = 23

	msgHelloRequest        = 0
	msgClientHello         = 1
	msgServerHello         = 2
	msgNewSessionTicket    = 4
	msgEncryptedExtensions = 8
	msgCertificate         = 11
	msgServerKeyExchange   = 12
	msgRequest             = 13 // of a certificate
	msgServerHelloDone     = 14
	msgCertificateVerify   = 15
	msgFinished            = 20
	msgStatus              = 22  // of a certificate: RFC 6066 §8
	msgHash                = 254 // only in transcripts: RFC 8446 §4.4.1
)

// Bytes writes the offer as it goes over the wire, with fresh random numbers.
func (o Offer) Bytes() []byte {
	if o.Version == SSL2 {
		return ssl2Hello()
	}
	names := min(o.Version, TLS12) // TLS 1.3 says its version in an extension
	if o.Claims != 0 {
		names = o.Claims
	}
	body := append16(make([]byte, 0, 1<<10), uint16(names)) // most are shorter
	m := o.memory
	if m == nil {
		m = &memory{random: random(32), session: random(32)}
	}
	body = append(body, m.random...)
	if o.Version == TLS13 {
		body = append(append(body, 32), m.session...) // a session id, as middleboxes expect: RFC 8446 D.4
	} else {
		body = append(append(body, byte(len(o.Session))), o.Session...)
	}
	signals := o.Signals
	if signals == nil && o.Version < TLS13 {
		signals = []uint16{NoRenegotiation}
	}
	body = appendVector(body, append(list(o.Suites), list(signals)...))
	methods := o.Compression
	if methods == nil {
		methods = []byte{0}
	}
	body = append(append(body, byte(len(methods))), methods...)
	if o.Version >= TLS10 { // SSL 3.0 has no extensions
		body = appendVector(body, o.extensions(len(body)))
	}
	msg := append([]byte{msgClientHello, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
	of := min(o.Version, TLS10) // RFC 8446 D.2: what all servers take
	if m.again {
		of = TLS12 // and §5.1
	}
	return appendVector(append16([]byte{recordHandshake}, uint16(of)), msg)
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

func append16(b []byte, n uint16) []byte { return binary.BigEndian.AppendUint16(b, n) }

// appendVector appends data with its length before it in two bytes.
func appendVector(b, data []byte) []byte {
	return append(append16(slices.Grow(b, 2+len(data)), uint16(len(data))), data...)
}

func list(ids []uint16) []byte {
	b := make([]byte, 0, 2*len(ids))
	for _, id := range ids {
		b = append16(b, id)
	}
	return b
}
