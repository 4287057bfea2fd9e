package change

import "github.com/sansang/sansang/internal/judge"

// Course tells whether things have got worse.
type Course int

// The courses.
const (
	NotWorse Course = iota // nothing changed, or only for the better
	Unclear                // something that was known can no longer be told
	Worse                  // something fails that did not, or the unit is no longer ready
)

// Course tells how the unit stands now against before, by what decides. That a
// fail is no longer seen makes nothing better.
func (d Diff) Course() Course {
	out := NotWorse
	if d.Old.Verdict != d.New.Verdict && d.New.Verdict == judge.NotReady {
		return Worse
	}
	if d.Old.Verdict != judge.Undetermined && d.New.Verdict == judge.Undetermined {
		out = Unclear
	}
	for _, f := range d.Findings {
		switch f.Course() {
		case Worse:
			return Worse
		case Unclear:
			out = Unclear
		case NotWorse:
		}
	}
	return out
}

// Course tells the same of one finding.
func (f Finding) Course() Course {
	open := func(s State) bool {
		return !s.Absent && (s.Verdict == judge.Inconclusive || s.Verdict == judge.Manual)
	}
	failed, opened := f.Old.Decides && f.Old.Verdict == judge.Fail, f.Old.Decides && open(f.Old)
	switch {
	case !f.New.Decides:
		return NotWorse
	case f.New.Verdict == judge.Fail && !failed:
		return Worse
	case open(f.New) && !opened:
		return Unclear
	}
	return NotWorse
}
