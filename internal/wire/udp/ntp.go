package udp

import (
	"bytes"
	"encoding/binary"
	"time"
)

const ntpPacket = 48

// NTP is one question for the time, as any client asks it (RFC 5905 §7.3). Its
// transmit timestamp is made up, so that it tells nobody our clock and nobody
// can guess it.
type NTP struct{ Send []byte }

// NTPTime is what an NTP server says.
type NTPTime struct {
	Leap     int    // 3: its clock is not synchronised
	Stratum  int    // 1 has a reference clock; 16: not synchronised
	Kiss     string // "RATE", "DENY"…: it gives no time, and why (RFC 5905 §7.4)
	Received time.Time
	Sent     time.Time
}

// NewNTP makes a client's packet: version 4, mode 3.
func NewNTP() NTP {
	b := make([]byte, ntpPacket)
	b[0] = 4<<3 | 3
	copy(b[40:], chance(8))
	return NTP{Send: b}
}

// Read reads a server's answer, which repeats our timestamp. near tells the
// era of its timestamps, which wrap every 136 years (RFC 5905 §6).
func (q NTP) Read(b []byte, near time.Time) (NTPTime, bool) {
	if len(b) < ntpPacket || b[0]&7 != 4 || !bytes.Equal(b[24:32], q.Send[40:]) {
		return NTPTime{}, false
	}
	t := NTPTime{Leap: int(b[0] >> 6), Stratum: int(b[1]), Received: ntpTime(b[32:40], near), Sent: ntpTime(b[40:48], near)}
	if t.Stratum == 0 {
		t.Stratum, t.Kiss = unsynchronised, kiss(b[12:16])
	}
	return t, true
}

// unsynchronised is a stratum that goes over the wire as 0 (RFC 5905 §7.3).
const unsynchronised = 16

// kiss gives the code by which a server turns a client away, "" where it only
// says that it has no time yet.
func kiss(code []byte) string {
	if s := string(code); isText(code) && s != "INIT" && s != "STEP" {
		return s
	}
	return ""
}

// ntpEpoch is where NTP begins to count, 1 January 1900, in Unix seconds.
const ntpEpoch = -2208988800

func ntpTime(b []byte, near time.Time) time.Time {
	const era = int64(1) << 32
	s := int64(binary.BigEndian.Uint32(b)) + ntpEpoch
	for near.Unix()-s > era/2 {
		s += era
	}
	fraction := int64(binary.BigEndian.Uint32(b[4:]))
	return time.Unix(s, fraction*int64(time.Second)>>32).UTC()
}

// Offset tells how far the server's clock is ahead of ours, give or take half
// of the way there and back, when we sent and received at those moments
// (RFC 5905 §8).
func (t NTPTime) Offset(sent, received time.Time) (ahead, trip time.Duration) {
	ahead = (t.Received.Sub(sent) + t.Sent.Sub(received)) / 2
	return ahead, received.Sub(sent) - t.Sent.Sub(t.Received)
}

// Control is a question for the variables of an NTP server: mode 6, "readvar"
// (RFC 9327 §2).
type Control struct{ Send []byte }

// NewControl makes the question, with a sequence number of its own.
func NewControl() Control {
	b := make([]byte, 12)
	b[0], b[1] = 2<<3|6, 2
	copy(b[2:], chance(2))
	return Control{Send: b}
}

// Answered tells whether a datagram answers the question; granted is false
// where it is an error.
func (q Control) Answered(b []byte) (granted, ok bool) {
	if len(b) < 12 || b[0]&7 != 6 || b[1]&0x80 == 0 || b[1]&0x1f != 2 || !bytes.Equal(b[2:4], q.Send[2:4]) {
		return false, false
	}
	return b[1]&0x40 == 0, true
}

// Monlist is the question for those who lately asked an NTP server: mode 7,
// request 42 of ntpd (CVE-2013-5211).
var Monlist = []byte{2<<3 | 7, 0, 3, 42, 0, 0, 0, 0}

// MonlistAnswered tells whether a datagram answers Monlist; granted is false
// where it is an error, such as that there is no such request.
func MonlistAnswered(b []byte) (granted, ok bool) {
	if len(b) < 8 || b[0]&7 != 7 || b[0]&0x80 == 0 || b[3] != 42 {
		return false, false
	}
	return b[4]>>4 == 0, true
}
