package lab

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // bad servers have it
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // likewise
	"crypto/rc4"  //nolint:gosec // likewise
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"hash"
	"io"
	"strings"
)

// sshKeys derives keys from the secret: RFC 4253, 7.2.
type sshKeys struct {
	sum    func() hash.Hash
	secret []byte // as an mpint
	id     []byte
}

func (k sshKeys) derive(letter byte, n int) []byte {
	out := k.hash([]byte{letter}, k.id)
	for len(out) < n {
		out = append(out, k.hash(out)...)
	}
	return out[:n]
}

func (k sshKeys) hash(parts ...[]byte) []byte {
	h := k.sum()
	h.Write(k.secret)
	h.Write(k.id)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// sshSeal is one direction with keys in use.
type sshSeal struct {
	number uint32
	block  int
	turn   func([]byte)
	mac    hash.Hash
	keep   int
	etm    bool
}

// newSSHSeal gives nil for what no practice server speaks.
func newSSHSeal(name, mac string, k sshKeys, letters string, opens bool) *sshSeal {
	s := &sshSeal{etm: strings.Contains(mac, "-etm@")}
	sum := map[string]func() hash.Hash{"hmac-sha2-256": sha256.New, "hmac-sha2-512": sha512.New, "hmac-md5": md5.New, "hmac-sha1": sha1.New}
	plain, short := strings.CutSuffix(strings.TrimSuffix(mac, "-etm@openssh.com"), "-96")
	if sum[plain] == nil {
		return nil
	}
	s.mac = hmac.New(sum[plain], k.derive(letters[2], sum[plain]().Size()))
	if s.keep = s.mac.Size(); short {
		s.keep = 12
	}
	sizes := map[string]int{"aes128": 16, "aes192": 24, "aes256": 32, "3des": 24, "arcfour": 16}
	kind, mode, _ := strings.Cut(name, "-")
	key := k.derive(letters[1], sizes[kind])
	var b cipher.Block
	var err error
	switch kind {
	case "arcfour":
		c, err := rc4.NewCipher(key) //nolint:gosec // see above
		s.block, s.turn = 8, func(p []byte) { c.XORKeyStream(p, p) }
		if err != nil {
			return nil
		}
		return s
	case "3des":
		b, err = des.NewTripleDESCipher(key) //nolint:gosec // see above
	default:
		b, err = aes.NewCipher(key)
	}
	if err != nil {
		return nil
	}
	s.block = b.BlockSize()
	vector := k.derive(letters[0], s.block)
	switch {
	case mode == "ctr":
		c := cipher.NewCTR(b, vector)
		s.turn = func(p []byte) { c.XORKeyStream(p, p) }
	case mode == "cbc" && opens:
		c := cipher.NewCBCDecrypter(b, vector)
		s.turn = func(p []byte) { c.CryptBlocks(p, p) }
	case mode == "cbc":
		c := cipher.NewCBCEncrypter(b, vector)
		s.turn = func(p []byte) { c.CryptBlocks(p, p) }
	default:
		return nil
	}
	return s
}

func (s *sshSeal) code(packet []byte) []byte {
	s.mac.Reset()
	s.mac.Write(binary.BigEndian.AppendUint32(nil, s.number))
	s.mac.Write(packet)
	return s.mac.Sum(nil)[:s.keep]
}

func (s *sshSeal) seal(payload []byte) []byte {
	defer func() { s.number++ }()
	plain := 0 // bytes that are not encrypted
	if s.etm {
		plain = 4
	}
	padding := s.block - (4-plain+1+len(payload))%s.block
	if padding < 4 {
		padding += s.block
	}
	p := append(binary.BigEndian.AppendUint32(nil, uint32(1+len(payload)+padding)), byte(padding))
	p = append(append(p, payload...), make([]byte, padding)...)
	code := s.code(p)
	s.turn(p[plain:])
	if s.etm {
		code = s.code(p)
	}
	return append(p, code...)
}

// open reads one packet; nobody forges the MAC of a practice server's client,
// so it is not looked at.
func (s *sshSeal) open(r io.Reader) ([]byte, error) {
	defer func() { s.number++ }()
	head := make([]byte, s.block)
	if s.etm {
		head = head[:4]
	}
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	if !s.etm {
		s.turn(head)
	}
	n := binary.BigEndian.Uint32(head)
	if n < 2 || n > sshMaxPacket || int(n)+4 < len(head) {
		return nil, errSSHPacket
	}
	rest := make([]byte, int(n)+4-len(head)+s.keep)
	if _, err := io.ReadFull(r, rest); err != nil {
		return nil, err
	}
	body := rest[:len(rest)-s.keep]
	if len(body)%s.block != 0 {
		return nil, errSSHPacket
	}
	s.turn(body)
	p := bytes.Join([][]byte{head, body}, nil)
	if int(p[4])+1 >= int(n) {
		return nil, errSSHPacket
	}
	return p[5 : 4+int(n)-int(p[4])], nil
}
