package sshkex

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
)

// packet1 is a plain packet of SSH 1 with zeros for padding.
func packet1(kind byte, data []byte) []byte {
	n := 1 + len(data) + 4
	p := append(make([]byte, 8-n%8), kind)
	p = append(p, data...)
	p = binary.BigEndian.AppendUint32(p, ^crc32.Update(^uint32(0), crc32.IEEETable, p))
	return append(binary.BigEndian.AppendUint32(nil, uint32(n)), p...)
}

// padded1 is a public key of SSH 1 after seven bytes of padding.
func padded1(padding ...byte) []byte {
	p := publicKey1()
	body := p[4 : len(p)-4]
	copy(body, padding)
	return append(p[:len(p)-4], binary.BigEndian.AppendUint32(nil, ^crc32.Update(^uint32(0), crc32.IEEETable, body))...)
}

func publicKey1() []byte { return packet1(smsgPublicKey, make([]byte, leastKeys)) }

// TestCRC: 0x2dfd2d88 is the CRC of "123456789" that starts from 0 and is not
// turned round in the end.
func TestCRC(t *testing.T) {
	if got := ^crc32.Update(^uint32(0), crc32.IEEETable, []byte("123456789")); got != 0x2dfd2d88 {
		t.Errorf("%#x", got)
	}
}

func TestOlder(t *testing.T) {
	spoiled := publicKey1()
	spoiled[len(spoiled)-1]++
	for name, c := range map[string]struct {
		says   [][]byte
		spoken bool
		said   string
		err    string
	}{
		"speaks":            {[][]byte{[]byte("SSH-1.99-x\n"), publicKey1()}, true, "public key", ""},
		"words":             {[][]byte{[]byte(greeting + "Protocol major versions differ.\n")}, false, "Protocol major versions differ.", ""},
		"goes on in SSH 2":  {[][]byte{[]byte(greeting), packet(offered.payload())}, false, "SSH 2, by message 20", ""},
		"says good-bye":     {[][]byte{[]byte(greeting), packet(disconnect("no"))}, false, "SSH 2, by message 1", ""},
		"too many":          {[][]byte{[]byte(greeting), packet([]byte{msgDisconnect, 0, 0, 0, TooManyConnections})}, false, "", "reason 12"},
		"padding like it":   {[][]byte{[]byte("SSH-1.99-x\n"), padded1(0, 1, 9, 9, 9, 9, 9)}, false, "", "for sure"},
		"silent":            {[][]byte{[]byte(greeting)}, false, "", "EOF"},
		"no greeting":       {nil, false, "", "EOF"},
		"wrong CRC":         {[][]byte{[]byte("SSH-1.5-x\n"), spoiled}, false, "", "wrong CRC"},
		"key cut short":     {[][]byte{[]byte("SSH-1.5-x\n"), packet1(smsgPublicKey, make([]byte, 20))}, false, "", "cut short"},
		"another message":   {[][]byte{[]byte("SSH-1.5-x\n"), packet1(36, make([]byte, 60))}, false, "", "message 36"},
		"2 GB":              {[][]byte{[]byte("SSH-1.5-x\n"), {0x00, 0xff, 0xff, 0xff, 0, 0, 0, 0}}, false, "", "packet of 16777215 bytes"},
		"half a KEXINIT":    {[][]byte{[]byte(greeting), packet(offered.payload())[:40]}, false, "", "EOF"},
		"an endless line":   {[][]byte{[]byte(greeting), []byte(strings.Repeat("x", 1000))}, false, "", "bytes"},
		"turned away":       {[][]byte{[]byte("Not allowed at this time\r\n")}, false, "", "turns us away"},
		"malformed KEXINIT": {[][]byte{[]byte(greeting), packet([]byte{msgKexInit, 1, 2})}, false, "", "KEXINIT of 3 bytes"},
		"too many starts":   {[][]byte{[]byte("Exceeded MaxStartups\r\n")}, false, "", "turns us away"},
		"something unheard": {[][]byte{[]byte(greeting), {0, 0, 0, 12}, slices.Repeat([]byte{0}, 20)}, false, "", "message 0"},
	} {
		o, err := OpenOlder(serverSays(c.says...))
		if o.Spoken != c.spoken || !strings.Contains(o.Said, c.said) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %+v, %v; want %+v", name, o, err, c)
		}
	}
}
