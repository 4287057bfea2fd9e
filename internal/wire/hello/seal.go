package hello

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// The suites of TLS 1.3 that can be decrypted here.
const (
	aes128GCM        = 0x1301
	aes256GCM        = 0x1302
	chacha20Poly1305 = 0x1303
)

// Decrypts tells of a suite whose flight can be read by AskFlight under TLS 1.3.
func Decrypts(suite uint16) bool {
	return suite == aes128GCM || suite == aes256GCM || suite == chacha20Poly1305
}

// half is one direction of an encrypted connection: RFC 8446 §5.2, §5.3.
type half struct {
	aead cipher.AEAD
	iv   []byte
	seq  uint64
}

// half makes the keys of one direction from its traffic secret.
func (s *schedule) half(traffic []byte) *half {
	h := &half{iv: s.expand(traffic, "iv", nil, 12)}
	var err error
	switch key := s.expand(traffic, "key", nil, s.suite.Bits/8); s.suite.ID {
	case chacha20Poly1305:
		h.aead, err = chacha20poly1305.New(key)
	default:
		var block cipher.Block
		if block, err = aes.NewCipher(key); err == nil {
			h.aead, err = cipher.NewGCM(block)
		}
	}
	if err != nil {
		panic("hello: a key of the wrong size: " + err.Error())
	}
	return h
}

func (h *half) nonce() []byte {
	n := append([]byte{}, h.iv...)
	for i := range 8 {
		n[4+i] ^= byte(h.seq >> (56 - 8*i))
	}
	h.seq++
	return n
}

// open decrypts a record and gives the type that is hidden in it, behind
// which there may be padding of zeros.
func (h *half) open(payload []byte) (kind byte, plain []byte, err error) {
	head := binary.BigEndian.AppendUint16([]byte{recordApplication, 3, 3}, uint16(len(payload)))
	plain, err = h.aead.Open(nil, h.nonce(), payload, head)
	if err != nil {
		return 0, nil, fmt.Errorf("record that does not decrypt: %w", err)
	}
	for n := len(plain); n > 0; n-- {
		if plain[n-1] != 0 {
			return plain[n-1], plain[:n-1], nil
		}
	}
	return 0, nil, errors.New("encrypted record without a type")
}

// seal makes a record of what is to be sent.
func (h *half) seal(kind byte, plain []byte) []byte {
	inner := append(append([]byte{}, plain...), kind)
	head := binary.BigEndian.AppendUint16([]byte{recordApplication, 3, 3}, uint16(len(inner)+h.aead.Overhead()))
	return h.aead.Seal(head, h.nonce(), inner, head)
}
