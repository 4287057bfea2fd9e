package holes

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/wire/hello"
)

// tap keeps what passes during a handshake, up to a bound.
type tap struct {
	net.Conn
	sent, received []byte
}

const maxTapped = 1 << 20

func (t *tap) Read(b []byte) (int, error) {
	n, err := t.Conn.Read(b)
	if len(t.received) < maxTapped {
		t.received = append(t.received, b[:n]...)
	}
	return n, err
}

func (t *tap) Write(b []byte) (int, error) {
	if len(t.sent) < maxTapped {
		t.sent = append(t.sent, b...)
	}
	return t.Conn.Write(b)
}

// session is a connection of TLS 1.2 whose handshake is over.
type session struct {
	ours, theirs *direction
	finished     []byte // verify_data of our Finished: RFC 5246 §7.4.9
}

var errSession = errors.New("cannot follow the handshake")

// sessionOf derives the keys of a handshake from what passed and from the
// line that crypto/tls logs of it: "CLIENT_RANDOM", the random, the master
// secret. RFC 5246 §6.3.
func sessionOf(t *tap, log string, suite uint16) (*session, error) {
	master, seed, err := secretsOf(t, log)
	if err != nil {
		return nil, err
	}
	newHash, keyLen := sha256.New, 16
	if suite == tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 || suite == tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 ||
		suite == tls.TLS_RSA_WITH_AES_256_GCM_SHA384 {
		newHash, keyLen = sha512.New384, 32
	}
	const saltLen = 4 // of both directions, after their keys: RFC 5288 §3
	block := expand(newHash, master, seed, 2*keyLen+2*saltLen)
	salts := block[2*keyLen:]
	s := new(session)
	var err1, err2 error
	s.ours, err1 = newDirection(block[:keyLen], salts[:saltLen])
	s.theirs, err2 = newDirection(block[keyLen:2*keyLen], salts[saltLen:])
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	s.theirs.sequence = 1 // their Finished has passed
	s.finished, err1 = s.ourFinished(t.sent)
	return s, err1
}

// secretsOf gives the master secret and what keys are expanded from with it.
func secretsOf(t *tap, log string) (master, seed []byte, err error) {
	fields := strings.Fields(log)
	if len(fields) != 3 || fields[0] != "CLIENT_RANDOM" {
		return nil, nil, errSession
	}
	client, err1 := hex.DecodeString(fields[1])
	master, err2 := hex.DecodeString(fields[2])
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, err
	}
	server, ok := serverRandom(t.received)
	if !ok {
		return nil, nil, errSession
	}
	return master, slices.Concat([]byte("key expansion"), server, client), nil
}

// serverRandom finds the ServerHello, the first message of the handshake,
// which may come in pieces.
func serverRandom(received []byte) ([]byte, bool) {
	const before = 4 + 2 // header of the message, version
	var msg []byte
	for r := bytes.NewReader(received); len(msg) < before+32; {
		kind, payload, err := readRecord(r)
		switch {
		case err != nil:
			return nil, false
		case kind == recordHandshake:
			msg = append(msg, payload...)
		}
	}
	return msg[before : before+32], msg[0] == msgServerHello
}

// ourFinished decrypts the record after our ChangeCipherSpec.
func (s *session) ourFinished(sent []byte) ([]byte, error) {
	r := bytes.NewReader(sent)
	for kind := byte(0); kind != recordCCS; {
		var err error
		if kind, _, err = readRecord(r); err != nil {
			return nil, errSession
		}
	}
	kind, msg, err := s.ours.read(r)
	if err != nil || kind != recordHandshake || len(msg) != 4+12 || msg[0] != msgFinished {
		return nil, errSession
	}
	return msg[4:], nil
}

// expand is P_hash of RFC 5246 §5.
func expand(newHash func() hash.Hash, secret, seed []byte, n int) []byte {
	mac := func(parts ...[]byte) []byte {
		h := hmac.New(newHash, secret)
		for _, p := range parts {
			h.Write(p)
		}
		return h.Sum(nil)
	}
	var out []byte
	for a := mac(seed); len(out) < n; a = mac(a) {
		out = append(out, mac(a, seed)...)
	}
	return out[:n]
}

// direction is one half of a connection under AES-GCM: RFC 5288 §3.
type direction struct {
	aead     cipher.AEAD
	salt     []byte
	sequence uint64
}

func newDirection(key, salt []byte) (*direction, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &direction{aead: aead, salt: salt}, err
}

const explicitNonce = 8

// additional is what is authenticated beside a record: RFC 5246 §6.2.3.3.
func (d *direction) additional(kind byte, n int) []byte {
	b := binary.BigEndian.AppendUint64(nil, d.sequence)
	b = binary.BigEndian.AppendUint16(append(b, kind), uint16(hello.TLS12))
	return binary.BigEndian.AppendUint16(b, uint16(n))
}

// seal makes the next record.
func (d *direction) seal(kind byte, plain []byte) []byte {
	nonce := binary.BigEndian.AppendUint64(nil, d.sequence)
	sealed := d.aead.Seal(nil, append(d.salt[:len(d.salt):len(d.salt)], nonce...), plain, d.additional(kind, len(plain)))
	d.sequence++
	return appendRecord(nil, kind, hello.TLS12, append(nonce, sealed...))
}

// read reads and opens the next record.
func (d *direction) read(r io.Reader) (kind byte, plain []byte, err error) {
	kind, payload, err := readRecord(r)
	if err != nil {
		return 0, nil, err
	}
	n := len(payload) - explicitNonce - d.aead.Overhead()
	if n < 0 {
		return 0, nil, errors.New("record too short for its cipher")
	}
	nonce := append(d.salt[:len(d.salt):len(d.salt)], payload[:explicitNonce]...)
	plain, err = d.aead.Open(nil, nonce, payload[explicitNonce:], d.additional(kind, n))
	d.sequence++
	return kind, plain, err
}
