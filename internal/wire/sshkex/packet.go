package sshkex

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
)

// Message numbers: RFC 4250 §4.1.2, RFC 8308 §2.3. What those from 30 to 49
// mean depends on the key exchange: RFC 4253 §8, RFC 4419 §5, RFC 5656 §7.1.
const (
	msgDisconnect     = 1
	msgIgnore         = 2
	msgDebug          = 4
	msgServiceRequest = 5
	msgServiceAccept  = 6
	msgExtInfo        = 7
	msgKexInit        = 20
	msgNewKeys        = 21
	msgKexFirst       = 30
	msgKexReply       = 31
	msgGexGroup       = 31
	msgGexInit        = 32
	msgGexReply       = 33
	msgGexRequest     = 34
	msgUserAuth       = 50
	msgAuthFailure    = 51
	msgAuthSuccess    = 52
	msgAuthBanner     = 53
)

const (
	maxPacket   = 35000 // RFC 4253 §6.1
	maxPassedBy = 16    // packets without meaning before the one that counts
)

// readPacket reads one packet as it is before keys are agreed on (RFC 4253
// §6): no cipher, no MAC. It holds no more than has arrived.
func readPacket(r io.Reader) (payload []byte, err error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n < 2 || n > maxPacket {
		return nil, fmt.Errorf("SSH packet of %d bytes", n)
	}
	b, err := io.ReadAll(io.LimitReader(r, int64(n)))
	if err == nil && len(b) < int(n) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	padding := int(b[0])
	if 1+padding >= len(b) {
		return nil, fmt.Errorf("SSH packet of %d bytes with %d of padding", n, padding)
	}
	return b[1 : len(b)-padding], nil
}

// writePacket pads to a multiple of 8 with at least 4 bytes.
func writePacket(w io.Writer, payload []byte) error {
	padding := 8 - (4+1+len(payload))%8
	if padding < 4 {
		padding += 8
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(1+len(payload)+padding))
	b = append(b, byte(padding))
	b = append(b, payload...)
	_, err := w.Write(append(b, make([]byte, padding)...))
	return err
}

// Reasons to disconnect: RFC 4253 §11.1. TooManyConnections is that of a server
// that turns us away.
const (
	protocolError      = 2
	keyExchangeFailed  = 3
	TooManyConnections = 12
	lastReason         = 15
)

// Disconnected is the error of a server that says good-bye by message.
type Disconnected struct {
	Reason  uint32 // RFC 4253 §11.1
	Message string
}

// Refuses tells whether the reason lies in what was asked for.
func (d *Disconnected) Refuses() bool {
	return d.Reason == protocolError || d.Reason == keyExchangeFailed
}

func (d *Disconnected) Error() string {
	return fmt.Sprintf("server disconnects, reason %d: %q", d.Reason, d.Message)
}

// next reads the next packet that is not there to be ignored.
func (s *Session) next() ([]byte, error) {
	for range maxPassedBy {
		p, err := s.read()
		if err != nil {
			return nil, err
		}
		switch p[0] {
		case msgIgnore, msgDebug:
			continue
		case msgDisconnect:
			return nil, disconnected(p)
		}
		return p, nil
	}
	return nil, fmt.Errorf("%d packets and no answer among them", maxPassedBy)
}

// disconnected reads SSH_MSG_DISCONNECT.
func disconnected(p []byte) *Disconnected {
	d := &Disconnected{}
	if len(p) >= 5 {
		d.Reason = binary.BigEndian.Uint32(p[1:])
		if text, _, ok := cutString(p[5:]); ok {
			d.Message = string(text[:min(len(text), maxIdent)])
		}
	}
	return d
}

// cutString takes a string (RFC 4251 §5) off the front of b.
func cutString(b []byte) (s, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.BigEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-4) {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}

// cutNumber takes a positive mpint (RFC 4251 §5) off the front of b.
func cutNumber(b []byte) (n *big.Int, rest []byte, ok bool) {
	s, rest, ok := cutString(b)
	if !ok || len(s) > 0 && s[0]&0x80 != 0 {
		return nil, nil, false
	}
	return new(big.Int).SetBytes(s), rest, true
}

// appendNumber writes a number that is not negative as an mpint.
func appendNumber(b []byte, n *big.Int) []byte {
	s := n.Bytes()
	if len(s) > 0 && s[0]&0x80 != 0 {
		s = append([]byte{0}, s...)
	}
	return appendString(b, string(s))
}

func appendString(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}
