package udp

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
)

// Nudge is the question to services that answer whatever comes: an end of
// line.
var Nudge = []byte("\n")

// ChargenAnswered tells whether a datagram is what a character generator says:
// up to 512 characters of its pattern, whatever it was sent (RFC 864). An echo
// of our own is none.
func ChargenAnswered(b []byte) bool { return len(b) <= 512 && isText(b) && !bytes.Equal(b, Nudge) }

// QOTDAnswered tells whether a datagram is a quote of the day: a short text
// (RFC 865). An echo of our own is none.
func QOTDAnswered(b []byte) bool { return ChargenAnswered(b) }

// Memcached is one question for the version of a memcached.
type Memcached struct{ Send []byte }

// NewMemcached makes the question in its frame: number, part 0 of 1, nothing
// (memcached doc/protocol.txt, "UDP protocol").
func NewMemcached() Memcached {
	return Memcached{Send: append(append(chance(2), 0, 0, 0, 1, 0, 0), "version\r\n"...)}
}

// Answered tells whether a datagram has the frame of the answer and says a
// version, or an error.
func (q Memcached) Answered(b []byte) bool {
	if len(b) < 8 || !bytes.Equal(b[:4], q.Send[:4]) || binary.BigEndian.Uint16(b[4:]) == 0 {
		return false
	}
	for _, begin := range []string{"VERSION ", "ERROR", "SERVER_ERROR ", "CLIENT_ERROR "} {
		if bytes.HasPrefix(b[8:], []byte(begin)) {
			return true
		}
	}
	return false
}

// SSDP makes the question for UPnP devices to one host (UPnP Device
// Architecture 2.0 §1.3.2, unicast M-SEARCH).
func SSDP(host string) []byte {
	return []byte("M-SEARCH * HTTP/1.1\r\nHOST: " + host + "\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: upnp:rootdevice\r\n\r\n")
}

// SSDPAnswered tells whether a datagram is a device's answer.
func SSDPAnswered(b []byte) bool {
	head := bytes.ToUpper(b[:min(len(b), 4096)])
	return bytes.HasPrefix(head, []byte("HTTP/1.1 200")) && (bytes.Contains(head, []byte("\nST:")) || bytes.Contains(head, []byte("\nUSN:")))
}

// TFTP makes a request to read a file whose name is made up, so that none is
// read (RFC 1350 §5).
func TFTP() []byte {
	return []byte("\x00\x01no-such-file-" + hex.EncodeToString(chance(8)) + "\x00octet\x00")
}

// TFTPAnswered tells whether a datagram is what a TFTP server says to a
// request to read: an error, or data.
func TFTPAnswered(b []byte) bool {
	if len(b) < 4 || b[0] != 0 {
		return false
	}
	switch b[1] {
	case 3: // DATA, block 1, of at most 512 bytes
		return b[2] == 0 && b[3] == 1 && len(b) <= 4+512
	case 5: // ERROR: a code, a text, a nought
		return len(b) >= 5 && b[2] == 0 && b[3] <= 8 && b[len(b)-1] == 0
	}
	return false
}
