package sshkex

import (
	"bytes"
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
)

var errForged = errors.New("SSH packet whose authentication code is wrong")

// blocks is a cipher with a MAC beside it, over the plain packet (RFC 4253
// §6.4) or after it over the encrypted one.
type blocks struct {
	size  int
	turn  func([]byte) // encrypts or decrypts in place what is next
	sum   hash.Hash
	kept  int
	after bool // the MAC is of what was encrypted, and the length stands plain
}

func (b *blocks) code(number uint32, parts ...[]byte) []byte {
	b.sum.Reset()
	for _, p := range append([][]byte{binary.BigEndian.AppendUint32(nil, number)}, parts...) {
		b.sum.Write(p)
	}
	return b.sum.Sum(nil)[:b.kept]
}

func (b *blocks) seal(payload []byte, number uint32) []byte {
	if b.after {
		p := frame(payload, b.size, 0)
		b.turn(p[4:])
		return append(p, b.code(number, p)...)
	}
	p := frame(payload, b.size, 4)
	code := b.code(number, p)
	b.turn(p)
	return append(p, code...)
}

func (b *blocks) open(r io.Reader, number uint32) ([]byte, error) {
	head := make([]byte, 4)
	if !b.after {
		head = make([]byte, b.size)
	}
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	if !b.after {
		b.turn(head)
	}
	n, err := length(head)
	if err != nil {
		return nil, err
	}
	if n += 4; n < len(head) || (n-len(head))%b.size != 0 {
		return nil, fmt.Errorf("SSH packet of %d bytes, which are no whole blocks", n-4)
	}
	rest, err := take(r, n-len(head)+b.kept)
	if err != nil {
		return nil, err
	}
	body, code := rest[:len(rest)-b.kept], rest[len(rest)-b.kept:]
	if b.after && !hmac.Equal(code, b.code(number, head, body)) {
		return nil, errForged
	}
	b.turn(body)
	if !b.after && !hmac.Equal(code, b.code(number, head, body)) {
		return nil, errForged
	}
	return unpad(append(head, body...))
}

// frame makes a packet: its length, the length of the padding, the payload and
// the padding (RFC 4253 §6). Of the length field so many bytes are encrypted.
func frame(payload []byte, size, counts int) []byte {
	padding := size - (counts+1+len(payload))%size
	if padding < 4 {
		padding += size
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(1+len(payload)+padding))
	b = append(b, byte(padding))
	b = append(b, payload...)
	return append(b, make([]byte, padding)...)
}

// length reads the length of a packet, which must be believable.
func length(head []byte) (int, error) {
	n := binary.BigEndian.Uint32(head)
	if n < 2 || n > maxPacket {
		return 0, fmt.Errorf("SSH packet of %d bytes", n)
	}
	return int(n), nil
}

// take reads n bytes and holds no more than has arrived.
func take(r io.Reader, n int) ([]byte, error) {
	var b bytes.Buffer
	_, err := io.CopyN(&b, r, int64(n))
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return b.Bytes(), err
}

// unpad gives the payload of a plain packet.
func unpad(p []byte) ([]byte, error) {
	padding := int(p[4])
	if 4+1+padding >= len(p) {
		return nil, fmt.Errorf("SSH packet of %d bytes with %d of padding", len(p)-4, padding)
	}
	return p[5 : len(p)-padding], nil
}
