package hello

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Suite is a cipher suite and what its name says of it. The names of its parts
// are those of the registry: "ECDHE", "ECDSA", "AES_128_GCM", "SHA256".
type Suite struct {
	ID             uint32 // above 0xffff: a cipher kind of SSL 2.0
	Name           string
	KeyExchange    string // RSA, DH, DHE, ECDH, ECDHE, PSK, …; "any" in TLS 1.3, which settles it apart
	Authentication string // RSA, DSS, ECDSA, PSK, anon, …; "any" likewise
	Encryption     string
	Bits           int    // of strength: 112 for 3DES, whatever its key is long
	MAC            string // "AEAD" where the encryption does it
	AEAD           bool
	ForwardSecrecy bool // by a key exchange of keys that are used once
	Null           bool // does not encrypt
	Anonymous      bool // the server does not say who it is
	Export         bool // made weak for the export law of the United States
}

//go:embed suites.txt
var suitesText string

// table holds suites.txt in its order.
var table = sync.OnceValue(func() []Suite {
	var out []Suite
	for line := range strings.Lines(suitesText) {
		number, name, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || number == "#" {
			continue
		}
		id, err := strconv.ParseUint(number, 16, 32)
		if err != nil {
			panic("hello: suites.txt: " + err.Error())
		}
		out = append(out, describe(uint32(id), name))
	}
	return out
})

var byID = sync.OnceValue(func() map[uint32]Suite {
	m := make(map[uint32]Suite, len(table()))
	for _, s := range table() {
		m[s.ID] = s
	}
	return m
})

// All lists every suite there is, by number.
func All() []Suite { return table() }

// Find gives the suite of that number. One that nobody has named is known by
// its number only.
func Find(id uint32) Suite {
	if s, ok := byID()[id]; ok {
		return s
	}
	return Suite{ID: id, Name: fmt.Sprintf("0x%04x", id)}
}

// Named gives the suite of that name.
func Named(name string) (Suite, bool) {
	i := slices.IndexFunc(table(), func(s Suite) bool { return s.Name == name })
	if i < 0 {
		return Suite{}, false
	}
	return table()[i], true
}

// since is the first version in which the suite may be used. Authenticated
// encryption and the hashes of SHA-2 came with TLS 1.2 (RFC 5246 §A.5), but
// for pre-shared keys with CBC (RFC 5487 §3.2, RFC 5489 §3, RFC 6367 §3.3).
func (s Suite) since() Version {
	switch {
	case s.ID > 0xffff:
		return SSL2
	case s.KeyExchange == "any":
		return TLS13
	case s.AEAD, s.Authentication == "ECCPWD", s.KeyExchange == "GOSTR341112_256":
		return TLS12
	case strings.HasPrefix(s.MAC, "SHA2"), strings.HasPrefix(s.MAC, "SHA3"):
		if s.usesPSK() && !strings.HasPrefix(s.Encryption, "ARIA") {
			return TLS10
		}
		return TLS12
	}
	return SSL3
}

// UsesCBC tells of a block cipher whose integrity is a matter of its own.
func (s Suite) UsesCBC() bool { return strings.Contains(s.Encryption, "CBC") }

func (s Suite) usesPSK() bool { return strings.HasSuffix(s.KeyExchange, "PSK") }
