package starttls

import (
	"regexp"
	"strings"
)

// apop is the process and time of RFC 1939 §7.
var apop = regexp.MustCompile(`<[0-9][^<> ]*@[^<> ]*>`)

// AuthOffered tells whether a server offers login on the plain connection. It
// is told only by those protocols that list what a client may do now; of the
// others, and of a server that gave no list, only a login would tell.
func (p Preamble) AuthOffered(proto Protocol) (offered, told bool) {
	if p.Capabilities == nil {
		return false, false
	}
	switch proto {
	case SMTP, LMTP: // RFC 4954 §3; "AUTH=" is the form of before
		return p.lists("AUTH", ""), true
	case POP3: // RFC 2449 §6.3, RFC 5034 §3; a time in the greeting offers APOP, RFC 1939 §7
		return p.has("USER") || p.lists("SASL", "") || apop.MatchString(p.Greeting), true
	case IMAP: // RFC 9051 §6.2.3: LOGIN is there unless it is taken away
		return !p.has("LOGINDISABLED") || p.lists("AUTH", "AUTH="), true
	case Sieve: // RFC 5804 §1.7
		return p.lists("SASL", ""), true
	case NNTP: // RFC 4643 §2.1: the arguments are what is permitted now
		return p.lists("AUTHINFO", ""), true
	case XMPPClient, XMPPServer: // RFC 6120 §6.4.1
		return p.lists("mechanisms", ""), true
	case FTP, LDAP, Postgres, MySQL, MSSQL, RDP:
	}
	return false, false
}

func (p Preamble) has(word string) bool {
	for _, c := range p.Capabilities {
		if w, _, _ := strings.Cut(c, " "); strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}

// lists tells whether a capability names a way to log in by which something
// secret, or made of a secret, would be sent. ANONYMOUS sends nothing (RFC
// 4505), nor does EXTERNAL (RFC 4422 §A).
func (p Preamble) lists(capability, prefix string) bool {
	for _, c := range p.Capabilities {
		words := strings.FieldsFunc(c, func(r rune) bool { return r == ' ' || r == '=' })
		if len(words) == 0 || !strings.EqualFold(words[0], capability) || !strings.HasPrefix(strings.ToUpper(c), prefix) {
			continue
		}
		for _, mechanism := range words[1:] {
			if m := strings.ToUpper(mechanism); m != "ANONYMOUS" && m != "EXTERNAL" {
				return true
			}
		}
	}
	return false
}
