package lab

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"io"
	"net/http"
	"strconv"
)

// bomb is a gzip body of zeros. It is written from one small block over and
// over, so its size costs the server nothing.
type bomb struct {
	mebibytes int    // when unpacked
	crc       uint32 // IEEE CRC-32 of so many zeros; reckoning it takes a second
}

// zerosCRC is that of 10 GiB of zeros; a test reckons it.
const zerosCRC = 0xf41d912f

// start makes a starter for an http server whose every answer is the bomb,
// also for a client that accepts no gzip.
func (b bomb) start() starter {
	return clearText(func(place) http.Handler {
		head, block, tail := b.parts()
		size := len(head) + b.mebibytes*len(block) + len(tail)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Type", "text/html; charset=utf-8")
			h.Set("Content-Encoding", "gzip")
			h.Set("Content-Length", strconv.Itoa(size))
			if r.Method != http.MethodHead {
				_ = b.write(w, head, block, tail) // a client that leaves was wise
			}
		})
	})
}

func (b bomb) write(w io.Writer, head, block, tail []byte) error {
	if _, err := w.Write(head); err != nil {
		return err
	}
	for range b.mebibytes {
		if _, err := w.Write(block); err != nil {
			return err
		}
	}
	_, err := w.Write(tail)
	return err
}

// parts gives what a gzip file (RFC 1952) of the bomb is made of: the header,
// a block of deflate data that stands for 1 MiB of zeros, and the end. The
// block ends on a byte boundary and refers to nothing outside itself, so it
// may be repeated.
func (b bomb) parts() (head, block, tail []byte) {
	const mebibyte = 1 << 20
	var buf bytes.Buffer // its Write never fails, so neither does the writer on it
	w, err := flate.NewWriter(&buf, flate.BestCompression)
	if err != nil {
		panic("lab: flate knows its own best level: " + err.Error())
	}
	_, _ = w.Write(make([]byte, mebibyte))
	_ = w.Flush()

	head = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255}
	tail = []byte{3, 0} // a last, empty block
	tail = binary.LittleEndian.AppendUint32(tail, b.crc)
	tail = binary.LittleEndian.AppendUint32(tail, uint32(b.mebibytes*mebibyte)) // modulo 2^32: RFC 1952, 2.3.1
	return head, buf.Bytes(), tail
}
