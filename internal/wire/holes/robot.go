package holes

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"slices"
	"time"

	"github.com/sansang/sansang/internal/wire/hello"
)

// RSASuites are those whose client encrypts the secret to the key in the
// certificate. Those with AES come first: some servers have the hole with
// these only.
func RSASuites() []uint16 {
	out := []uint16{0x009c, 0x009d, 0x002f, 0x0035, 0x003c, 0x003d}
	for _, s := range hello.All() {
		id := uint16(s.ID)
		if s.ID <= 0xffff && s.KeyExchange == "RSA" && s.Authentication == "RSA" && !s.Export && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// Vector is one way in which the plaintext of a ClientKeyExchange is made.
type Vector int

// The vectors of Böck, Somorovsky and Young, "Return Of Bleichenbacher's
// Oracle Threat" (2018) §3.1.
const (
	WellFormed   Vector = iota
	WrongStart          // not 00 02
	ZeroAtEnd           // the secret after the zero is too short
	NoZero              // no secret at all
	WrongVersion        // of the secret
)

const vectors = 5 // how many there are

// KeyExchange sends the vector in a ClientKeyExchange, alone or with the
// ChangeCipherSpec and Finished that follow it (garbage, as no key was agreed
// on), and gives what the server says within d, or within four times as long
// as its greeting took if that is more, in words that are equal if and only if
// the replies cannot be told apart. RFC 5246 §7.4.7.1 wants them to be equal
// for all vectors.
func KeyExchange(ctx context.Context, conn net.Conn, o hello.Offer, v Vector, whole bool, d time.Duration) (string, error) {
	begin := time.Now()
	f, err := greet(conn, o)
	if err != nil {
		return "", err
	}
	d = max(d, 4*time.Since(begin))
	key, err := leafKey(f.Leaf)
	if err != nil {
		return "", err
	}
	if _, err := conn.Write(clientFlight(o.Version, key, v, whole)); err != nil {
		return "", err
	}
	r, err := hear(ctx, conn, d, false)
	return r.String(), err
}

// The size of keys that are worked with: less has no room for a secret, more
// is no key but an attempt to keep us busy.
const (
	minKeyBits = 512
	maxKeyBits = 16384
)

func leafKey(der []byte) (*rsa.PublicKey, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("the server's certificate: %w", err)
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("a suite of RSA, and a certificate with another key")
	}
	if n := key.N.BitLen(); n < minKeyBits || n > maxKeyBits {
		return nil, fmt.Errorf("RSA key of %d bits", n)
	}
	return key, nil
}

// clientFlight writes the records.
func clientFlight(v hello.Version, key *rsa.PublicKey, vector Vector, whole bool) []byte {
	secret := encrypt(key, plaintext(v, vector, (key.N.BitLen()+7)/8))
	var body []byte
	if v > hello.SSL3 { // SSL 3.0 had forgotten the length: RFC 5246 §7.4.7.1
		body = append(body, byte(len(secret)>>8), byte(len(secret)))
	}
	body = append(body, secret...)
	msg := append([]byte{msgClientKeyExchange, 0, byte(len(body) >> 8), byte(len(body))}, body...)
	out := appendRecord(nil, recordHandshake, v, msg)
	if !whole {
		return out
	}
	out = appendRecord(out, recordCCS, v, []byte{1})
	return appendRecord(out, recordHandshake, v, random(64)) // whole blocks of every cipher
}

// plaintext makes the block that PKCS #1 v1.5 would encrypt (RFC 8017 §7.2.1),
// of size bytes, right or wrong as the vector says.
func plaintext(v hello.Version, vector Vector, size int) []byte {
	const secretLen = 48
	b := random(size)
	for i, c := range b {
		b[i] = c | 1 // no zeros but where they are wanted
	}
	secret := b[size-secretLen:]
	b[0], b[1], b[size-secretLen-1] = 0, 2, 0
	secret[0], secret[1] = byte(v>>8), byte(v)
	switch vector {
	case WellFormed:
	case WrongStart:
		b[0], b[1] = 0x41, 0x17
	case ZeroAtEnd:
		b[size-secretLen-1], secret[0], secret[1] = 0x11, 0x11, 0x11
		secret[secretLen-2] = 0
	case NoZero:
		b[size-secretLen-1], secret[0], secret[1] = 0x11, 0x11, 0x11 // SSL 3.0 has a zero in its number
	case WrongVersion:
		secret[0], secret[1] = 2, 2
	}
	return b
}

// encrypt is RSA without padding, which crypto/rsa rightly does not offer.
func encrypt(key *rsa.PublicKey, block []byte) []byte {
	c := new(big.Int).Exp(new(big.Int).SetBytes(block), big.NewInt(int64(key.E)), key.N)
	return c.FillBytes(make([]byte, (key.N.BitLen()+7)/8))
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}
