package sshkex

import (
	"bufio"
	"io"
)

// Session is one connection on which the greetings have passed.
type Session struct {
	Banner Banner

	rw io.ReadWriter
	r  *bufio.Reader
}

// Open sends our greeting and reads the server's.
func Open(rw io.ReadWriter) (*Session, error) {
	s := &Session{rw: rw, r: bufio.NewReader(rw)}
	var err error
	s.Banner, err = greet(rw, s.r)
	return s, err
}

// KexInit reads the server's algorithm lists. RFC 4253 §7.1 lets both sides
// send theirs at once, so the server need not have seen ours.
func (s *Session) KexInit() (KexInit, error) {
	p, err := next(s.r)
	if err != nil {
		return KexInit{}, err
	}
	return parseKexInit(p)
}
