package starttls

import (
	"strconv"
	"strings"
)

// sieve is ManageSieve, RFC 5804 §2.2: the greeting is the list of
// capabilities (§1.7), then comes STARTTLS.
func sieve(s *session) error {
	lines, word, said, err := s.response()
	switch {
	case err != nil:
		return err
	case word != "OK":
		return declined(said)
	case len(lines) == 0:
		return s.other()
	}
	s.pre.Greeting = printable(said)
	for i, l := range lines {
		lines[i] = strings.ReplaceAll(l, `"`, "")
	}
	s.list(lines, "STARTTLS")
	if !s.pre.Offered {
		return ErrNotOffered
	}
	if err := s.say("STARTTLS"); err != nil {
		return err
	}
	_, word, said, err = s.response()
	switch {
	case err != nil:
		return err
	case word == "BYE":
		return declined(said)
	case word != "OK":
		return refused(said)
	}
	return nil
}

// response reads lines up to one that begins with OK, NO or BYE: RFC 5804
// §1.2. A literal, "{5}" and then so many bytes, is part of its line (§4).
func (s *session) response() (lines []string, word, said string, err error) {
	for range maxLines {
		l, err := s.line()
		for err == nil && strings.HasSuffix(l, "}") {
			var n int
			var b []byte
			i := strings.LastIndexByte(l, '{')
			if i < 0 {
				break
			}
			if n, err = strconv.Atoi(strings.TrimSuffix(l[i+1:len(l)-1], "+")); err != nil || n < 0 || len(l)+n > maxLine {
				return nil, "", "", s.other()
			}
			if b, err = s.take(n); err == nil {
				var rest string
				rest, err = s.line()
				l = l[:i] + `"` + string(b) + `"` + rest
			}
		}
		if err != nil {
			return nil, "", "", s.named(err)
		}
		word, said, _ = strings.Cut(l, " ")
		switch word = strings.ToUpper(word); word {
		case "OK", "NO", "BYE":
			return lines, word, said, nil
		}
		if !strings.HasPrefix(l, `"`) {
			return nil, "", "", s.other()
		}
		lines = append(lines, l)
	}
	return nil, "", "", s.other()
}
