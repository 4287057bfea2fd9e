package sshkex

import (
	"crypto/ecdh"
	"crypto/mlkem"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // weak servers have nothing better, and no secret of ours is at stake
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"math/big"
)

// method is one way to agree on keys.
type method struct {
	name  string
	hash  func() hash.Hash
	start func() (agreement, error) // nil: by group exchange
}

// agreement is one run of a method: what we send first, and what the server's
// answer to it makes of that. Both are as the exchange hash covers them, with
// their length; so is the secret.
type agreement interface {
	offer() []byte
	finish(answer []byte) (secret []byte, err error)
}

// methods are those that we can finish, the cheapest first: one is enough to
// see what comes after. sntrup761 is not in the standard library.
var methods = []method{
	{"curve25519-sha256", sha256.New, curve(ecdh.X25519)},
	{"curve25519-sha256@libssh.org", sha256.New, curve(ecdh.X25519)},
	{"ecdh-sha2-nistp256", sha256.New, curve(ecdh.P256)},
	{"mlkem768x25519-sha256", sha256.New, hybrid},
	{"ecdh-sha2-nistp384", sha512.New384, curve(ecdh.P384)},
	{"ecdh-sha2-nistp521", sha512.New, curve(ecdh.P521)},
	{"diffie-hellman-group14-sha256", sha256.New, fixed("RFC 3526 group 14")},
	{"diffie-hellman-group14-sha1", sha1.New, fixed("RFC 3526 group 14")},
	{"diffie-hellman-group16-sha512", sha512.New, fixed("RFC 3526 group 16")},
	{"diffie-hellman-group15-sha512", sha512.New, fixed("RFC 3526 group 15")},
	{gexSHA256, sha256.New, nil},
	{gexSHA1, sha1.New, nil},
	{"diffie-hellman-group18-sha512", sha512.New, fixed("RFC 3526 group 18")},
	{"diffie-hellman-group1-sha1", sha1.New, fixed("RFC 2409 group 2")},
}

// pick gives the first of our methods that the server has too.
func pick(server KexInit) (method, error) {
	for _, m := range methods {
		for _, name := range server.Kex {
			if name == m.name {
				return m, nil
			}
		}
	}
	return method{}, fmt.Errorf("the tool knows none of the server's key exchanges")
}

type onCurve struct{ key *ecdh.PrivateKey }

func curve(c func() ecdh.Curve) func() (agreement, error) {
	return func() (agreement, error) {
		key, err := c().GenerateKey(rand.Reader)
		return onCurve{key}, err
	}
}

func (c onCurve) offer() []byte {
	return appendString(nil, string(c.key.PublicKey().Bytes()))
}

func (c onCurve) finish(answer []byte) ([]byte, error) {
	point, _, _ := cutString(answer)
	secret, err := c.shared(point)
	return appendNumber(nil, new(big.Int).SetBytes(secret)), err
}

func (c onCurve) shared(point []byte) ([]byte, error) {
	public, err := c.key.Curve().NewPublicKey(point)
	if err != nil {
		return nil, fmt.Errorf("key exchange: %w", err)
	}
	return c.key.ECDH(public)
}

// mlkemCurve is ML-KEM-768 and X25519 at once: draft-ietf-sshm-mlkem-hybrid-kex.
type mlkemCurve struct {
	onCurve
	lattice *mlkem.DecapsulationKey768
}

func hybrid() (agreement, error) {
	lattice, err := mlkem.GenerateKey768()
	if err != nil {
		return nil, err
	}
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	return mlkemCurve{onCurve{key}, lattice}, err
}

func (m mlkemCurve) offer() []byte {
	return appendString(nil, string(m.lattice.EncapsulationKey().Bytes())+string(m.key.PublicKey().Bytes()))
}

func (m mlkemCurve) finish(answer []byte) ([]byte, error) {
	both, _, _ := cutString(answer)
	if len(both) != mlkem.CiphertextSize768+32 {
		return nil, fmt.Errorf("key exchange: %d bytes for ML-KEM-768 and X25519", len(both))
	}
	first, err := m.lattice.Decapsulate(both[:mlkem.CiphertextSize768])
	if err != nil {
		return nil, fmt.Errorf("key exchange: %w", err)
	}
	second, err := m.shared(both[mlkem.CiphertextSize768:])
	sum := sha256.Sum256(append(first, second...))
	return appendString(nil, string(sum[:])), err
}
