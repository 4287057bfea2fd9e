package roster

import (
	"fmt"
	"sort"
	"strings"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

// Problem is one mistake, with file, row and column.
type Problem = yamldoc.Problem

// Problems are the mistakes of a list. All are kept; In tells the first of each
// kind, for a column that is wrong is wrong in thousands of rows.
type Problems []Problem

// Of each kind so many are told, and so many in all.
const (
	toldAlike = 5
	toldMost  = 60
)

func (ps Problems) Error() string { return ps.In(lang.En) }

// In says the mistakes, a line each, in the order of the files.
func (ps Problems) In(l lang.Lang) string {
	sorted := append(Problems(nil), ps...)
	sort.SliceStable(sorted, func(i, j int) bool {
		a, b := sorted[i], sorted[j]
		if a.File != b.File {
			return a.File < b.File
		}
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
	alike := map[string]int{}
	var lines []string
	told := 0
	for _, p := range sorted {
		k := kindOf(p)
		if alike[k]++; alike[k] > toldAlike || told == toldMost {
			continue
		}
		told++
		lines = append(lines, p.In(l))
	}
	if more := len(ps) - told; more > 0 {
		lines = append(lines, lang.Tf("… và %d lỗi nữa, phần lớn giống các lỗi trên; sửa rồi kiểm tra lại", "… and %d more, most of them like those above; mend these and check again", more).In(l))
	}
	return strings.Join(lines, "\n")
}

// kindOf tells which mistakes are alike: in one column of one table, or at one
// place of unit files.
func kindOf(p Problem) string {
	at := indexes.ReplaceAllString(p.Pointer, "")
	if at == "" {
		return fmt.Sprintf("%s %d %s", p.File, p.Column, p.Instead.En)
	}
	return at + " " + p.Instead.En
}
