package sshkex

import (
	"bufio"
	"fmt"
	"io"
)

// Session is one connection on which the greetings have passed.
type Session struct {
	Banner Banner

	rw  io.ReadWriter
	r   *bufio.Reader
	in  direction
	out direction

	theirInit, ourInit []byte // the KEXINIT payloads, which the exchange hash covers
}

// direction is one way of the connection: the number of its next packet, and
// how packets are sealed once keys are in use.
type direction struct {
	number uint32
	sealed sealing // nil: not yet
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
	p, err := s.next()
	if err != nil {
		return KexInit{}, err
	}
	s.theirInit = p
	return parseKexInit(p)
}

// read gives the payload of the next packet, whatever it is.
func (s *Session) read() (p []byte, err error) {
	if s.in.sealed == nil {
		p, err = readPacket(s.r)
	} else if p, err = s.in.sealed.open(s.r, s.in.number); err == nil && len(p) == 0 {
		err = fmt.Errorf("SSH packet without a message")
	}
	s.in.number++
	return p, err
}

func (s *Session) write(payload []byte) (err error) {
	if s.out.sealed == nil {
		err = writePacket(s.rw, payload)
	} else {
		_, err = s.rw.Write(s.out.sealed.seal(payload, s.out.number))
	}
	s.out.number++
	return err
}
