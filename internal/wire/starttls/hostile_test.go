package starttls

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// endless repeats a text for ever.
func endless(text string) func(net.Conn) {
	return func(c net.Conn) {
		for {
			if _, err := io.WriteString(c, text); err != nil {
				return
			}
		}
	}
}

// TestHostile points every conversation at servers that never come to an end.
// None may be taken for an answer about TLS, none may cost memory.
func TestHostile(t *testing.T) {
	for name, serve := range map[string]func(net.Conn){
		"endless banner":   endless("220-please wait\r\n"),
		"endless line":     endless("220 and so on "),
		"endless +OK":      endless("+OK\r\n"),
		"endless untagged": endless("* OK still here\r\n"),
		"endless sieve":    endless("\"A\" \"B\"\r\n"),
		"endless literal":  endless("\"A\" {4000}\r\n"),
		"endless xml":      endless("<a>"),
		"endless element":  endless("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' version='1'><x/>"),
		"endless zeros":    endless(strings.Repeat("\x00", 512)),
		"endless 0xff":     endless(strings.Repeat("\xff", 512)),
		"huge ldap":        endless("\x30\x84\x7f\xff\xff\xff"),
		"huge mysql":       endless("\xff\xff\xff\x00\x0a"),
		"huge tds":         endless("\x04\x01\xff\xff\x00\x00\x00\x00"),
		"one byte a time": func(c net.Conn) {
			for _, b := range []byte("220 mail.example ESMTP, slowly, slowly") {
				if _, err := c.Write([]byte{b}); err != nil {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
		},
	} {
		for p := range talks {
			t.Run(name+"/"+string(p), func(t *testing.T) {
				client, server := net.Pipe()
				defer func() { _ = client.Close(); _ = server.Close() }()
				_ = client.SetDeadline(time.Now().Add(200 * time.Millisecond))
				go func() { _, _ = io.Copy(io.Discard, server) }()
				go serve(server)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, err := Upgrade(t.Context(), client, p, "mail.example")
				runtime.ReadMemStats(&after)
				k := kind(err)
				if k != errOther && k != errDeclined && !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("error %v", err)
				}
				if err != nil && len(err.Error()) > 1000 {
					t.Errorf("an error of %d bytes", len(err.Error()))
				}
				if cost := after.TotalAlloc - before.TotalAlloc; cost > 16<<20 {
					t.Errorf("costs %d bytes", cost)
				}
			})
		}
	}
}

// TestTLSInsidePackets makes a whole handshake inside TDS packets.
func TestTLSInsidePackets(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: make([]string, 0, 400)}
	for range 400 { // so that one flight needs more than one packet
		leaf.DNSNames = append(leaf.DNSNames, "a-long-name.example")
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		client, server := net.Pipe()
		done := make(chan error, 1)
		go func() {
			s := tls.Server(inPackets(server), &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MaxVersion: version, SessionTicketsDisabled: true})
			done <- s.Handshake()
		}()
		c := tls.Client(inPackets(client), &tls.Config{InsecureSkipVerify: true})
		if err := c.HandshakeContext(t.Context()); err != nil || c.ConnectionState().Version != version {
			t.Errorf("client: %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("server: %v", err)
		}
		_ = client.Close()
	}
}

func TestAuthOffered(t *testing.T) {
	for _, c := range []struct {
		protocol      Protocol
		greeting      string
		list          []string
		offered, told bool
	}{
		{SMTP, "", []string{"SIZE 1", "AUTH PLAIN LOGIN"}, true, true},
		{SMTP, "", []string{"AUTH=LOGIN"}, true, true},
		{SMTP, "", []string{"STARTTLS"}, false, true},
		{SMTP, "", []string{"AUTH EXTERNAL ANONYMOUS"}, false, true},
		{SMTP, "", nil, false, false},
		{LMTP, "", []string{}, false, true},
		{POP3, "", []string{"USER"}, true, true},
		{POP3, "", []string{"SASL PLAIN"}, true, true},
		{POP3, "", []string{"SASL", "STLS"}, false, true},
		{POP3, "hi <1896.697170952@dbc.mtview.ca.us>", []string{"STLS"}, true, true},
		{POP3, "write to <admin@example>", []string{"STLS"}, false, true},
		{IMAP, "", []string{"IMAP4rev1", "STARTTLS"}, true, true},
		{IMAP, "", []string{"IMAP4rev1", "LOGINDISABLED"}, false, true},
		{IMAP, "", []string{"LOGINDISABLED", "AUTH=SCRAM-SHA-256"}, true, true},
		{Sieve, "", []string{"SASL"}, false, true},
		{Sieve, "", []string{"SASL PLAIN"}, true, true},
		{NNTP, "", []string{"AUTHINFO", "STARTTLS"}, false, true},
		{NNTP, "", []string{"AUTHINFO USER"}, true, true},
		{XMPPClient, "", []string{"starttls", "required"}, false, true},
		{XMPPServer, "", []string{"starttls", "mechanisms EXTERNAL"}, false, true},
		{XMPPClient, "", []string{"mechanisms SCRAM-SHA-1 PLAIN"}, true, true},
		{FTP, "", []string{"AUTH TLS"}, false, false},
		{LDAP, "", nil, false, false},
	} {
		offered, told := Preamble{Greeting: c.greeting, Capabilities: c.list}.AuthOffered(c.protocol)
		if offered != c.offered || told != c.told {
			t.Errorf("%s %q %q: %v, %v; want %v, %v", c.protocol, c.greeting, c.list, offered, told, c.offered, c.told)
		}
	}
}
