package nuclei

import (
	"context"
	"fmt"
	"net/http"
	"testing"
)

// An expression that fails makes Unknown, unless what stands beside it decides.
func TestFailingExpressions(t *testing.T) {
	const version = "    extractors: [{type: regex, name: version, part: body, internal: true, group: 1, regex: ['v=([^ ]+)']}]\n"
	one := func(rest string) string {
		return "http:\n  - method: GET\n    path: [\"{{BaseURL}}/\"]\n" + rest
	}
	for _, c := range []struct{ name, body, template, want string }{
		{"older", "app v=1.0 ", one(version + "    matchers: [{type: dsl, dsl: [\"compare_versions(version, '< 2.0')\"]}]\n"), "found"},
		{"newer", "app v=3.0 ", one(version + "    matchers: [{type: dsl, dsl: [\"compare_versions(version, '< 2.0')\"]}]\n"), "not"},
		{"no version", "app", one(version + "    matchers: [{type: dsl, dsl: [\"compare_versions(version, '< 2.0')\"]}]\n"), "unanswered"},
		{"a version that is none", "app v=none ", one(version + "    matchers: [{type: dsl, dsl: [\"compare_versions(version, '< 2.0')\"]}]\n"), "unanswered"},
		{"another product", "other", one(version + "    matchers: [{type: dsl, dsl: [\"compare_versions(version, '< 2.0')\", \"contains(body, 'app')\"], condition: and}]\n"), "not"},
		{"the product alone", "app", one(version + "    matchers: [{type: dsl, dsl: [\"compare_versions(version, '< 2.0')\", \"contains(body, 'app')\"], condition: and}]\n"), "unanswered"},
		{"another product, two matchers", "other", one(version + "    matchers-condition: and\n    matchers: [{type: dsl, dsl: [\"compare_versions(version, '< 2.0')\"]}, {type: word, words: [app]}]\n"), "not"},
		{"the product alone, two matchers", "app", one(version + "    matchers-condition: and\n    matchers: [{type: dsl, dsl: [\"compare_versions(version, '< 2.0')\"]}, {type: word, words: [app]}]\n"), "unanswered"},
		{"a header that is not sent", "app", one("    matchers: [{type: dsl, dsl: [\"contains(x_powered_by, 'app')\"]}]\n"), "not"},
		{"a name that nobody keeps", "app", one("    matchers: [{type: dsl, dsl: [\"contains(cname, 'app')\"]}]\n"), "unanswered"},
		{"a part that nobody keeps", "app", one("    matchers-condition: and\n    matchers: [{type: word, part: interactsh_protocol, words: [dns]}, {type: word, words: [app]}]\n"), "unanswered"},
		{"a part that nobody keeps, of another", "other", one("    matchers-condition: and\n    matchers: [{type: word, part: interactsh_protocol, words: [dns]}, {type: word, words: [app]}]\n"), "not"},
		{"no number", "app", one("    matchers: [{type: dsl, dsl: [\"to_number(body) > 3\"]}]\n"), "unanswered"},
		{"a function that is closed", "app", one("    matchers: [{type: dsl, dsl: [\"resolve(body) == 'x'\"]}]\n"), "unanswered"},
		{"of two answers", "app", "http:\n  - raw: [\"GET /a HTTP/1.1\\nHost: {{Hostname}}\\n\\n\", \"GET /b HTTP/1.1\\nHost: {{Hostname}}\\n\\n\"]\n    matchers: [{type: dsl, dsl: [\"contains(body_2, 'x') && status_code_1 == 200\"]}]\n", "not"},
		{"of two answers, true", "app", "http:\n  - raw: [\"GET /a HTTP/1.1\\nHost: {{Hostname}}\\n\\n\", \"GET /b HTTP/1.1\\nHost: {{Hostname}}\\n\\n\"]\n    matchers: [{type: dsl, dsl: [\"contains(body_2, 'app') && status_code_1 == 200\"]}]\n", "found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := engine(t, Config{})
			load(t, e, "x", c.template)
			target := at(t, web(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, c.body) }))
			if a := e.Run(context.Background(), target, "x"); verdict(a) != c.want {
				t.Errorf("want %s\n  %s", c.want, show(a))
			}
		})
	}
}

// A template that cannot match is not taken: it would never find anything.
func TestTemplateThatDecidesNothing(t *testing.T) {
	e := engine(t, Config{})
	for name, body := range map[string]string{
		"nothing":             "http:\n  - {method: GET, path: [\"{{BaseURL}}/\"]}\n",
		"text":                "http: text\n",
		"none":                "",
		"nothing to parse":    "http: [\n",
		"a script of a shell": "code:\n  - {engine: [sh], source: \"touch /tmp/x\", matchers: [{type: word, words: [x]}]}\n",
		"no method":           "http:\n  - {method: NONSENSE, path: [\"{{BaseURL}}/\"], matchers: [{type: word, words: [x]}]}\n",
	} {
		if n, err := e.Load("x", []byte(head+body)); err == nil {
			t.Errorf("%s was taken, with %d requests", name, n)
		}
	}
	if a := e.Run(context.Background(), at(t, "http://127.0.0.1:1"), "x"); a.Cause != broken {
		t.Error(show(a))
	}
}
