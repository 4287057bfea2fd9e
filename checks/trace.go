package checks

import (
	"html"
	"regexp"
	"strings"
)

// traces recognise what a program says when nobody catches its errors, by
// shapes that no prose has. Each pattern must match a line that names code.
var traces = []struct {
	kind    string
	pattern *regexp.Regexp
}{
	{"Java", regexp.MustCompile(`\bat [\w$.<>/@]+\((?:[\w$]+\.(?:java|kt|scala|groovy)(?::\d+)?|Native Method|Unknown Source)\)`)},
	{".NET", regexp.MustCompile(`\bat [\w.` + "`" + `+<>\[\], ]+\([^()\n]*\) in \S[^\n]*:line \d+|\bat (?:System|Microsoft)\.[\w.` + "`" + `+<>\[\]]+\([^()\n]*\)`)},
	{"PHP", regexp.MustCompile(`(?:Fatal error|Parse error|Warning|Notice|Deprecated):\s[^\n]* in \S+\.(?:php|inc|phtml)(?:\(\d+\)[^\n]*)? on line \d+|\b(?:Symfony|Illuminate)(?:\\{1,2}[A-Z]\w+)+Exception\b|#\d+ \S+\.(?:php|inc|phtml)\(\d+\): `)},
	{"Python", regexp.MustCompile(`Traceback \(most recent call last\)|File "[^"\n]+\.py", line \d+|You're seeing this error because you have DEBUG = True|// Werkzeug Debugger</title>`)},
	{"Ruby", regexp.MustCompile("[\\w./-]+\\.(?:rb|ru|erb):\\d+:in [`'][^'\n]+'|\\bRails\\.root: /")},
	{"Node.js", regexp.MustCompile(`\bat (?:(?:async |new )?[\w$.<>\[\] ]+ )?\(?(?:file://|node:|/|[A-Za-z]:\\)[^\s()]*:\d+:\d+\)?`)},
	{"Go", regexp.MustCompile(`\bgoroutine \d+ \[[a-z ,\d]+\]:`)},
}

var (
	breaks = regexp.MustCompile(`(?i)<(?:br|/p|/div|/li|/tr)\b[^>]*>`)
	tags   = regexp.MustCompile(`<[a-zA-Z/!][^<>]*>`)
	spaces = regexp.MustCompile(`[ \t\r\x{a0}]+`)
)

// traceIn names the languages whose stack traces stand in an answer, as it is
// or as a browser would show it.
func traceIn(body []byte) []string {
	raw := strings.ToValidUTF8(string(body), "?")
	shown := html.UnescapeString(tags.ReplaceAllString(breaks.ReplaceAllString(raw, "\n"), ""))
	raw, shown = spaces.ReplaceAllString(raw, " "), spaces.ReplaceAllString(shown, " ")
	var kinds []string
	for _, t := range traces {
		if t.pattern.MatchString(raw) || t.pattern.MatchString(shown) {
			kinds = append(kinds, t.kind)
		}
	}
	return kinds
}
