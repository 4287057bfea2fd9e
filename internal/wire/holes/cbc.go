package holes

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"net"

	"github.com/sansang/sansang/internal/wire/hello"
)

// cbcSuite is how a suite with CBC protects its records.
type cbcSuite struct {
	keyLen   int
	newBlock func([]byte) (cipher.Block, error)
	newHash  func() hash.Hash
}

// cbcSuites are those that crypto/tls can agree on: it lends its handshake, and
// the records after it are ours.
var cbcSuites = map[uint16]cbcSuite{
	tls.TLS_RSA_WITH_AES_128_CBC_SHA:            {16, aes.NewCipher, sha1.New},
	tls.TLS_RSA_WITH_AES_256_CBC_SHA:            {32, aes.NewCipher, sha1.New},
	tls.TLS_RSA_WITH_AES_128_CBC_SHA256:         {16, aes.NewCipher, sha256.New},
	tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA:           {24, des.NewTripleDESCipher, sha1.New},
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA:    {16, aes.NewCipher, sha1.New},
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA:    {32, aes.NewCipher, sha1.New},
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: {16, aes.NewCipher, sha256.New},
	tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA:      {16, aes.NewCipher, sha1.New},
	tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA:      {32, aes.NewCipher, sha1.New},
	tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256:   {16, aes.NewCipher, sha256.New},
	tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA:     {24, des.NewTripleDESCipher, sha1.New},
}

// CanCBC tells whether records of the suite can be made here.
func CanCBC(suite uint16) bool { _, ok := cbcSuites[suite]; return ok }

// cbcSession is a connection under CBC whose handshake is over.
type cbcSession struct {
	conn         net.Conn
	in           io.Reader // what follows the server's Finished
	ours, theirs *cbcDirection
	suite        uint16
}

// cbcSessionWith completes a handshake of the version, with CBC or not at all.
func cbcSessionWith(ctx context.Context, conn net.Conn, v hello.Version, name string) (*cbcSession, error) {
	t := &tap{Conn: conn}
	var keys bytes.Buffer
	c := &tls.Config{ServerName: name, InsecureSkipVerify: true, KeyLogWriter: &keys, MinVersion: uint16(v), MaxVersion: uint16(v)}
	for id := range cbcSuites {
		c.CipherSuites = append(c.CipherSuites, id)
	}
	client := tls.Client(t, c)
	if err := client.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	s, err := cbcSessionOf(t, keys.String(), v, client.ConnectionState().CipherSuite)
	if err == nil {
		s.conn = conn
		s.in = io.MultiReader(s.in, conn)
	}
	return s, err
}

// cbcSessionOf derives keys as sessionOf does. The keys of authentication come
// first in the block, then those of encryption, then the first blocks that
// TLS 1.0 chains from: RFC 2246 §6.3.
func cbcSessionOf(t *tap, log string, v hello.Version, suite uint16) (*cbcSession, error) {
	how, ok := cbcSuites[suite]
	if !ok {
		return nil, fmt.Errorf("suite 0x%04x, which was not offered", suite)
	}
	master, seed, err := secretsOf(t, log)
	if err != nil {
		return nil, err
	}
	macLen := how.newHash().Size()
	block := keyBlock(v, master, seed, 2*(macLen+how.keyLen))
	macs, keys := block[:2*macLen], block[2*macLen:]
	s := &cbcSession{suite: suite}
	var err1, err2 error
	s.ours, err1 = newCBC(v, how, macs[:macLen], keys[:how.keyLen])
	s.theirs, err2 = newCBC(v, how, macs[macLen:], keys[how.keyLen:])
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	_, err1 = s.ours.after(t.sent)
	s.in, err2 = s.theirs.after(t.received)
	return s, errors.Join(err1, err2)
}

// keyBlock is the PRF of RFC 5246 §5, or of RFC 2246 §5 before TLS 1.2.
func keyBlock(v hello.Version, master, seed []byte, n int) []byte {
	if v >= hello.TLS12 {
		return expand(sha256.New, master, seed, n)
	}
	half := (len(master) + 1) / 2
	out := expand(md5.New, master[:half], seed, n)
	subtle.XORBytes(out, out, expand(sha1.New, master[len(master)-half:], seed, n))
	return out
}

// cbcDirection is one half of a connection under CBC: RFC 5246 §6.2.3.2.
type cbcDirection struct {
	version  hello.Version
	block    cipher.Block
	newHash  func() hash.Hash
	key      []byte // of authentication
	chained  []byte // in TLS 1.0, the last block of the record before
	sequence uint64
}

func newCBC(v hello.Version, how cbcSuite, mac, key []byte) (*cbcDirection, error) {
	block, err := how.newBlock(key)
	return &cbcDirection{version: v, block: block, newHash: how.newHash, key: mac}, err
}

// after passes over a handshake up to and with the Finished, the first record
// that is encrypted, and gives what follows.
func (d *cbcDirection) after(passed []byte) (io.Reader, error) {
	r := bytes.NewReader(passed)
	for kind := byte(0); kind != recordCCS; {
		var err error
		if kind, _, err = readRecord(r); err != nil {
			return nil, errSession
		}
	}
	kind, payload, err := readRecord(r)
	if err != nil || kind != recordHandshake || len(payload) < d.block.BlockSize() {
		return nil, errSession
	}
	d.chained, d.sequence = payload[len(payload)-d.block.BlockSize():], 1
	return r, nil
}

// mac authenticates a record.
func (d *cbcDirection) mac(kind byte, data []byte) []byte {
	h := hmac.New(d.newHash, d.key)
	b := binary.BigEndian.AppendUint64(nil, d.sequence)
	b = binary.BigEndian.AppendUint16(append(b, kind), uint16(d.version))
	h.Write(binary.BigEndian.AppendUint16(b, uint16(len(data))))
	h.Write(data)
	return h.Sum(nil)
}

// read reads and opens the next record.
func (d *cbcDirection) read(r io.Reader) (kind byte, data []byte, err error) {
	kind, b, err := readRecord(r)
	if err != nil {
		return 0, nil, err
	}
	size := d.block.BlockSize()
	iv := d.chained
	if d.version > hello.TLS10 && len(b) >= size {
		iv, b = b[:size], b[size:]
	}
	if len(b) == 0 || len(b)%size != 0 {
		return 0, nil, fmt.Errorf("record of %d bytes, which are no whole blocks", len(b))
	}
	d.chained = bytes.Clone(b[len(b)-size:])
	cipher.NewCBCDecrypter(d.block, iv).CryptBlocks(b, b)
	macLen, padding := d.newHash().Size(), int(b[len(b)-1])+1
	n := len(b) - padding - macLen
	if n < 0 {
		return 0, nil, errors.New("record with more padding than it has room for")
	}
	data = b[:n]
	good := hmac.Equal(b[n:n+macLen], d.mac(kind, data))
	d.sequence++
	if !good {
		return 0, nil, errors.New("record that does not authenticate")
	}
	return kind, data, nil
}
