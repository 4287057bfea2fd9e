package hello

import (
	"crypto/ecdh"
	"crypto/mlkem"
	"crypto/rand"
	"errors"
	"fmt"
)

// key is our half of a key exchange: of a curve, or of a curve and a lattice.
type key struct {
	curve   *ecdh.PrivateKey
	lattice *mlkem.DecapsulationKey768 // nil: none
}

var curves = map[uint16]ecdh.Curve{
	groupX25519: ecdh.X25519(), groupP256: ecdh.P256(), groupP384: ecdh.P384(), groupP521: ecdh.P521(),
	groupX25519MLKEM768: ecdh.X25519(),
}

// newKey makes one, if the standard library has the group.
func newKey(group uint16) (k key, ok bool) {
	if curves[group] == nil {
		return key{}, false
	}
	var err error
	k.curve, err = curves[group].GenerateKey(rand.Reader)
	if err == nil && group == groupX25519MLKEM768 {
		k.lattice, err = mlkem.GenerateKey768()
	}
	if err != nil {
		panic("hello: making a key: " + err.Error()) // the system has no randomness
	}
	return k, true
}

// bare are groups of which a number of so many bytes is as good as a key, for
// who only wants to be answered. 4 is one: a square, and no point of low order.
var bare = map[uint16]int{30: 56, 256: 256, 257: 384, 258: 512, 259: 768, 260: 1024} // x448, ffdhe

func canKey(group uint16) bool { return curves[group] != nil || bare[group] > 0 }

// public is what goes into a key_share: the lattice first, by
// draft-ietf-tls-ecdhe-mlkem §4.1.
func (k key) public() []byte {
	if k.lattice != nil {
		return append(k.lattice.EncapsulationKey().Bytes(), k.curve.PublicKey().Bytes()...)
	}
	return k.curve.PublicKey().Bytes()
}

// agree gives what both sides then know: likewise.
func (k key) agree(theirs []byte) (shared []byte, err error) {
	if k.lattice != nil {
		if len(theirs) < mlkem.CiphertextSize768 {
			return nil, errors.New("key_share is cut short")
		}
		if shared, err = k.lattice.Decapsulate(theirs[:mlkem.CiphertextSize768]); err != nil {
			return nil, err
		}
		theirs = theirs[mlkem.CiphertextSize768:]
	}
	point, err := k.curve.Curve().NewPublicKey(theirs)
	if err != nil {
		return nil, err
	}
	secret, err := k.curve.ECDH(point)
	return append(shared, secret...), err
}

// memory is what a client that goes on from its hello must remember of it. An
// offer without it has new random numbers each time, and keys that are lost.
type memory struct {
	random, session []byte
	keys            map[uint16]key
	again           bool   // the hello answers a HelloRetryRequest
	cookie          []byte // that came with it: RFC 8446 §4.2.2
}

func newMemory() *memory {
	return &memory{random: random(32), session: random(32), keys: map[uint16]key{}}
}

// agree is key.agree for the group that the server chose.
func (m *memory) agree(group uint16, theirs []byte) ([]byte, error) {
	k, ok := m.keys[group]
	if !ok {
		return nil, fmt.Errorf("chooses the group %s, of which it got no key", GroupName(group))
	}
	shared, err := k.agree(theirs)
	if err != nil {
		return nil, fmt.Errorf("key exchange by %s: %w", GroupName(group), err)
	}
	return shared, nil
}

// keyShares writes a key_share entry for each of the groups. The keys are
// real, for a server may check that a point is on its curve; of groups that
// the standard library does not have there is a number of some kind.
func (o Offer) keyShares() []byte {
	var b []byte
	for _, g := range o.shares() {
		public := random(32)
		if k, ok := o.key(g); ok {
			public = k.public()
		} else if n := bare[g]; n > 0 {
			public = append(make([]byte, n-1), 4)
		}
		b = appendVector(append16(b, g), public)
	}
	return b
}

func (o Offer) key(group uint16) (key, bool) {
	if o.memory == nil {
		return newKey(group)
	}
	k, ok := o.memory.keys[group]
	if !ok {
		if k, ok = newKey(group); ok {
			o.memory.keys[group] = k
		}
	}
	return k, ok
}
