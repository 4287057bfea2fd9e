// Package judge turns facts into verdicts. It is pure: no network, no clock,
// no files but the fs.FS it is given. The logic is three-valued: a fact that
// was not seen can make a verdict inconclusive, never a pass and never a fail.
package judge

import (
	"fmt"
	"slices"

	"github.com/sansang/sansang/internal/lang"
)

// Verdict is the answer to one requirement. The zero value is Inconclusive, so
// that a forgotten assignment can never be a pass.
type Verdict int

// The verdicts.
const (
	Inconclusive  Verdict = iota // something needed was not seen
	Fail                         // seen, and not as required
	Manual                       // a person must still supply evidence
	Waived                       // failed, and excused until a date
	Pass                         // seen, and as required
	NotApplicable                // the requirement does not concern this
)

var verdictNames = [...]string{"inconclusive", "fail", "manual", "waived", "pass", "not-applicable"}

var verdictTexts = [...]lang.Text{
	lang.T("Chưa xác định được", "Inconclusive"),
	lang.T("Không đạt", "Fail"),
	lang.T("Chờ tài liệu chứng minh", "Awaiting evidence"),
	lang.T("Được miễn trừ", "Waived"),
	lang.T("Đạt", "Pass"),
	lang.T("Không áp dụng", "Not applicable"),
}

// Verdicts lists all verdicts in the order in which the first present wins
// when several are put together.
var Verdicts = []Verdict{Fail, Inconclusive, Manual, Waived, Pass, NotApplicable}

func (v Verdict) String() string { return verdictNames[v] }

// Text says the verdict to a person.
func (v Verdict) Text() lang.Text { return verdictTexts[v] }

// MarshalText writes the verdict by name.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads a verdict by name.
func (v *Verdict) UnmarshalText(b []byte) error {
	i := slices.Index(verdictNames[:], string(b))
	if i < 0 {
		return fmt.Errorf("no verdict is called %q", b)
	}
	*v = Verdict(i)
	return nil
}

// Together puts verdicts into one: the first present of Verdicts wins. None,
// or nothing but NotApplicable, is NotApplicable; whether that may count as
// anything is for the caller to say.
func Together(vs ...Verdict) Verdict {
	for _, v := range Verdicts {
		if slices.Contains(vs, v) {
			return v
		}
	}
	return NotApplicable
}

// UnitVerdict is the answer for a whole unit. The zero value is Undetermined.
type UnitVerdict int

// The unit verdicts.
const (
	Undetermined UnitVerdict = iota
	Ready
	NotReady
)

var unitVerdictNames = [...]string{"undetermined", "ready", "not-ready"}

var unitVerdictTexts = [...]lang.Text{
	lang.T("CHƯA ĐỦ CĂN CỨ", "UNDETERMINED"),
	lang.T("SẴN SÀNG", "READY"),
	lang.T("CHƯA ĐẠT", "NOT READY"),
}

func (v UnitVerdict) String() string { return unitVerdictNames[v] }

// Text says the verdict to a person.
func (v UnitVerdict) Text() lang.Text { return unitVerdictTexts[v] }

// MarshalText writes the verdict by name.
func (v UnitVerdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads a verdict by name.
func (v *UnitVerdict) UnmarshalText(b []byte) error {
	i := slices.Index(unitVerdictNames[:], string(b))
	if i < 0 {
		return fmt.Errorf("no unit verdict is called %q", b)
	}
	*v = UnitVerdict(i)
	return nil
}
