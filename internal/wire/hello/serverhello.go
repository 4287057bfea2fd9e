package hello

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

var errShort = errors.New("ServerHello is cut short")

// judge reads the body of a ServerHello (RFC 5246 §7.4.1.3, RFC 8446 §4.1.3)
// and says what it means as an answer to the offer. A HelloRetryRequest is a
// ServerHello too, and accepts the version.
func (o Offer) judge(body []byte) (Answer, error) {
	chosen, suite, err := parseServerHello(body)
	said := "ServerHello " + chosen.String()
	switch {
	case err != nil:
		return Answer{}, err
	case chosen > o.Version:
		return Answer{}, fmt.Errorf("%s in answer to a hello of %s", said, o.Version)
	case chosen < SSL3:
		return Answer{}, fmt.Errorf("%s: there is no such version", said)
	case chosen < o.Version:
		return Answer{AboutVersion: true, Said: said}, nil
	case !slices.Contains(o.Suites, suite):
		return Answer{}, fmt.Errorf("%s chooses suite 0x%04x, which was not offered", said, suite)
	}
	return Answer{Accepted: true, Said: fmt.Sprintf("%s, suite 0x%04x", said, suite)}, nil
}

func parseServerHello(body []byte) (chosen Version, suite uint16, err error) {
	const upToSession = 2 + 32 // version, random
	if len(body) <= upToSession {
		return 0, 0, errShort
	}
	chosen = Version(binary.BigEndian.Uint16(body))
	session := int(body[upToSession])
	if session > 32 {
		return 0, 0, fmt.Errorf("ServerHello with a session id of %d bytes", session)
	}
	rest := body[upToSession+1:]
	if len(rest) < session+2+1 { // session id, suite, compression
		return 0, 0, errShort
	}
	suite = binary.BigEndian.Uint16(rest[session:])
	rest = rest[session+2+1:]
	if len(rest) == 0 {
		return chosen, suite, nil
	}
	return inExtensions(rest, chosen, suite)
}

// inExtensions looks for the version that TLS 1.3 puts into an extension.
func inExtensions(rest []byte, chosen Version, suite uint16) (Version, uint16, error) {
	exts, rest, ok := cutVector(rest)
	if !ok || len(rest) != 0 {
		return 0, 0, errShort
	}
	for len(exts) > 0 {
		if len(exts) < 4 {
			return 0, 0, errShort
		}
		id := binary.BigEndian.Uint16(exts)
		data, after, ok := cutVector(exts[2:])
		if !ok {
			return 0, 0, errShort
		}
		if id == extSupportedVersions {
			if len(data) != 2 || chosen != TLS12 {
				return 0, 0, errors.New("ServerHello with a malformed supported_versions")
			}
			chosen = Version(binary.BigEndian.Uint16(data))
		}
		exts = after
	}
	return chosen, suite, nil
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
