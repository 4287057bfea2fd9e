package fleet

import (
	"bytes"
	"encoding/json"

	"github.com/sansang/sansang/internal/fact"
)

// said finds, while an assessment is read, the places of which something is
// known by bytes that they sent. The reader for judging leaves the exchanges
// out, so this looks at the lines as they go by; a line is decoded only where
// it may be the first of its place.
type said struct {
	by   map[string]bool // endpoint
	line []byte          // that has not ended yet
}

// Write takes a part of the assessment; it never fails.
func (s *said) Write(p []byte) (int, error) {
	n := len(p)
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			s.line = append(s.line, p...)
			return n, nil
		}
		if len(s.line) == 0 {
			s.look(p[:i])
		} else {
			s.line = append(s.line, p[:i]...)
			s.look(s.line)
			s.line = s.line[:0]
		}
		p = p[i+1:]
	}
}

var (
	ofEndpoint = []byte(`"endpoint":"`)
	received   = []byte(`"received_total":`)
)

func (s *said) look(line []byte) {
	if !sent(line) {
		return
	}
	_, rest, _ := bytes.Cut(line, ofEndpoint)
	if name, _, _ := bytes.Cut(rest, []byte(`"`)); s.by[string(name)] {
		return
	}
	var l struct{ Observation *fact.Observation }
	if json.Unmarshal(line, &l) == nil && l.Observation != nil && heard(*l.Observation) {
		s.by[l.Observation.Endpoint] = true
	}
}

// sent tells whether a line may tell of bytes that were received.
func sent(line []byte) bool {
	for {
		_, rest, ok := bytes.Cut(line, received)
		if !ok || len(rest) > 0 && rest[0] != '0' {
			return ok
		}
		line = rest
	}
}

// heard tells whether something is known by bytes that came.
func heard(o fact.Observation) bool {
	for _, e := range o.Evidence {
		if e.ReceivedTotal > 0 {
			return o.Unknown == nil
		}
	}
	return false
}
