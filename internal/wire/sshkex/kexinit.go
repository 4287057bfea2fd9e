package sshkex

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
)

// KexInit is the content of SSH_MSG_KEXINIT: RFC 4253 §7.1. The two names of
// a pair are client to server and server to client.
type KexInit struct {
	Kex         []string
	HostKeys    []string
	Ciphers     [2][]string
	MACs        [2][]string
	Compression [2][]string
	Languages   [2][]string
	// Guessed tells that a packet follows which may be for another method
	// than the one agreed on.
	Guessed bool
}

func (k *KexInit) lists() []*[]string {
	return []*[]string{&k.Kex, &k.HostKeys, &k.Ciphers[0], &k.Ciphers[1], &k.MACs[0], &k.MACs[1],
		&k.Compression[0], &k.Compression[1], &k.Languages[0], &k.Languages[1]}
}

const cookie = 16

// parseKexInit reads the payload of a packet.
func parseKexInit(p []byte) (KexInit, error) {
	var k KexInit
	if p[0] != msgKexInit {
		return k, fmt.Errorf("SSH message %d where KEXINIT belongs", p[0])
	}
	if len(p) < 1+cookie {
		return k, fmt.Errorf("KEXINIT of %d bytes", len(p))
	}
	rest := p[1+cookie:]
	for _, to := range k.lists() {
		s, after, ok := cutString(rest)
		if !ok {
			return KexInit{}, fmt.Errorf("KEXINIT is cut short")
		}
		names, err := nameList(string(s))
		if err != nil {
			return KexInit{}, err
		}
		*to, rest = names, after
	}
	if len(rest) != 1+4 { // first_kex_packet_follows, reserved
		return KexInit{}, fmt.Errorf("KEXINIT with %d bytes after its lists", len(rest))
	}
	k.Guessed = rest[0] != 0
	if len(k.Kex) == 0 || len(k.HostKeys) == 0 {
		return KexInit{}, fmt.Errorf("KEXINIT without algorithms")
	}
	return k, nil
}

// nameList reads a name-list (RFC 4251 §5): printable US-ASCII, by commas. The
// empty list is no names, never nil.
func nameList(s string) ([]string, error) {
	if s == "" {
		return []string{}, nil
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return nil, fmt.Errorf("name-list with the byte 0x%02x", s[i])
		}
	}
	return strings.Split(s, ","), nil
}

// payload writes the KEXINIT with a fresh cookie.
func (k *KexInit) payload() []byte {
	b := make([]byte, 1+cookie)
	b[0] = msgKexInit
	_, _ = rand.Read(b[1:]) // never fails
	for _, l := range k.lists() {
		b = appendString(b, strings.Join(*l, ","))
	}
	guessed := byte(0)
	if k.Guessed {
		guessed = 1
	}
	return append(b, guessed, 0, 0, 0, 0)
}

// The names in the list of key exchanges that are no key exchange but say what
// the server can do: RFC 8308 §2.1, OpenSSH PROTOCOL §1.10. Strict key exchange
// has a name of OpenSSH's and one of draft-miller-sshm-strict-kex.
const (
	ExtInfo   = "ext-info-s"
	StrictKex = "kex-strict-s-v00@openssh.com"
	strictKex = "kex-strict-s"
)

// Strict tells whether the server offers strict key exchange.
func (k KexInit) Strict() bool {
	return slices.Contains(k.Kex, StrictKex) || slices.Contains(k.Kex, strictKex)
}

// Methods lists the key exchanges without those markers.
func (k KexInit) Methods() []string {
	return slices.DeleteFunc(slices.Clone(k.Kex), func(s string) bool { return s == ExtInfo || s == StrictKex || s == strictKex })
}

// Either lists the names that stand in one of the two lists of a pair.
func Either(pair [2][]string) []string {
	out := slices.Clone(pair[0])
	for _, s := range pair[1] {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
