package starttls

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
)

// signs are the first bytes by which protocols can be told.
var signs = []struct{ begins, name string }{
	{"SSH-", "SSH"}, {"HTTP/", "HTTP"}, {"<html", "HTTP"}, {"<!DOCTYPE", "HTTP"}, {"RFB ", "VNC"},
	{"+OK", "POP3"}, {"-ERR", "POP3 or Redis"}, {"* OK", "IMAP"}, {"* PREAUTH", "IMAP"}, {"* BYE", "IMAP"},
	{"<?xml", "XMPP"}, {"<stream:", "XMPP"}, {"\"IMPLEMENTATION\"", "ManageSieve"},
	{"\x16\x03", "TLS from the first byte"}, {"\x15\x03", "TLS from the first byte"}, {"\x03\x00", "RDP"},
}

// instead says what was seen in place of what was expected.
func instead(b []byte) string {
	if len(b) == 0 {
		return "nothing"
	}
	return guess(b) + " (" + quote(b) + ")"
}

func guess(b []byte) string {
	for _, s := range signs {
		if bytes.HasPrefix(b, []byte(s.begins)) {
			return s.name
		}
	}
	upper := strings.ToUpper(string(b))
	switch _, numbered := code(upper); {
	case numbered && strings.Contains(upper, "LMTP"):
		return "LMTP"
	case numbered && strings.Contains(upper, "SMTP"):
		return "SMTP"
	case numbered && strings.Contains(upper, "FTP"):
		return "FTP"
	case numbered && strings.HasPrefix(upper, "20"):
		return "NNTP"
	case numbered:
		return "a server with numbered answers"
	case len(b) > 4 && b[3] == 0 && (b[4] == 10 || b[4] == 0xff):
		return "MySQL"
	}
	return "something unknown"
}

// quote shows the first line of text, or the first bytes of what is no text.
func quote(b []byte) string {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	line = bytes.TrimRight(line, "\r")
	for _, c := range line {
		if c < ' ' && c != '\t' || c >= 0x7f {
			return fmt.Sprintf("% x", b[:min(len(b), 16)])
		}
	}
	return fmt.Sprintf("%q", line)
}

// printable makes one short line of what a server said.
func printable(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?")))
	if runes := []rune(s); len(runes) > maxShown {
		s = string(runes[:maxShown]) + "…"
	}
	return s
}
