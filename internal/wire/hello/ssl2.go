package hello

import (
	"fmt"
	"io"
	"slices"
)

// The messages of SSL 2.0.
const (
	ssl2Error       = 0
	ssl2ClientHello = 1
	ssl2ServerHello = 4
)

var ssl2Errors = map[uint16]string{1: "NO-CIPHER-ERROR", 2: "NO-CERTIFICATE-ERROR", 4: "BAD-CERTIFICATE-ERROR", 6: "UNSUPPORTED-CERTIFICATE-TYPE-ERROR"}

// ssl2Hello writes a CLIENT-HELLO of SSL 2.0 with all seven cipher kinds.
func ssl2Hello() []byte {
	var suites []byte
	for _, s := range table() {
		if s.ID > 0xffff {
			suites = append(suites, byte(s.ID>>16), byte(s.ID>>8), byte(s.ID))
		}
	}
	challenge := random(16)
	msg := append16([]byte{ssl2ClientHello}, uint16(SSL2))
	msg = append16(msg, uint16(len(suites)))
	msg = append16(msg, 0) // no session id
	msg = append16(msg, uint16(len(challenge)))
	msg = append(append(msg, suites...), challenge...)
	return append(append16(nil, 0x8000|uint16(len(msg))), msg...)
}

// readSSL2 reads the answer to a CLIENT-HELLO: a SERVER-HELLO accepts, an
// ERROR message or a TLS alert refuses. A server that only closes has not
// answered, however likely it is that it does not speak SSL 2.0.
func readSSL2(r io.Reader) (Answer, error) {
	var head [5]byte // the shortest answer, an ERROR, has as many
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return Answer{}, err
	}
	if head[0] == recordAlert && head[1] == 3 && head[3] == 0 && head[4] == 2 {
		payload, err := readExactly(r, 2)
		if err != nil {
			return Answer{}, err
		}
		a, skip, err := alertAnswer(payload)
		a.AboutVersion = !skip && err == nil // no other hello of SSL 2.0 could suit the server better
		if skip {
			err = fmt.Errorf("warning, %s, in answer to a hello of SSL 2.0", a.Said)
		}
		return a, err
	}
	n := int(head[0]&0x7f)<<8 | int(head[1])
	switch {
	case head[0]&0x80 == 0:
		return Answer{}, fmt.Errorf("no SSL 2.0 record: it begins with % x", head)
	case head[2] == ssl2Error && n == 3:
		return ssl2Refusal(uint16(head[3])<<8 | uint16(head[4]))
	case head[2] != ssl2ServerHello || n < 11:
		return Answer{}, fmt.Errorf("no answer of SSL 2.0: it begins with % x", head)
	}
	rest, err := readExactly(r, n-3)
	if err != nil {
		return Answer{}, err
	}
	return parseSSL2ServerHello(append(head[3:], rest...))
}

func ssl2Refusal(code uint16) (Answer, error) {
	name, ok := ssl2Errors[code]
	if !ok {
		return Answer{}, fmt.Errorf("error 0x%04x, which SSL 2.0 does not have", code)
	}
	return Answer{AboutVersion: true, Said: "SSL 2.0 " + name}, nil
}

// parseSSL2ServerHello reads it from its second byte on. A server that lists
// no cipher still speaks SSL 2.0: some let the client take one anyway
// (CVE-2015-3197).
func parseSSL2ServerHello(b []byte) (Answer, error) {
	word := func(i int) int { return int(b[i])<<8 | int(b[i+1]) }
	cert, ciphers, id := word(4), word(6), word(8)
	switch {
	case Version(word(2)) != SSL2:
		return Answer{}, fmt.Errorf("SERVER-HELLO of SSL 2.0 with %s in it", Version(word(2)))
	case 10+cert+ciphers+id != len(b) || ciphers%3 != 0:
		return Answer{}, fmt.Errorf("SERVER-HELLO of SSL 2.0 whose lengths do not add up")
	}
	a := Answer{Accepted: true, Said: fmt.Sprintf("SERVER-HELLO SSL 2.0 with %d ciphers", ciphers/3)}
	for kind := range slices.Chunk(b[10+cert:10+cert+ciphers], 3) {
		a.Kinds = append(a.Kinds, uint32(kind[0])<<16|uint32(kind[1])<<8|uint32(kind[2]))
	}
	return a, nil
}
