package starttls

import (
	"context"
	"fmt"
	"net"
)

// stowaway is a harmless command that travels in one segment with the request
// for TLS, so before any encryption. A server must forget it (RFC 3207 §6); one
// with CVE-2011-0411 or its kin keeps it in its buffer and obeys it inside TLS,
// as if the client had sent it there. So could anybody in between.
type stowaway struct {
	with    string // the request for TLS
	command string
	after   func(*inside) (obeyed bool, err error) // tells by talking on inside TLS
}

// stowaways are the protocols in which it is known how to tell.
var stowaways = map[Protocol]stowaway{
	SMTP:     {"STARTTLS\r\n", "NOOP\r\n", numbered("NOOP", 221)},
	LMTP:     {"STARTTLS\r\n", "NOOP\r\n", numbered("NOOP", 221)},
	FTP:      {"AUTH TLS\r\n", "NOOP\r\n", numbered("NOOP", 221)},
	NNTP:     {"STARTTLS\r\n", "DATE\r\n", numbered("DATE", 205)},
	POP3:     {"STLS\r\n", "NOOP\r\n", (*inside).pop3},
	IMAP:     {"s2 STARTTLS\r\n", "s3 NOOP\r\n", (*inside).imap},
	Sieve:    {"STARTTLS\r\n", "NOOP \"s3\"\r\n", (*inside).sieve},
	Postgres: {sslRequest, startup(firstStartup), (*inside).postgres},
}

// Injectable tells whether Inject knows the protocol.
func Injectable(p Protocol) bool { return stowaways[p].with != "" }

// Inject is Upgrade with a stowaway.
func Inject(ctx context.Context, conn net.Conn, p Protocol, name string) (net.Conn, error) {
	extra := stowaways[p]
	if extra.with == "" {
		return nil, fmt.Errorf("it is not known what to smuggle into %q", p)
	}
	next, _, err := open(ctx, conn, p, name, extra)
	return next, err
}

// Obeyed tells, inside TLS, whether the stowaway of Inject was obeyed: by the
// order of the answers to commands of our own, never by a clock. Said is the
// answers. An error means that they tell neither.
func Obeyed(conn net.Conn, p Protocol) (obeyed bool, said []string, err error) {
	extra := stowaways[p]
	if extra.with == "" {
		return false, nil, fmt.Errorf("it is not known what was smuggled into %q", p)
	}
	in := &inside{session: session{reader: newReader(conn), conn: conn, protocol: p}}
	obeyed, err = extra.after(in)
	return obeyed, in.said, err
}
