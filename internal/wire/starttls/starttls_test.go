package starttls

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// script is a conversation: what the server says, what it must hear, in turn.
type script []string

// play runs the script on one end of a pipe and then echoes what comes.
func (s script) play(t *testing.T, c net.Conn) {
	defer func() { _ = c.Close() }()
	for i, line := range s {
		if i%2 == 0 {
			if line == "" { // an empty write would wait for a reader
				continue
			}
			if _, err := io.WriteString(c, line); err != nil {
				return
			}
			continue
		}
		got := make([]byte, len(line))
		if _, err := io.ReadFull(c, got); err != nil {
			return // the client has heard enough
		}
		if string(got) != line {
			t.Errorf("the server hears %q, want %q", got, line)
			return
		}
	}
	_, _ = io.Copy(c, c)
}

func pipe(t *testing.T, s script) net.Conn {
	t.Helper()
	client, server := net.Pipe()
	for _, c := range []net.Conn{client, server} {
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	}
	done := make(chan struct{})
	go func() { defer close(done); s.play(t, server) }()
	t.Cleanup(func() { _ = client.Close(); <-done })
	return client
}

const (
	ehlo     = "EHLO localhost\r\n"
	ask      = "STARTTLS\r\n"
	xmppHead = "<?xml version='1.0'?><stream:stream to='mail.example' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
	xmppRoot = "<?xml version='1.0'?><stream:stream from='mail.example' id='1' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
	xmppAsk  = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
	xmppTLS  = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
	mysqlOK  = "\x28\x00\x00\x00\x0a8.0.36\x00\x01\x00\x00\x00saltsalt\x00\xff\xff\x21\x02\x00\xff\xc1\x15\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00_"
	mysqlAsk = "\x20\x00\x00\x01\x00\x8a\x08\x00\x00\x00\x00\x01\x21" + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	tdsAsk   = "\x12\x01\x00\x2f\x00\x00\x00\x00" + prelogin
)

// tdsAnswer is a PRELOGIN of SQL Server 2022 with that encryption.
func tdsAnswer(encryption string) string {
	return "\x04\x01\x00\x1a\x00\x00\x01\x00" + "\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + "\x10\x00\x03\xe8\x00\x00" + encryption
}

