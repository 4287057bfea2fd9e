package service

import (
	"regexp"
	"strings"
)

// Those that greet with a line of text.

var ssh = protocol{name: "ssh", ports: []int{22, 2222}, first: true, knows: func(_ bool, h string) (Service, bool) {
	if !text(h, "SSH-") {
		return Service{}, false
	}
	_, software, _ := strings.Cut(strings.TrimPrefix(firstLine(h), "SSH-"), "-") // RFC 4253 §4.2
	software, _, _ = strings.Cut(software, " ")
	product, version, _ := strings.Cut(software, "_")
	return Service{Product: product, Version: version}, true
}}

// version finds a product and its number in a greeting, such as (vsFTPd 3.0.3).
var version = regexp.MustCompile(`(?i)(vsftpd|proftpd|pure-ftpd|filezilla server|microsoft ftp service|postfix|exim|sendmail|dovecot|courier|cyrus|zimbra|microsoft esmtp|exchange|hmailserver|mdaemon|haraka|opensmtpd)[ /v(]*([0-9][0-9A-Za-z._-]*)?`)

func named(s string) (product, number string) {
	if m := version.FindStringSubmatch(s); m != nil {
		return m[1], m[2]
	}
	return "", ""
}

// greets is a protocol of RFC 959's kind: three digits and a text, told apart by
// what the text says and by the port.
func greets(words ...string) func(bool, string) (Service, bool) {
	return func(_ bool, h string) (Service, bool) {
		l := firstLine(h)
		if !text(l, "220 ", "220-", "120 ", "421 ", "554 ") || !strings.Contains(h, "\n") {
			return Service{}, false
		}
		for _, w := range words {
			if strings.Contains(strings.ToUpper(l), w) {
				product, number := named(l)
				return Service{Product: product, Version: number}, true
			}
		}
		return Service{}, false
	}
}

// ftp asks for features where the greeting does not say what it is: RFC 2389 §3.
var ftp = protocol{name: "ftp", ports: []int{21, 2121}, first: true, hello: "FEAT\r\n", rare: true, knows: func(asked bool, h string) (Service, bool) {
	if s, ok := greets("FTP", "FILEZILLA")(asked, h); ok && !has(firstLine(h), "SMTP") { // a host may be called ftp
		return s, true
	}
	return Service{}, asked && text(h, "220") && strings.Contains(h, "\n211")
}}

// smtp says hello where the greeting does not say what it is: RFC 5321 §4.3.1
// demands the name of the host only.
var smtp = protocol{name: "smtp", ports: []int{25, 587, 2525}, first: true, hello: "EHLO scan.invalid\r\n", rare: true, knows: func(asked bool, h string) (Service, bool) {
	if s, ok := greets("SMTP", "LMTP", "MAIL", "POSTFIX", "EXIM")(asked, h); ok {
		if has(firstLine(h), "LMTP") { // RFC 2033
			s.Protocol = "lmtp"
		}
		return s, true
	}
	return Service{}, asked && text(h, "220") && strings.Contains(h, "\n250")
}}

var pop3 = protocol{name: "pop3", ports: []int{110}, first: true, knows: func(_ bool, h string) (Service, bool) {
	product, number := named(firstLine(h))
	return Service{Product: product, Version: number}, text(h, "+OK ")
}}

var imap = protocol{name: "imap", ports: []int{143}, first: true, knows: func(_ bool, h string) (Service, bool) {
	product, number := named(firstLine(h))
	return Service{Product: product, Version: number}, text(h, "* OK", "* PREAUTH", "* BYE")
}}

var nntp = protocol{name: "nntp", ports: []int{119}, first: true, knows: func(_ bool, h string) (Service, bool) {
	return Service{}, text(h, "200 ", "201 ") && strings.Contains(strings.ToUpper(firstLine(h)), "NNTP")
}}

var sieve = protocol{name: "sieve", ports: []int{4190}, first: true, knows: func(_ bool, h string) (Service, bool) {
	product, number := named(h)
	return Service{Product: product, Version: number}, text(h, `"IMPLEMENTATION"`)
}}

// prompt is that of a device that asks who is there without a word of telnet.
var prompt = regexp.MustCompile(`^[\x20-\x7e\r\n\t\x1b]*(?i:login|username|password) ?: ?$`)

// telnet begins with a command: IAC and WILL, WON'T, DO or DON'T (RFC 854).
var telnet = protocol{name: "telnet", ports: []int{23, 2323}, first: true, knows: func(_ bool, h string) (Service, bool) {
	if (len(h) < 3 || h[0] != 0xff || h[1] < 0xfb || h[1] == 0xff) && !prompt.MatchString(h) {
		return Service{}, false
	}
	return Service{Banner: or(shown(afterOptions(h), 120), "IAC")}, true
}}

// afterOptions leaves out the commands of telnet.
func afterOptions(h string) string {
	var out strings.Builder
	for i := 0; i < len(h); i++ {
		switch {
		case h[i] != 0xff:
			out.WriteByte(h[i])
		case i+1 < len(h) && h[i+1] >= 0xfb && h[i+1] != 0xff:
			i += 2
		case i+1 < len(h) && h[i+1] == 0xfa: // a subnegotiation, to its end
			end := strings.Index(h[i:], "\xff\xf0")
			if end < 0 {
				return out.String()
			}
			i += end + 1
		default:
			i++
		}
	}
	return out.String()
}
