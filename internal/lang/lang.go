// Package lang holds the two languages of the tool. Vietnamese comes first:
// it is what the user reads when nothing else was asked for.
package lang

import (
	"fmt"
	"strings"
)

// Lang is a language that every text of the tool exists in.
type Lang string

// The two languages.
const (
	Vi Lang = "vi"
	En Lang = "en"
)

// All lists the languages, the default first.
var All = []Lang{Vi, En}

// Text is one sentence in both languages. A Text with one half empty is a
// defect; the tests of each package that defines texts look for it.
type Text struct {
	Vi string `json:"vi"`
	En string `json:"en"`
}

// T makes a Text; it keeps tables of texts readable.
func T(vi, en string) Text { return Text{Vi: vi, En: en} }

// Tf makes a Text by formatting both halves with the same arguments.
func Tf(vi, en string, args ...any) Text {
	return Text{Vi: fmt.Sprintf(vi, args...), En: fmt.Sprintf(en, args...)}
}

// In gives the text in one language.
func (t Text) In(l Lang) string {
	if l == En {
		return t.En
	}
	return t.Vi
}

// Empty tells whether there is nothing to read in either language.
func (t Text) Empty() bool { return t.Vi == "" && t.En == "" }

// Whole tells whether both halves are there.
func (t Text) Whole() bool { return t.Vi != "" && t.En != "" }

// Speaker is an error or value that can tell itself in either language.
type Speaker interface{ In(Lang) string }

// Parse reads a language as a user writes it ("vi", "en").
func Parse(s string) (Lang, error) {
	switch Lang(strings.ToLower(s)) {
	case Vi:
		return Vi, nil
	case En:
		return En, nil
	}
	return "", fmt.Errorf("unknown language %q: write vi or en", s)
}

// Choose picks the language: the flag, then SANSANG_LANG, then the locale
// (LC_ALL, LC_MESSAGES, LANG, the first that is set, as in POSIX), else
// Vietnamese. A locale that names neither language leaves Vietnamese.
func Choose(flag string, getenv func(string) string) (Lang, error) {
	if flag != "" {
		return Parse(flag)
	}
	if s := getenv("SANSANG_LANG"); s != "" {
		return Parse(s)
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if s := getenv(name); s != "" {
			if strings.HasPrefix(s, "en_") || s == "en" {
				return En, nil
			}
			break
		}
	}
	return Vi, nil
}
