package mailauth

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// STS is the record of MTA-STS (RFC 8461 §3.1).
type STS struct {
	Records  int
	ID       string
	Problems []string
}

// ReadSTS reads the record that says that there is a policy.
func ReadSTS(ctx context.Context, dns Resolver, domain string) (STS, error) {
	s := STS{Problems: []string{}}
	records, err := dns.TXT(ctx, below("_mta-sts", domain))
	if err != nil {
		return s, err
	}
	records = begins(records, "STSv1")
	if s.Records = len(records); s.Records != 1 {
		return s, nil
	}
	tags, ok := tagList(records[0])
	for _, t := range tags {
		if t.name == "id" {
			s.ID = t.value
		}
	}
	if !ok || s.ID == "" || len(s.ID) > 32 || strings.ContainsFunc(s.ID, func(r rune) bool { return !strings.ContainsRune(alphanumeric, r) }) {
		s.Problems = append(s.Problems, "id= is not 1 to 32 letters and digits")
	}
	return s, nil
}

const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// STSPolicy is the policy itself (RFC 8461 §3.2).
type STSPolicy struct {
	Mode     string   // enforce, testing, none
	MX       []string // patterns
	MaxAge   int      // seconds
	Problems []string
}

// MostSTSPolicy bytes are read of a policy; RFC 8461 §3.3 advises 64 kB.
const MostSTSPolicy = 64 << 10

// ParseSTSPolicy reads a policy file.
func ParseSTSPolicy(text string) STSPolicy {
	p := STSPolicy{MX: []string{}, Problems: []string{}}
	version, age := false, ""
	for line := range strings.Lines(text[:min(len(text), MostSTSPolicy)]) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		key, value, found := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		if !found {
			p.problem("a line is not key: value")
			continue
		}
		switch key {
		case "version":
			version = value == "STSv1"
		case "mode":
			p.Mode = value
		case "mx":
			if name := strings.TrimPrefix(value, "*."); plainName(name) && len(p.MX) < mostTags {
				p.MX = append(p.MX, strings.ToLower(value))
			} else {
				p.problem("an mx is no name")
			}
		case "max_age":
			age = value
		}
	}
	n, err := strconv.Atoi(age)
	const most = 31557600 // RFC 8461 §3.2
	if p.MaxAge = n; err != nil || n < 0 || n > most {
		p.MaxAge = 0
		p.problem("max_age is no number of seconds up to a year")
	}
	if !version {
		p.problem("version is not STSv1")
	}
	if !slices.Contains([]string{"enforce", "testing", "none"}, p.Mode) {
		p.problem("mode is neither enforce nor testing nor none")
	}
	if len(p.MX) == 0 && p.Mode != "none" {
		p.problem("no mx is named")
	}
	return p
}

func (p *STSPolicy) problem(s string) {
	if len(p.Problems) < mostProblems && !slices.Contains(p.Problems, s) {
		p.Problems = append(p.Problems, s)
	}
}

// Covers tells whether the policy names a mail server (RFC 8461 §4.1).
func (p STSPolicy) Covers(mx string) bool {
	mx = strings.TrimSuffix(strings.ToLower(mx), ".")
	_, parent, _ := strings.Cut(mx, ".")
	return slices.ContainsFunc(p.MX, func(m string) bool { return m == mx || m == "*."+parent && parent != "" })
}

// Reports is the record of TLS reports (RFC 8460 §3).
type Reports struct {
	Records  int
	To       []string
	Problems []string
}

// ReadReports reads where reports on TLS failures go.
func ReadReports(ctx context.Context, dns Resolver, domain string) (Reports, error) {
	r := Reports{To: []string{}, Problems: []string{}}
	records, err := dns.TXT(ctx, below("_smtp._tls", domain))
	if err != nil {
		return r, err
	}
	records = begins(records, "TLSRPTv1")
	if r.Records = len(records); r.Records != 1 {
		return r, nil
	}
	tags, ok := tagList(records[0])
	for _, t := range tags {
		if t.name != "rua" {
			continue
		}
		for uri := range strings.SplitSeq(t.value, ",") {
			uri = strings.TrimSpace(uri)
			if low := strings.ToLower(uri); (strings.HasPrefix(low, "mailto:") && host(uri) != "" || strings.HasPrefix(low, "https://")) && len(r.To) < mostReports {
				r.To = append(r.To, uri)
			}
		}
	}
	if !ok || len(r.To) == 0 {
		r.Problems = append(r.Problems, "there is no address that reports can go to (rua=)")
	}
	return r, nil
}

// Issuer reads the value of a CAA issue property: the name of who may issue,
// empty for nobody (RFC 8659 §4.2). Ok is false where it is malformed, which
// forbids all.
func Issuer(value string) (name string, ok bool) {
	name, _, _ = strings.Cut(value, ";")
	name = strings.ToLower(strings.Trim(name, " \t"))
	return name, name == "" || plainName(name)
}
