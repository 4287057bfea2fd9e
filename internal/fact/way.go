package fact

import (
	"slices"

	"github.com/sansang/sansang/internal/lang"
)

// Way is how a fact is known. Each check has one; a policy may take only facts
// that are known in some of them.
type Way string

// The ways, from the firmest on.
const (
	Observed Way = "observed" // the server's own words say it
	Probed   Way = "probed"   // we began what an attacker would begin, and its reaction tells
	Inferred Way = "inferred" // concluded from other facts
	Reported Way = "reported" // another tool says so, in a file that somebody handed in
)

// Ways lists all ways, the firmest first.
var Ways = []Way{Observed, Probed, Inferred, Reported}

// Exists tells whether the way is one of ours.
func (w Way) Exists() bool { return slices.Contains(Ways, w) }

// Text says the way to a person.
func (w Way) Text() lang.Text { return wayTexts[w] }

// Explain says what the way is worth.
func (w Way) Explain() lang.Text { return wayMeanings[w] }

var wayMeanings = map[Way]lang.Text{
	Observed: lang.T("quan sát: chính lời máy chủ nói ra", "observed: the server’s own words say it"),
	Probed:   lang.T("thử: bắt đầu làm điều kẻ tấn công sẽ làm, phản ứng của máy chủ cho biết", "probed: something that an attacker would begin was begun, and the server’s reaction tells"),
	Inferred: lang.T("suy ra: kết luận từ các dữ kiện khác", "inferred: concluded from other facts"),
	Reported: lang.T("theo công cụ khác: ghi trong tệp kết quả của một công cụ khác, không phải do công cụ này nhìn thấy", "reported: written in the result file of another tool, and not seen by this one"),
}

var wayTexts = map[Way]lang.Text{
	Observed: lang.T("quan sát", "observed"),
	Probed:   lang.T("thử", "probed"),
	Inferred: lang.T("suy ra", "inferred"),
	Reported: lang.T("theo công cụ khác", "reported by another tool"),
}
