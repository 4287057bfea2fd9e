package judge

import (
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/lang"
)

// refuses tells why a fact that is known in a way does not count for a
// requirement, nil if it does. It must suit both the policy and the
// requirement: a requirement narrows what its policy takes and never widens it.
// What does not count is as good as not seen, so it neither passes nor fails.
func (p *Policy) refuses(r *Requirement, check string, w fact.Way) *fact.Unknown {
	for _, takes := range [][]fact.Way{p.Known, r.Known} {
		if len(takes) > 0 && !slices.Contains(takes, w) {
			return fact.Because(fact.OtherWay, check+" is "+string(w)+"; only "+words(takes, ", ")+" counts")
		}
	}
	return nil
}

func words(ways []fact.Way, sep string) string {
	var out []string
	for _, w := range ways {
		out = append(out, string(w))
	}
	return strings.Join(out, sep)
}

// never finds a requirement that takes none of the ways in which the facts of
// a rule are known: it could not be told of anybody.
func (r *Requirement) never(ru *rule, schema fact.Schema) *flaw {
	takes := func(id string) bool { return slices.Contains(r.Known, schema[id].Known) }
	if slices.Contains(r.Known, fact.Reported) { // any fact may come from another tool
		return nil
	}
	if len(r.Known) == 0 || len(ru.checks) == 0 || slices.ContainsFunc(ru.checks, takes) {
		return nil
	}
	return &flaw{"expect",
		lang.Tf("known chỉ nhận dữ kiện %s, mà biểu thức không đọc dữ kiện nào như vậy", "known takes only facts that are %s, and the expression reads none that is", words(r.Known, ", ")),
		lang.T("xem cách biết của từng phép kiểm tra: sansang list checks", "see how each check knows: sansang list checks")}
}
