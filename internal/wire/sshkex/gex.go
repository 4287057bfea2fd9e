package sshkex

import (
	"fmt"
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

// ask gives the group that the server hands out, sound or not. A server that
// refuses may say so (a Disconnected) or just close.
func (s *Session) ask(ask Sizes, wrong bool) (Group, error) {
	if err := s.write(append([]byte{msgGexRequest}, ask.bytes()...)); err != nil {
		return Group{}, err
	}
	p, err := s.answer(msgGexGroup, wrong)
	if err != nil {
		return Group{}, err
	}
	return parseGroup(p)
}

// parseGroup reads what SSH_MSG_KEX_DH_GEX_GROUP holds: prime and generator.
func parseGroup(p []byte) (g Group, err error) {
	var ok bool
	if g.Prime, p, ok = cutNumber(p); !ok {
		return Group{}, fmt.Errorf("group is cut short, or its prime is not positive")
	}
	if g.Generator, p, ok = cutNumber(p); !ok || len(p) != 0 {
		return Group{}, fmt.Errorf("group with a malformed generator")
	}
	return g, nil
}
