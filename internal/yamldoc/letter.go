package yamldoc

import (
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"

	"github.com/sansang/sansang/internal/lang"
)

// text refuses what no person writes and a terminal obeys: escapes, and the
// characters that turn the order of writing so that a clause reads as another.
func (b *builder) text(n ast.Node, s string) any {
	for _, r := range strings.ReplaceAll(s, "\r\n", "\n") {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || turns(r)) {
			return b.refuse(n, lang.Tf("có ký tự điều khiển không nhìn thấy được (%U)", "there is a control character that cannot be seen (%U)", r),
				lang.T("xóa ký tự đó, hoặc gõ lại dòng này", "delete it, or type the line anew"))
		}
	}
	return s
}

// turns tells the embeddings, overrides and isolates of Unicode's bidirectional
// algorithm (UAX #9).
func turns(r rune) bool { return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' }
