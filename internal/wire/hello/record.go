package hello

import (
	"fmt"
	"io"
)

// recordHead is how long the head of a record is.
const recordHead = 5

// readRecord reads one record of SSL 3.0 or TLS: RFC 5246 §6.2.1.
func readRecord(r io.Reader) (kind byte, payload []byte, err error) {
	var head [recordHead]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := int(head[3])<<8 | int(head[4])
	switch {
	case string(head[:]) == "HTTP/":
		return 0, nil, fmt.Errorf("answer in plain HTTP to a hello")
	case head[0] < 20 || head[0] > 24 || head[1] != 3:
		return 0, nil, fmt.Errorf("no TLS record: it begins with % x", head)
	case n == 0 || n > maxRecord:
		return 0, nil, fmt.Errorf("TLS record of %d bytes", n)
	}
	payload, err = readExactly(r, n)
	return head[0], payload, err
}

// readExactly reads n bytes, and allocates little more than arrives.
func readExactly(r io.Reader, n int) ([]byte, error) {
	b := make([]byte, min(n, 2<<10)) // most records are shorter
	for got := 0; ; {
		m, err := io.ReadFull(r, b[got:])
		got += m
		switch {
		case err == io.EOF:
			return b[:got], io.ErrUnexpectedEOF
		case err != nil || got == n:
			return b[:got], err
		}
		b = append(b, make([]byte, min(n-got, got))...)
	}
}
