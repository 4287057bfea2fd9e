package mailauth

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// SPF is what a domain allows to send mail in its name (RFC 7208), with all
// that it refers to. Counts are those of a sender whom nothing matches.
type SPF struct {
	Records  int      // that begin with v=spf1; more than one is an error (§4.5)
	Record   string   // the one
	All      string   // qualifier of "all", perhaps by redirect: "-", "~", "?", "+"; "": none, which is neutral (§4.7)
	Anybody  bool     // lets everybody pass, by "+all", an include of it, or a network of all addresses
	Lookups  int      // terms that ask the DNS (§4.6.4)
	Voids    int      // of these, how many get nothing
	Problems []string // what makes it an error, in English
	Open     []string // targets that depend on who sends, and were not followed
}

// Bounds.
const (
	MostSPFLookups = 10 // RFC 7208 §4.6.4
	MostSPFVoids   = 2  // RFC 7208 §4.6.4
	mostMX         = 10 // RFC 7208 §4.6.4, of one mx
	countUpTo      = 40 // look-ups that are followed, so that a count beyond the limit is still told
	mostProblems   = 16
	mostSPFTerms   = 256
)

// walk is one way through a record and all that it includes.
type walk struct {
	dns  Resolver
	spf  *SPF
	path []string // names of the records that are being read
}

// ReadSPF reads the record of a domain.
func ReadSPF(ctx context.Context, dns Resolver, domain string) (SPF, error) {
	s := SPF{Problems: []string{}, Open: []string{}}
	records, err := dns.TXT(ctx, domain)
	if err != nil {
		return s, err
	}
	records = spfOf(records)
	if s.Records = len(records); s.Records != 1 {
		return s, nil
	}
	s.Record = records[0]
	w := &walk{dns, &s, nil}
	s.All, s.Anybody, err = w.record(ctx, domain, s.Record)
	return s, err
}

// spfOf gives the records of SPF: "v=spf1", in letters of either case, and
// then the end or a space (RFC 7208 §4.5, §12).
func spfOf(records []string) (out []string) {
	const version = "v=spf1"
	for _, r := range records {
		if len(r) >= len(version) && strings.EqualFold(r[:len(version)], version) && (len(r) == len(version) || r[len(version)] == ' ') {
			out = append(out, r)
		}
	}
	return out
}

func (w *walk) problem(format string, args ...any) {
	if p := fmt.Sprintf(format, args...); len(w.spf.Problems) < mostProblems && !slices.Contains(w.spf.Problems, p) {
		w.spf.Problems = append(w.spf.Problems, p)
	}
}

// record goes through the terms of one record up to "all".
func (w *walk) record(ctx context.Context, domain, record string) (all string, anybody bool, err error) {
	w.path = append(w.path, strings.ToLower(domain))
	defer func() { w.path = w.path[:len(w.path)-1] }()
	var redirect *term
	terms := slices.DeleteFunc(strings.Split(record, " ")[1:], func(s string) bool { return s == "" })
	if len(terms) > mostSPFTerms {
		w.problem("more than %d terms at %s", mostSPFTerms, domain)
		terms = terms[:mostSPFTerms]
	}
	seen := map[string]bool{}
	for _, text := range terms {
		t, ok := parseTerm(text)
		if !ok {
			w.problem("%q at %s is no term of SPF", text, domain)
			continue
		}
		if t.modifier && (t.name == "redirect" || t.name == "exp") {
			if seen[t.name] {
				w.problem("%s= stands twice at %s", t.name, domain)
			}
			seen[t.name] = true
		}
		switch {
		case all != "": // what follows is never reached, but must be well formed
		case t.modifier:
			if t.name == "redirect" {
				redirect = &t
			}
		case t.name == "all":
			all = t.qualifier
			anybody = anybody || all == "+"
		default:
			open, err := w.mechanism(ctx, domain, t)
			if err != nil {
				return all, anybody, err
			}
			anybody = anybody || open && t.qualifier == "+"
		}
	}
	if redirect == nil || all != "" {
		return all, anybody, nil
	}
	w.spf.Lookups++
	sub, any, err := w.follow(ctx, domain, *redirect)
	return sub, anybody || any, err
}

