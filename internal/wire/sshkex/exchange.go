package sshkex

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
)

// Proof is what a server gives in a key exchange to prove who it is: its key,
// and a signature by it over the hash of the exchange.
type Proof struct {
	Method    string // of key exchange
	Algorithm string // of host key, as asked for
	Key       []byte
	Hash      []byte // what is signed
	Signature []byte
	Group     Group // that it gave by group exchange; empty: there was none

	secret []byte
	sum    func() hash.Hash
	ways   [2]way
	macs   [2]mac
	unfit  error // why nothing can be encrypted after it; nil: it can
}

// Exchange agrees on keys with the server, whose KexInit was just read, and
// has it prove its host key. The signature is not looked at here. Nothing is
// encrypted yet.
func (s *Session) Exchange(server KexInit, hostKey string) (*Proof, error) {
	m, err := pick(server)
	if err != nil {
		return nil, err
	}
	p, wrong, err := s.propose(server, m, hostKey)
	if err != nil {
		return nil, err
	}
	if m.start == nil {
		return p, s.byGroup(p, Sizes{Min: 1024, Want: 2048, Max: 4096}, wrong)
	}
	a, err := m.start()
	if err != nil {
		return nil, err
	}
	return p, s.agree(p, a, msgKexFirst, nil, wrong)
}

// ExchangeIn is Exchange in a group of such a size. Beside an error the proof
// still has the group, if one came.
func (s *Session) ExchangeIn(server KexInit, hostKey string, ask Sizes) (*Proof, error) {
	i := slices.IndexFunc(methods, func(m method) bool { return m.name == server.GroupExchange() })
	if i < 0 {
		return &Proof{}, errors.New("the server offers no group exchange")
	}
	p, wrong, err := s.propose(server, methods[i], hostKey)
	if err != nil {
		return &Proof{}, err
	}
	return p, s.byGroup(p, ask, wrong)
}

// propose sends our lists, which leave the server one choice. wrong tells that
// it guessed another.
func (s *Session) propose(server KexInit, m method, hostKey string) (p *Proof, wrong bool, err error) {
	p = &Proof{Method: m.name, Algorithm: hostKey, sum: m.hash}
	mine := server
	mine.Kex, mine.HostKeys, mine.Guessed = []string{m.name, "ext-info-c"}, []string{hostKey}, false
	for i := range p.ways {
		w, m, err := suit(server.Ciphers[i], server.MACs[i])
		if err == nil && !slices.Contains(server.Compression[i], "none") {
			err = errors.New("the server does nothing without compression")
		}
		if err != nil { // its own lists will do up to the proof
			p.unfit = err
			continue
		}
		p.ways[i], p.macs[i] = w, m
		mine.Ciphers[i], mine.Compression[i] = []string{w.name}, []string{"none"}
		if !w.aead {
			mine.MACs[i] = []string{m.name}
		}
	}
	s.ourInit = mine.payload()
	wrong = server.Guessed && (server.Kex[0] != m.name || server.HostKeys[0] != hostKey)
	return p, wrong, s.write(s.ourInit)
}

// byGroup asks for a group and agrees on keys in it.
func (s *Session) byGroup(p *Proof, ask Sizes, wrong bool) error {
	g, err := s.ask(ask, wrong)
	if err != nil {
		return err
	}
	if err := g.sound(); err != nil {
		return err
	}
	p.Group = g
	a, err := newInGroup(g)
	if err != nil {
		return err
	}
	return s.agree(p, a, msgGexInit, appendNumber(appendNumber(ask.bytes(), g.Prime), g.Generator), false)
}

// agree sends our half of the secret, reads the server's and its proof. extra
// is what a group exchange adds to the hash: RFC 4419 §3.
func (s *Session) agree(p *Proof, a agreement, first byte, extra []byte, wrong bool) error {
	if err := s.write(append([]byte{first}, a.offer()...)); err != nil {
		return err
	}
	reply, err := s.answer(first+1, wrong)
	if err != nil {
		return err
	}
	key, rest, ok1 := cutString(reply)
	half, rest, ok2 := cutString(rest)
	signature, rest, ok3 := cutString(rest)
	if !ok1 || !ok2 || !ok3 || len(rest) != 0 {
		return fmt.Errorf("answer to a key exchange is cut short")
	}
	theirs := appendString(nil, string(half))
	if p.secret, err = a.finish(theirs); err != nil {
		return err
	}
	h := p.sum()
	for _, part := range [][]byte{
		appendString(nil, strings.TrimSuffix(ours, "\r\n")), appendString(nil, s.Banner.Raw),
		appendString(nil, string(s.ourInit)), appendString(nil, string(s.theirInit)), appendString(nil, string(key)),
		extra, a.offer(), theirs, p.secret,
	} {
		h.Write(part)
	}
	p.Key, p.Signature, p.Hash = key, signature, h.Sum(nil)
	return nil
}

// answer reads a message of this number; wrong tells that one for a method
// that the server guessed, and that was not taken, comes first: RFC 4253 §7.
func (s *Session) answer(number byte, wrong bool) ([]byte, error) {
	b, err := s.next()
	if err == nil && wrong {
		b, err = s.next()
	}
	if err != nil {
		return nil, err
	}
	if b[0] != number {
		return nil, fmt.Errorf("SSH message %d where %d belongs", b[0], number)
	}
	return b[1:], nil
}

// Seal takes the agreed keys into use, both ways.
func (s *Session) Seal(p *Proof) error {
	if p.unfit != nil {
		return p.unfit
	}
	if err := s.write([]byte{msgNewKeys}); err != nil {
		return err
	}
	if rest, err := s.answer(msgNewKeys, false); err != nil || len(rest) != 0 {
		if err == nil {
			err = fmt.Errorf("NEWKEYS with %d bytes", len(rest))
		}
		return err
	}
	out, err := p.ways[0].make(p.ways[0], p.keys("ACE", false), p.macs[0])
	if err != nil {
		return err
	}
	in, err := p.ways[1].make(p.ways[1], p.keys("BDF", true), p.macs[1])
	s.out.sealed, s.in.sealed = out, in
	return err
}

// keys derives those of one direction: RFC 4253 §7.2. The letters stand for
// vector, key and MAC.
func (p *Proof) keys(letters string, opens bool) keys {
	derive := func(letter byte) func(int) []byte {
		return func(n int) []byte {
			var out []byte
			for len(out) < n {
				h := p.sum()
				h.Write(p.secret)
				h.Write(p.Hash)
				if out == nil {
					h.Write([]byte{letter})
					h.Write(p.Hash) // the first hash of a connection is its identifier
				}
				h.Write(out)
				out = h.Sum(out)
			}
			return out[:n]
		}
	}
	return keys{vector: derive(letters[0]), key: derive(letters[1]), mac: derive(letters[2]), opens: opens}
}

func (z Sizes) bytes() (b []byte) {
	for _, n := range []uint32{z.Min, z.Want, z.Max} {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}
