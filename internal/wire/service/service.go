// Package service tells what an open TCP port speaks, and whether it lets in
// whoever comes. It opens no connection but by the Dial it is given, sends no
// name with a password, and asks nothing that changes anything.
//
// fingerprintx is not used: one of its plugins dials by itself and
// tries to log in, another prints on port 9100, and to all of them silence and a
// refusal are "not this protocol", which is what must never be said here.
package service

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"
	"unicode"
)

// Service is what a port speaks.
type Service struct {
	Protocol string // name by IANA, or by nmap where IANA has none; "": not recognised
	TLS      bool   // inside TLS from the first byte
	Product  string // as the server calls itself; "": it does not say
	Version  string
	Banner   string // how it began, printable and cut short

	// WantsCertificate tells that nobody is let in who has no certificate of
	// his own; what is spoken inside TLS stays unknown then.
	WantsCertificate bool
}

// Dial connects to the port in question. It sets the time after which nothing
// more is waited for.
type Dial func(context.Context) (net.Conn, error)

// Patience is how long one answer is waited for.
type Patience struct {
	Greeting time.Duration // a server that may speak first
	Answer   time.Duration // one that was asked
}

// Quiet is called before something is asked whose answer may hold what is
// nobody's business, so that it is not kept.
type Quiet func(net.Conn)

// A protocol is one that can be told from others.
type protocol struct {
	name  string
	ports []int  // where it is usually found
	first bool   // the server speaks first
	hello string // the null question of the protocol
	rare  bool   // asked on its usual ports only

	// knows reads what came. Asked tells that hello was sent; without it only
	// what no other protocol says is taken for this one.
	knows func(asked bool, heard string) (Service, bool)
}

// protocols are all that are known, those with the plainest signs first.
var protocols = []protocol{
	ssh, ftp, smtp, pop3, imap, nntp, sieve, vnc, rsync, telnet, mysql, rtsp, amqp, zookeeper,
	smb, memcache, mongodb, postgres, ldap, rdp, mqtt, redis, x11, cassandra, mssql, rpc, nfs, jdwp, ajp, kafka, socks,
	oracle, web,
}

// NoTouch are ports that are never sent anything: a printer prints what comes
// (9100 to 9107, 515), and controllers of machines act on it.
func NoTouch(port int) bool {
	if port >= 9100 && port <= 9107 || port == 515 {
		return true
	}
	for _, p := range []int{102, 502, 789, 1911, 1962, 2404, 4000, 4911, 18245, 20000, 20547, 34962, 34963, 34964, 44818, 47808} {
		if p == port {
			return true
		}
	}
	return false
}

// The errors of a port that could be asked and was not recognised.
var (
	ErrMute    = errors.New("the port is open and says nothing to any question")
	ErrStrange = errors.New("the port answers in no protocol that is known")
	ErrNoTouch = errors.New("never sent anything: a printer or a controller may be there")
)

// identify tells what was heard after a question; asked is its protocol, ""
// where nothing was sent.
func identify(asked, heard string) (Service, bool) {
	if heard == "" {
		return Service{}, false
	}
	for _, p := range protocols {
		if s, ok := p.knows(p.name == asked, heard); ok {
			s.Protocol = or(s.Protocol, p.name)
			s.Product, s.Version = shown(s.Product, 60), shown(s.Version, 60)
			s.Banner = or(s.Banner, firstLine(heard))
			s.Banner = shown(s.Banner, 120)
			return s, true
		}
	}
	return Service{}, false
}

// text is a protocol that is known by how it begins.
func text(s string, begins ...string) bool {
	for _, b := range begins {
		if strings.HasPrefix(s, b) {
			return true
		}
	}
	return false
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return strings.TrimSuffix(line, "\r")
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// shown makes what a server said printable, one line and short. Bytes that are
// no text become dots.
func shown(s string, most int) string {
	var out strings.Builder
	n := 0
	for _, r := range s {
		if n == most {
			return out.String() + "…"
		}
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			r = '.'
		}
		out.WriteRune(r)
		n++
	}
	return strings.Trim(out.String(), ". ")
}

// between gives what stands after one text and before the next of some bytes.
func between(s, after, before string) string {
	_, rest, ok := strings.Cut(s, after)
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, before); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

func span(first, last int) (out []int) {
	for n := first; n <= last; n++ {
		out = append(out, n)
	}
	return out
}
