package yamldoc

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"time"
)

// skip gives the first byte from a place on that is neither space nor comment.
func skip(data []byte, at int) int {
	for at < len(data) {
		switch data[at] {
		case ' ', '\t', '\r', '\n':
			at++
		case '#':
			for at < len(data) && data[at] != '\n' {
				at++
			}
		default:
			return at
		}
	}
	return at
}

// closing finds the bracket that closes the one at a byte, and whether a comma
// stands before it; -1 if there is none.
func closing(data []byte, open int) (at int, comma bool) {
	depth := 0
	for i := open; i < len(data); i++ {
		switch c := data[i]; c {
		case '[', '{':
			depth++
			comma = false
		case ']', '}':
			if depth--; depth == 0 {
				return i, comma
			}
			comma = false
		case '"', '\'':
			if !bytes.ContainsRune([]byte(" \t\r\n,[{:"), rune(data[i-1])) { // an apostrophe within a word
				continue
			}
			for i++; i < len(data) && data[i] != c; i++ {
				if c == '"' && data[i] == '\\' {
					i++
				}
			}
			comma = false
		case '#':
			if data[i-1] == ' ' || data[i-1] == '\t' || data[i-1] == '\n' {
				i = skip(data, i) - 1
			}
		case ',':
			comma = true
		case ' ', '\t', '\r', '\n':
		default:
			comma = false
		}
	}
	return -1, false
}

type field struct {
	name  string
	value json.RawMessage
}

// fields gives the fields of a JSON object in their order; false for any other
// value.
func fields(raw json.RawMessage) ([]field, bool) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	var out []field
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, false
		}
		f := field{name: name.(string)} //nolint:forcetypeassert // a key of JSON
		if err := dec.Decode(&f.value); err != nil {
			return nil, false
		}
		out = append(out, f)
	}
	return out, true
}

// block writes an item of a list of dashes, whose dash stands after pad
// columns.
func (s *sheet) block(pad int, raw json.RawMessage) string {
	indent := strings.Repeat(" ", pad)
	fs, ok := fields(raw)
	if !ok || len(fs) == 0 {
		return indent + "- " + flow(raw) + s.eol
	}
	var sb strings.Builder
	for i, f := range fs {
		lead := "  "
		if i == 0 {
			lead = "- "
		}
		sb.WriteString(indent + lead + key(f.name) + ": " + flow(f.value) + s.eol)
	}
	return sb.String()
}

// flow writes a value on one line.
func flow(raw json.RawMessage) string {
	if fs, ok := fields(raw); ok {
		parts := make([]string, len(fs))
		for i, f := range fs {
			parts[i] = key(f.name) + ": " + flow(f.value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	var list []json.RawMessage
	if raw[0] == '[' && json.Unmarshal(raw, &list) == nil {
		parts := make([]string, len(list))
		for i, v := range list {
			parts[i] = flow(v)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	var s string
	if raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
		return scalar(s)
	}
	return string(raw)
}

// key writes a name; a single word is a name to whoever knows its place.
func key(s string) string {
	if word.MatchString(s) {
		return s
	}
	return scalar(s)
}

var word = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// plain is what every reader of YAML takes for text without quotes.
var plain = regexp.MustCompile(`^\pL[\pL\pM\pN_./()-]*( [\pL\pM\pN_./()-]+)*$`)

var reserved = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|y|n|null)$`)

// scalar writes text, in quotes unless every reader takes it for text without.
func scalar(s string) string {
	_, err := time.Parse(time.DateOnly, s)
	if err == nil || plain.MatchString(s) && !reserved.MatchString(s) {
		return s
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // text is always JSON
	return strings.TrimRight(buf.String(), "\n")
}
