package judge

import (
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/lang"
)

// Proof is how it is told whether a requirement is met.
type Proof string

// The proofs.
const (
	Seen     Proof = "seen"     // by what checks saw, and no document changes it
	Attested Proof = "attested" // by documents alone
	Either   Proof = "either"   // seen, and by a document where it cannot be
	Both     Proof = "both"     // seen, and a document as well
)

// Text says the proof to a person.
func (p Proof) Text() lang.Text { return proofTexts[p] }

var proofTexts = map[Proof]lang.Text{
	Seen:     lang.T("nhìn thấy", "seen"),
	Attested: lang.T("tài liệu", "attested"),
	Either:   lang.T("nhìn thấy, hoặc tài liệu khi không nhìn thấy được", "seen, or attested where it cannot be seen"),
	Both:     lang.T("nhìn thấy và tài liệu", "seen and attested"),
}

// Proof tells how the requirement is verified, by its compiled expressions. All
// rules must hold, so one that is seen beside one that is attested takes both.
// The requirement must have been loaded with a policy.
func (r *Requirement) Proof() Proof {
	var ps []Proof
	for _, ru := range r.rules {
		ps = append(ps, ru.proof())
	}
	documents := slices.Contains(ps, Attested) || slices.Contains(ps, Both)
	sight := slices.ContainsFunc(ps, func(p Proof) bool { return p != Attested })
	switch {
	case documents && sight:
		return Both
	case documents:
		return Attested
	case slices.Contains(ps, Either):
		return Either
	}
	return Seen
}

// proof asks the expression with nothing seen and every document saying no: if
// that is false already, no sight makes up for the document.
func (ru *rule) proof() Proof {
	sees, attests := false, false
	v := &view{values: map[string]any{varAttest: map[string]any{"met": false}}, gaps: map[string]fact.Unknown{}}
	for _, variable := range []string{varUnit, varSystem, varEndpoint, varVantage, varAt} {
		v.lack(fact.Unknown{}, variable)
	}
	for _, path := range ru.expect.reads {
		attests = attests || strings.HasPrefix(path, varAttest)
		if id, is := factOf(path); is {
			sees = true
			v.lack(fact.Unknown{}, id)
		}
	}
	switch told, _, _ := v.ask(ru.expect.program); {
	case !attests:
		return Seen
	case !sees:
		return Attested
	case told != nil && !*told:
		return Both
	}
	return Either
}
