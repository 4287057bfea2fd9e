package starttls

import (
	"net"
	"strings"
)

// smtp is RFC 3207 §4: greeting, EHLO, STARTTLS.
func smtp(s *session) error { return s.mail("EHLO") }

// lmtp is the same with LHLO: RFC 2033 §4.1.
func lmtp(s *session) error { return s.mail("LHLO") }

func (s *session) mail(hello string) error {
	if err := s.greeting(220); err != nil {
		return err
	}
	r, err := s.ask("%s %s", hello, ourAddress(s.conn))
	switch {
	case err != nil:
		return err
	case r.unknown():
		return s.oldMail()
	case r.code != 250:
		return declined(r.said())
	}
	s.list(r.lines[1:], "STARTTLS")
	if !s.pre.Offered {
		return ErrNotOffered
	}
	r, err = s.ask("STARTTLS")
	switch {
	case err != nil:
		return err
	case r.code == 220:
		return nil
	case r.code == 421: // RFC 5321 §3.8: it closes, whatever it was asked
		return declined(r.said())
	case r.no():
		return refused(r.said())
	}
	return s.other()
}

// oldMail tells a mail server that knows no extensions (RFC 5321 §4.1.4) from
// one of another protocol that greets with 220, such as FTP.
func (s *session) oldMail() error {
	if s.protocol == LMTP {
		return s.other()
	}
	r, err := s.ask("HELO %s", ourAddress(s.conn))
	switch {
	case err != nil:
		return err
	case r.code == 250:
		return ErrNotOffered
	case r.unknown():
		return s.other()
	}
	return declined(r.said())
}

// ourAddress is how a client without a name calls itself: RFC 5321 §4.1.3.
func ourAddress(conn net.Conn) string {
	a, ok := conn.LocalAddr().(*net.TCPAddr)
	switch {
	case !ok:
		return "localhost"
	case a.IP.To4() != nil:
		return "[" + a.IP.String() + "]"
	}
	return "[IPv6:" + a.IP.String() + "]"
}

// list keeps the capabilities and sees whether the one for TLS is there, alone
// or before its arguments.
func (s *session) list(lines []string, tls string) {
	s.pre.Capabilities = make([]string, 0, len(lines))
	for _, l := range lines {
		l = printable(l)
		s.pre.Capabilities = append(s.pre.Capabilities, l)
		if words := strings.Fields(strings.ToUpper(l)); len(words) > 0 && words[0] == tls {
			s.pre.Offered = true
		}
	}
}
