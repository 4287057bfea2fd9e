package lab

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"strings"
	"testing"
)

var turnProofs = map[string]func(*testing.T, *Server){
	"smtp-good":            func(t *testing.T, s *Server) { proveSMTP(t, s, true, false) },
	"smtp-auth-before-tls": func(t *testing.T, s *Server) { proveSMTP(t, s, true, true) },
	"smtp-open-relay":      func(t *testing.T, s *Server) { proveRecipient(t, smtpClient(t, s), "a@example.invalid", "") },
	"smtp-percent-relay":   func(t *testing.T, s *Server) { proveRecipient(t, smtpClient(t, s), "a%b@mail.xa.gov.vn", "") },
	"smtp-greylist":        func(t *testing.T, s *Server) { proveRecipient(t, smtpClient(t, s), "a@example.invalid", "450") },
	"smtp-relay-in-tls": func(t *testing.T, s *Server) {
		c := smtpClient(t, s)
		if err := c.Mail("a@example.invalid"); err == nil || !strings.HasPrefix(err.Error(), "530 ") {
			t.Errorf("MAIL before TLS: %v", err)
		}
		if err := c.StartTLS(&tls.Config{InsecureSkipVerify: true}); err != nil {
			t.Fatal(err)
		}
		proveRecipient(t, c, "a@example.invalid", "")
	},
	"ftp-good":             func(t *testing.T, s *Server) { proveFTP(t, s, "530 Non-anonymous") },
	"ftp-login-before-tls": func(t *testing.T, s *Server) { proveFTP(t, s, "331 ") },
	"ftp-user-unwelcome":   func(t *testing.T, s *Server) { proveFTP(t, s, "530 This user") },
	"smtp-plain":           func(t *testing.T, s *Server) { proveSMTP(t, s, false, true) },
	"smtp-tls-refused": func(t *testing.T, s *Server) {
		c := smtpClient(t, s)
		if offered, _ := c.Extension("STARTTLS"); !offered {
			t.Error("does not list STARTTLS")
		}
		if err := c.StartTLS(&tls.Config{}); err == nil || !strings.HasPrefix(err.Error(), "454 ") {
			t.Errorf("STARTTLS: %v", err)
		}
	},
	"imap-good":             func(t *testing.T, s *Server) { proveIMAP(t, s, "STARTTLS LOGINDISABLED") },
	"imap-login-before-tls": func(t *testing.T, s *Server) { proveIMAP(t, s, "STARTTLS AUTH=PLAIN") },
	"postgres-good": func(t *testing.T, s *Server) {
		c := dial(t, s)
		send(t, c, []byte{0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f})
		if b := readN(t, c, 1); b[0] != 'S' {
			t.Fatalf("says %q", b)
		}
		if err := tls.Client(c, &tls.Config{RootCAs: labPool(), ServerName: "127.0.0.1"}).Handshake(); err != nil {
			t.Error(err)
		}
	},
	"smtp-injection": func(t *testing.T, s *Server) {
		c := dial(t, s)
		r := bufio.NewReader(c)
		for _, line := range []string{"", "EHLO x\r\n"} {
			send(t, c, []byte(line))
			for said := "-"; strings.Contains(said[:min(4, len(said))], "-"); {
				said, _ = r.ReadString('\n')
			}
		}
		obeysInside(t, c, r, "STARTTLS\r\nNOOP\r\n", "250 ")
	},
	"imap-injection": func(t *testing.T, s *Server) {
		c := dial(t, s)
		r := bufio.NewReader(c)
		_, _ = r.ReadString('\n')
		obeysInside(t, c, r, "a STARTTLS\r\nb NOOP\r\n", "b OK")
	},
	"postgres-injection": func(t *testing.T, s *Server) {
		c := dial(t, s)
		send(t, c, []byte("\x00\x00\x00\x08\x04\xd2\x16\x2f\x00\x00\x00\x08\x00\x07\x00\x00"))
		if b := readN(t, c, 1); b[0] != 'S' {
			t.Fatalf("says %q", b)
		}
		in := tls.Client(c, &tls.Config{InsecureSkipVerify: true})
		if said := readAll(t, in); !strings.HasPrefix(said, "E") || !strings.Contains(said, "protocol 7.0") {
			t.Errorf("says %q", said)
		}
	},
	"postgres-plain": func(t *testing.T, s *Server) {
		c := dial(t, s)
		send(t, c, []byte{0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f})
		if got := readAll(t, c); got != "N" {
			t.Errorf("says %q", got)
		}
	},
}

// proveRecipient offers one and wants it taken, or an answer that begins so.
func proveRecipient(t *testing.T, c *smtp.Client, to, refusal string) {
	t.Helper()
	if err := c.Mail("a@example.invalid"); err != nil {
		t.Fatal(err)
	}
	if err := c.Rcpt(to); (err == nil) != (refusal == "") || err != nil && !strings.HasPrefix(err.Error(), refusal) {
		t.Errorf("RCPT: %v", err)
	}
}

