package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

// RunKind says what began a run.
type RunKind string

// The kinds of run.
const (
	Batch     RunKind = "batch"
	Scheduled RunKind = "schedule"
)

// RunState is how far a run is.
type RunState string

// The states of a run.
const (
	RunOpen      RunState = "open"
	RunCancelled RunState = "cancelled"
	RunDone      RunState = "done"
)

// Text says the state to a person.
func (s RunState) Text() lang.Text {
	switch s {
	case RunOpen:
		return lang.T("đang mở", "open")
	case RunCancelled:
		return lang.T("đã hủy", "cancelled")
	case RunDone:
		return lang.T("đã xong", "done")
	}
	return lang.T(string(s), string(s))
}

// NewRun is a run to be planned.
type NewRun struct {
	List         int64
	Kind         RunKind
	Policy       record.Policy
	PolicySource string           // the name or path by which the policy was asked for
	Settings     json.RawMessage  // how to look; the store does not read it
	Vantages     []inventory.Zone // to look from; "" is a place whose zone is not said
	Units        []string         // those of the list to look at; nil: all
	Priority     map[string]int   // of tasks, 1 (first, and where none is given) to 4
}

// Run is one look at the units of a list.
type Run struct {
	ID           int64
	List         int64
	Kind         RunKind
	Policy       record.Policy
	PolicySource string
	Settings     json.RawMessage
	Vantages     []inventory.Zone
	State        RunState
	Created      time.Time
	Ended        time.Time // zero: not yet
	Landed       int64     // assessments
	Chain        string    // SHA-256 over the run and all its assessments, the newest last
}

// AddRun plans a run: its units and a task for each unit and vantage.
func (t *Tx) AddRun(ctx context.Context, n NewRun) (Run, error) {
	l, err := t.List(ctx, n.List)
	if err != nil {
		return Run{}, err
	}
	now, err := t.Now(ctx)
	if err != nil {
		return Run{}, err
	}
	run := Run{List: n.List, Kind: n.Kind, Policy: n.Policy, PolicySource: n.PolicySource, Settings: n.Settings, Vantages: n.Vantages,
		State: RunOpen, Created: moment(micros(now))}
	if len(run.Settings) == 0 {
		run.Settings = json.RawMessage("{}")
	}
	if run.Chain, err = run.genesis(l.SHA256); err != nil {
		return Run{}, err
	}
	vantages, err := encoded(run.Vantages, "[]")
	if err != nil {
		return Run{}, err
	}
	err = t.row(ctx, `INSERT INTO runs (list, kind, policy_id, policy_version, policy_sha256, policy_source, settings, vantages, state, created, chain)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`,
		run.List, string(run.Kind), run.Policy.ID, run.Policy.Version, run.Policy.SHA256, plain(run.PolicySource), string(run.Settings), vantages,
		string(run.State), micros(run.Created), run.Chain).Scan(&run.ID)
	if err != nil {
		return Run{}, err
	}
	return run, t.addTasks(ctx, run, n)
}

// addTasks makes the rows of the units of a run and of their tasks.
func (t *Tx) addTasks(ctx context.Context, run Run, n NewRun) error {
	wanted := make(map[string]bool, len(n.Units))
	for _, u := range n.Units {
		wanted[u] = true
	}
	rows, err := t.query(ctx, `SELECT unit FROM list_units WHERE list = $1 ORDER BY pos`, n.List)
	units, err := all(rows, err, scanText)
	if err != nil {
		return err
	}
	var looked, tasks [][]any
	for _, u := range units {
		if n.Units != nil && !wanted[u] {
			continue
		}
		delete(wanted, u)
		looked = append(looked, []any{run.ID, u, int64(len(looked))})
		for _, v := range run.Vantages {
			tasks = append(tasks, []any{run.ID, u, string(v), string(TaskPlanned), int64(max(n.Priority[u], 1))})
		}
	}
	for u := range wanted {
		return fault(nil, "danh sách không có đơn vị %s", "the list has no unit %s", u)
	}
	if len(tasks) == 0 {
		return fault(nil, "đợt rà quét không có đơn vị hoặc vùng mạng nào", "the run has no unit or no vantage")
	}
	if err := t.insert(ctx, "run_units", "run, unit, pos", "", looked); err != nil {
		return err
	}
	return t.insert(ctx, "tasks", "run, unit, vantage, state, priority", "", tasks)
}

// genesis is where the chain of a run begins: what the run is, and over which
// list. Neither can be changed without breaking the chain.
func (r Run) genesis(listSHA256 string) (string, error) {
	return digest(struct {
		List         string           `json:"list"`
		Kind         RunKind          `json:"kind"`
		Policy       record.Policy    `json:"policy"`
		PolicySource string           `json:"policy_source"`
		Settings     string           `json:"settings"`
		Vantages     []inventory.Zone `json:"vantages"`
		Created      int64            `json:"created"`
	}{listSHA256, r.Kind, r.Policy, plain(r.PolicySource), string(r.Settings), r.Vantages, micros(r.Created)})
}

// digest is the SHA-256 of a value as JSON.
func digest(v any) (string, error) {
	b, err := json.Marshal(v)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), err
}
