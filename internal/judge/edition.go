package judge

import (
	"io/fs"
	"slices"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

// Edition is a policy in a row of policies each of which took the place of the
// one before.
type Edition struct {
	Name        string // of its file, without ending
	From, Until inventory.Date
}

// Editions lists a policy and those that it supersedes, the newest first.
func Editions(src fs.FS, name string) ([]Edition, error) {
	var out []Edition
	for name != "" {
		doc, err := parse(src, name+".yaml", policySchema())
		if err != nil {
			return nil, err
		}
		var p Policy
		if err := doc.Decode(&p); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(e Edition) bool { return e.Name == name }) {
			return nil, yamldoc.Problems{doc.Problem([]any{"supersedes"}, lang.T("các chính sách thay nhau thành vòng", "policies supersede each other in a circle"), lang.T("bỏ supersedes ở chính sách cũ nhất", "remove supersedes from the oldest one"))}
		}
		out = append(out, Edition{name, p.From, p.Until})
		name = p.Supersedes
	}
	return out, nil
}

// EditionAt names the newest edition that has begun at a moment. Before all of
// them it is the oldest, of which a unit is then undetermined.
func EditionAt(editions []Edition, at time.Time) string {
	for _, e := range editions {
		if !at.Before(e.From.Time) {
			return e.Name
		}
	}
	return editions[len(editions)-1].Name
}
