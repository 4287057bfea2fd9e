package starttls

import "strings"

// pop3 is RFC 2595 §4: greeting, CAPA (RFC 2449 §5), STLS.
func pop3(s *session) error {
	said, ok, err := s.status()
	if err != nil {
		return err
	}
	s.pre.Greeting = printable(said)
	if !ok {
		return declined(said)
	}
	if err := s.say("CAPA"); err != nil {
		return err
	}
	if _, ok, err = s.status(); err != nil {
		return err
	}
	if ok { // a server that knows no list is asked all the same
		lines, err := s.block()
		if err != nil {
			return s.named(err)
		}
		s.list(lines, "STLS")
		if !s.pre.Offered {
			return ErrNotOffered
		}
	}
	if err := s.say("STLS"); err != nil {
		return err
	}
	said, ok, err = s.status()
	if err == nil && !ok {
		err = refused(said)
	}
	return err
}

// status reads a line that begins with +OK or -ERR: RFC 1939 §3.
func (s *session) status() (said string, ok bool, err error) {
	l, err := s.line()
	if err != nil {
		return "", false, s.named(err)
	}
	word, said, _ := strings.Cut(l, " ")
	switch word {
	case "+OK":
		return said, true, nil
	case "-ERR":
		return said, false, nil
	}
	return "", false, s.other()
}
