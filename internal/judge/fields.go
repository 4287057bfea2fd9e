package judge

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
)

// fieldRead is one field of a stored fact as it was read.
type fieldRead struct {
	value  any
	gaps   []fact.Gap
	number uint64
}

// read reads a stored fact: of one in the form of a record's, which is JSON, the
// fields that the policy reads, each of which is remembered by its bytes. One of
// another form is not remembered.
func (m *Memory) read(id string, t *fact.Type, o fact.Observation) *factRead {
	if wanted := m.wants(id); o.Known != fact.Reported && wanted != nil && t.Kind == fact.Struct && m.split(o.Value) {
		return m.parted(id, t, wanted)
	}
	read := t.Read
	if o.Known == fact.Reported { // any field of it may be open
		read = t.ReadReported
	}
	r := &factRead{}
	if m != nil {
		m.readings++
		r.number = m.readings
	}
	r.value, r.gaps = read(o.Value)
	return r
}

// wants gives the fields of a check that the policy reads; nil: all.
func (m *Memory) wants(id string) map[string]bool {
	if m == nil {
		return nil
	}
	return m.wanted[id]
}

// parted reads the wanted fields of the fact that was split last.
func (m *Memory) parted(id string, t *fact.Type, wanted map[string]bool) *factRead {
	key := append(m.key[:0], id...)
	m.got = m.got[:0]
	for i := range t.Fields {
		if !wanted[t.Fields[i].Name] {
			continue
		}
		f := m.field(id, t.Fields[i])
		m.got = append(m.got, f)
		key = binary.AppendUvarint(append(key, 0), f.number)
	}
	m.key = key
	if r, ok := m.facts.get(key); ok {
		return r
	}
	m.readings++
	r, value := &factRead{number: m.readings}, map[string]any{}
	for _, f := range m.got {
		for name, v := range f.value.(map[string]any) {
			value[name] = v
		}
		r.gaps = append(r.gaps, f.gaps...)
	}
	r.value = value
	m.facts.put(string(key), r)
	return r
}

// field reads one field of the fact that was split last.
func (m *Memory) field(id string, f fact.Field) *fieldRead {
	var raw []byte
	for _, p := range m.parts {
		if string(p.name) == f.Name {
			raw = p.value
		}
	}
	of := m.fields[id+"."+f.Name]
	if of == nil {
		of = &aging[*fieldRead]{}
		m.fields[id+"."+f.Name] = of
	}
	_, young := of.young[string(raw)]
	r, ok := of.get(raw)
	if !young {
		m.bytes += len(raw) + 64
	}
	if ok {
		return r
	}
	m.readings++
	alone := &fact.Type{Kind: fact.Struct, Fields: []fact.Field{f}}
	text := []byte("{}")
	if raw != nil {
		text = append(append([]byte(`{"`+f.Name+`":`), raw...), '}')
	}
	r = &fieldRead{number: m.readings}
	if r.value, r.gaps = alone.Read(text); r.value == nil {
		r.value = map[string]any{}
	}
	of.put(string(raw), r)
	return r
}

// part is a field of a stored fact, as bytes.
type part struct{ name, value []byte }

// split finds the fields of a JSON object without white space, of which no name
// is written with escapes or twice.
func (m *Memory) split(raw []byte) bool {
	m.parts = m.parts[:0]
	if len(raw) < 2 || raw[0] != '{' || raw[len(raw)-1] != '}' {
		return false
	}
	for b := raw[1:]; len(b) > 1; {
		if b[0] != '"' {
			return false
		}
		n := bytes.IndexByte(b[1:], '"')
		if n < 0 || len(b) < n+4 || b[n+2] != ':' || bytes.IndexByte(b[1:n+1], '\\') >= 0 {
			return false
		}
		p := part{name: b[1 : n+1]}
		b = b[n+3:]
		end := valueEnd(b)
		if end <= 0 || end >= len(b) || slices.ContainsFunc(m.parts, func(o part) bool { return bytes.Equal(o.name, p.name) }) {
			return false
		}
		p.value = b[:end]
		m.parts = append(m.parts, p)
		if b = b[end:]; len(b) > 1 {
			if b[0] != ',' {
				return false
			}
			b = b[1:]
			if len(b) < 2 {
				return false
			}
		}
	}
	return true
}

// valueEnd gives where a value ends that a comma or the end of its object
// follows, -1 where it does not.
func valueEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			for {
				n := bytes.IndexByte(b[i+1:], '"')
				if n < 0 {
					return -1
				}
				i += n + 1
				back := 0
				for b[i-1-back] == '\\' {
					back++
				}
				if back%2 == 0 {
					break
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

// wants lists the fields that the expressions of a policy read, by check; a
// check that is read whole is not in it.
func (p *Policy) wants() map[string]map[string]bool {
	out, whole := map[string]map[string]bool{}, map[string]bool{}
	for _, r := range p.Requirements {
		for _, ru := range r.rules {
			for _, e := range ru.programs() {
				known, is := e.(*expressionProgram)
				for _, id := range ru.checks {
					if !is || slices.Contains(known.reads, id) {
						whole[id] = true
					}
				}
				if !is {
					continue
				}
				for _, path := range known.reads {
					id, ok := factOf(path)
					if !ok || inventoried(path) || path == id {
						continue
					}
					if out[id] == nil {
						out[id] = map[string]bool{"open": true} // of those whose port may be closed
					}
					name, _, _ := strings.Cut(path[len(id)+1:], ".")
					out[id][name] = true
				}
			}
		}
	}
	for id := range whole {
		delete(out, id)
	}
	return out
}
