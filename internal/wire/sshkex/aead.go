package sshkex

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"io"
	"math/big"
	"slices"

	"golang.org/x/crypto/chacha20"
)

const tag = 16 // bytes of the code of an AEAD

// gcm is AES-GCM as RFC 5647 §7 has it.
type gcm struct {
	cipher.AEAD
	nonce []byte
}

func galois(w way, k keys, _ mac) (sealing, error) {
	b, err := aes.NewCipher(k.key(w.key))
	if err != nil {
		return nil, err
	}
	a, err := cipher.NewGCM(b)
	return &gcm{a, k.vector(12)}, err
}

// next gives the nonce of this packet and counts it: its last eight bytes are
// a number.
func (g *gcm) next() []byte {
	n := slices.Clone(g.nonce)
	binary.BigEndian.PutUint64(g.nonce[4:], binary.BigEndian.Uint64(g.nonce[4:])+1)
	return n
}

func (g *gcm) seal(payload []byte, _ uint32) []byte {
	p := frame(payload, aes.BlockSize, 0)
	return g.Seal(p[:4:4], g.next(), p[4:], p[:4])
}

func (g *gcm) open(r io.Reader, _ uint32) ([]byte, error) {
	head, err := take(r, 4)
	if err != nil {
		return nil, err
	}
	n, err := length(head)
	if err != nil {
		return nil, err
	}
	body, err := take(r, n+tag)
	if err != nil {
		return nil, err
	}
	p, err := g.Open(head[:4:4], g.next(), body, head)
	if err != nil {
		return nil, errForged
	}
	return unpad(p)
}

// twoChacha is ChaCha20-Poly1305 as OpenSSH has it: one key for the content,
// one for the length. OpenSSH PROTOCOL.chacha20poly1305.
type twoChacha struct{ content, length []byte }

func chacha(w way, k keys, _ mac) (sealing, error) {
	key := k.key(w.key)
	return &twoChacha{key[:32], key[32:]}, nil
}

// turn encrypts or decrypts in place. block is 0 for the length and the key
// of the code, 1 for the content.
func turn(key []byte, number, block uint32, to []byte) {
	nonce := make([]byte, chacha20.NonceSize)
	binary.BigEndian.PutUint32(nonce[8:], number)
	c, err := chacha20.NewUnauthenticatedCipher(key, nonce)
	if err != nil {
		panic(err) // only for keys and nonces of a wrong length
	}
	c.SetCounter(block)
	c.XORKeyStream(to, to)
}

func (t *twoChacha) code(number uint32, sealed []byte) []byte {
	key := make([]byte, 32)
	turn(t.content, number, 0, key)
	return poly1305(key, sealed)
}

func (t *twoChacha) seal(payload []byte, number uint32) []byte {
	p := frame(payload, 8, 0)
	turn(t.length, number, 0, p[:4])
	turn(t.content, number, 1, p[4:])
	return append(p, t.code(number, p)...)
}

func (t *twoChacha) open(r io.Reader, number uint32) ([]byte, error) {
	head, err := take(r, 4)
	if err != nil {
		return nil, err
	}
	plain := slices.Clone(head)
	turn(t.length, number, 0, plain)
	n, err := length(plain)
	if err != nil {
		return nil, err
	}
	body, err := take(r, n+tag)
	if err != nil {
		return nil, err
	}
	p := append(head, body[:n]...)
	if subtle.ConstantTimeCompare(t.code(number, p), body[n:]) != 1 {
		return nil, errForged
	}
	turn(t.content, number, 1, p[4:])
	return unpad(p)
}

// poly1305 is RFC 8439 §2.5. It is slow and not constant in time, which
// matters to nobody: the messages are few and hold no secret.
func poly1305(key, message []byte) []byte {
	r := little(key[:16])
	r.And(r, little([]byte{255, 255, 255, 15, 252, 255, 255, 15, 252, 255, 255, 15, 252, 255, 255, 15}))
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 130), big.NewInt(5))
	sum := new(big.Int)
	for part := range slices.Chunk(message, 16) {
		sum.Add(sum, little(append(slices.Clone(part), 1)))
		sum.Mod(sum.Mul(sum, r), p)
	}
	out := sum.Add(sum, little(key[16:])).FillBytes(make([]byte, 32))
	slices.Reverse(out)
	return out[:tag]
}

// little reads a number whose first byte counts least.
func little(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}
