package sshkex

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"

	"github.com/sansang/sansang/internal/wire/hello"
)

// Group is a group of Diffie-Hellman as a server hands it out.
type Group struct{ Prime, Generator *big.Int }

// Bits is the size of the prime.
func (g Group) Bits() int { return g.Prime.BitLen() }

// Bounds of a prime in bits: nobody gives more than 8192, and what reckoning
// with one costs grows with the cube; below 512 there is none that was ever
// named in a standard.
const (
	mostBits  = 8192
	leastBits = 512
)

// secretBits is twice what the keys need (RFC 4253 §8), and keeps what a
// server can make us reckon small.
const secretBits = 500

// sound tells in what a group is none: the least that any use of it needs.
// Whether the prime is one is for who has the time.
func (g Group) sound() error {
	bits, two := g.Bits(), big.NewInt(2)
	switch {
	case bits > mostBits || bits < leastBits:
		return fmt.Errorf("group with a prime of %d bits", bits)
	case g.Prime.Bit(0) == 0:
		return fmt.Errorf("group of %d bits with an even prime", bits)
	case g.Generator.Cmp(two) < 0 || g.Generator.Cmp(new(big.Int).Sub(g.Prime, two)) > 0:
		return fmt.Errorf("group of %d bits with a generator that generates none", bits)
	}
	return nil
}

// inGroup is an exchange in a group of primes.
type inGroup struct {
	Group
	secret *big.Int
}

// fixed starts an exchange in the group of a standard, whose generator is 2.
func fixed(name string) func() (agreement, error) {
	return func() (agreement, error) { return newInGroup(Group{hello.NamedPrime(name), big.NewInt(2)}) }
}

func newInGroup(g Group) (agreement, error) {
	secret, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), secretBits))
	if err != nil {
		return nil, err
	}
	return inGroup{g, secret.Add(secret, big.NewInt(1))}, nil
}

func (d inGroup) offer() []byte {
	return appendNumber(nil, new(big.Int).Exp(d.Generator, d.secret, d.Prime))
}

func (d inGroup) finish(answer []byte) ([]byte, error) {
	y, _, ok := cutNumber(answer)
	if !ok || y.Cmp(big.NewInt(1)) <= 0 || y.Cmp(new(big.Int).Sub(d.Prime, big.NewInt(1))) >= 0 {
		return nil, errors.New("key exchange: a number that is not in the group")
	}
	return appendNumber(nil, y.Exp(y, d.secret, d.Prime)), nil
}
