package sshkex

import (
	"fmt"
	"strings"
)

// Login is a server's answer to somebody who shows nothing: RFC 4252 §5.
type Login struct {
	Accepted bool     // it lets in
	Methods  []string // that can go on; of a server that does not let in
	Partial  bool     // "none" was taken as one step of several
	Notice   string   // RFC 4252 §5.4, cut to a bound
}

// Bounds of what a server may say before it answers.
const (
	maxNotice  = 4 << 10 // bytes of the notice that are kept
	maxBanners = 16
	maxMethods = 32
)

// None asks, in the name of user, to be let in without authentication. The
// service must have been accepted.
func (s *Session) None(user string) (Login, error) {
	var l Login
	request := []byte{msgUserAuth}
	for _, field := range []string{user, "ssh-connection", "none"} {
		request = appendString(request, field)
	}
	if err := s.write(request); err != nil {
		return l, err
	}
	var notice strings.Builder
	for range maxBanners {
		p, err := s.next()
		if err != nil {
			return l, err
		}
		switch p[0] {
		case msgAuthBanner:
			text, _, ok := cutString(p[1:])
			if !ok {
				return l, fmt.Errorf("notice is cut short")
			}
			notice.Write(text[:min(len(text), maxNotice-notice.Len())])
		case msgExtInfo: // the second place for it: RFC 8308 §2.4
		case msgAuthSuccess:
			return Login{Accepted: true, Methods: []string{}, Notice: notice.String()}, nil
		case msgAuthFailure:
			l, err = parseFailure(p[1:])
			l.Notice = notice.String()
			return l, err
		default:
			return l, fmt.Errorf("SSH message %d in answer to a log-in", p[0])
		}
	}
	return l, fmt.Errorf("%d notices and no answer among them", maxBanners)
}

// parseFailure reads what SSH_MSG_USERAUTH_FAILURE holds.
func parseFailure(p []byte) (Login, error) {
	list, rest, ok := cutString(p)
	if !ok || len(rest) != 1 {
		return Login{}, fmt.Errorf("refusal of a log-in is cut short")
	}
	names, err := nameList(string(list))
	if err == nil && len(names) > maxMethods {
		err = fmt.Errorf("%d ways to log in", len(names))
	}
	return Login{Methods: names, Partial: rest[0] != 0}, err
}
