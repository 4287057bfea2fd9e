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
)

// Ways lists all ways, the firmest first.
var Ways = []Way{Observed, Probed, Inferred}

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
}

var wayTexts = map[Way]lang.Text{
	Observed: lang.T("quan sát", "observed"),
	Probed:   lang.T("thử", "probed"),
	Inferred: lang.T("suy ra", "inferred"),
}
