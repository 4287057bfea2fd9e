package nuclei

import (
	"testing"

	"gopkg.in/yaml.v3"
)

func TestGrows(t *testing.T) {
	for matcher, want := range map[string]bool{
		`{type: word, words: [a]}`:                                              true,
		`{type: word, words: [a], negative: true}`:                              false,
		`{type: size, size: [6]}`:                                               false,
		`{type: dsl, dsl: ['status_code == 200 && contains(body, "a")']}`:       true,
		`{type: dsl, dsl: ['status_code_2==200', 'contains(body_2, "a")']}`:     true,
		`{type: dsl, dsl: ['body == "a"']}`:                                     false,
		`{type: dsl, dsl: ['md5(body) == "0cc175b9c0f1b6a831c399e269772661"']}`: false,
		`{type: dsl, dsl: ['len(body) > 3']}`:                                   false,
		`{type: regex, regex: ['^a']}`:                                          true,
		`{type: regex, regex: ['^a$']}`:                                         false,
		`{type: regex, regex: ['a\$b']}`:                                        true,
		`{type: regex, regex: ['a\b']}`:                                         false,
	} {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte("http: [{matchers: ["+matcher+"]}]"), &doc); err != nil {
			t.Fatal(err)
		}
		if got := grows(doc.Content[0]); got != want {
			t.Errorf("%s: %v", matcher, got)
		}
	}
}
