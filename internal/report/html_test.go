package report

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/lang"
)

var (
	tags      = regexp.MustCompile(`(?s)<!--.*?-->|<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s[^<>]*)?)>`)
	attribute = regexp.MustCompile(`\s([a-z-]+)(?:="([^"]*)")?`)
	voids     = []string{"meta", "br", "img", "link", "input", "hr"}
)

// pages renders every golden case in both languages.
func pages(t *testing.T, each func(t *testing.T, page string)) {
	for name, d := range documents() {
		for _, l := range lang.All {
			t.Run(name+"."+string(l), func(t *testing.T) { each(t, string(render(t, "html", d, Options{Lang: l}))) })
		}
	}
}

// elements calls each with every start tag of a page, and checks on the way
// that the tags are balanced and that no stray bracket is left in the text.
func elements(t *testing.T, page string, each func(name string, attrs map[string]string)) {
	t.Helper()
	body := strings.TrimPrefix(page, "<!DOCTYPE html>")
	var open []string
	last := 0
	for _, m := range tags.FindAllStringSubmatchIndex(body, -1) {
		if text := body[last:m[0]]; strings.ContainsAny(text, "<") && !slices.Contains(open, "style") {
			t.Fatalf("a bare < in %q", text)
		}
		last = m[1]
		if m[4] < 0 {
			t.Fatal("comments do not belong in the page")
		}
		name := body[m[4]:m[5]]
		switch {
		case m[2] != m[3]:
			if len(open) == 0 || open[len(open)-1] != name {
				t.Fatalf("</%s> closes %v", name, open)
			}
			open = open[:len(open)-1]
			continue
		case !slices.Contains(voids, name):
			open = append(open, name)
		}
		attrs := map[string]string{}
		for _, a := range attribute.FindAllStringSubmatch(body[m[6]:m[7]], -1) {
			attrs[a[1]] = html.UnescapeString(a[2])
		}
		each(name, attrs)
	}
	if len(open) > 0 {
		t.Fatalf("never closed: %v", open)
	}
}

// TestPageStandsAlone: one file, no script, nothing fetched from anywhere.
func TestPageStandsAlone(t *testing.T) {
	allowed := []string{"html", "head", "meta", "title", "style", "body", "a", "header", "main", "footer", "section", "nav", "article", "details", "summary",
		"h1", "h2", "h3", "h4", "p", "span", "b", "strong", "div", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td",
		"time", "bdi", "br", "pre", "code"}
	fetching := []string{"src", "srcset", "action", "data", "poster", "background", "ping", "manifest", "formaction"}
	pages(t, func(t *testing.T, page string) {
		csp := false
		elements(t, page, func(name string, attrs map[string]string) {
			if !slices.Contains(allowed, name) {
				t.Errorf("<%s> does not belong in the page", name)
			}
			for a, v := range attrs {
				if slices.Contains(fetching, a) || strings.HasPrefix(a, "on") {
					t.Errorf("<%s %s=%q>", name, a, v)
				}
			}
			if to, ok := attrs["href"]; ok && !strings.HasPrefix(to, "#") {
				t.Errorf("a link leads out of the page: %q", to)
			}
			if attrs["http-equiv"] == "Content-Security-Policy" {
				csp = attrs["content"] == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
			}
		})
		if !csp {
			t.Error("no content security policy")
		}
		for _, s := range regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindAllStringSubmatch(page, -1) {
			for _, bad := range []string{"url(", "@import", "@font-face", "expression("} {
				if strings.Contains(s[1], bad) {
					t.Errorf("the style sheet holds %s", bad)
				}
			}
		}
	})
}

// TestPageIsAccessible: what a reader with a screen reader or a keyboard needs.
func TestPageIsAccessible(t *testing.T) {
	pages(t, func(t *testing.T, page string) {
		ids, links := map[string]bool{}, []string{}
		level, inTable, captions, tables, mains := 0, false, 0, 0, 0
		elements(t, page, func(name string, attrs map[string]string) {
			if id := attrs["id"]; id != "" {
				if ids[id] {
					t.Errorf("id %q stands twice", id)
				}
				ids[id] = true
			}
			links = append(links, strings.TrimPrefix(attrs["href"], "#"), attrs["aria-labelledby"])
			switch name {
			case "html":
				if attrs["lang"] == "" {
					t.Error("the page says no language")
				}
			case "main":
				mains++
			case "h1", "h2", "h3", "h4":
				n := int(name[1] - '0')
				if n > level+1 {
					t.Errorf("<%s> follows a heading of level %d", name, level)
				}
				level = n
			case "table":
				tables++
				inTable = true
			case "caption":
				captions++
			case "th":
				if attrs["scope"] == "" {
					t.Error("<th> without scope")
				}
			case "pre":
				if attrs["tabindex"] != "0" {
					t.Error("a box that scrolls cannot be reached by keyboard")
				}
			}
		})
		if !inTable || captions != tables || mains != 1 {
			t.Errorf("%d tables, %d captions, %d main parts", tables, captions, mains)
		}
		for _, to := range links {
			if to != "" && !ids[to] {
				t.Errorf("nothing has the id %q", to)
			}
		}
	})
}

// TestFixComesFirst: the verdict and what to fix stand before anything else.
func TestFixComesFirst(t *testing.T) {
	pages(t, func(t *testing.T, page string) {
		at := -1
		for _, part := range []string{"<h1 ", `id="khac-phuc"`, `class="contents"`, `id="tong-hop"`, `id="yeu-cau"`, `id="nguon-goc"`} {
			next := strings.Index(page, part)
			if next <= at {
				t.Errorf("%s stands at %d, after %d", part, next, at)
			}
			at = next
		}
	})
}

// TestHostileStaysText: what a server sends is shown, and is nothing but text.
func TestHostileStaysText(t *testing.T) {
	pages(t, func(t *testing.T, page string) {
		for _, bad := range []string{"<script", "<img", "\x1b", "\u202e", "\u2066", "\u009b", "\a"} {
			if strings.Contains(page, bad) {
				t.Errorf("the page holds %q", bad)
			}
		}
	})
	page := string(render(t, "html", notReady(), Options{}))
	if !strings.Contains(page, "&lt;script&gt;alert(1)") || !strings.Contains(page, `\u202e`) {
		t.Error("what the server sent is not shown")
	}
	if longest := strings.Repeat("A", 400); strings.Contains(page, longest) {
		t.Error("10 kB from a server are not cut")
	}
}
