package udp

import (
	"bytes"
	"encoding/binary"
)

// Kinds of payload of both versions of IKE (RFC 7296 §3.2, RFC 2408 §3.1).
const (
	v1SA, v1KE, v1ID, v1Hash, v1Nonce, v1Notify = 1, 4, 5, 8, 10, 11
	v2SA, v2KE, v2Nonce, v2Notify               = 33, 34, 40, 41
)

const ikeHeader = 28

// Notifications that decide something. Their numbers mean the same in both
// versions, but for those that one of them lacks.
const (
	NotifyMajorVersion = 5     // it does not speak this version
	NotifyExchange     = 7     // v1: it does not know this exchange; v2: it could not read the message
	NotifyNoProposal   = 14    // it takes none of what was offered
	notifyInvalidKE    = 17    // v2: it takes the offer, but with another group
	NotifyAuth         = 24    // v1: not with this name
	notifyCookie       = 16390 // v2: ask again and repeat this
)

// IKEAnswer is what a responder says to the first message of an exchange.
type IKEAnswer struct {
	Version  int  // 1 or 2, that it answers in
	Accepted bool // it took one of the proposals
	Chosen   Suite
	Hash     bool   // v1: it sent a proof of the shared key, as aggressive mode does
	Notify   int    // what it says instead; 0: nothing
	Cookie   []byte // v2: what to repeat
}

// Suite is one choice of algorithms, by the numbers of its version of IKE (see
// the registries of IANA); 0: not said.
type Suite struct{ Encryption, Integrity, PRF, Group int }

// payload puts a payload's header before its body (RFC 7296 §3.2).
func payload(next byte, body ...[]byte) []byte {
	b := bytes.Join(body, nil)
	return append([]byte{next, 0, byte((len(b) + 4) >> 8), byte(len(b) + 4)}, b...)
}

// message puts the header before the payloads (RFC 7296 §3.1).
func message(spi []byte, first, version, exchange, flags byte, payloads ...[]byte) []byte {
	b := append(bytes.Clone(spi), make([]byte, 8)...)
	b = append(b, first, version, exchange, flags, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, p := range payloads {
		b = append(b, p...)
	}
	binary.BigEndian.PutUint32(b[24:], uint32(len(b)))
	return b
}

// ReadIKE reads an answer to the message that was sent.
func ReadIKE(sent, b []byte) (IKEAnswer, bool) {
	if len(sent) < ikeHeader || len(b) < ikeHeader || !bytes.Equal(b[:8], sent[:8]) || bytes.Equal(b, sent) {
		return IKEAnswer{}, false
	}
	a := IKEAnswer{Version: int(b[17] >> 4)}
	if a.Version == 2 && b[19]&0x20 == 0 || a.Version != 1 && a.Version != 2 {
		return IKEAnswer{}, false // an initiator speaks, or nobody we know
	}
	if uint64(binary.BigEndian.Uint32(b[24:])) != uint64(len(b)) {
		return IKEAnswer{}, false
	}
	next, rest := b[16], b[ikeHeader:]
	for next != 0 {
		if len(rest) < 4 {
			return IKEAnswer{}, false
		}
		n := int(binary.BigEndian.Uint16(rest[2:]))
		if n < 4 || n > len(rest) {
			return IKEAnswer{}, false
		}
		a.payload(next, rest[4:n])
		next, rest = rest[0], rest[n:]
	}
	return a, a.Accepted || a.Notify != 0 || a.Cookie != nil
}

func (a *IKEAnswer) payload(kind byte, body []byte) {
	switch {
	case a.Version == 2 && kind == v2SA:
		a.Chosen, a.Accepted = chosen2(body)
	case a.Version == 2 && kind == v2Notify && len(body) >= 4:
		a.notified(int(binary.BigEndian.Uint16(body[2:])), body[4+min(int(body[1]), len(body)-4):])
	case a.Version == 1 && kind == v1SA && len(body) >= 8:
		a.Chosen, a.Accepted = chosen1(body[8:])
	case a.Version == 1 && kind == v1Hash:
		a.Hash = true
	case a.Version == 1 && kind == v1Notify && len(body) >= 8 && a.Notify == 0:
		a.Notify = int(binary.BigEndian.Uint16(body[6:]))
	}
}

// notified takes a notification of IKEv2. Those from 16384 on only inform
// (RFC 7296 §3.10.1). One that wants another group accepts what was offered.
func (a *IKEAnswer) notified(kind int, data []byte) {
	switch {
	case kind == notifyInvalidKE && len(data) == 2:
		a.Accepted, a.Chosen.Group = true, int(binary.BigEndian.Uint16(data))
	case kind == notifyCookie && len(data) > 0 && len(data) <= 64:
		a.Cookie = bytes.Clone(data)
	case kind > 0 && kind < 16384 && a.Notify == 0:
		a.Notify = kind
	}
}
