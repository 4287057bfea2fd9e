package mailauth

import "strings"

// The macros of RFC 7208 §7.2; the last three are for explanations alone.
const (
	inDomain      = "slodiphv"
	inExplanation = "slodiphvcrt"
)

// domainSpec tells whether a name is well formed: macros and visible
// characters, at the end a macro or a dot and a top label (§7.1).
func domainSpec(s string) bool {
	if !macros(s, inDomain) || s == "" {
		return false
	}
	if strings.HasSuffix(s, "}") && strings.LastIndexByte(s, '%') == strings.LastIndex(s, "%{") && strings.Contains(s, "%{") {
		return true
	}
	s = strings.TrimSuffix(s, ".")
	i := strings.LastIndexByte(s, '.')
	top := s[i+1:]
	return i >= 0 && top != "" && !digits(top) && top[0] != '-' && top[len(top)-1] != '-' &&
		!strings.ContainsFunc(top, func(r rune) bool { return !strings.ContainsRune(alphanumeric+"-", r) })
}

// macros tells whether a text, which may be empty, is visible characters and
// macros of those letters.
func macros(s, letters string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c <= ' ' || c > '~':
			return false
		case c == '%':
			n, ok := macroAt(s[i:], letters)
			if !ok {
				return false
			}
			i += n - 1
		}
	}
	return true
}

// macroAt gives the length of the macro with which s begins.
func macroAt(s, letters string) (int, bool) {
	if len(s) < 2 {
		return 0, false
	}
	if strings.ContainsRune("%_-", rune(s[1])) {
		return 2, true
	}
	end := strings.IndexByte(s, '}')
	if s[1] != '{' || end < 3 || !strings.ContainsRune(letters, rune(s[2]|0x20)) {
		return 0, false
	}
	rest := strings.TrimLeft(s[3:end], "0123456789")
	if rest != "" && rest[0]|0x20 == 'r' {
		rest = rest[1:]
	}
	return end + 1, strings.Trim(rest, ".-+,/_=") == ""
}

// expand gives the name that a domain-spec means at a domain. Known is false
// where it depends on who sends.
func expand(spec, domain string) (name string, known bool) {
	if spec == "" {
		return domain, true
	}
	var out strings.Builder
	for i := 0; i < len(spec); i++ {
		if spec[i] != '%' {
			out.WriteByte(spec[i])
			continue
		}
		n, ok := macroAt(spec[i:], inDomain)
		if !ok {
			return "", false
		}
		switch m := spec[i : i+n]; m {
		case "%%":
			out.WriteByte('%')
		case "%_":
			out.WriteByte(' ')
		case "%-":
			out.WriteString("%20")
		case "%{d}", "%{D}":
			out.WriteString(domain)
		default:
			return "", false
		}
		i += n - 1
	}
	name = strings.TrimSuffix(out.String(), ".")
	return name, plainName(name)
}

// plainName tells of what can be asked for in the DNS.
func plainName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		for _, c := range []byte(label) {
			if c <= ' ' || c > '~' || strings.IndexByte(`\"@$;()`, c) >= 0 {
				return false
			}
		}
	}
	return true
}
