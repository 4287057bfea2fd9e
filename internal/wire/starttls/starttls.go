// Package starttls speaks the plain beginning of protocols that turn to TLS in
// the middle of a connection: it greets, reads what the server offers, asks
// for TLS and gives the connection on which the ClientHello goes next. It never
// logs in.
//
// An error is one of five: the server speaks another protocol
// ([OtherProtocolError]), will not serve us at all ([DeclinedError]), does not
// offer TLS ([ErrNotOffered]), refuses it ([RefusedError], [ErrRefused]), or
// the connection failed, and then it is the error of the connection. Only
// ErrNotOffered and RefusedError say anything about TLS.
package starttls

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// Protocol is a protocol that can turn to TLS.
type Protocol string

// The protocols, by the names that unit files use for them.
const (
	SMTP       Protocol = "smtp"        // RFC 3207
	LMTP       Protocol = "lmtp"        // RFC 2033, RFC 3207
	POP3       Protocol = "pop3"        // RFC 2595 §4
	IMAP       Protocol = "imap"        // RFC 9051 §6.2.1
	Sieve      Protocol = "sieve"       // ManageSieve, RFC 5804 §2.2
	FTP        Protocol = "ftp"         // RFC 4217 §4
	LDAP       Protocol = "ldap"        // RFC 4511 §4.14
	XMPPClient Protocol = "xmpp-client" // RFC 6120 §5
	XMPPServer Protocol = "xmpp-server" // RFC 6120 §5
	NNTP       Protocol = "nntp"        // RFC 4642
	Postgres   Protocol = "postgres"    // PostgreSQL, Frontend/Backend Protocol, SSL Session Encryption
	MySQL      Protocol = "mysql"       // MySQL Client/Server Protocol, Connection Phase
	MSSQL      Protocol = "mssql"       // MS-TDS 2.2.6.5
	RDP        Protocol = "rdp"         // MS-RDPBCGR 5.4.5.1
)

// talks are the conversations up to TLS.
var talks = map[Protocol]func(*session) error{
	SMTP: smtp, LMTP: lmtp, POP3: pop3, IMAP: imap, Sieve: sieve, FTP: ftp, LDAP: ldap,
	XMPPClient: xmpp("jabber:client"), XMPPServer: xmpp("jabber:server"),
	NNTP: nntp, Postgres: postgres, MySQL: mysql, MSSQL: mssql, RDP: rdp,
}

// Preamble is what a server said in clear before TLS.
type Preamble struct {
	Greeting     string   // its first line, or the version that it gives; printable, one line
	Capabilities []string // what it lists, in its own words; nil: it gave no list
	Offered      bool     // it listed TLS, or agreed to it
}

// Upgrade makes the connection ready for a ClientHello. Name is the server's.
// Waiting ends with the deadline of conn, or with ctx.
func Upgrade(ctx context.Context, conn net.Conn, p Protocol, name string) (net.Conn, error) {
	next, _, err := Open(ctx, conn, p, name)
	return next, err
}

// Open is Upgrade, and tells what was said before TLS, also when there is none.
func Open(ctx context.Context, conn net.Conn, p Protocol, name string) (net.Conn, Preamble, error) {
	return open(ctx, conn, p, name, stowaway{})
}

func open(ctx context.Context, conn net.Conn, p Protocol, name string, extra stowaway) (net.Conn, Preamble, error) {
	talk := talks[p]
	if talk == nil {
		return nil, Preamble{}, fmt.Errorf("%q is no protocol that turns to TLS", p)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	s := &session{reader: newReader(conn), conn: conn, protocol: p, name: name, extra: extra}
	err := talk(s)
	if !stop() && ctx.Err() != nil {
		err = ctx.Err()
	}
	s.pre.Offered = s.pre.Offered || err == nil
	if err != nil {
		return nil, s.pre, err
	}
	return s.next(), s.pre, nil
}

// session is one conversation.
type session struct {
	*reader
	conn     net.Conn
	protocol Protocol
	name     string
	pre      Preamble
	wrap     func(net.Conn) net.Conn // what TLS goes inside of; nil: nothing
	extra    stowaway                // what goes along with the request for TLS
}

// say sends a line.
func (s *session) say(format string, args ...any) error {
	return s.send([]byte(fmt.Sprintf(format, args...) + "\r\n"))
}

// send writes at once, with what is to go along with this request.
func (s *session) send(b []byte) error {
	if s.extra.with != "" && string(b) == s.extra.with {
		b = append(b[:len(b):len(b)], s.extra.command...)
	}
	_, err := s.conn.Write(b)
	return err
}

// next is the connection for TLS. What the server said too early, after it
// agreed and before our hello, is not swallowed: it belongs to no answer, and
// whoever reads it as TLS will see that.
func (s *session) next() net.Conn {
	next := s.conn
	if s.buffered() > 0 {
		next = &early{Conn: s.conn, r: s.reader}
	}
	if s.wrap != nil {
		next = s.wrap(next)
	}
	return next
}

// early is a connection of which more was read than was meant.
type early struct {
	net.Conn
	r *reader
}

// NetConn is the connection that was read too far.
func (e *early) NetConn() net.Conn { return e.Conn }

func (e *early) Read(b []byte) (int, error) { return e.r.b.Read(b) }

// The errors that say something about TLS.
var (
	ErrNotOffered = errors.New("the server does not offer TLS")
	ErrRefused    = errors.New("the server refuses TLS")
)

// RefusedError is a "no" to the request for TLS. It is ErrRefused.
type RefusedError struct{ Said string }

func (e *RefusedError) Error() string { return ErrRefused.Error() + ": " + e.Said }

// Is tells that it is ErrRefused.
func (e *RefusedError) Is(target error) bool { return target == ErrRefused }

// DeclinedError tells of a server that speaks the protocol but will not serve
// us: too many connections, an address on a blocklist, a name that it does not
// have. That says nothing about TLS.
type DeclinedError struct{ Said string }

func (e *DeclinedError) Error() string { return "the server will not serve us: " + e.Said }

// OtherProtocolError tells of a server that does not speak the protocol.
type OtherProtocolError struct {
	Want Protocol
	Seen string // what came instead, printable and cut short
}

func (e *OtherProtocolError) Error() string { return fmt.Sprintf("no %s: saw %s", e.Want, e.Seen) }

func refused(said string) error  { return &RefusedError{printable(said)} }
func declined(said string) error { return &DeclinedError{printable(said)} }

// other says that this is another protocol.
func (s *session) other() error {
	seen := instead(s.begun())
	if name, _, _ := strings.Cut(seen, " "); strings.EqualFold(name, string(s.protocol)) {
		seen = "something like it that makes no sense: " + seen
	}
	return &OtherProtocolError{s.protocol, seen}
}
