package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestSchemasExplainThemselves: an editor shows what a schema says of what is
// being written, so every property and every item says it in both languages.
func TestSchemasExplainThemselves(t *testing.T) {
	for name, b := range schemas {
		var whole map[string]any
		if err := json.Unmarshal(b, &whole); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defs, _ := whole["$defs"].(map[string]any)
		s := selfTold{t, name, defs}
		s.look(whole, "")
	}
}

type selfTold struct {
	*testing.T
	schema string
	defs   map[string]any
}

func (s selfTold) look(node map[string]any, path string) {
	properties, _ := node["properties"].(map[string]any)
	for name, v := range properties {
		property, _ := v.(map[string]any)
		if at := path + "." + name; !slices.Contains([]string{"vi", "en", "2", "3", "4"}, name) {
			s.told(property, at)
		}
		s.look(property, path+"."+name)
	}
	for _, inner := range []string{"items", "additionalProperties"} {
		if items, is := node[inner].(map[string]any); is {
			s.look(items, path+"[]")
		}
	}
	if path == "" {
		for name, v := range s.defs {
			def, _ := v.(map[string]any)
			s.look(def, "$defs."+name)
		}
	}
}

// told wants a description of the property, or of what it refers to.
func (s selfTold) told(property map[string]any, at string) {
	said, _ := property["description"].(string)
	if ref, is := property["$ref"].(string); is && said == "" {
		def, _ := s.defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
		said, _ = def["description"].(string)
	}
	vi, en, both := strings.Cut(said, " / ")
	if !both || vi == "" || en == "" {
		s.Errorf("%s: %s is described by %q; write it as Vietnamese / English", s.schema, at, said)
	}
}
