package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/store"
)

// began is when all fake looks began, so that two of one unit are the same.
var began = time.Date(2026, 11, 26, 1, 0, 0, 0, time.UTC)

func openAt(t testing.TB, where string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), where, store.Options{Migrate: Migrate})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// planned keeps a list of n units and plans a run over it.
func planned(t testing.TB, db *store.DB, n int, from ...inventory.Zone) store.Run {
	t.Helper()
	l := store.List{Name: "x"}
	for i := range n {
		u := inventory.Unit{Unit: inventory.Identity{ID: fmt.Sprintf("u%04d", i), Name: "Đơn vị", Kind: inventory.Commune},
			Endpoints: []inventory.Endpoint{{ID: "web", Target: "https://u.example", Kind: inventory.HTTPS}, {ID: "ssh", Target: "ssh://u.example", Kind: inventory.SSH}}}
		l.Units = append(l.Units, store.ListUnit{Declared: u})
	}
	var list int64
	err := db.Tx(t.Context(), func(tx *store.Tx) (err error) { list, err = tx.AddList(t.Context(), l); return err })
	if err != nil {
		t.Fatal(err)
	}
	if len(from) == 0 {
		from = []inventory.Zone{inventory.Internet}
	}
	run, err := Plan(t.Context(), db, store.NewRun{List: list, Kind: store.Batch, Policy: record.Policy{ID: "p", Version: "1", SHA256: "00"}, Vantages: from})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// fake looks at units without a network, and remembers what it was asked.
type fake struct {
	takes time.Duration
	fails func(Task) error // nil: no look does

	mu    sync.Mutex
	looks map[string]int
	at    int
	most  int
}

func (f *fake) look(ctx context.Context, t Task, w io.Writer) error {
	f.mu.Lock()
	if f.looks == nil {
		f.looks = map[string]int{}
	}
	f.looks[t.Unit.ID()]++
	f.at++
	f.most = max(f.most, f.at)
	f.mu.Unlock()
	defer func() { f.mu.Lock(); f.at--; f.mu.Unlock() }()
	if f.fails != nil {
		if err := f.fails(t); err != nil {
			return err
		}
	}
	t.Step(0, 2)
	stopped := wait(ctx, f.takes) != nil
	return writeRecord(w, t, stopped)
}

func writeRecord(w io.Writer, t Task, stopped bool) error {
	h := record.Header{Unit: t.Unit.Declared, Vantage: t.Vantage, Started: began, Policy: t.Run.Policy,
		Plan: []record.Pair{{Endpoint: "web", Check: "a.b"}, {Endpoint: "ssh", Check: "a.b"}}}
	r, err := record.NewWriter(w, h)
	if err != nil {
		return err
	}
	if !stopped {
		value, _ := json.Marshal(t.Unit.ID())
		if err := r.Observe(fact.Observation{Check: "a.b", Endpoint: "web", At: began, Known: fact.Observed, Value: value, Evidence: []fact.Evidence{{Label: "tls", At: began, ReceivedTotal: 9}}}); err != nil {
			return err
		}
		if err := r.Observe(fact.Observation{Check: "a.b", Endpoint: "ssh", At: began, Unknown: fact.Because(fact.Timeout, "no answer")}); err != nil {
			return err
		}
	}
	return r.Finish(record.End{At: began, Connections: 2, Stopped: stopped})
}

func fakeJudge(_ Task, all []*record.Assessment) (store.Judgement, error) {
	j := store.Judgement{Verdict: judge.Ready, At: began}
	for _, a := range all {
		for _, o := range a.Observations {
			if o.Unknown == nil {
				j.Findings = append(j.Findings, store.Finding{Requirement: fmt.Sprintf("R-%d", len(j.Findings)), Verdict: judge.Pass, Places: len(all)})
			}
		}
	}
	return j, nil
}

func newWorker(t testing.TB, db *store.DB, l Look, change ...func(*Options)) *Worker {
	t.Helper()
	o := Options{DB: db, Vantage: record.Vantage{Name: "here", Zone: inventory.Internet}, Look: l, Judge: fakeJudge, Least: 8, Most: 8}
	for _, c := range change {
		c(&o)
	}
	w, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func counts(t *testing.T, db *store.DB, run int64) store.Counts {
	t.Helper()
	c, err := db.Counts(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
