package starttls

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// Relay is what a mail server said to recipients of a domain that is not its
// own. The domain is one that never exists (RFC 6761 §6.4), and no DATA is ever
// sent, so nothing can be delivered.
type Relay struct {
	Tries []RelayTry
	VRFY  bool // lists VRFY
	EXPN  bool // lists EXPN
	TLS   bool // will hear of no mail before TLS, and was asked no more
}

// RelayTry is one RCPT and its answer.
type RelayTry struct {
	Form   string // "plain", "source-route", "unknown-user", "percent"
	Answer RelayAnswer
	Said   string
}

// RelayAnswer is what an answer to RCPT says about relaying.
type RelayAnswer string

// The answers.
const (
	Accepted RelayAnswer = "accepted"
	Denied   RelayAnswer = "denied"   // because it is not for this server
	Deferred RelayAnswer = "deferred" // for now; perhaps greylisting
	Unclear  RelayAnswer = "unclear"  // refused, for another reason or none that is said
)

const foreign = "sansang@example.invalid"

// AskRelay greets, names a foreign sender and some recipients, and leaves. The
// connection is fresh, or inside TLS; then there is no greeting.
func AskRelay(ctx context.Context, conn net.Conn, inside bool) (r Relay, err error) {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	s := &session{reader: newReader(conn), conn: conn, protocol: SMTP}
	if !inside {
		if err := s.greeting(220); err != nil {
			return r, err
		}
	}
	hello, err := s.ask("EHLO %s", ourAddress(conn))
	switch {
	case err != nil:
		return r, err
	case hello.code != 250:
		return r, declined(hello.said())
	}
	s.list(hello.lines[1:], "STARTTLS")
	r.VRFY, r.EXPN = s.pre.has("VRFY"), s.pre.has("EXPN")
	own, _, _ := strings.Cut(hello.lines[0], " ")
	if own = strings.ToLower(own); !named(own) {
		own = "localhost"
	}
	if err := r.mail(s, own); err != nil {
		return r, err
	}
	_, _ = s.ask("QUIT") // said out of courtesy
	return r, nil
}

// mail offers one mail that never comes.
func (r *Relay) mail(s *session, own string) error {
	from, err := s.ask("MAIL FROM:<%s>", foreign)
	switch {
	case err != nil:
		return err
	case wantsTLS(from) && s.pre.Offered:
		r.TLS = true
		return nil
	case from.code != 250:
		r.Tries = append(r.Tries, RelayTry{"plain", reading(from), printable(from.said())})
		return nil
	}
	for _, f := range []struct{ form, to string }{
		{"plain", foreign},
		{"source-route", "@" + own + ":" + foreign}, // RFC 5321 §C
		{"unknown-user", "sansang-khong-co@" + own}, // what the next is held against
		{"percent", "sansang%example.invalid@" + own},
	} {
		to, err := s.ask("RCPT TO:<%s>", f.to)
		switch {
		case err != nil:
			return err
		case wantsTLS(to) && s.pre.Offered:
			r.TLS = true
			return nil
		}
		r.Tries = append(r.Tries, RelayTry{f.form, reading(to), printable(to.said())})
		if to.code == 421 {
			return nil
		}
	}
	_, err = s.ask("RSET")
	return err
}

// wantsTLS tells of RFC 3207 §4: "530 Must issue a STARTTLS command first", and
// of other words for it.
func wantsTLS(r reply) bool {
	said := strings.ToUpper(strings.Join(r.lines, " "))
	return r.no() && strings.Contains(said, "STARTTLS") || r.code == 530 && (strings.Contains(said, "TLS") || strings.Contains(said, "ENCRYPT"))
}

// The words by which servers say that a mail is not theirs to carry: those that
// say it for certain, those that turn away for another reason (who sends, who
// asks, a name that is not there), and those that say it where none of these
// stands beside them.
var (
	certain = []string{"relay", "rcpthosts", "authentication required", "not authenticated"}
	others  = []string{"sender", "5.1.", "domain not found", "does not exist", "dns", "blocked", "blacklist", "spamhaus", "helo", "reverse",
		"client", "your ip", "unauthenticated", "spf", "dmarc", "reputation", "listed", "too many"}
	denials = []string{"5.7.", "not permitted", "denied", "authenticate", "not local", "non-local", "we do not", "not allowed"}
)

// reading tells what an answer to RCPT says about relaying. That sender or
// recipient do not exist, or that the scanner is not welcome, is another
// reason, and hides the answer.
func reading(r reply) RelayAnswer {
	said := strings.ToLower(strings.Join(r.lines, " "))
	switch {
	case r.code == 250 || r.code == 251:
		return Accepted
	case r.code/100 == 4 && strings.Contains(said, "relay"): // Postfix defers what it would not relay
		return Denied
	case r.code/100 == 4:
		return Deferred
	}
	has := func(words []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(said, w) })
	}
	if has(certain) || !has(others) && has(denials) {
		return Denied
	}
	return Unclear
}

// named tells of a name that can stand in an address.
func named(s string) bool {
	return s != "" && len(s) < 200 && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789.-", r)
	})
}

// FTPUser tells whether an FTP server lets a client go on to a password in
// clear: it is asked with the name of a user who does not exist, and no password
// follows.
func FTPUser(ctx context.Context, conn net.Conn) (offered, told bool, said string, err error) {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	s := &session{reader: newReader(conn), conn: conn, protocol: FTP}
	if err := s.ready(); err != nil {
		return false, false, "", err
	}
	r, err := s.ask("USER sansang")
	if err != nil {
		return false, false, "", err
	}
	said = printable(r.said())
	switch low := strings.ToLower(strings.Join(r.lines, " ")); {
	case r.code == 331, r.code == 332, r.code == 230:
		offered, told = true, true
	case r.code == 534, r.code == 522, r.code == 521: // RFC 2228 §3, RFC 4217 §17
		told = true
	case r.no():
		for _, word := range []string{"tls", "ssl", "encrypt", "cleartext", "secure"} {
			told = told || strings.Contains(low, word)
		}
	default:
		return false, false, said, fmt.Errorf("no answer of FTP to USER: %s", said)
	}
	_, _ = s.ask("QUIT") // said out of courtesy
	return offered, told, said, nil
}
