package starttls

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"unicode"
)

// canned is a server that says something, whatever it hears, and closes.
type canned struct {
	net.Conn // nil: nothing else may be called
	r        io.Reader
}

func (c canned) Read(b []byte) (int, error)  { return c.r.Read(b) }
func (c canned) Write(b []byte) (int, error) { return len(b), nil }
func (c canned) LocalAddr() net.Addr         { return &net.TCPAddr{IP: net.IPv6loopback} }

// fuzz feeds the conversations of some protocols. The seeds are what the
// servers of TestConversations say.
func fuzz(f *testing.F, protocols ...Protocol) {
	for _, c := range conversations {
		for _, p := range protocols {
			if c.protocol == p {
				var all strings.Builder
				for i := 0; i < len(c.script); i += 2 {
					all.WriteString(c.script[i])
				}
				f.Add([]byte(all.String()))
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, p := range protocols {
			in := bytes.NewReader(b)
			next, pre, err := Open(context.Background(), canned{r: in}, p, "mail.example")
			if (next == nil) != (err != nil) || err == nil && !pre.Offered {
				t.Errorf("%s: connection %v, error %v, %+v", p, next, err, pre)
			}
			if used := len(b) - in.Len(); used > maxPreamble+1<<10 {
				t.Errorf("%s reads %d bytes", p, used)
			}
			if err != nil && len(err.Error()) > 2000 {
				t.Errorf("%s: an error of %d bytes", p, len(err.Error()))
			}
			for _, said := range append(pre.Capabilities, pre.Greeting) {
				if strings.ContainsFunc(said, func(r rune) bool { return !unicode.IsPrint(r) }) || len(said) > 4*maxShown+3 {
					t.Errorf("%s keeps %q", p, said)
				}
			}
			pre.AuthOffered(p)
			if next != nil {
				_, _ = io.Copy(io.Discard, next)
			}
		}
	})
}

func FuzzReply(f *testing.F)    { fuzz(f, SMTP, LMTP, FTP, NNTP) }
func FuzzPOP3(f *testing.F)     { fuzz(f, POP3) }
func FuzzIMAP(f *testing.F)     { fuzz(f, IMAP) }
func FuzzSieve(f *testing.F)    { fuzz(f, Sieve) }
func FuzzLDAP(f *testing.F)     { fuzz(f, LDAP) }
func FuzzXMPP(f *testing.F)     { fuzz(f, XMPPClient, XMPPServer) }
func FuzzPostgres(f *testing.F) { fuzz(f, Postgres) }
func FuzzMySQL(f *testing.F)    { fuzz(f, MySQL) }
func FuzzMSSQL(f *testing.F)    { fuzz(f, MSSQL) }
func FuzzRDP(f *testing.F)      { fuzz(f, RDP) }
