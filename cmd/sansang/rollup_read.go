package main

import (
	"context"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/rollup"
	"github.com/sansang/sansang/internal/store"
)

// rollupOf counts a run and what changed since another; nil: no other.
func (a *app) rollupOf(ctx context.Context, db *store.DB, run store.Run, before *store.Run) (rollup.Rollup, error) {
	list, err := db.List(ctx, run.List)
	if err != nil {
		return rollup.Rollup{}, err
	}
	left, err := db.LeftOut(ctx, run)
	if err != nil {
		return rollup.Rollup{}, err
	}
	told := rolledRun(run, list)
	told.LeftOut = len(left)
	policy, _ := policyOfRun(run)
	var wording []rollup.Requirement
	if policy != nil {
		told.Policy.Title = policy.Ref().Title
		for _, r := range policy.Requirements {
			wording = append(wording, rollup.Requirement{ID: r.ID, Title: r.Title, Severity: r.Severity})
		}
	}
	var mergers []rollup.Merger
	for _, m := range list.Mergers {
		mergers = append(mergers, rollup.Merger{Old: m.Old, New: m.New})
	}
	c := rollup.New(told, wording, mergers)
	if before != nil {
		if err := countBefore(ctx, db, *before, c, notAsked(left, list.Mergers)); err != nil {
			return rollup.Rollup{}, err
		}
	}
	if err := countRun(ctx, db, run, c); err != nil {
		return rollup.Rollup{}, err
	}
	return c.Rollup(), nil
}

func rolledRun(run store.Run, list store.List) rollup.Run {
	return rollup.Run{ID: run.ID, List: list.Name, Policy: rollup.Policy{ID: run.Policy.ID, Version: run.Policy.Version, SHA256: run.Policy.SHA256},
		Vantages: run.Vantages, State: string(run.State), Began: run.Created, Ended: run.Ended, Problems: len(list.Problems)}
}

// policyOfRun loads the policy that a run was judged by. Where this machine does
// not have that very one it is the one of today that is called the same, and nil
// where there is none. A path in a database counts only if what lies there is
// what the run had: whoever made the database would choose what to judge by. Another
// machine is not asked for it: that would tell it who reads.
func policyOfRun(run store.Run) (policy *judge.Policy, same bool) {
	if s := run.PolicySource; s != "" && !strings.HasPrefix(s, `\\`) && !strings.HasPrefix(s, "//") {
		if p, err := loadPolicy(run.PolicySource); err == nil && p.Ref().SHA256 == run.Policy.SHA256 {
			return p, true
		}
	}
	p, err := loadBuiltIn(run.Policy.ID)
	if err != nil {
		return nil, false
	}
	return p, p.Ref().SHA256 == run.Policy.SHA256
}

func countRun(ctx context.Context, db *store.DB, run store.Run, c *rollup.Counter) error {
	trouble := map[string]string{}
	failed, err := db.Tasks(ctx, run.ID, store.TaskFailed)
	if err != nil {
		return err
	}
	for _, t := range failed {
		trouble[t.Unit] = t.Error
	}
	if err := db.EachUnit(ctx, run.ID, func(u store.UnitRow) error {
		row := rolledUnit(u)
		row.Trouble = trouble[u.Identity.ID]
		c.Add(row)
		return nil
	}); err != nil {
		return err
	}
	if err := eachFinding(ctx, db, run.ID, c.Found); err != nil {
		return err
	}
	var of []rollup.Place // of one unit: they come unit by unit
	unit := ""
	err = db.EachPlace(ctx, run.ID, false, func(p store.Place) error {
		if p.Unit != unit {
			c.Looked(unit, of)
			unit, of = p.Unit, of[:0]
		}
		of = append(of, rollup.Place{Endpoint: p.Endpoint, Target: p.Target, Kind: inventory.Kind(p.Kind), Vantage: p.Vantage, Cause: fact.Cause(p.Cause), Detail: p.Detail})
		return nil
	})
	c.Looked(unit, of)
	return err
}

// notAsked are the units that the run says nothing of, for it was not to look
// at them or at what they are part of now. They are listed all the same.
func notAsked(left []string, mergers []store.Merger) map[string]bool {
	out := map[string]bool{}
	for _, u := range left {
		out[u] = true
	}
	for _, m := range mergers {
		if out[m.New] {
			out[m.Old] = true
		}
	}
	return out
}

// countBefore counts the run before, without the units that are not asked of.
func countBefore(ctx context.Context, db *store.DB, run store.Run, c *rollup.Counter, without map[string]bool) error {
	list, err := db.List(ctx, run.List)
	if err != nil {
		return err
	}
	c.Since(rolledRun(run, list))
	if err := db.EachUnit(ctx, run.ID, func(u store.UnitRow) error {
		if !without[u.Identity.ID] {
			c.AddBefore(rolledUnit(u))
		}
		return nil
	}); err != nil {
		return err
	}
	return eachFinding(ctx, db, run.ID, c.FoundBefore)
}

// mostRequirements bounds those that a database may speak of: what is kept of a
// unit grows with them, and the catalogue has some hundreds.
const mostRequirements = 2000

func eachFinding(ctx context.Context, db *store.DB, run int64, found func(unit string, f rollup.Finding)) error {
	known := map[string]bool{}
	return db.EachFinding(ctx, run, store.Which{}, func(f store.FindingRow) error {
		if known[f.Requirement] = true; len(known) > mostRequirements {
			return faultf("%s nêu hơn %d yêu cầu, không phải kết quả của sansang", "%s speaks of more than %d requirements, and does not hold what sansang found", db.Where(), mostRequirements)
		}
		found(f.Unit, rolledFinding(f.Finding))
		return nil
	})
}

func rolledUnit(u store.UnitRow) rollup.Unit {
	out := rollup.Unit{Identity: u.Identity, Complete: u.Complete}
	if u.Judged {
		out.Verdict, out.At, out.Expires, out.Because = &u.Verdict, u.JudgedAt, u.Expires, u.Because
	}
	return out
}

func rolledFinding(f store.Finding) rollup.Finding {
	out := rollup.Finding{Requirement: f.Requirement, Decides: f.Decides, Verdict: f.Verdict, Severity: f.Severity, Places: f.Places}
	if f.Verdict == judge.Inconclusive || f.Verdict == judge.Manual {
		for _, d := range f.Detail {
			if d.Verdict == judge.Inconclusive || d.Verdict == judge.Manual {
				out.Causes = append(out.Causes, d.Causes...)
			}
		}
		slices.Sort(out.Causes)
		out.Causes = slices.Compact(out.Causes)
	}
	return out
}
