package holes

import (
	"bytes"
	"io"

	"github.com/sansang/sansang/internal/wire/hello"
)

// Fallback sends a hello that says it is not the best the client has, as a
// client does that somebody between made fall back: RFC 7507 §3. The version
// of o must not be the best that the server has. A server that heeds the
// signal refuses by an alert of its own; one that accepts does not. Any other
// refusal is a *Refused.
func Fallback(rw io.ReadWriter, o hello.Offer) (heeded bool, err error) {
	o.Signals = []uint16{hello.NoRenegotiation, hello.FallBack}
	if _, err := rw.Write(o.Bytes()); err != nil {
		return false, err
	}
	var said bytes.Buffer // bounded by what hello reads of an answer
	a, err := hello.Read(io.TeeReader(rw, &said), o)
	switch {
	case saysAlert(&said, alertInappropriateFallback):
		return true, nil
	case err != nil:
		return false, err
	case !a.Accepted:
		return false, &Refused{a}
	}
	return false, nil
}

// saysAlert looks for an alert among records in the clear.
func saysAlert(r io.Reader, code byte) bool {
	for {
		kind, payload, err := readRecord(r)
		if err != nil {
			return false
		}
		if kind == recordAlert && len(payload) == 2 && payload[1] == code {
			return true
		}
	}
}
