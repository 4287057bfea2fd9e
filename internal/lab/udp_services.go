package lab

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"time"
)

// tlv writes an element of BER shorter than 128 bytes.
func tlv(tag byte, parts ...[]byte) []byte {
	b := slices.Concat(parts...)
	return append([]byte{tag, byte(len(b))}, b...)
}

// agent is an SNMP agent: version 3 for whoever has no name yet and, if it has
// a community, versions 1 and 2c with that.
type agent struct{ community string }

// reply knows the two questions by their beginnings and copies what must come
// back: the number of the message, and the whole of what was asked.
func (a agent) reply(b []byte) [][]byte {
	if len(b) < 8 || b[0] != 0x30 || b[1] >= 0x80 || b[2] != 2 || b[3] != 1 {
		return nil
	}
	switch version := b[4]; {
	case version == 3 && b[5] == 0x30:
		id := b[7 : 9+b[8]]
		engine := tlv(4, []byte("\x80\x00\x1f\x88\x04lab"))
		nobody := tlv(0x30, engine, []byte{2, 1, 1, 2, 1, 9, 4, 0, 4, 0, 4, 0})
		unknownEngineIDs := tlv(0x30, tlv(0x30, tlv(6, []byte{0x2b, 6, 1, 6, 3, 15, 1, 1, 4, 0}), []byte{0x41, 1, 1}))
		report := tlv(0xa8, id, []byte{2, 1, 0, 2, 1, 0}, unknownEngineIDs)
		return one(tlv(0x30, []byte{2, 1, 3}, tlv(0x30, id, []byte{2, 3, 0, 0xff, 0xe3, 4, 1, 0, 2, 1, 3}), tlv(4, nobody), tlv(0x30, engine, []byte{4, 0}, report)))
	case a.community != "" && bytes.HasPrefix(b[5:], tlv(4, []byte(a.community))):
		b[7+len(a.community)] = 0xa2 // the request's PDU becomes a response's
		return one(b)
	}
	return nil
}

// dnsReply repeats the question under a flag (RA) and a code.
func dnsReply(ra, code byte) replier {
	return func(b []byte) [][]byte {
		if len(b) < 17 || b[2]&0x80 != 0 {
			return nil
		}
		a := slices.Clone(b)
		a[2], a[3] = 0x81, ra|code
		if code != 0 {
			return one(a)
		}
		for i := range 13 {
			a = append(a, 0, 0, 2, 0, 1, 0, 7, 0xe9, 0, 0, 20, 1, byte('a'+i), 12)
			a = append(a, "root-servers\x03net\x00"...)
		}
		a[7] = 13
		return one(a)
	}
}

// clock is an NTP server; it is ahead by that many seconds, and talks of itself
// (modes 6 and 7) if it is told to.
type clock struct {
	talks bool
	ahead int64
}

func (c clock) reply(b []byte) [][]byte {
	switch {
	case len(b) >= 48 && b[0]&7 == 3:
		a := make([]byte, 48)
		a[0], a[1] = 4<<3|4, 2
		copy(a[24:32], b[40:48])
		now := time.Now()
		for _, at := range []int{16, 32, 40} {
			binary.BigEndian.PutUint32(a[at:], uint32(now.Unix()+2208988800+c.ahead))
			binary.BigEndian.PutUint32(a[at+4:], uint32(uint64(now.Nanosecond())<<32/1e9))
		}
		return one(a)
	case c.talks && len(b) >= 12 && b[0]&7 == 6:
		said := []byte(`version="ntpd 4.2.6p5@1.2349", processor="x86_64", system="Linux", leap=0, stratum=2`)
		return one([]byte{b[0], 0x82, b[2], b[3], 0, 0, 0, 0, 0, 0, 0, byte(len(said))}, said)
	case c.talks && len(b) >= 8 && b[0]&7 == 7:
		peers := make([]byte, 6*72)
		return [][]byte{slices.Concat([]byte{0xd7, 0, 3, 42, 0, 6, 0, 72}, peers), slices.Concat([]byte{0x97, 1, 3, 42, 0, 6, 0, 72}, peers)}
	}
	return nil
}

func tftpReply(b []byte) [][]byte {
	if len(b) < 4 || b[1] != 1 {
		return nil
	}
	return one([]byte("\x00\x05\x00\x01File not found\x00"))
}

// ipmiReply is a controller with anonymous log-in.
func ipmiReply(b []byte) [][]byte {
	switch {
	case len(b) >= 12 && b[3] == 6 && b[8] == 0x80:
		return one([]byte{6, 0, 0xff, 6, 0, 0, 0x11, 0xbe, 0x40, b[9], 0, 16, 0, 0, 0x11, 0xbe, 0, 0, 0, 0, 0x81, 0, 0, 0, 0, 0, 0, 0})
	case len(b) >= 23 && b[3] == 7:
		m := []byte{0x81, 0x1c, 0x63, 0x20, 0, 0x38, 0, 1, 0x97, 0x07, 0x03, 0, 0, 0, 0}
		var sum byte
		for _, x := range m[3:] {
			sum -= x
		}
		return one([]byte{6, 0, 0xff, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16}, m, []byte{sum})
	}
	return nil
}

func memcachedReply(b []byte) [][]byte {
	if len(b) < 10 || !bytes.HasPrefix(b[8:], []byte("version")) {
		return nil
	}
	return one(b[:2], []byte{0, 0, 0, 1, 0, 0}, []byte("VERSION 1.4.15\r\n"))
}

func ssdpReply(b []byte) [][]byte {
	if !bytes.HasPrefix(b, []byte("M-SEARCH")) {
		return nil
	}
	return one([]byte("HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nUSN: uuid:lab::upnp:rootdevice\r\nLOCATION: http://127.0.0.1:1/desc.xml\r\n\r\n"))
}

func cldapReply(b []byte) [][]byte {
	if len(b) < 8 || b[0] != 0x30 {
		return nil
	}
	id := b[2 : 4+b[3]]
	return one(tlv(0x30, id, tlv(0x64, []byte{4, 0}, tlv(0x30))), tlv(0x30, id, tlv(0x65, []byte{10, 1, 0, 4, 0, 4, 0})))
}

func chargenReply([]byte) [][]byte {
	return one([]byte(strings.Repeat(" !\"#$%&'()*+,-./0123456789\r\n", 15)))
}

func quoteReply([]byte) [][]byte { return one([]byte("\"Practice.\" - a server\r\n")) }
