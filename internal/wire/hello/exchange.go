package hello

import (
	"encoding/binary"
	"errors"
	"math/big"
	"strings"
)

// Exchange is a server's half of the key exchange: a curve, or the group of
// Diffie-Hellman over the integers, or an RSA key for export suites.
type Exchange struct {
	Group  uint16   // of an elliptic curve; 0: none
	Prime  *big.Int // of Diffie-Hellman; nil: none
	Base   *big.Int
	Public *big.Int
	RSA    *big.Int // the modulus of a key made for this: RFC 2246 §7.4.3
}

var errExchange = errors.New("malformed ServerKeyExchange")

// parseExchange reads the parameters of a ServerKeyExchange; what follows them
// is their signature. RFC 5246 §7.4.3, RFC 8422 §5.4, and for pre-shared keys,
// whose hint comes first, RFC 4279 §3, RFC 5489 §2.
func parseExchange(s Suite, body []byte) (e *Exchange, signed []byte, err error) {
	if s.usesPSK() {
		var ok bool
		if _, body, ok = cutVector(body); !ok {
			return nil, nil, errExchange
		}
	}
	var n []*big.Int
	switch {
	case s.HasCurve():
		return parseCurve(body)
	case s.HasPrime():
		if n, signed, err = readNumbers(body, 3); err != nil {
			return nil, nil, err
		}
		return &Exchange{Prime: n[0], Base: n[1], Public: n[2]}, signed, nil
	case s.KeyExchange == "RSA":
		if n, signed, err = readNumbers(body, 2); err != nil {
			return nil, nil, err
		}
		return &Exchange{RSA: n[0]}, signed, nil
	}
	return new(Exchange), nil, nil // SRP, ECCPWD, a hint alone: nothing that is wanted here
}

// HasCurve tells of a suite that comes with an elliptic curve of the server's
// choice.
func (s Suite) HasCurve() bool {
	return strings.HasPrefix(s.KeyExchange, "ECDHE") || s.KeyExchange == "ECDH" && s.Anonymous
}

// HasPrime tells of a suite that comes with a prime of the server's choice.
func (s Suite) HasPrime() bool {
	return strings.HasPrefix(s.KeyExchange, "DHE") || s.KeyExchange == "DH" && s.Anonymous
}

// Signs tells of a suite under which the server signs its key exchange, up to
// TLS 1.2: RFC 5246 §7.4.3.
func (s Suite) Signs() bool {
	switch s.Authentication {
	case "RSA":
		return s.KeyExchange == "ECDHE" || s.KeyExchange == "DHE" || s.Export
	case "ECDSA", "DSS":
		return s.KeyExchange == "ECDHE" || s.KeyExchange == "DHE"
	}
	return false
}

// parseCurve reads ECParameters: the curve's kind, and a name or what the
// kind says of it.
func parseCurve(body []byte) (e *Exchange, signed []byte, err error) {
	const explicitPrime, explicitChar2, named = 1, 2, 3
	switch {
	case len(body) < 4:
		return nil, nil, errExchange
	case body[0] == explicitPrime:
		return &Exchange{Group: explicitPrimeCurve}, nil, nil
	case body[0] == explicitChar2:
		return &Exchange{Group: explicitBinaryCurve}, nil, nil
	case body[0] != named, len(body) < 4+int(body[3]):
		return nil, nil, errExchange
	}
	return &Exchange{Group: binary.BigEndian.Uint16(body[1:])}, body[4+int(body[3]):], nil
}

// readNumbers reads so many unsigned numbers, each with its length before it.
func readNumbers(body []byte, count int) (out []*big.Int, rest []byte, err error) {
	for range count {
		data, rest, ok := cutVector(body)
		if !ok || len(data) == 0 {
			return nil, nil, errExchange
		}
		out, body = append(out, new(big.Int).SetBytes(data)), rest
	}
	return out, body, nil
}
