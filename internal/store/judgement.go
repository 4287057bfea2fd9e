package store

import (
	"context"
	"slices"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

// Judgement is how a unit came out, by what has landed of it so far.
type Judgement struct {
	Verdict  judge.UnitVerdict
	Complete bool // the assessments of all vantages are in
	At       time.Time
	Policy   record.Policy // that it was judged by
	Tally    judge.Tally
	Because  []lang.Text // why it is undetermined
	Expires  time.Time   // when something that it rests on runs out next; zero: not known
	Findings []Finding   // one a requirement
}

// Finding is how a unit stands to one requirement.
type Finding struct {
	Requirement string
	Decides     bool
	Verdict     judge.Verdict
	Severity    judge.Severity
	Places      int      // findings with that verdict
	Detail      []Detail // those that are neither pass nor not applicable
}

// Detail is the finding about one subject.
type Detail struct {
	Scope    judge.Scope   `json:"scope"`
	System   string        `json:"system,omitempty"`
	Endpoint string        `json:"endpoint,omitempty"`
	Verdict  judge.Verdict `json:"verdict"`
	Causes   []fact.Cause  `json:"causes,omitempty"` // why what it lacks was not seen
}

// JudgementOf takes from a report what is kept of it. Complete and Expires are
// for the caller to say.
func JudgementOf(r judge.Report) Judgement {
	j := Judgement{Verdict: r.Verdict, At: r.At, Policy: record.Policy{ID: r.Policy.ID, Version: r.Policy.Version, SHA256: r.Policy.SHA256}, Tally: r.Tally, Because: r.Because}
	for _, res := range r.Requirements {
		f := Finding{Requirement: res.ID, Decides: res.Decides, Verdict: res.Verdict, Severity: res.Severity, Places: res.Places(res.Verdict)}
		for _, x := range res.Findings {
			if x.Verdict == judge.Pass || x.Verdict == judge.NotApplicable {
				continue
			}
			d := Detail{Scope: x.Scope, System: x.System, Endpoint: x.Endpoint, Verdict: x.Verdict}
			for _, m := range x.Missing {
				d.Causes = append(d.Causes, m.Cause)
			}
			slices.Sort(d.Causes)
			d.Causes = slices.Compact(d.Causes)
			f.Detail = append(f.Detail, d)
		}
		j.Findings = append(j.Findings, f)
	}
	return j
}

// Judged keeps how a unit of a run came out, in the place of what was kept
// before.
func (t *Tx) Judged(ctx context.Context, run int64, unit string, j Judgement) error {
	tally, err := encoded(j.Tally, "{}")
	if err != nil {
		return err
	}
	because, err := encoded(j.Because, "[]")
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, `UPDATE run_units SET verdict = $3, complete = $4, judged_at = $5, policy_id = $6, policy_version = $7, policy_sha256 = $8,
		tally = $9, because = $10, expires = $11 WHERE run = $1 AND unit = $2`,
		run, unit, j.Verdict.String(), bit(j.Complete), micros(j.At), j.Policy.ID, j.Policy.Version, j.Policy.SHA256, tally, because, micros(j.Expires))
	if err == nil && n == 0 {
		err = fault(nil, "đợt rà quét %[1]d không có đơn vị %[2]s", "run %[1]d has no unit %[2]s", run, unit)
	}
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM findings WHERE run = $1 AND unit = $2`, run, unit); err != nil {
		return err
	}
	rows := make([][]any, 0, len(j.Findings))
	for _, f := range j.Findings {
		detail, err := encoded(f.Detail, "[]")
		if err != nil {
			return err
		}
		rows = append(rows, []any{run, unit, f.Requirement, bit(f.Decides), f.Verdict.String(), string(f.Severity), int64(f.Places), detail})
	}
	return t.insert(ctx, "findings", findingColumns, "", rows)
}

const findingColumns = "run, unit, requirement, decides, verdict, severity, places, detail"
