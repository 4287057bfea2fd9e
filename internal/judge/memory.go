package judge

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/lang"
)

// Memory lets one goroutine judge many cases by one policy faster: facts that
// were read before are not read again, and an expression is not evaluated again
// over what it was evaluated over before. It changes no answer: a fact is known
// by all of its bytes, and what an expression came to by everything that it can
// read, times included.
type Memory struct {
	policy   *Policy
	wanted   map[string]map[string]bool    // fields of facts that the policy reads, by check
	fields   map[string]*aging[*fieldRead] // by check and field, by the stored bytes
	facts    aging[*factRead]              // by the fields that are read
	bytes    int                           // of the stored fields
	answers  aging[remembered]             // by the expression and all it reads
	labels   map[string]lang.Text
	readings uint64 // made so far, over all that were forgotten
	key      []byte
	parts    []part
	got      []*fieldRead
}

// The bounds of a memory; beyond them it begins anew.
const (
	mostBytes   = 1 << 20
	mostAnswers = 50_000
)

// NewMemory gives an empty memory.
func NewMemory() *Memory { return &Memory{} }

// of makes the memory one of a policy. When it is full, what was not asked for
// since it was last full is forgotten.
func (m *Memory) of(p *Policy) {
	if m.policy != p {
		*m = Memory{policy: p, wanted: p.wants(), readings: m.readings, fields: map[string]*aging[*fieldRead]{}, labels: map[string]lang.Text{}}
	}
	if m.bytes < mostBytes && len(m.answers.young) < mostAnswers {
		return
	}
	m.bytes = 0
	for _, of := range m.fields {
		of.turn()
	}
	m.facts.turn()
	m.answers.turn()
}

// aging is a map that forgets: what was neither put in nor asked for between two
// turns.
type aging[V any] struct{ young, old map[string]V }

func (a *aging[V]) get(key []byte) (V, bool) {
	v, ok := a.young[string(key)]
	if !ok {
		if v, ok = a.old[string(key)]; ok {
			a.put(string(key), v)
		}
	}
	return v, ok
}

func (a *aging[V]) put(key string, v V) {
	if a.young == nil {
		a.young = map[string]V{}
	}
	a.young[key] = v
}

func (a *aging[V]) turn() { a.young, a.old = nil, a.young }

// factRead is a stored fact as it was read. The number is its own for as long as
// the memory lives.
type factRead struct {
	value  any
	gaps   []fact.Gap
	number uint64
}

type remembered struct {
	answer  *bool
	missing []string
}

// expressionProgram is a program that knows what it can read.
type expressionProgram struct {
	cel.Program
	number uint64
	reads  []string // every variable with the fields after it, the inventory's too
	checks []string // of the facts among them
}

var programs atomic.Uint64

// knowing makes a program one that knows what it reads.
func knowing(p cel.Program, a *ast.AST) cel.Program {
	out := &expressionProgram{Program: p, number: programs.Add(1), reads: readsOf(a, func(string) bool { return true })}
	for _, path := range out.reads {
		if id, ok := factOf(path); ok && readable(id) && !inventoried(path) && !slices.Contains(out.checks, id) {
			out.checks = append(out.checks, id)
		}
	}
	return out
}

// inventoried tells whether a path is one of the unit file.
func inventoried(path string) bool {
	root, _, _ := strings.Cut(path, ".")
	return root == varUnit || root == varSystem || root == varEndpoint
}

// recall gives what an expression came to over what a view holds, or makes the
// key by which to remember it.
func (m *Memory) recall(e *expressionProgram, v *view) (remembered, bool) {
	k := binary.AppendUvarint(m.key[:0], e.number)
	for _, id := range e.checks {
		seen, _ := v.get(id)
		k = binary.AppendUvarint(k, seen.read) // 0: none was to be had
	}
	for _, path := range e.reads {
		switch root, rest, _ := strings.Cut(path, "."); root {
		case varAttest, varVantage, varUnit, varSystem, varEndpoint:
			value, _ := v.get(root)
			k = appendValue(k, value.value, rest)
		case varAt:
			at, _ := v.get(varAt)
			k = appendAny(k, at.value)
		}
	}
	for _, l := range v.lacked {
		if l.variable == varEndpoint {
			k = append(k, "-ports"...)
		}
	}
	m.key = k
	return m.answers.get(k)
}

// appendValue adds what is at a path below a value; a value that is not there
// is not the same as any that is.
func appendValue(k []byte, v any, path string) []byte {
	for path != "" {
		m, is := v.(map[string]any)
		if !is {
			break
		}
		var field string
		field, path, _ = strings.Cut(path, ".")
		v = m[field]
	}
	return appendAny(k, v)
}

// appendAny writes a value so that no two are written alike.
func appendAny(k []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(k, 'n')
	case bool:
		if v {
			return append(k, 't')
		}
		return append(k, 'f')
	case string:
		k = binary.AppendUvarint(append(k, 's'), uint64(len(v)))
		return append(k, v...)
	case int64:
		return binary.AppendVarint(append(k, 'i'), v)
	case time.Time:
		k = binary.AppendVarint(append(k, 'a'), v.UnixNano())
		zone, off := v.Zone() // getHours() may be asked of a time as it stands
		return fmt.Appendf(k, "%q%d", zone, off)
	case map[string]any:
		k = binary.AppendUvarint(append(k, 'm'), uint64(len(v)))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			k = appendAny(appendAny(k, name), v[name])
		}
		return k
	}
	text := fmt.Sprintf("%#v", v)
	k = binary.AppendUvarint(append(k, 'o'), uint64(len(text)))
	return append(k, text...)
}

// label is that of the policy, looked up once.
func (m *Memory) label(p *Policy, path string) lang.Text {
	if m == nil {
		return p.label(path)
	}
	t, ok := m.labels[path]
	if !ok {
		t = p.label(path)
		m.labels[path] = t
	}
	return t
}
