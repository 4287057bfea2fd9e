package lab

import (
	"bufio"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // bad servers have it
	"crypto/sha256"
	"hash"
	"math/big"
	"strings"

	xssh "golang.org/x/crypto/ssh"
)

// sshRun is one connection of an sshd on the way to keys.
type sshRun struct {
	*sshd
	c            *conn
	r            *bufio.Reader
	theirs, ours []byte // greeting lines without their end
	theirInit    []byte
	ourInit      []byte

	method, hostKey, cipher, mac string
	prime                        *big.Int // for a group exchange
	group                        *big.Int // of a fixed group or as given by group exchange
	asked                        []byte   // what a group exchange adds to the hash
	in, out                      *sshSeal
	strict                       bool   // packets are counted anew with new keys
	got, sent                    uint32 // packets
}

// hashOf is that of a method of key exchange.
func hashOf(method string) func() hash.Hash {
	if strings.HasSuffix(method, "sha1") {
		return sha1.New
	}
	return sha256.New
}

// agree answers the client's half of a secret, signs, and takes the keys into
// use. It is false where this server cannot finish.
func (s *sshRun) agree(message byte, payload []byte) bool {
	half, _, ok := cutSSHString(payload)
	if !ok {
		return false
	}
	var mine, secret []byte
	if s.group != nil {
		y, err := rand.Int(rand.Reader, s.group)
		if err != nil {
			return false
		}
		mine = sshNumber(new(big.Int).Exp(big.NewInt(2), y, s.group))
		secret = sshNumber(new(big.Int).Exp(new(big.Int).SetBytes(half), y, s.group))
	} else {
		key, err := ecdh.X25519().GenerateKey(rand.Reader)
		if err != nil {
			return false
		}
		point, err := ecdh.X25519().NewPublicKey(half)
		if err != nil {
			return false
		}
		shared, err := key.ECDH(point)
		if err != nil {
			return false
		}
		mine, secret = key.PublicKey().Bytes(), sshNumber(new(big.Int).SetBytes(shared))
	}
	sign := sshSigners[s.hostKey]()
	blob := sign.PublicKey().Marshal()
	if s.keyBlob != nil {
		blob = s.keyBlob
	}
	h := hashOf(s.method)()
	for _, part := range [][]byte{s.theirs, s.ours, s.theirInit, s.ourInit, blob} {
		h.Write(appendSSHString(nil, part))
	}
	h.Write(s.asked)
	h.Write(appendSSHString(appendSSHString(nil, half), mine))
	h.Write(appendSSHString(nil, secret))
	sum := h.Sum(nil)
	signature, err := sign.SignWithAlgorithm(rand.Reader, sum, s.hostKey)
	if err != nil {
		return false
	}
	reply := appendSSHString(appendSSHString([]byte{message + 1}, blob), mine)
	reply = appendSSHString(reply, xssh.Marshal(signature))
	if !s.send(reply) || !s.send([]byte{sshNewKeys}) {
		return false
	}
	keys := sshKeys{hashOf(s.method), appendSSHString(nil, secret), sum}
	s.out = newSSHSeal(s.cipher, s.mac, keys, "BDF", false)
	if s.out == nil {
		return false
	}
	s.out.number = s.sent
	if s.strict {
		s.out.number = 0
	}
	if p, ok := s.hear(); !ok || p[0] != sshNewKeys {
		return false
	}
	s.in = newSSHSeal(s.cipher, s.mac, keys, "ACE", true)
	s.in.number = s.got
	if s.strict {
		s.in.number = 0
	}
	return true
}

// sshNumber is the content of an mpint.
func sshNumber(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) > 0 && b[0]&0x80 != 0 {
		b = append([]byte{0}, b...)
	}
	return b
}
