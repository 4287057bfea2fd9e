package starttls

import "strings"

// imap is RFC 9051 §6.2.1: greeting, CAPABILITY, STARTTLS.
func imap(s *session) error {
	l, err := s.line()
	if err != nil {
		return s.named(err)
	}
	star, rest, _ := strings.Cut(l, " ")
	word, said, _ := strings.Cut(rest, " ")
	if star != "*" {
		return s.other()
	}
	s.pre.Greeting = printable(said)
	switch strings.ToUpper(word) { // RFC 9051 §7.1
	case "OK", "PREAUTH":
	case "BYE":
		return declined(said)
	default:
		return s.other()
	}
	word, said, err = s.tagged("s1", "CAPABILITY")
	switch {
	case err != nil:
		return err
	case word != "OK":
		return declined(said)
	case s.pre.Capabilities == nil:
		return s.other()
	case !s.pre.Offered:
		return ErrNotOffered
	}
	word, said, err = s.tagged("s2", "STARTTLS")
	if err == nil && word != "OK" {
		err = refused(said)
	}
	return err
}

// tagged sends a command and reads up to its answer, OK, NO or BAD. Of what
// comes before, capabilities are kept and the rest passed over.
func (s *session) tagged(tag, command string) (word, said string, err error) {
	if err := s.say("%s %s", tag, command); err != nil {
		return "", "", err
	}
	for range maxLines {
		l, err := s.line()
		if err != nil {
			return "", "", s.named(err)
		}
		begins, rest, _ := strings.Cut(l, " ")
		word, said, _ = strings.Cut(rest, " ")
		word = strings.ToUpper(word)
		switch {
		case begins == "*" && word == "BYE":
			return "", "", declined(said)
		case begins == "*" && word == "CAPABILITY":
			s.list(strings.Fields(said), "STARTTLS")
		case begins == "*":
		case begins == tag && (word == "OK" || word == "NO" || word == "BAD"):
			return word, said, nil
		default:
			return "", "", s.other()
		}
	}
	return "", "", s.other()
}
