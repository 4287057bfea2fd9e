package hello

import (
	"errors"
	"fmt"
)

// The alerts that say something special about a hello.
const (
	alertCloseNotify      = 0
	alertHandshakeFailure = 40
	alertProtocolVersion  = 70
	alertInsufficient     = 71
	alertUserCanceled     = 90
	alertUnrecognizedName = 112

	levelWarning = 1
	levelFatal   = 2
)

var errFarewell = errors.New("in answer to a hello")

// alertNames are those that occur in answer to a hello: RFC 8446 §6.
var alertNames = map[byte]string{
	0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow",
	40: "handshake_failure", 47: "illegal_parameter", 49: "access_denied", 50: "decode_error", 51: "decrypt_error",
	60: "export_restriction", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
	86: "inappropriate_fallback", 90: "user_canceled", 109: "missing_extension", 110: "unsupported_extension",
	112: "unrecognized_name", 115: "unknown_psk_identity", 116: "certificate_required", 120: "no_application_protocol",
}

func alertName(code byte) string {
	if name, ok := alertNames[code]; ok {
		return fmt.Sprintf("alert %s(%d)", name, code)
	}
	return fmt.Sprintf("alert %d", code)
}

// ErrName is what a server says that has nothing for the name of the hello, or
// for none.
var ErrName = errors.New("the server does not know the name")

// lateRefusal is one that comes after the server has accepted the hello.
type lateRefusal struct{ Answer }

func (r *lateRefusal) Error() string { return r.Said }

// IsRefusal tells of an error that a server said by alert.
func IsRefusal(err error) bool {
	var r *lateRefusal
	return errors.As(err, &r)
}

// alertAnswer reads an alert. A fatal one refuses the hello; so does a warning
// that names the version or the suites, for nothing follows it. Other warnings
// are passed over: unrecognized_name is followed by a ServerHello. What refuses
// the name, or only ends the connection, says nothing about the version.
func alertAnswer(payload []byte) (a Answer, skip bool, err error) {
	if len(payload) != 2 || payload[0] != levelWarning && payload[0] != levelFatal {
		return Answer{}, false, fmt.Errorf("malformed alert % x", payload[:min(len(payload), 8)])
	}
	level, code := payload[0], payload[1]
	a = Answer{AboutVersion: code == alertProtocolVersion, Said: alertName(code), Doubtful: true}
	switch code {
	case alertProtocolVersion, alertHandshakeFailure, alertInsufficient:
		a.Doubtful = false
		return a, false, nil
	case alertCloseNotify, alertUserCanceled:
		return Answer{}, false, fmt.Errorf("%s %w", a.Said, errFarewell)
	case alertUnrecognizedName:
		if level == levelFatal {
			return Answer{}, false, fmt.Errorf("%s: %w", a.Said, ErrName)
		}
	}
	return a, level == levelWarning, nil
}
