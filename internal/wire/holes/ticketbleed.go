package holes

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"net"
	"slices"

	"github.com/sansang/sansang/internal/wire/hello"
)

// Ticket is a session that a server gave a ticket for: RFC 5077.
type Ticket struct {
	ticket []byte
	suite  uint16
}

// GetTicket completes a handshake of TLS 1.2 or older and gives the ticket
// that came of it; nil if the server gives none.
func GetTicket(ctx context.Context, conn net.Conn, name string) (*Ticket, error) {
	c := &tls.Config{ServerName: name, InsecureSkipVerify: true, MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12}
	for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		c.CipherSuites = append(c.CipherSuites, s.ID)
	}
	var kept cache
	c.ClientSessionCache = &kept
	client := tls.Client(conn, c)
	if err := client.HandshakeContext(ctx); err != nil || kept.session == nil {
		return nil, err
	}
	ticket, _, err := kept.session.ResumptionState()
	if err != nil || len(ticket) == 0 {
		return nil, err
	}
	return &Ticket{ticket, client.ConnectionState().CipherSuite}, nil
}

// cache keeps the session of one connection.
type cache struct{ session *tls.ClientSessionState }

func (*cache) Get(string) (*tls.ClientSessionState, bool)      { return nil, false }
func (c *cache) Put(_ string, session *tls.ClientSessionState) { c.session = session }

// sessionLen is one byte less than a session id may have, so that a server
// that fills it up gives one byte away.
const sessionLen = 31

// Resumption is how a server resumed a session.
type Resumption struct {
	Resumed    bool
	Vulnerable bool // it repeated more of the session id than it was sent
	Answer     string
}

// Ticketbleed looks for CVE-2016-9244: it resumes the session under an id of
// its own, which the server repeats (RFC 5077 §3.4). One with the hole always
// repeats 32 bytes, whatever was sent, and the rest is its memory. A server
// that does not resume shows neither.
//
// Before the answer quiet is called; from then on the connection's bytes must
// not be kept.
func (t *Ticket) Ticketbleed(conn net.Conn, name string, quiet func()) (Resumption, error) {
	o := hello.Offer{Version: hello.TLS12, Suites: []uint16{t.suite}, Name: name,
		Extra: []hello.Extension{{ID: hello.SessionTicket.ID, Data: t.ticket}}}
	id := random(sessionLen)
	quiet()
	if _, err := conn.Write(withSession(o.Bytes(), id)); err != nil {
		return Resumption{}, err
	}
	var msg []byte // the ServerHello, which may come in pieces
	for warnings := 0; warnings < maxAlerts; {
		kind, payload, err := readRecord(conn)
		switch {
		case err != nil:
			return Resumption{}, err
		case kind == recordAlert && len(payload) == 2 && payload[0] != levelFatal:
			warnings++ // unrecognized_name, before the ServerHello
			continue
		case kind == recordAlert && len(payload) == 2:
			return Resumption{}, &Refused{hello.Answer{Said: alertName(payload[1])}}
		}
		msg = append(msg, payload...)
		if kind != recordHandshake || len(payload) == 0 || hasSession(msg) || msg[0] != msgServerHello {
			return judgeSession(kind, msg, id)
		}
	}
	return Resumption{}, fmt.Errorf("%d warnings, and no answer", maxAlerts)
}

const beforeSession = 4 + 2 + 32 // header of the message, version, random

// hasSession tells whether the session id of a ServerHello is all there.
func hasSession(msg []byte) bool {
	return len(msg) > beforeSession && len(msg) > beforeSession+int(msg[beforeSession])
}

// judgeSession compares the session id of a ServerHello with what was sent.
func judgeSession(kind byte, payload, id []byte) (Resumption, error) {
	if kind != recordHandshake || !hasSession(payload) || payload[0] != msgServerHello {
		return Resumption{}, fmt.Errorf("record of type %d, %d bytes, where a ServerHello belongs", kind, len(payload))
	}
	got := payload[beforeSession+1:][:payload[beforeSession]]
	r := Resumption{Resumed: bytes.HasPrefix(got, id), Answer: "a new session"}
	if r.Resumed {
		r.Vulnerable = len(got) > len(id)
		r.Answer = fmt.Sprintf("resumes, and repeats a session id of %d bytes as %d", len(id), len(got))
	}
	return r, nil
}

// withSession puts a session id into a ClientHello that has none.
func withSession(record, id []byte) []byte {
	const at = recordHeader + 4 + 2 + 32
	out := slices.Concat(record[:at], []byte{byte(len(id))}, id, record[at+1:])
	binary.BigEndian.PutUint16(out[3:], uint16(len(out)-recordHeader))
	n := len(out) - recordHeader - 4
	out[6], out[7], out[8] = byte(n>>16), byte(n>>8), byte(n)
	return out
}
