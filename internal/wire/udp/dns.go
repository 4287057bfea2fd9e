package udp

import (
	"bytes"
	"encoding/binary"
)

// DNS is one question for the name servers of the root, with recursion
// desired: whoever is asked needs ask nobody but the root itself.
type DNS struct{ Send []byte }

// DNSAnswer is what the header of an answer says (RFC 1035 §4.1.1).
type DNSAnswer struct {
	Recursion bool // RA: the server recurses for whoever asks from here
	RCode     int  // 0 fine, 2 failed, 5 refused
	Answers   int  // records in the answer section
}

const dnsHeader = 12

// NewDNS makes the question ". IN NS".
func NewDNS() DNS {
	return DNS{Send: append(chance(2), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1)} // RD; one question
}

// Read reads an answer to the question. One that repeats another question, or
// none, is none; only a refusal or an error may leave it out.
func (q DNS) Read(b []byte) (DNSAnswer, bool) {
	if len(b) < dnsHeader || !bytes.Equal(b[:2], q.Send[:2]) || b[2]&0xf8 != 0x80 {
		return DNSAnswer{}, false
	}
	a := DNSAnswer{Recursion: b[3]&0x80 != 0, RCode: int(b[3] & 15), Answers: int(binary.BigEndian.Uint16(b[6:]))}
	questions := binary.BigEndian.Uint16(b[4:])
	same := questions == 1 && bytes.HasPrefix(b[dnsHeader:], q.Send[dnsHeader:])
	return a, same || questions == 0 && a.RCode != 0
}
