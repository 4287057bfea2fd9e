package hello

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// ServerHello is what a server chose: RFC 5246 §7.4.1.3, RFC 8446 §4.1.3.
type ServerHello struct {
	Version     Version
	Session     []byte // its id
	Suite       uint16
	Compression byte
	Retry       bool     // it is a HelloRetryRequest: the choice is made, but for the key
	Group       uint16   // of TLS 1.3, which it chose or asks a key of; 0: none
	ALPN        string   // below TLS 1.3, which keeps it secret
	Extensions  []uint16 // all there are

	share, cookie, timestamps []byte
}

// Has tells whether the server sent the extension.
func (h ServerHello) Has(e Extension) bool { return slices.Contains(h.Extensions, e.ID) }

// retryRandom marks a HelloRetryRequest: RFC 8446 §4.1.3.
const retryRandom = "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c"

var errShort = errors.New("ServerHello is cut short")

// judge reads the body of a ServerHello and says what it means as an answer to
// the offer. A HelloRetryRequest is one too, and accepts version and suite.
func (o Offer) judge(body []byte) (Answer, error) {
	h, err := parseServerHello(body)
	said := "ServerHello " + h.Version.String()
	switch {
	case err != nil:
		return Answer{}, err
	case h.Version > o.Version:
		return Answer{}, fmt.Errorf("%s in answer to a hello of %s", said, o.Version)
	case h.Version < SSL3:
		return Answer{}, fmt.Errorf("%s: there is no such version", said)
	case h.Version < o.Version:
		return Answer{AboutVersion: true, Said: said}, nil
	case !slices.Contains(o.Suites, h.Suite):
		return Answer{}, fmt.Errorf("%s chooses suite 0x%04x, which was not offered", said, h.Suite)
	}
	return Answer{Accepted: true, Said: fmt.Sprintf("%s, suite 0x%04x", said, h.Suite), Hello: h}, nil
}

func parseServerHello(body []byte) (h ServerHello, err error) {
	const upToSession = 2 + 32 // version, random
	if len(body) <= upToSession {
		return h, errShort
	}
	h.Version = Version(binary.BigEndian.Uint16(body))
	h.Retry = string(body[2:upToSession]) == retryRandom
	session := int(body[upToSession])
	if session > 32 {
		return h, fmt.Errorf("ServerHello with a session id of %d bytes", session)
	}
	rest := body[upToSession+1:]
	if len(rest) < session+2+1 { // session id, suite, compression
		return h, errShort
	}
	h.Session = rest[:session]
	h.Suite = binary.BigEndian.Uint16(rest[session:])
	h.Compression = rest[session+2]
	rest = rest[session+2+1:]
	if len(rest) == 0 {
		return h, nil
	}
	return h, h.readExtensions(rest)
}

func (h *ServerHello) readExtensions(rest []byte) error {
	exts, rest, ok := cutVector(rest)
	if !ok || len(rest) != 0 {
		return errShort
	}
	for len(exts) > 0 {
		if len(exts) < 4 {
			return errShort
		}
		id := binary.BigEndian.Uint16(exts)
		data, after, ok := cutVector(exts[2:])
		if !ok {
			return errShort
		}
		h.Extensions = append(h.Extensions, id)
		if err := h.readExtension(id, data); err != nil {
			return err
		}
		exts = after
	}
	return nil
}

func (h *ServerHello) readExtension(id uint16, data []byte) error {
	switch id {
	case extSupportedVersions: // TLS 1.3 puts its version here
		if len(data) != 2 || h.Version != TLS12 {
			return errors.New("ServerHello with a malformed supported_versions")
		}
		h.Version = Version(binary.BigEndian.Uint16(data))
	case extKeyShare: // begins with the group, with a key after it or without: RFC 8446 §4.2.8
		if len(data) < 2 {
			return errors.New("ServerHello with a malformed key_share")
		}
		h.Group = binary.BigEndian.Uint16(data)
		h.share, _, _ = cutVector(data[2:])
	case extCookie:
		h.cookie, _, _ = cutVector(data)
	case extTimestamps:
		h.timestamps = data
	case extALPN: // a list of one: RFC 7301 §3.1
		names, _, ok := cutVector(data)
		if !ok || len(names) == 0 || len(names) != 1+int(names[0]) {
			return errors.New("ServerHello with a malformed ALPN")
		}
		h.ALPN = string(names[1:])
	}
	return nil
}

// cutVector takes what appendVector wrote off the front of b.
func cutVector(b []byte) (data, rest []byte, ok bool) {
	if len(b) < 2 {
		return nil, nil, false
	}
	n := int(binary.BigEndian.Uint16(b))
	if len(b) < 2+n {
		return nil, nil, false
	}
	return b[2 : 2+n], b[2+n:], true
}
