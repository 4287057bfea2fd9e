package starttls

// reply is an answer with a number: RFC 5321 §4.2, RFC 959 §4.2.
type reply struct {
	code  int
	lines []string // without the number
}

func (r reply) said() string {
	return string([]byte{'0' + byte(r.code/100), '0' + byte(r.code/10%10), '0' + byte(r.code%10)}) + " " + r.lines[len(r.lines)-1]
}

// no tells whether the answer is a refusal, for now (4) or for good (5).
func (r reply) no() bool { return r.code/100 == 4 || r.code/100 == 5 }

// unknown tells whether the server does not know what it was asked: command
// unrecognised, not implemented, or not with this argument.
func (r reply) unknown() bool { return r.code == 500 || r.code == 502 || r.code == 504 }

// reply reads an answer of one or more lines. In FTP the lines between the
// first and the last may be anything.
func (s *session) reply() (reply, error) {
	var r reply
	for range maxLines {
		l, err := s.line()
		if err != nil {
			return reply{}, s.named(err)
		}
		n, ok := code(l)
		between := len(r.lines) > 0
		switch {
		case between && s.protocol == FTP && (!ok || n != r.code || l[3:] != "" && l[3] == '-'):
			r.lines = append(r.lines, l)
			continue
		case !ok, between && n != r.code:
			return reply{}, s.other()
		}
		r.code = n
		if len(l) == 3 || l[3] == ' ' {
			r.lines = append(r.lines, l[min(4, len(l)):])
			return r, nil
		}
		r.lines = append(r.lines, l[4:])
	}
	return reply{}, s.other()
}

// code reads the number at the beginning of a line.
func code(l string) (int, bool) {
	if len(l) < 3 || len(l) > 3 && l[3] != ' ' && l[3] != '-' {
		return 0, false
	}
	n := 0
	for _, c := range []byte(l[:3]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, n >= 100 && n < 600
}

// ask sends a line and reads the answer.
func (s *session) ask(format string, args ...any) (reply, error) {
	if err := s.say(format, args...); err != nil {
		return reply{}, err
	}
	return s.reply()
}

// greeting reads the first answer; with one of the good codes the
// conversation goes on.
func (s *session) greeting(good ...int) error {
	r, err := s.reply()
	if err != nil {
		return err
	}
	s.pre.Greeting = printable(r.lines[0])
	for _, g := range good {
		if r.code == g {
			return nil
		}
	}
	if r.no() {
		return declined(r.said())
	}
	return s.other()
}