func proveFTP(t *testing.T, s *Server, want string) {
	c := dial(t, s)
	r := bufio.NewReader(c)
	_, _ = r.ReadString('\n')
	send(t, c, []byte("USER ai-do\r\n"))
	if said, err := r.ReadString('\n'); err != nil || !strings.HasPrefix(said, want) {
		t.Errorf("says %q, %v", said, err)
	}
	send(t, c, []byte("AUTH TLS\r\n"))
	if said, err := r.ReadString('\n'); err != nil || !strings.HasPrefix(said, "234 ") {
		t.Fatalf("says %q, %v", said, err)
	}
	if err := tls.Client(c, &tls.Config{InsecureSkipVerify: true}).Handshake(); err != nil {
		t.Error(err)
	}
}

func smtpClient(t *testing.T, s *Server) *smtp.Client {
	t.Helper()
	c, err := smtp.NewClient(dial(t, s), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// proveSMTP asks with the client of the standard library.
func proveSMTP(t *testing.T, s *Server, tlsOffered, loginInClear bool) {
	c := smtpClient(t, s)
	offered, _ := c.Extension("STARTTLS")
	login, _ := c.Extension("AUTH")
	if offered != tlsOffered || login != loginInClear {
		t.Errorf("STARTTLS %v, AUTH %v", offered, login)
	}
	if offered {
		if err := c.StartTLS(&tls.Config{RootCAs: labPool(), ServerName: "127.0.0.1"}); err != nil {
			t.Fatal(err)
		}
		if login, _ := c.Extension("AUTH"); !login {
			t.Error("no AUTH inside TLS")
		}
	}
	if err := c.Quit(); err != nil {
		t.Error(err)
	}
}

// obeysInside sends a request for TLS with a command after it, and sees that
// command answered inside TLS.
func obeysInside(t *testing.T, c net.Conn, r *bufio.Reader, both, want string) {
	t.Helper()
	send(t, c, []byte(both))
	if _, err := r.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	in := tls.Client(c, &tls.Config{InsecureSkipVerify: true})
	if said, err := bufio.NewReader(in).ReadString('\n'); err != nil || !strings.HasPrefix(said, want) {
		t.Errorf("inside TLS %q, %v", said, err)
	}
}

func proveIMAP(t *testing.T, s *Server, list string) {
	c := dial(t, s)
	r := bufio.NewReader(c)
	want := func(r *bufio.Reader, line string) {
		t.Helper()
		if got, err := r.ReadString('\n'); err != nil || strings.TrimSpace(got) != line {
			t.Errorf("says %q, %v; want %q", got, err, line)
		}
	}
	want(r, "* OK mail.xa.gov.vn IMAP4rev1 ready")
	send(t, c, []byte("a capability\r\n"))
	want(r, "* CAPABILITY IMAP4rev1 "+list)
	want(r, "a OK done")
	send(t, c, []byte("b STARTTLS\r\n"))
	want(r, "b OK begin TLS")
	in := tls.Client(c, &tls.Config{RootCAs: labPool(), ServerName: "127.0.0.1"})
	if _, err := io.WriteString(in, "c logout\r\n"); err != nil {
		t.Fatal(err)
	}
	r = bufio.NewReader(in)
	want(r, "* BYE")
	want(r, "c OK done")
}

// clearView asks for the list, up to a line that begins with end, and then for
// TLS. A server without a list offers TLS if it agrees.
func clearView(t *testing.T, s *Server, list, end, ask, login string) map[string]string {
	t.Helper()
	c := dial(t, s)
	r := bufio.NewReader(c)
	var said string
	if list != "" {
		greeting, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		said += greeting
		send(t, c, []byte(list))
		for line := ""; !strings.HasPrefix(line, end); said += line {
			if line, err = r.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
	}
	send(t, c, []byte(ask))
	answer := string(readN(t, r, 1))
	if list != "" {
		rest, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		answer += rest
	}
	agreed := strings.HasPrefix(answer, "220") || strings.HasPrefix(answer, "b OK") || answer == "S"
	offered := strings.Contains(said, "STARTTLS") || list == "" && agreed
	v := map[string]string{"tls": fmt.Sprint(offered), "login": fmt.Sprint(login != "" && strings.Contains(said, login))}
	if offered || list == "" {
		v["agreed"] = fmt.Sprint(agreed)
	}
	if agreed {
		in := tls.Client(c, &tls.Config{InsecureSkipVerify: true})
		if err := in.Handshake(); err != nil {
			t.Fatal(err)
		}
		v["cert"] = certView(in.ConnectionState().PeerCertificates)
	}
	return v
}
