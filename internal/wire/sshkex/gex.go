package sshkex

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"slices"
)

// The methods that let the client ask for a size of group: RFC 4419.
const (
	gexSHA256 = "diffie-hellman-group-exchange-sha256"
	gexSHA1   = "diffie-hellman-group-exchange-sha1"
)

// GroupExchange gives the group exchange that the server offers, the better of
// two, or "" if it offers none.
func (k KexInit) GroupExchange() string {
	for _, m := range []string{gexSHA256, gexSHA1} {
		if slices.Contains(k.Kex, m) {
			return m
		}
	}
	return ""
}

// Sizes is a request for a group: RFC 4419 §3. All are numbers of bits.
type Sizes struct{ Min, Want, Max uint32 }

// Group asks the server, whose KexInit was just read, for a group of such a
// size and gives the number of bits of the prime that it hands out. A server
// that refuses may say so (a Disconnected) or just close.
func (s *Session) Group(server KexInit, ask Sizes) (bits int, err error) {
	method := server.GroupExchange()
	if method == "" {
		return 0, fmt.Errorf("the server offers no group exchange")
	}
	// All but the key exchange is agreed to as the server would have it.
	mine := server
	mine.Kex, mine.Guessed = []string{method}, false
	if err := writePacket(s.rw, mine.payload()); err != nil {
		return 0, err
	}
	request := []byte{msgGexRequest}
	for _, n := range []uint32{ask.Min, ask.Want, ask.Max} {
		request = binary.BigEndian.AppendUint32(request, n)
	}
	if err := writePacket(s.rw, request); err != nil {
		return 0, err
	}
	p, err := next(s.r)
	if err == nil && server.Guessed && server.Kex[0] != method {
		p, err = next(s.r) // the first was for the method that was guessed: RFC 4253 §7
	}
	if err != nil {
		return 0, err
	}
	return parseGroup(p)
}

// parseGroup reads SSH_MSG_KEX_DH_GEX_GROUP: two mpints, prime and generator.
func parseGroup(p []byte) (bits int, err error) {
	if p[0] != msgGexGroup {
		return 0, fmt.Errorf("SSH message %d in answer to a group request", p[0])
	}
	prime, rest, ok := cutString(p[1:])
	if !ok {
		return 0, fmt.Errorf("group is cut short")
	}
	if _, rest, ok = cutString(rest); !ok || len(rest) != 0 {
		return 0, fmt.Errorf("group with a malformed generator")
	}
	if len(prime) == 0 || prime[0]&0x80 != 0 {
		return 0, fmt.Errorf("group with a prime that is not positive")
	}
	return new(big.Int).SetBytes(prime).BitLen(), nil
}
