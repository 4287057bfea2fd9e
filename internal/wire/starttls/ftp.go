package starttls

import "strings"

// ftp is RFC 4217 §4: greeting, FEAT, AUTH TLS. FEAT need not name AUTH, so
// TLS is asked for in any case.
func ftp(s *session) error {
	if err := s.ready(); err != nil {
		return err
	}
	features, err := s.ask("FEAT")
	if err != nil {
		return err
	}
	isFTP := features.code == 211 // RFC 2389 §3.2
	if isFTP {
		s.features(features.lines)
	}
	r, err := s.ask("AUTH TLS")
	switch {
	case err != nil:
		return err
	case r.code == 234, r.code == 334: // RFC 4217 §4; 334 is what some old servers say
		return nil
	case r.code == 421:
		return declined(r.said())
	case !r.no():
		return s.other()
	}
	if !isFTP {
		if err := s.surelyFTP(); err != nil {
			return err
		}
	}
	if !s.pre.Offered && (isFTP || r.unknown()) { // not listed, or not even known
		return ErrNotOffered
	}
	return refused(r.said())
}

// ready waits for the greeting; 120 announces that it takes some time.
func (s *session) ready() error {
	for range 2 {
		r, err := s.reply()
		switch {
		case err != nil:
			return err
		case r.code == 120:
			continue
		case r.code == 220:
			s.pre.Greeting = printable(r.lines[0])
			return nil
		case r.no():
			return declined(r.said())
		}
		return s.other()
	}
	return s.other()
}

// features reads the answer to FEAT: between a first and a last line one
// feature a line, after a space.
func (s *session) features(lines []string) {
	s.pre.Capabilities = []string{}
	for _, l := range lines[1:max(1, len(lines)-1)] {
		l = printable(l)
		s.pre.Capabilities = append(s.pre.Capabilities, l)
		words := strings.FieldsFunc(strings.ToUpper(l), func(r rune) bool { return r == ' ' || r == ';' })
		s.pre.Offered = s.pre.Offered || len(words) > 1 && words[0] == "AUTH" && strings.Contains(l, "TLS")
	}
}

// surelyFTP tells an FTP server that knows neither FEAT nor AUTH from a mail
// server, which greets alike and knows neither too. SYST is FTP's own: RFC 959
// §4.1.3.
func (s *session) surelyFTP() error {
	r, err := s.ask("SYST")
	if err == nil && r.code != 215 {
		return s.other()
	}
	return err
}
