package hello

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"hash"
)

// schedule derives the keys of TLS 1.3 from what both sides said: RFC 8446
// §7.1. Nothing is pre-shared.
type schedule struct {
	suite  Suite
	hash   func() hash.Hash
	said   hash.Hash // of all handshake messages so far
	secret []byte    // the handshake secret, then the master secret
}

// newSchedule begins one for a suite. Those that neither Go nor x/crypto can
// decrypt, such as AES-CCM, have none.
func newSchedule(suite uint16) (*schedule, error) {
	s := &schedule{suite: Find(uint32(suite)), hash: sha256.New}
	switch suite {
	case aes128GCM, chacha20Poly1305:
	case aes256GCM:
		s.hash = sha512.New384
	default:
		return nil, fmt.Errorf("%s cannot be decrypted here", s.suite.Name)
	}
	s.said = s.hash()
	return s, nil
}

// add takes handshake messages into the transcript.
func (s *schedule) add(messages ...[]byte) {
	for _, m := range messages {
		s.said.Write(m)
	}
}

// handshake gives the traffic secrets of the handshake from what the key
// exchange agreed on; the ServerHello must have been added last.
func (s *schedule) handshake(shared []byte) (client, server []byte) {
	none := make([]byte, s.size())
	s.secret = s.extract(shared, s.next(s.extract(none, nil)))
	return s.derive("c hs traffic"), s.derive("s hs traffic")
}

// application gives those of what follows; the server's Finished must have
// been added last.
func (s *schedule) application() (client, server []byte) {
	s.secret = s.extract(make([]byte, s.size()), s.next(s.secret))
	return s.derive("c ap traffic"), s.derive("s ap traffic")
}

// finished is the content of a Finished message: RFC 8446 §4.4.4.
func (s *schedule) finished(traffic []byte) []byte {
	mac := hmac.New(s.hash, s.expand(traffic, "finished", nil, s.size()))
	mac.Write(s.said.Sum(nil))
	return mac.Sum(nil)
}

func (s *schedule) size() int { return s.said.Size() }

func (s *schedule) derive(label string) []byte {
	return s.expand(s.secret, label, s.said.Sum(nil), s.size())
}

func (s *schedule) next(secret []byte) (salt []byte) {
	return s.expand(secret, "derived", s.hash().Sum(nil), s.size())
}

func (s *schedule) extract(secret, salt []byte) []byte {
	out, err := hkdf.Extract(s.hash, secret, salt)
	if err != nil {
		panic("hello: extracting a key: " + err.Error()) // only a hash that FIPS 140 does not know
	}
	return out
}

// expand is HKDF-Expand-Label.
func (s *schedule) expand(secret []byte, label string, context []byte, n int) []byte {
	label = "tls13 " + label
	info := append(binary.BigEndian.AppendUint16(nil, uint16(n)), byte(len(label)))
	info = append(append(info, label...), byte(len(context)))
	out, err := hkdf.Expand(s.hash, secret, string(append(info, context...)), n)
	if err != nil {
		panic("hello: expanding a key: " + err.Error()) // likewise
	}
	return out
}
