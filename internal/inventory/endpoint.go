package inventory

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Kind is what an endpoint is declared to speak.
type Kind string

// The kinds of endpoint.
const (
	HTTPS Kind = "https"
	HTTP  Kind = "http"
	TLS   Kind = "tls" // TLS from the first byte, another protocol inside
	SSH   Kind = "ssh"
	TCP   Kind = "tcp" // anything else

	// Those that begin in clear and turn to TLS (STARTTLS). The same protocol
	// with TLS from the first byte, as on port 465 or 993, is kind TLS.
	SMTP       Kind = "smtp"
	LMTP       Kind = "lmtp"
	POP3       Kind = "pop3"
	IMAP       Kind = "imap"
	Sieve      Kind = "sieve" // ManageSieve
	FTP        Kind = "ftp"
	LDAP       Kind = "ldap"
	XMPPClient Kind = "xmpp-client"
	XMPPServer Kind = "xmpp-server"
	NNTP       Kind = "nntp"
	Postgres   Kind = "postgres"
	MySQL      Kind = "mysql"
	MSSQL      Kind = "mssql" // TDS before version 8
	RDP        Kind = "rdp"

	// Those that are no single port. They are derived from what the unit
	// declares (Places), never written as an endpoint.
	Host   Kind = "host"   // one address, all its ports
	Domain Kind = "domain" // a name of the DNS and what is published under it
)

// StartTLSKinds lists the kinds that begin in clear and turn to TLS.
var StartTLSKinds = []Kind{SMTP, LMTP, POP3, IMAP, Sieve, FTP, LDAP, XMPPClient, XMPPServer, NNTP, Postgres, MySQL, MSSQL, RDP}

// Protocol is a layer that a check needs.
type Protocol string

// The protocols.
const (
	OverTCP      Protocol = "tcp"
	OverTLS      Protocol = "tls"
	OverHTTP     Protocol = "http"
	OverSSH      Protocol = "ssh"
	OverStartTLS Protocol = "starttls" // any that turns to TLS
	OverHost     Protocol = "host"     // whatever the ports of an address speak
	OverDNS      Protocol = "dns"      // the records of a domain
)

var speaks = map[Kind][]Protocol{
	HTTPS: {OverTCP, OverTLS, OverHTTP},
	HTTP:  {OverTCP, OverHTTP},
	TLS:   {OverTCP, OverTLS},
	SSH:   {OverTCP, OverSSH},
	TCP:   {OverTCP},

	Host:   {OverHost},
	Domain: {OverDNS},
}

// Protocols lists what an endpoint of this kind speaks, outermost first.
func (k Kind) Protocols() []Protocol {
	if slices.Contains(StartTLSKinds, k) {
		return []Protocol{OverTCP, OverStartTLS, OverTLS}
	}
	return speaks[k]
}

// Speaks tells whether the endpoint is declared to speak the protocol.
func (e Endpoint) Speaks(p Protocol) bool { return slices.Contains(e.Kind.Protocols(), p) }

// StartTLS gives the protocol in which TLS must be asked for; ok is false where
// TLS begins with the first byte, and where there is none.
func (e Endpoint) StartTLS() (protocol string, ok bool) {
	return string(e.Kind), e.Speaks(OverStartTLS)
}

// Host is the host of the target, without port or brackets.
func (e Endpoint) Host() string { host, _ := e.HostPort(); return host }

// Address is "host:port", as a dialer takes it.
func (e Endpoint) Address() string { host, port := e.HostPort(); return net.JoinHostPort(host, port) }

// URL is the target as a URL; for host:port of kind http or https one is made.
func (e Endpoint) URL() *url.URL {
	if u, err := ParseTarget(e.Target); err == nil {
		return u
	}
	return &url.URL{Scheme: string(e.Kind), Host: e.Address(), Path: "/"}
}

// Name is the server name for TLS and certificates.
func (e Endpoint) Name() string {
	if e.ServerName != "" {
		return e.ServerName
	}
	return e.Host()
}

// HasPort tells whether the endpoint is one port, and not a whole host or a
// domain.
func (e Endpoint) HasPort() bool { return e.Kind != Host && e.Kind != Domain }

// HostPort splits the target; the port of a URL without one is that of its
// scheme, and there is none where HasPort is false.
func (e Endpoint) HostPort() (host, port string) {
	if !e.HasPort() {
		return e.Target, ""
	}
	if u, err := ParseTarget(e.Target); err == nil {
		port = u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
		}
		return u.Hostname(), port
	}
	host, port, _ = net.SplitHostPort(e.Target)
	return host, port
}

// ParseTarget reads a target that is a URL. Userinfo, zone ids, fragments and
// schemes other than http and https are refused: none belongs in a target, and
// each has been used to disguise where a URL leads.
func ParseTarget(s string) (*url.URL, error) {
	if !strings.Contains(s, "://") {
		return nil, fmt.Errorf("not a URL")
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, fmt.Errorf("not a URL: %w", err)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("scheme %q: only http and https are web addresses", u.Scheme)
	case u.User != nil:
		return nil, fmt.Errorf("a name before @ does not belong in a target")
	case u.Hostname() == "" || strings.ContainsAny(u.Host, "% \\"):
		return nil, fmt.Errorf("no plain host name")
	case u.Fragment != "":
		return nil, fmt.Errorf("a part after # does not belong in a target")
	}
	if u.Port() != "" {
		if err := ValidPort(u.Port()); err != nil {
			return nil, err
		}
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}

// ValidPort tells whether s is a TCP port.
func ValidPort(s string) error {
	if n, err := strconv.ParseUint(s, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("port %q is not between 1 and 65535", s)
	}
	return nil
}
