// Package mailauth reads what a domain says in the DNS about its mail: SPF,
// DMARC, DKIM, MTA-STS and TLS reports. It judges nothing, and asks nobody but
// through the Resolver that it is given.
package mailauth

import (
	"context"
	"strings"
)

// Resolver asks the DNS. An error is that of asking and ends what asked; that
// there is nothing is an empty answer without one.
type Resolver interface {
	TXT(ctx context.Context, name string) ([]string, error)    // each record with its strings joined
	Count(ctx context.Context, name, kind string) (int, error) // records of the kind "A", "AAAA", "MX" or "PTR"
}

// tag is a part "name=value" of a record.
type tag struct{ name, value string }

const mostTags = 64

// tagList reads "a=b; c=d" (RFC 6376 §3.2); ok is false for what is no such
// list, or has a name twice.
func tagList(s string) (tags []tag, ok bool) {
	s = strings.TrimSpace(s)
	s = strings.TrimSpace(strings.TrimSuffix(s, ";"))
	ok = true
	seen := map[string]bool{}
	for part := range strings.SplitSeq(s, ";") {
		name, value, found := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		if !found || !word(name) || seen[name] || len(tags) == mostTags {
			ok = false
			continue
		}
		seen[name] = true
		tags = append(tags, tag{name, strings.TrimSpace(value)})
	}
	return tags, ok
}

// word tells of a name: a letter, then letters, digits and low lines.
func word(s string) bool {
	for i, c := range []byte(s) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

// begins gives the records of a tag list whose first tag is "v=NAME", in those
// very letters: RFC 7489 §6.3, RFC 8460 §3 and RFC 8461 §3.1 have receivers
// pass over any other.
func begins(records []string, version string) (out []string) {
	for _, r := range records {
		first, _, _ := strings.Cut(r, ";")
		name, value, _ := strings.Cut(first, "=")
		if strings.Trim(name, " \t") == "v" && strings.Trim(value, " \t") == version {
			out = append(out, r)
		}
	}
	return out
}

// below puts a label before a domain.
func below(label, domain string) string { return label + "." + domain }
