package starttls

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// refusesStartup is an ErrorResponse.
func refusesStartup(code, said string) string {
	body := "SFATAL\x00C" + code + "\x00M" + said + "\x00\x00"
	return "E" + string(binary.BigEndian.AppendUint32(nil, uint32(4+len(body)))) + body
}

var (
	refusedStartup = refusesStartup("0A000", "unsupported frontend protocol 9918.0")
	obeyedStartup  = refusesStartup("0A000", "unsupported frontend protocol 9917.0")
	knowsTheHole   = refusesStartup("08P01", "dữ liệu chưa mã hóa")
)

// TestObeyed tells stowaways by the order of answers.
func TestObeyed(t *testing.T) {
	for name, c := range map[string]struct {
		protocol Protocol
		says     string // all that the server says inside TLS, before it closes
		want     string // obeyed, forgotten, or of the error
	}{
		"smtp forgets":                    {SMTP, "250 ok\r\n221 bye\r\n", "forgotten"},
		"smtp obeys":                      {SMTP, "250 ok\r\n250 ok\r\n221 bye\r\n", "obeyed"},
		"smtp obeys, and refuses":         {SMTP, "503 hello first\r\n503 hello first\r\n221 bye\r\n", "obeyed"},
		"smtp closes at once":             {SMTP, "421 too busy\r\n", "tell nothing"},
		"smtp closes midway":              {SMTP, "250 ok\r\n421 too busy\r\n", "tell nothing"},
		"smtp takes leave first":          {SMTP, "221 bye\r\n", "tell nothing"},
		"smtp never takes leave":          {SMTP, "250 ok\r\n250 ok\r\n250 ok\r\n", "tell nothing"},
		"smtp says nothing":               {SMTP, "", "EOF"},
		"smtp says half":                  {SMTP, "250 ok\r\n", "EOF"},
		"ftp forgets":                     {FTP, "530 log in\r\n221-bye\r\n221 bye\r\n", "forgotten"},
		"nntp obeys":                      {NNTP, "111 20261126\r\n111 20261126\r\n205 bye\r\n", "obeyed"},
		"nntp forgets":                    {NNTP, "111 20261126\r\n205 bye\r\n", "forgotten"},
		"pop3 forgets":                    {POP3, "-ERR log in\r\n+OK bye\r\n", "forgotten"},
		"pop3 obeys":                      {POP3, "-ERR log in\r\n-ERR log in\r\n+OK bye\r\n", "obeyed"},
		"pop3 is cut":                     {POP3, "-ERR log in\r\n", "EOF"},
		"imap forgets":                    {IMAP, "* OK hi\r\ns4 OK done\r\n", "forgotten"},
		"imap obeys":                      {IMAP, "s3 OK done\r\ns4 OK done\r\n", "obeyed"},
		"imap obeys, and refuses":         {IMAP, "* BAD\r\ns3 BAD what\r\n", "obeyed"},
		"imap answers somebody else":      {IMAP, "a OK\r\n", "tell nothing"},
		"sieve forgets":                   {Sieve, "\"SIEVE\" \"x\"\r\nOK\r\nOK (TAG \"s4\") \"Done\"\r\nOK \"bye\"\r\n", "forgotten"},
		"sieve forgets, without a list":   {Sieve, "OK\r\nOK\r\n", "forgotten"},
		"sieve obeys":                     {Sieve, "\"SIEVE\" \"x\"\r\nOK\r\nOK (TAG \"s3\") \"Done\"\r\nOK (TAG \"s4\") \"Done\"\r\nOK \"bye\"\r\n", "obeyed"},
		"postgres forgets":                {Postgres, refusedStartup, "forgotten"},
		"postgres obeys":                  {Postgres, obeyedStartup, "obeyed"},
		"postgres knows the hole":         {Postgres, knowsTheHole, "forgotten"},
		"postgres refuses something else": {Postgres, refusesStartup("53300", "too many clients"), "tell nothing"},
		"postgres lets us in":             {Postgres, "R\x00\x00\x00\x08\x00\x00\x00\x00", "tell nothing"},
		"another protocol":                {SMTP, "SSH-2.0-x\r\n", "no smtp"},
		"ldap is not known":               {LDAP, "", "not known"},
	} {
		obeyed, said, err := Obeyed(canned{r: strings.NewReader(c.says)}, c.protocol)
		got := map[bool]string{true: "obeyed", false: "forgotten"}[obeyed]
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) || err != nil && obeyed {
			t.Errorf("%s: %s, want %s; %q", name, got, c.want, said)
		}
	}
}

// heard is a connection that remembers each write.
type heard struct {
	canned
	writes *[]string
}

func (h heard) Write(b []byte) (int, error) {
	*h.writes = append(*h.writes, string(b))
	return len(b), nil
}

// TestInject holds that the stowaway goes in one write with the request for
// TLS, and only there.
func TestInject(t *testing.T) {
	for _, c := range []struct {
		protocol  Protocol
		says      string
		want      string
		unchanged int // writes before
	}{
		{SMTP, "220 mail\r\n250-x\r\n250 STARTTLS\r\n220 go\r\n", "STARTTLS\r\nNOOP\r\n", 1},
		{IMAP, "* OK hi\r\n* CAPABILITY STARTTLS\r\ns1 OK\r\ns2 OK\r\n", "s2 STARTTLS\r\ns3 NOOP\r\n", 1},
		{POP3, "+OK hi\r\n+OK\r\nSTLS\r\n.\r\n+OK\r\n", "STLS\r\nNOOP\r\n", 1},
		{FTP, "220 hi\r\n211 none\r\n234 go\r\n", "AUTH TLS\r\nNOOP\r\n", 1},
		{Postgres, "S", sslRequest + startup(firstStartup), 0},
	} {
		for inject, turn := range map[bool]func(h heard) error{
			true:  func(h heard) error { _, err := Inject(t.Context(), h, c.protocol, "x"); return err },
			false: func(h heard) error { _, err := Upgrade(t.Context(), h, c.protocol, "x"); return err },
		} {
			var writes []string
			if err := turn(heard{canned{r: strings.NewReader(c.says)}, &writes}); err != nil || len(writes) != c.unchanged+1 {
				t.Fatalf("%s: %v, %q", c.protocol, err, writes)
			}
			if got := writes[c.unchanged]; (got == c.want) != inject || strings.Contains(strings.Join(writes[:c.unchanged], ""), "NOOP") {
				t.Errorf("%s, stowaway %v: %q", c.protocol, inject, writes)
			}
		}
	}
	if _, err := Inject(t.Context(), canned{r: strings.NewReader("")}, LDAP, "x"); err == nil {
		t.Error("smuggles into LDAP")
	}
}

// FuzzObeyed: what is said inside TLS is the server's to choose.
func FuzzObeyed(f *testing.F) {
	f.Add([]byte("250 ok\r\n250 ok\r\n221 bye\r\n"))
	f.Add([]byte("s3 OK\r\n"))
	f.Add([]byte("\"a\" {5}\r\nOK\r\nOK\r\nOK\r\n"))
	f.Add([]byte(obeyedStartup))
	f.Fuzz(func(t *testing.T, b []byte) {
		for p := range stowaways {
			in := bytes.NewReader(b)
			obeyed, said, err := Obeyed(canned{r: in}, p)
			if obeyed && err != nil || len(strings.Join(said, "")) > 4*maxPreamble {
				t.Errorf("%s: %v, %v, %d", p, obeyed, err, len(said))
			}
			if used := len(b) - in.Len(); used > maxPreamble+1<<10 {
				t.Errorf("%s reads %d bytes", p, used)
			}
		}
	})
}