// mechanism counts one, and tells whether it matches every sender.
func (w *walk) mechanism(ctx context.Context, domain string, t term) (everybody bool, err error) {
	switch t.name {
	case "ip4", "ip6":
		return t.prefix.Bits() == 0, nil
	}
	if w.spf.Lookups > countUpTo {
		return false, nil
	}
	w.spf.Lookups++
	if t.name == "include" {
		_, everybody, err = w.follow(ctx, domain, t)
		return everybody, err
	}
	target, known := expand(t.domain, domain)
	switch {
	case t.name == "ptr": // what it asks for is the sender's address
		return false, nil
	case !known:
		if t.name != "exists" { // which is there for that
			w.leave(t)
		}
		return false, nil
	}
	kinds := map[string][]string{"a": {"A", "AAAA"}, "mx": {"MX"}, "exists": {"A"}}[t.name]
	found := 0
	for _, kind := range kinds {
		n, err := w.dns.Count(ctx, target, kind)
		if err != nil {
			return false, err
		}
		if found += n; found > 0 {
			break
		}
	}
	switch {
	case found == 0:
		w.spf.Voids++
	case t.name == "mx" && found > mostMX:
		w.problem("mx %s: %d mail servers there, and no more than %d may be", target, found, mostMX)
	}
	return found > 0 && (t.name == "exists" || t.four == 0 || t.six == 0), nil
}

func (w *walk) leave(t term) {
	if len(w.spf.Open) < mostProblems {
		w.spf.Open = append(w.spf.Open, t.name+" "+t.domain)
	}
}

// follow reads the record that a term refers to. That it is not there is an
// error of the one that refers (§5.2, §6.1).
func (w *walk) follow(ctx context.Context, domain string, t term) (all string, anybody bool, err error) {
	target, known := expand(t.domain, domain)
	switch {
	case !known:
		w.leave(t)
		return "", false, nil
	case slices.Contains(w.path, strings.ToLower(target)):
		w.problem("%s leads back to %s", t.name, target)
		return "", false, nil
	case w.spf.Lookups > countUpTo:
		return "", false, nil
	}
	records, err := w.dns.TXT(ctx, target)
	if err != nil {
		return "", false, err
	}
	spf := spfOf(records)
	if len(records) == 0 {
		w.spf.Voids++
	}
	if len(spf) != 1 {
		w.problem("%s %s: %d SPF records there", t.name, target, len(spf))
		return "", false, nil
	}
	return w.record(ctx, target, spf[0])
}

// term is a directive or a modifier (RFC 7208 §12).
type term struct {
	qualifier string
	name      string
	modifier  bool
	domain    string // empty: the domain itself
	four, six int    // prefix lengths of a and mx
	prefix    netip.Prefix
}

func parseTerm(text string) (t term, ok bool) {
	if name, value, found := strings.Cut(text, "="); found && modifierName(name) {
		t = term{modifier: true, name: strings.ToLower(name), domain: value}
		if t.name == "redirect" || t.name == "exp" {
			return t, domainSpec(value)
		}
		return t, macros(value, inExplanation)
	}
	t.qualifier = "+"
	if text != "" && strings.ContainsRune("+-~?", rune(text[0])) {
		t.qualifier, text = text[:1], text[1:]
	}
	end := strings.IndexAny(text, ":/")
	if end < 0 {
		end = len(text)
	}
	t.name = strings.ToLower(text[:end])
	rest := text[end:]
	switch t.name {
	case "all":
		return t, rest == ""
	case "include", "exists":
		t.domain = strings.TrimPrefix(rest, ":")
		return t, strings.HasPrefix(rest, ":") && domainSpec(t.domain)
	case "ptr":
		t.domain = strings.TrimPrefix(rest, ":")
		return t, rest == "" || strings.HasPrefix(rest, ":") && domainSpec(t.domain)
	case "ip4", "ip6":
		t.prefix, ok = network(strings.TrimPrefix(rest, ":"), t.name == "ip4")
		return t, ok && strings.HasPrefix(rest, ":")
	case "a", "mx":
		return t, t.hosts(rest)
	}
	return t, false
}

// hosts reads ":domain/24//64", each part of which may be left out. A slash may
// also stand in a name: only digits after it make a length.
func (t *term) hosts(rest string) bool {
	t.four, t.six = 32, 128
	if i := strings.LastIndex(rest, "//"); i >= 0 && digits(rest[i+2:]) {
		if !length(rest[i+2:], 128, &t.six) {
			return false
		}
		rest = rest[:i]
	}
	if i := strings.LastIndexByte(rest, '/'); i >= 0 && digits(rest[i+1:]) {
		if !length(rest[i+1:], 32, &t.four) {
			return false
		}
		rest = rest[:i]
	}
	t.domain = strings.TrimPrefix(rest, ":")
	return rest == "" || strings.HasPrefix(rest, ":") && domainSpec(t.domain)
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func length(s string, most int, to *int) bool {
	n := 0
	for _, c := range []byte(s) {
		if n = n*10 + int(c-'0'); c < '0' || c > '9' || n > most {
			return false
		}
	}
	*to = n
	return s != "" && (s == "0" || s[0] != '0')
}

func network(s string, four bool) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		a, err := netip.ParseAddr(s)
		if err != nil || a.Zone() != "" {
			return p, false
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	return p, p.Addr().Is4() == four
}

func modifierName(s string) bool {
	for i, c := range []byte(s) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789-_.", rune(c))) {
			return false
		}
	}
	return s != ""
}
