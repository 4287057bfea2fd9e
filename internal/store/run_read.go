package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sansang/sansang/internal/inventory"
)

const runColumns = "id, list, kind, policy_id, policy_version, policy_sha256, policy_source, settings, vantages, state, created, ended, landed, chain"

func scanRun(scan func(...any) error) (r Run, err error) {
	var settings, vantages string
	var created, ended int64
	if err = scan(&r.ID, &r.List, &r.Kind, &r.Policy.ID, &r.Policy.Version, &r.Policy.SHA256, &r.PolicySource, &settings, &vantages, &r.State, &created, &ended, &r.Landed, &r.Chain); err != nil {
		return r, err
	}
	r.Settings, r.Created, r.Ended = json.RawMessage(settings), moment(created), moment(ended)
	return r, decode("vantages", vantages, &r.Vantages)
}

// Runs gives all runs, the newest first.
func (r reader) Runs(ctx context.Context) ([]Run, error) {
	rows, err := r.query(ctx, `SELECT `+runColumns+` FROM runs ORDER BY id DESC`)
	return all(rows, err, scanRun)
}

// Run gives one run.
func (r reader) Run(ctx context.Context, id int64) (Run, error) {
	run, err := scanRun(r.row(ctx, `SELECT `+runColumns+` FROM runs WHERE id = $1`, id).Scan)
	return run, r.none(err, "đợt rà quét số", "run number", id)
}

// RunsOf gives the runs over a list, the newest first.
func (r reader) RunsOf(ctx context.Context, list int64) ([]Run, error) {
	rows, err := r.query(ctx, `SELECT `+runColumns+` FROM runs WHERE list = $1 ORDER BY id DESC`, list)
	return all(rows, err, scanRun)
}

// OpenRun finds the run that is open over the same list with the same policy,
// settings and vantages; ok is false where there is none.
func (r reader) OpenRun(ctx context.Context, n NewRun) (run Run, ok bool, err error) {
	vantages, err := encoded(n.Vantages, "[]")
	if err != nil {
		return run, false, err
	}
	settings := string(n.Settings)
	if settings == "" {
		settings = "{}"
	}
	run, err = scanRun(r.row(ctx, `SELECT `+runColumns+` FROM runs WHERE list = $1 AND policy_sha256 = $2 AND settings = $3 AND vantages = $4 AND kind = $5 AND state = $6 ORDER BY id DESC LIMIT 1`,
		n.List, n.Policy.SHA256, settings, vantages, string(n.Kind), string(RunOpen)).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return run, false, nil
	}
	return run, err == nil, err
}

// Before finds the newest run before this one that looked at a list of the same
// name, or, failing that, at any of its units; ok is false where there is none. A
// run that left out units of its list which this one looked at, such as that of a
// schedule for some of them, is none to compare with.
func (r reader) Before(ctx context.Context, run Run) (before Run, ok bool, err error) {
	const earlier = `SELECT ` + runColumns + ` FROM runs WHERE id < $1 AND landed > 0 AND NOT EXISTS (SELECT 1 FROM run_units u JOIN list_units l ON l.list = runs.list AND l.unit = u.unit
		WHERE u.run = $1 AND NOT EXISTS (SELECT 1 FROM run_units b WHERE b.run = runs.id AND b.unit = u.unit)) AND `
	for _, of := range []string{
		`list IN (SELECT o.id FROM lists o JOIN lists l ON l.name = o.name WHERE l.id = $2)`,
		`EXISTS (SELECT 1 FROM list_units a JOIN list_units b ON b.unit = a.unit WHERE a.list = $2 AND b.list = runs.list)`,
	} {
		before, err = scanRun(r.row(ctx, earlier+of+` ORDER BY id DESC LIMIT 1`, run.ID, run.List).Scan)
		if !errors.Is(err, sql.ErrNoRows) {
			return before, err == nil, err
		}
	}
	return Run{}, false, nil
}

// LeftOut gives the units of the list of a run that it does not look at.
func (r reader) LeftOut(ctx context.Context, run Run) ([]string, error) {
	rows, err := r.query(ctx, `SELECT l.unit FROM list_units l WHERE l.list = $1 AND NOT EXISTS (SELECT 1 FROM run_units u WHERE u.run = $2 AND u.unit = l.unit) ORDER BY l.pos`, run.List, run.ID)
	return all(rows, err, scanText)
}

// none says that there is nothing of a number or name.
func (r reader) none(err error, vi, en string, key any) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault(err, "không có %[1]s %[3]v", "there is no %[2]s %[3]v", vi, en, key)
	}
	return err
}

// Counts says how far a run is.
type Counts struct {
	Units    int                    // of the run
	Verdicts map[string]int         // units by verdict; "" are those that are not judged yet
	Complete int                    // units of which all vantages are in
	Tasks    map[TaskState]int      // by state
	ByZone   map[inventory.Zone]int // tasks planned or running, by vantage

	Connections int64 // of all assessments
}

// Counts counts the units and tasks of a run.
func (r reader) Counts(ctx context.Context, run int64) (Counts, error) {
	c := Counts{Verdicts: map[string]int{}, Tasks: map[TaskState]int{}, ByZone: map[inventory.Zone]int{}}
	rows, err := r.query(ctx, `SELECT verdict, complete, COUNT(*) FROM run_units WHERE run = $1 GROUP BY verdict, complete`, run)
	err = each(rows, err, func(scan func(...any) error) (struct{}, error) {
		var verdict string
		var complete, n int
		err := scan(&verdict, &complete, &n)
		c.Units += n
		c.Verdicts[verdict] += n
		c.Complete += complete * n
		return struct{}{}, err
	}, func(struct{}) error { return nil })
	if err != nil {
		return c, err
	}
	rows, err = r.query(ctx, `SELECT vantage, state, COUNT(*) FROM tasks WHERE run = $1 GROUP BY vantage, state`, run)
	err = each(rows, err, func(scan func(...any) error) (struct{}, error) {
		var zone inventory.Zone
		var state TaskState
		var n int
		err := scan(&zone, &state, &n)
		if c.Tasks[state] += n; state == TaskPlanned || state == TaskRunning {
			c.ByZone[zone] += n
		}
		return struct{}{}, err
	}, func(struct{}) error { return nil })
	if err != nil {
		return c, err
	}
	err = r.row(ctx, `SELECT CAST(COALESCE(SUM(connections), 0) AS BIGINT) FROM assessments WHERE run = $1`, run).Scan(&c.Connections)
	if err != nil {
		return c, fmt.Errorf("count connections: %w", err)
	}
	return c, nil
}
