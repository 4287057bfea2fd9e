package nuclei

import (
	"errors"
	"regexp"

	"gopkg.in/yaml.v3"
)

// ownTimeout of a request takes it out of the run; the time is ours to keep.
var ownTimeout = regexp.MustCompile(`(?m)^@timeout:.*\n?`)

// prepare gives the template an ID of ours, by which what is only logged is
// told apart, and has cookies left to us: nuclei would make a client, and
// keep its connections, for each request with a jar. The order of the parts
// is the order in which they run, and stays.
func (t *template) prepare(data []byte) error {
	var file yaml.Node
	if err := yaml.Unmarshal(data, &file); err != nil {
		return err
	}
	if len(file.Content) != 1 || file.Content[0].Kind != yaml.MappingNode {
		return errors.New("the template is no mapping")
	}
	doc := file.Content[0]
	set(doc, "id", "!!str", t.id)
	steps := 0
	parts := map[string]bool{}
	for i := 0; i+1 < len(doc.Content); i += 2 {
		name, value := doc.Content[i].Value, doc.Content[i+1]
		parts[name] = true
		if name != "http" && name != "requests" {
			continue
		}
		for _, r := range value.Content {
			if r.Kind != yaml.MappingNode {
				return errors.New("a request over HTTP is no mapping")
			}
			if off := get(r, "disable-cookie"); off == nil || off.Value != "true" {
				t.sticky = true
			}
			set(r, "disable-cookie", "!!bool", "true")
			steps += asked(r)
		}
	}
	t.sticky = t.sticky && steps > 1
	t.talks = (parts["tcp"] || parts["network"]) && !parts["ssl"] && !parts["javascript"] && !parts["http"] && !parts["requests"]
	t.alone = parts["tcp"] || parts["network"] || parts["ssl"] || parts["javascript"]
	t.tap.patient = t.talks
	t.grows = grows(doc)
	out, err := yaml.Marshal(&file)
	t.text = out
	return err
}

// asked counts the requests of one part, and lets none of them set its time.
func asked(r *yaml.Node) (n int) {
	if paths := get(r, "path"); paths != nil {
		n += len(paths.Content)
	}
	if raws := get(r, "raw"); raws != nil {
		n += len(raws.Content)
		for _, raw := range raws.Content {
			raw.Value = ownTimeout.ReplaceAllString(raw.Value, "")
		}
	}
	if payloads := get(r, "payloads"); payloads != nil {
		n++
	}
	return n
}

func get(m *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	return nil
}

func set(m *yaml.Node, key, tag, value string) {
	if n := get(m, key); n != nil {
		*n = yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
		return
	}
	m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value})
}

// shrinking are expressions that may hold of half an answer and not of all,
// statusIs one that is of no body.
var (
	shrinking = regexp.MustCompile(`[!<]|==|\blen\(|content_length`)
	statusIs  = regexp.MustCompile(`\bstatus_code(?:_[0-9]+)?\s*==\s*[0-9]+`)
	anchored  = regexp.MustCompile(`(?:^|[^\\])(?:\\\\)*\$|\\[zbB]`)
)

// grows tells whether a match on a part of an answer is one on all of it.
func grows(n *yaml.Node) bool {
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i].Value, n.Content[i+1]
			switch {
			case key == "info":
				continue
			case key == "negative" && value.Value == "true", key == "type" && value.Value == "size":
				return false
			case key == "dsl":
				for _, e := range value.Content {
					if shrinking.MatchString(statusIs.ReplaceAllString(e.Value, "")) {
						return false
					}
				}
			case key == "regex":
				for _, e := range value.Content {
					if anchored.MatchString(e.Value) {
						return false
					}
				}
			case !grows(value):
				return false
			}
		}
		return true
	}
	for _, item := range n.Content {
		if !grows(item) {
			return false
		}
	}
	return true
}
