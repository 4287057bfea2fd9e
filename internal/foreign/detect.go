package foreign

import (
	"bytes"
	"encoding/json"
	"slices"
)

// detect tells a format by what such a file begins with; "" where none fits.
func detect(data []byte) string {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	switch {
	case len(data) == 0:
		return ""
	case data[0] == '<':
		return detectXML(data)
	}
	var first json.RawMessage
	if json.NewDecoder(bytes.NewReader(data)).Decode(&first) != nil {
		return ""
	}
	if first[0] == '[' {
		var list []json.RawMessage
		if json.Unmarshal(first, &list) != nil || len(list) == 0 {
			return ""
		}
		first = list[0]
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal(first, &keys) != nil {
		return ""
	}
	for _, known := range []struct {
		format string
		keys   []string
	}{
		{"nuclei", []string{"template-id", "info"}}, {"sslyze", []string{"server_scan_results"}}, {"oscal", []string{"assessment-results"}},
		{"ssh-audit", []string{"banner", "kex"}}, {"testssl", []string{"scanResult"}}, {"testssl", []string{"id", "finding", "severity"}},
	} {
		if !slices.ContainsFunc(known.keys, func(k string) bool { return keys[k] == nil }) {
			return known.format
		}
	}
	return ""
}
