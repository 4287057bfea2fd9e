// Package yamldoc reads the YAML files that people write, strictly: every
// mistake is told with file, line, column, what is wrong and what to write
// instead, and all mistakes of a file are told at once.
package yamldoc

import (
	"fmt"
	"sort"
	"strings"

	"github.com/sansang/sansang/internal/lang"
)

// Problem is one mistake in a file.
type Problem struct {
	File         string
	Line, Column int // from 1; 0 when the mistake has no place
	What         lang.Text
	Instead      lang.Text // what to write; may be empty

	// Pointer leads to the value (JSON pointer, RFC 6901), also to one that is
	// missing; empty when it is the whole, or the text is not understood at all.
	Pointer string
}

// In says the problem in one language, as "file:line:column: what; instead".
func (p Problem) In(l lang.Lang) string {
	where := p.File
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
	s := where + ": " + p.What.In(l)
	if instead := p.Instead.In(l); instead != "" {
		s += "; " + instead
	}
	return s
}

// Problems are all mistakes of a file. It is an error when it is not empty.
type Problems []Problem

// Err gives the problems as an error, or nil when there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// Error says all problems in English, a line each.
func (ps Problems) Error() string { return ps.In(lang.En) }

// In says all problems, a line each, in the order of the file.
func (ps Problems) In(l lang.Lang) string {
	sorted := append(Problems(nil), ps...)
	sort.SliceStable(sorted, func(i, j int) bool {
		a, b := sorted[i], sorted[j]
		if a.File != b.File {
			return a.File < b.File
		}
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
	lines := make([]string, len(sorted))
	for i, p := range sorted {
		lines[i] = p.In(l)
	}
	return strings.Join(lines, "\n")
}