var conversations = []struct {
	name     string
	protocol Protocol
	script   script
	err      error  // ErrNotOffered, ErrRefused, io.EOF, declined or other; nil: TLS is next
	says     string // a part of the error
	greeting string
	list     []string
	offered  bool
}{
	{name: "smtp", protocol: SMTP, script: script{"220-mail\r\n220 mail ESMTP\r\n", ehlo, "250-mail\r\n250-SIZE 100\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n", ask, "220 go\r\n"},
		greeting: "mail", list: []string{"SIZE 100", "AUTH PLAIN", "STARTTLS"}, offered: true},
	{name: "smtp without", protocol: SMTP, script: script{"220 mail\r\n", ehlo, "250 mail\r\n"}, err: ErrNotOffered, greeting: "mail", list: []string{}},
	{name: "smtp refuses", protocol: SMTP, script: script{"220 mail\r\n", ehlo, "250-mail\r\n250 starttls\r\n", ask, "454 4.7.0 TLS not available\r\n"},
		err: ErrRefused, says: "454 4.7.0 TLS not available", greeting: "mail", list: []string{"starttls"}, offered: true},
	{name: "smtp of old", protocol: SMTP, script: script{"220 mail\r\n", ehlo, "502 what\r\n", "HELO localhost\r\n", "250 mail\r\n"}, err: ErrNotOffered, greeting: "mail"},
	{name: "smtp is ftp", protocol: SMTP, script: script{"220 FTP ready\r\n", ehlo, "500 what\r\n", "HELO localhost\r\n", "500 what\r\n"}, err: errOther, says: `FTP ("220 FTP ready")`, greeting: "FTP ready"},
	{name: "smtp is ftp that wants a login", protocol: SMTP, script: script{"220 (vsFTPd 3.0.3)\r\n", ehlo, "530 Please login with USER and PASS.\r\n"}, err: errDeclined, says: "530", greeting: "(vsFTPd 3.0.3)"},
	{name: "smtp turns away", protocol: SMTP, script: script{"554 no service\r\n"}, err: errDeclined, says: "554 no service", greeting: "no service"},
	{name: "smtp closes later", protocol: SMTP, script: script{"220 mail\r\n", ehlo, "250-mail\r\n250 STARTTLS\r\n", ask, "421 too busy\r\n"}, err: errDeclined, says: "421", greeting: "mail", list: []string{"STARTTLS"}, offered: true},
	{name: "smtp is ssh", protocol: SMTP, script: script{"SSH-2.0-OpenSSH_9.9\r\n"}, err: errOther, says: `saw SSH ("SSH-2.0-OpenSSH_9.9")`},
	{name: "smtp is tls", protocol: SMTP, script: script{"\x15\x03\x01\x00\x02\x02\x46\n"}, err: errOther, says: "TLS from the first byte (15 03 01"},
	{name: "smtp is lmtp", protocol: SMTP, script: script{"220 mail LMTP\r\n", ehlo, "500 what\r\n", "HELO localhost\r\n", "500 what\r\n"}, err: errOther, says: "saw LMTP", greeting: "mail LMTP"},

	{name: "lmtp", protocol: LMTP, script: script{"220 mail\r\n", "LHLO localhost\r\n", "250-mail\r\n250 STARTTLS\r\n", ask, "220 go\r\n"}, greeting: "mail", list: []string{"STARTTLS"}, offered: true},
	{name: "lmtp is smtp", protocol: LMTP, script: script{"220 mail ESMTP\r\n", "LHLO localhost\r\n", "502 what\r\n"}, err: errOther, says: "saw SMTP", greeting: "mail ESMTP"},

	{name: "pop3", protocol: POP3, script: script{"+OK hello\r\n", "CAPA\r\n", "+OK\r\nTOP\r\nUSER\r\nSTLS\r\n.\r\n", "STLS\r\n", "+OK begin\r\n"}, greeting: "hello", list: []string{"TOP", "USER", "STLS"}, offered: true},
	{name: "pop3 without", protocol: POP3, script: script{"+OK\r\n", "CAPA\r\n", "+OK\r\nTOP\r\n.\r\n"}, err: ErrNotOffered, list: []string{"TOP"}},
	{name: "pop3 without a list", protocol: POP3, script: script{"+OK\r\n", "CAPA\r\n", "-ERR\r\n", "STLS\r\n", "-ERR what\r\n"}, err: ErrRefused, says: "what"},
	{name: "pop3 is imap", protocol: POP3, script: script{"* OK hello\r\n"}, err: errOther, says: "IMAP"},

	{name: "imap", protocol: IMAP, script: script{"* OK [CAPABILITY IMAP4rev1] hi\r\n", "s1 CAPABILITY\r\n", "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\ns1 OK\r\n", "s2 STARTTLS\r\n", "* OK by the way\r\ns2 OK go\r\n"},
		greeting: "[CAPABILITY IMAP4rev1] hi", list: []string{"IMAP4rev1", "STARTTLS", "LOGINDISABLED"}, offered: true},
	{name: "imap without", protocol: IMAP, script: script{"* PREAUTH hi\r\n", "s1 CAPABILITY\r\n", "* CAPABILITY IMAP4rev1\r\ns1 OK\r\n"}, err: ErrNotOffered, greeting: "hi", list: []string{"IMAP4rev1"}},
	{name: "imap refuses", protocol: IMAP, script: script{"* OK\r\n", "s1 CAPABILITY\r\n", "* capability STARTTLS\r\ns1 ok\r\n", "s2 STARTTLS\r\n", "s2 BAD TLS is off\r\n"}, err: ErrRefused, says: "TLS is off", list: []string{"STARTTLS"}, offered: true},
	{name: "imap with the tag of another", protocol: IMAP, script: script{"* OK\r\n", "s1 CAPABILITY\r\n", "* CAPABILITY IMAP4rev1\r\nS1 OK\r\n"}, err: errOther, says: "no imap: saw something like it that makes no sense: IMAP (", list: []string{"IMAP4rev1"}},
	{name: "imap leaves", protocol: IMAP, script: script{"* BYE too many\r\n"}, err: errDeclined, says: "too many", greeting: "too many"},

	{name: "sieve", protocol: Sieve, script: script{"\"IMPLEMENTATION\" \"x\"\r\n\"SASL\" \"\"\r\n\"STARTTLS\"\r\n\"X\" {3+}\r\na\nb\r\nOK \"ready\"\r\n", ask, "OK \"go\"\r\n"},
		greeting: `"ready"`, list: []string{"IMPLEMENTATION x", "SASL", "STARTTLS", "X a b"}, offered: true},
	{name: "sieve without", protocol: Sieve, script: script{"\"SASL\" \"PLAIN\"\r\nOK\r\n"}, err: ErrNotOffered, list: []string{"SASL PLAIN"}},
	{name: "sieve refuses", protocol: Sieve, script: script{"\"STARTTLS\"\r\nOK\r\n", ask, "NO \"later\"\r\n"}, err: ErrRefused, says: "later", list: []string{"STARTTLS"}, offered: true},
	{name: "sieve leaves", protocol: Sieve, script: script{"BYE \"no\"\r\n"}, err: errDeclined, says: "no"},

	{name: "ftp", protocol: FTP, script: script{"120 soon\r\n220-a\r\nfree text\r\n220 b\r\n", "FEAT\r\n", "211-Features:\r\n AUTH TLS\r\n PBSZ\r\n211 End\r\n", "AUTH TLS\r\n", "234 go\r\n"}, greeting: "a", list: []string{"AUTH TLS", "PBSZ"}, offered: true},
	{name: "ftp without", protocol: FTP, script: script{"220 x\r\n", "FEAT\r\n", "211-Features:\r\n UTF8\r\n211 End\r\n", "AUTH TLS\r\n", "530 Please login\r\n"}, err: ErrNotOffered, greeting: "x", list: []string{"UTF8"}},
	{name: "ftp refuses", protocol: FTP, script: script{"220 x\r\n", "FEAT\r\n", "211-\r\n AUTH SSL;TLS;\r\n211 End\r\n", "AUTH TLS\r\n", "431 not now\r\n"}, err: ErrRefused, says: "431 not now", greeting: "x", list: []string{"AUTH SSL;TLS;"}, offered: true},
	{name: "ftp of old", protocol: FTP, script: script{"220 x\r\n", "FEAT\r\n", "500 what\r\n", "AUTH TLS\r\n", "500 what\r\n", "SYST\r\n", "215 UNIX\r\n"}, err: ErrNotOffered, greeting: "x"},
	{name: "ftp is smtp", protocol: FTP, script: script{"220 mail ESMTP\r\n", "FEAT\r\n", "502 what\r\n", "AUTH TLS\r\n", "503 AUTH command used when not advertised\r\n", "SYST\r\n", "502 what\r\n"}, err: errOther, says: "SMTP", greeting: "mail ESMTP"},

	{name: "nntp", protocol: NNTP, script: script{"201 hi\r\n", "CAPABILITIES\r\n", "101 list\r\nVERSION 2\r\nSTARTTLS\r\n.\r\n", ask, "382 go\r\n"}, greeting: "hi", list: []string{"VERSION 2", "STARTTLS"}, offered: true},
	{name: "nntp without", protocol: NNTP, script: script{"200 hi\r\n", "CAPABILITIES\r\n", "101 list\r\nAUTHINFO USER\r\n.\r\n"}, err: ErrNotOffered, greeting: "hi", list: []string{"AUTHINFO USER"}},
	{name: "nntp of old", protocol: NNTP, script: script{"200 hi\r\n", "CAPABILITIES\r\n", "500 what\r\n", ask, "500 what\r\n"}, err: ErrNotOffered, greeting: "hi"},
	{name: "nntp refuses", protocol: NNTP, script: script{"200 hi\r\n", "CAPABILITIES\r\n", "500 what\r\n", ask, "580 no\r\n"}, err: ErrRefused, says: "580 no", greeting: "hi"},

	{name: "ldap", protocol: LDAP, script: script{"", startTLS, "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"}, offered: true},
	{name: "ldap of Active Directory", protocol: LDAP, script: script{"", startTLS, "\x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00"}, offered: true},
	{name: "ldap without", protocol: LDAP, script: script{"", startTLS, "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00"}, err: ErrNotOffered},
	{name: "ldap refuses", protocol: LDAP, script: script{"", startTLS, "\x30\x0e\x02\x01\x01\x78\x09\x0a\x01\x34\x04\x00\x04\x02no"}, err: ErrRefused, says: "resultCode 52 no"},
	{name: "ldap leaves", protocol: LDAP, script: script{"", startTLS, "\x30\x0c\x02\x01\x00\x78\x07\x0a\x01\x34\x04\x00\x04\x00"}, err: errDeclined, says: "52"},
	{name: "ldap is http", protocol: LDAP, script: script{"", startTLS, "HTTP/1.1 400 Bad Request\r\n"}, err: errOther, says: `HTTP ("HTTP/1.1 400 Bad Request")`},

	{name: "xmpp", protocol: XMPPClient, script: script{"", xmppHead, xmppRoot + "<stream:features>" + xmppTLS + "</stream:features>", xmppAsk, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'></proceed>"},
		greeting: "mail.example", list: []string{"starttls", "required"}, offered: true},
	{name: "xmpp without", protocol: XMPPClient, script: script{"", xmppHead, xmppRoot + "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>"},
		err: ErrNotOffered, greeting: "mail.example", list: []string{"mechanisms PLAIN"}},
	{name: "xmpp refuses", protocol: XMPPClient, script: script{"", xmppHead, xmppRoot + "<stream:features>" + xmppTLS + "</stream:features>", xmppAsk, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"},
		err: ErrRefused, greeting: "mail.example", list: []string{"starttls", "required"}, offered: true},
	{name: "xmpp does not know the name", protocol: XMPPClient, script: script{"", xmppHead, xmppRoot + "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"}, err: errDeclined, says: "host-unknown", greeting: "mail.example"},
	{name: "xmpp is html", protocol: XMPPClient, script: script{"", xmppHead, "<html><body>hi</body></html>"}, err: errOther, says: "HTTP"},

	{name: "postgres", protocol: Postgres, script: script{"", sslRequest, "S"}, offered: true},
	{name: "postgres without", protocol: Postgres, script: script{"", sslRequest, "N"}, err: ErrNotOffered},
	{name: "postgres turns away", protocol: Postgres, script: script{"", sslRequest, "E\x00\x00\x00\x14SFATAL\x00Mfull up\x00\x00"}, err: errDeclined, says: "full up"},
	{name: "postgres is ssh", protocol: Postgres, script: script{"", sslRequest, "SSH-2.0-x\r\n"}, err: errOther, says: "SSH"},
	{name: "postgres is memcached", protocol: Postgres, script: script{"", sslRequest, "ERROR\r\n"}, err: errOther, says: "ERROR"},

	{name: "mysql", protocol: MySQL, script: script{mysqlOK, mysqlAsk, ""}, greeting: "8.0.36", offered: true},
	{name: "mysql without", protocol: MySQL, script: script{strings.Replace(mysqlOK, "\x00\xff\xff", "\x00\xff\xf7", 1)}, err: ErrNotOffered, greeting: "8.0.36"},
	{name: "mysql turns away", protocol: MySQL, script: script{"\x10\x00\x00\x00\xff\x6a\x04Host blocked."}, err: errDeclined, says: "1130 Host blocked"},
	{name: "mysql is ssh", protocol: MySQL, script: script{"SSH-2.0-x\r\n"}, err: errOther, says: "SSH"},

	{name: "mssql", protocol: MSSQL, script: script{"", tdsAsk, tdsAnswer("\x01")}, greeting: "SQL Server 16.0.1000", offered: true},
	{name: "mssql with encrypted login", protocol: MSSQL, script: script{"", tdsAsk, tdsAnswer("\x00")}, greeting: "SQL Server 16.0.1000", offered: true},
	{name: "mssql without", protocol: MSSQL, script: script{"", tdsAsk, tdsAnswer("\x02")}, err: ErrNotOffered, greeting: "SQL Server 16.0.1000"},
	{name: "mssql is http", protocol: MSSQL, script: script{"", tdsAsk, "HTTP/1.1 400 Bad Request\r\n"}, err: errOther, says: "HTTP"},

	{name: "rdp", protocol: RDP, script: script{"", connectionRequest, "\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x1f\x08\x00\x02\x00\x00\x00"}, offered: true},
	{name: "rdp of old", protocol: RDP, script: script{"", connectionRequest, "\x03\x00\x00\x0b\x06\xd0\x00\x00\x12\x34\x00"}, err: ErrNotOffered},
	{name: "rdp with its own encryption", protocol: RDP, script: script{"", connectionRequest, "\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x03\x00\x08\x00\x02\x00\x00\x00"}, err: ErrNotOffered},
	{name: "rdp refuses", protocol: RDP, script: script{"", connectionRequest, "\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x03\x00\x08\x00\x06\x00\x00\x00"}, err: ErrRefused, says: "SSL_WITH_USER_AUTH_REQUIRED"},
	{name: "rdp disconnects", protocol: RDP, script: script{"", connectionRequest, "\x03\x00\x00\x0b\x06\x80\x00\x00\x12\x34\x00"}, err: errDeclined},
	{name: "rdp is ssh", protocol: RDP, script: script{"", connectionRequest, "SSH-2.0-OpenSSH_9.9\r\n"}, err: errOther, says: "SSH"},
}

// Kinds of error that are no values.
var (
	errOther    = errors.New("another protocol")
	errDeclined = errors.New("not served")
)

func kind(err error) error {
	var o *OtherProtocolError
	var d *DeclinedError
	switch {
	case errors.As(err, &o):
		return errOther
	case errors.As(err, &d):
		return errDeclined
	case errors.Is(err, ErrNotOffered):
		return ErrNotOffered
	case errors.Is(err, ErrRefused):
		return ErrRefused
	}
	return err
}

func TestConversations(t *testing.T) {
	seen := map[Protocol]map[error]bool{}
	for _, c := range conversations {
		if seen[c.protocol] == nil {
			seen[c.protocol] = map[error]bool{}
		}
		seen[c.protocol][c.err] = true
		t.Run(c.name, func(t *testing.T) {
			next, pre, err := Open(t.Context(), pipe(t, c.script), c.protocol, "mail.example")
			if kind(err) != c.err || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Fatalf("error %v, want %v that says %q", err, c.err, c.says)
			}
			if pre.Greeting != c.greeting || !slices.Equal(pre.Capabilities, c.list) || (pre.Capabilities == nil) != (c.list == nil) || pre.Offered != c.offered {
				t.Errorf("%q, %q, offered %v; want %q, %q, %v", pre.Greeting, pre.Capabilities, pre.Offered, c.greeting, c.list, c.offered)
			}
			if err == nil {
				echo(t, next)
			}
		})
	}
	for p := range talks {
		for _, err := range []error{nil, ErrNotOffered} {
			if p != XMPPServer && p != LMTP && !seen[p][err] {
				t.Errorf("%s has no case of %v", p, err)
			}
		}
	}
}

// echo holds that the connection carries both ways.
func echo(t *testing.T, c net.Conn) {
	t.Helper()
	if _, err := io.WriteString(c, "hello"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(c, got); err != nil || string(got) != "hello" {
		t.Errorf("got %q, %v", got, err)
	}
}

// What comes too early is neither lost nor taken for a part of the preamble.
func TestEarlyBytesAreKept(t *testing.T) {
	next, err := Upgrade(t.Context(), pipe(t, script{"220 mail\r\n", ehlo, "250-x\r\n250 STARTTLS\r\n", ask, "220 go\r\n250 injected\r\n"}), SMTP, "")
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 14)
	if _, err := io.ReadFull(next, got); err != nil || string(got) != "250 injected\r\n" {
		t.Errorf("got %q, %v", got, err)
	}
	echo(t, next)
}

func TestErrorsOfTheConnection(t *testing.T) {
	for name, c := range map[string]struct {
		serve func(net.Conn)
		want  error
	}{
		"closes":    {func(c net.Conn) { _ = c.Close() }, io.EOF},
		"half line": {func(c net.Conn) { _, _ = io.WriteString(c, "220 ma"); _ = c.Close() }, io.ErrUnexpectedEOF},
		"silent":    {func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, os.ErrDeadlineExceeded},
	} {
		for _, p := range []Protocol{SMTP, IMAP, POP3, Sieve, FTP, NNTP} {
			client, server := net.Pipe()
			go c.serve(server)
			_ = client.SetDeadline(time.Now().Add(100 * time.Millisecond))
			if _, err := Upgrade(t.Context(), client, p, "x"); !errors.Is(err, c.want) {
				t.Errorf("%s, %s: %v, want %v", name, p, err, c.want)
			}
			_ = client.Close()
			_ = server.Close()
		}
	}
}

func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	client, server := net.Pipe()
	defer func() { _ = client.Close(); _ = server.Close() }()
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := Upgrade(ctx, client, SMTP, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := Upgrade(t.Context(), client, "gopher", "x"); err == nil {
		t.Error("speaks gopher")
	}
}
