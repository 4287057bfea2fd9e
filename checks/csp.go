package checks

import (
	"slices"
	"strings"
)

// policy is one content security policy: directive names in lower case with
// their values. Of a directive given twice the first counts: CSP 3 §2.2.1.
type policy map[string][]string

// parsePolicies reads the values of all headers of one name. Several headers,
// and several policies in one header, are policies side by side, each of which
// must allow what the page does: CSP 3 §2.2.2.
func parsePolicies(headers []string) []policy {
	var out []policy
	for _, header := range headers {
		for serialized := range strings.SplitSeq(header, ",") {
			p := policy{}
			for directive := range strings.SplitSeq(serialized, ";") {
				words := strings.Fields(directive)
				if len(words) == 0 {
					continue
				}
				name := strings.ToLower(words[0])
				if _, twice := p[name]; !twice {
					p[name] = words[1:]
				}
			}
			if len(p) > 0 {
				out = append(out, p)
			}
		}
	}
	return out
}

// effective gives the first of the directives that the policy has, as fetch
// directives fall back on each other.
func (p policy) effective(names ...string) (sources []string, ok bool) {
	for _, name := range names {
		if sources, ok = p[name]; ok {
			return sources, true
		}
	}
	return nil, false
}

// isNone tells of a source list that matches nothing: 'none' alone, or empty.
func isNone(sources []string) bool {
	return len(sources) == 0 || len(sources) == 1 && strings.EqualFold(sources[0], "'none'")
}

// objectSrcNone tells whether the policy forbids plug-ins.
func (p policy) objectSrcNone() bool {
	sources, ok := p.effective("object-src", "default-src")
	return ok && isNone(sources)
}

func (p policy) baseURINone() bool { sources, ok := p["base-uri"]; return ok && isNone(sources) }

// restrictsScript tells whether the policy says anything of scripts at all.
func (p policy) restrictsScript() bool { _, ok := p.effective("script-src", "default-src"); return ok }

// inlineScript tells whether the policy lets inline script run, as an element
// or an event handler, by 'unsafe-inline'. A nonce, a hash or 'strict-dynamic'
// beside it makes browsers ignore it: CSP 3 §6.7.3.2.
func (p policy) inlineScript() bool {
	for _, specific := range []string{"script-src-elem", "script-src-attr"} {
		sources, _ := p.effective(specific, "script-src", "default-src")
		if allowsInline(sources) {
			return true
		}
	}
	return false
}

func allowsInline(sources []string) bool {
	unsafe := false
	for _, s := range sources {
		s = strings.ToLower(s)
		switch {
		case s == "'unsafe-inline'":
			unsafe = true
		case s == "'strict-dynamic'", strings.HasPrefix(s, "'nonce-"),
			strings.HasPrefix(s, "'sha256-"), strings.HasPrefix(s, "'sha384-"), strings.HasPrefix(s, "'sha512-"):
			return false
		}
	}
	return unsafe
}

// unsafeInline tells whether inline script runs under all the policies
// together: one that restricts scripts without 'unsafe-inline' stops it.
func unsafeInline(ps []policy) bool {
	inline := false
	for _, p := range ps {
		if !p.restrictsScript() && !p.has("script-src-elem") && !p.has("script-src-attr") {
			continue
		}
		if !p.inlineScript() {
			return false
		}
		inline = true
	}
	return inline
}

// anywhere tells whether scripts may be loaded from everywhere under all the
// policies together, by a wildcard or a whole scheme. 'strict-dynamic' makes
// browsers ignore both: CSP 3 §8.2.
func anywhere(ps []policy) bool {
	open := false
	for _, p := range ps {
		sources, ok := p.effective("script-src-elem", "script-src", "default-src")
		if !ok {
			continue
		}
		has := func(names ...string) bool {
			return slices.ContainsFunc(sources, func(s string) bool { return slices.Contains(names, strings.ToLower(s)) })
		}
		if has("'strict-dynamic'") || !has("*", "http:", "https:", "data:", "http://*", "https://*") {
			return false
		}
		open = true
	}
	return open
}

// unsafeEval tells whether text may be run as script under all the policies
// together: each that restricts scripts must have 'unsafe-eval'.
func unsafeEval(ps []policy) bool {
	eval := false
	for _, p := range ps {
		sources, ok := p.effective("script-src", "default-src")
		if !ok {
			continue
		}
		if !slices.ContainsFunc(sources, func(s string) bool { return strings.EqualFold(s, "'unsafe-eval'") }) {
			return false
		}
		eval = true
	}
	return eval
}

// metaPolicies reads policies of meta elements, in which some directives do
// nothing: CSP 3 §3.3.
func metaPolicies(contents []string) []policy {
	ps := parsePolicies(contents)
	for _, p := range ps {
		for _, ignored := range []string{"frame-ancestors", "report-uri", "sandbox"} {
			delete(p, ignored)
		}
	}
	return slices.DeleteFunc(ps, func(p policy) bool { return len(p) == 0 })
}

func (p policy) has(name string) bool { _, ok := p[name]; return ok }

// everyone are the ancestors that shut nobody out.
var everyone = []string{"*", "http:", "https:", "http://*", "https://*"}

// framingProtected tells whether other sites are kept from framing the page.
// Where a policy has frame-ancestors, X-Frame-Options is ignored: CSP 3 §7.7.1.
func framingProtected(ps []policy, xfo []string) bool {
	governed := false
	for _, p := range ps {
		ancestors, ok := p["frame-ancestors"]
		if !ok {
			continue
		}
		governed = true
		open := slices.ContainsFunc(ancestors, func(s string) bool { return slices.Contains(everyone, strings.ToLower(s)) })
		if !open {
			return true
		}
	}
	return !governed && xfoProtects(xfo)
}

// xfoProtects reads X-Frame-Options as HTML does ("check a navigation
// response's adherence to X-Frame-Options"): different values together deny
// if a known one is among them, ALLOW-FROM does nothing.
func xfoProtects(headers []string) bool {
	var values []string
	for _, header := range headers {
		for v := range strings.SplitSeq(header, ",") {
			if v = strings.ToLower(strings.TrimSpace(v)); !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
	}
	known := func(v string) bool { return v == "deny" || v == "sameorigin" }
	if len(values) > 1 {
		return slices.ContainsFunc(values, func(v string) bool { return known(v) || v == "allowall" })
	}
	return len(values) == 1 && known(values[0])
}
