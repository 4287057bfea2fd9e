package trial

import (
	"strings"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// never lists the values that a condition cannot have, so that no case need
// show them.
var never = []struct {
	text string // that the condition ends with
	not  bool   // the value
	why  lang.Text
}{
	{".size() >= 0", false, lang.T("không danh sách nào ngắn hơn 0: viết vậy để buộc phải nhìn thấy danh sách", "no list is shorter than 0: it is written so that the list must have been seen")},
	{"tls.certificates.whole", false, lang.T("phép kiểm tra chỉ nói có hoặc chưa thấy", "the check says yes or Unknown")},
	{"host.services.complete", false, lang.T("phép kiểm tra chỉ nói có hoặc chưa thấy", "the check says yes or Unknown")},
}

// Unseen lists the values of a condition that no case showed, and that some
// case could.
func Unseen(b *judge.Branch) []bool {
	var out []bool
	for _, v := range b.Unseen() {
		can := true
		for _, n := range never {
			can = can && (n.not != v || !strings.HasSuffix(b.Text, n.text))
		}
		if can {
			out = append(out, v)
		}
	}
	return out
}
