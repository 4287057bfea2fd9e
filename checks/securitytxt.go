package checks

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sansang/sansang/internal/fact"
)

// readSecurityTxt reads a file by RFC 9116 §4; is tells whether it is one at
// all: it has a field that only such a file needs.
func readSecurityTxt(body []byte) (f SecurityTxt, is bool) {
	f = SecurityTxt{Contacts: []string{}, Canonical: []string{}, Mistakes: []string{}}
	if strings.HasPrefix(strings.TrimSpace(string(body[:min(len(body), 200)])), "<") {
		return f, false // a page of HTML, whatever else it says
	}
	if !utf8.Valid(body) {
		f.Mistakes = append(f.Mistakes, "not UTF-8: §2.2")
	}
	var expires []string
	const mostLines, mostFields = 1000, 50
	for i, line := range strings.Split(strings.ToValidUTF8(string(body), "?"), "\n") {
		line = strings.TrimSpace(line)
		if i == 0 {
			line = strings.TrimPrefix(line, "\ufeff")
			f.Signed = line == "-----BEGIN PGP SIGNED MESSAGE-----"
		}
		if i >= mostLines || line == "-----BEGIN PGP SIGNATURE-----" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		value = oneLine(strings.TrimSpace(value), 300)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "contact":
			is = true
			if isContact(value) && len(f.Contacts) < mostFields {
				f.Contacts = append(f.Contacts, value)
			} else if len(f.Mistakes) < mostFields {
				f.Mistakes = append(f.Mistakes, "Contact is no mailto:, tel: or https: address: §2.5.3")
			}
		case "expires":
			is = true
			expires = append(expires, value)
		case "canonical":
			if len(f.Canonical) < mostFields {
				f.Canonical = append(f.Canonical, value)
			}
		}
	}
	f.expiry(expires)
	return f, is
}

// isContact tells of a contact that can be followed: §2.5.3.
func isContact(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" && u.Host != "" || (u.Scheme == "mailto" || u.Scheme == "tel") && u.Opaque != "")
}

// expiry reads Expires, which must be there once: §2.5.5.
func (f *SecurityTxt) expiry(values []string) {
	wrong := func(why string) {
		f.Mistakes = append(f.Mistakes, why)
		f.Expires = fact.Not[time.Time](unanswered(why))
	}
	if len(values) != 1 {
		wrong("Expires is not there exactly once: §2.5.5")
		return
	}
	at, err := time.Parse(time.RFC3339, strings.ToUpper(values[0]))
	if err != nil {
		wrong("Expires is no date of RFC 3339: §2.5.5")
		return
	}
	f.Expires = fact.Known(at)
}
