package sshkex

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // weak servers have nothing better, and no secret of ours is at stake
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // likewise
	"crypto/rc4"  //nolint:gosec // likewise
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
)

// sealing seals or opens the packets of one direction; which of the two, it
// is made for. number is the packet's.
type sealing interface {
	seal(payload []byte, number uint32) []byte
	open(r io.Reader, number uint32) (payload []byte, err error)
}

// A way is a cipher that we know. need gives so many bytes derived from the
// secret for a purpose: RFC 4253 §7.2.
type way struct {
	name string
	key  int  // bytes
	aead bool // has no MAC beside it
	make func(way, keys, mac) (sealing, error)
}

// keys derives what a direction needs; opens tells that it is for reading.
type keys struct {
	key, vector, mac func(bytes int) []byte
	opens            bool
}

var ways = []way{
	{"aes128-ctr", 16, false, counter}, {"aes256-ctr", 32, false, counter}, {"aes192-ctr", 24, false, counter},
	{"aes128-gcm@openssh.com", 16, true, galois}, {"aes256-gcm@openssh.com", 32, true, galois},
	{"chacha20-poly1305@openssh.com", 64, true, chacha},
	{"aes128-cbc", 16, false, chained}, {"aes256-cbc", 32, false, chained}, {"aes192-cbc", 24, false, chained},
	{"3des-cbc", 24, false, chained},
	{"arcfour256", 32, false, rivest}, {"arcfour128", 16, false, rivest}, {"arcfour", 16, false, rivest},
}

type mac struct {
	name string
	hash func() hash.Hash
	size int // bytes kept
}

var macs = []mac{
	{"hmac-sha2-256", sha256.New, 32}, {"hmac-sha2-512", sha512.New, 64}, {"hmac-sha1", sha1.New, 20},
	{"hmac-sha1-96", sha1.New, 12}, {"hmac-md5", md5.New, 16}, {"hmac-md5-96", md5.New, 12},
}

const etm = "-etm@openssh.com" // the MAC is of what was encrypted: OpenSSH PROTOCOL §1.6

// suit finds a cipher and a MAC that we and the server know, for one direction.
func suit(ciphers, offered []string) (way, mac, error) {
	for _, w := range ways {
		if !slices.Contains(ciphers, w.name) {
			continue
		}
		if w.aead {
			return w, mac{}, nil
		}
		for _, m := range macs {
			for _, name := range []string{m.name, m.name + etm} {
				if slices.Contains(offered, name) {
					m.name = name
					return w, m, nil
				}
			}
		}
	}
	return way{}, mac{}, fmt.Errorf("the tool knows none of the server's ciphers")
}

func block(w way, key []byte) (cipher.Block, error) {
	if w.name == "3des-cbc" {
		return des.NewTripleDESCipher(key)
	}
	return aes.NewCipher(key)
}

func counter(w way, k keys, m mac) (sealing, error) {
	b, err := block(w, k.key(w.key))
	if err != nil {
		return nil, err
	}
	s := cipher.NewCTR(b, k.vector(b.BlockSize()))
	return m.beside(k, b.BlockSize(), func(to []byte) { s.XORKeyStream(to, to) }), nil
}

func chained(w way, k keys, m mac) (sealing, error) {
	b, err := block(w, k.key(w.key))
	if err != nil {
		return nil, err
	}
	mode := cipher.NewCBCEncrypter(b, k.vector(b.BlockSize()))
	if k.opens {
		mode = cipher.NewCBCDecrypter(b, k.vector(b.BlockSize()))
	}
	return m.beside(k, b.BlockSize(), func(to []byte) { mode.CryptBlocks(to, to) }), nil
}

// rivest is RC4; the two with a number in their name begin after 1536 bytes:
// RFC 4345 §4.
func rivest(w way, k keys, m mac) (sealing, error) {
	s, err := rc4.NewCipher(k.key(w.key)) //nolint:gosec // see above
	if err != nil {
		return nil, err
	}
	if w.name != "arcfour" {
		skip := make([]byte, 1536)
		s.XORKeyStream(skip, skip)
	}
	return m.beside(k, 8, func(to []byte) { s.XORKeyStream(to, to) }), nil
}

func (m mac) beside(k keys, size int, turn func([]byte)) sealing {
	b := &blocks{size: max(size, 8), turn: turn, kept: m.size, after: strings.HasSuffix(m.name, etm)}
	b.sum = hmac.New(m.hash, k.mac(m.hash().Size()))
	return b
}
