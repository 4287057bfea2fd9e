package starttls

// nntp is RFC 4642 §2.2: greeting, CAPABILITIES, STARTTLS.
func nntp(s *session) error {
	if err := s.greeting(200, 201); err != nil {
		return err
	}
	r, err := s.ask("CAPABILITIES")
	if err != nil {
		return err
	}
	if r.code == 101 { // RFC 3977 §5.2; a server that knows no list is asked all the same
		lines, err := s.block()
		if err != nil {
			return s.named(err)
		}
		s.list(lines, "STARTTLS")
		if !s.pre.Offered {
			return ErrNotOffered
		}
	}
	r, err = s.ask("STARTTLS")
	switch {
	case err != nil:
		return err
	case r.code == 382:
		return nil
	case r.code == 400: // RFC 3977 §3.2.1: it closes, whatever it was asked
		return declined(r.said())
	case r.code == 500 && !s.pre.Offered:
		return ErrNotOffered
	case r.no():
		return refused(r.said())
	}
	return s.other()
}
