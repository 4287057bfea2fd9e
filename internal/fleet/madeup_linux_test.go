package fleet_test

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/fleet"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/store"
)

// The made-up nation: what is seen of a unit depends on the unit and the place
// that is looked from, and on nothing else, whoever looks and how often.

var madeUpChecks = []string{"tls.versions", "tls.suites", "http.headers"}

// madeUpList has n units of two endpoints each.
func madeUpList(n int) store.List {
	l := store.List{Name: "made-up"}
	for i := range n {
		id := fmt.Sprintf("H%03d", i)
		u := inventory.Unit{
			Unit:    inventory.Identity{ID: id, Name: "Ủy ban nhân dân xã " + id, Kind: inventory.Commune},
			Systems: []inventory.System{{ID: "mc", Name: "Một cửa", Level: 2}},
		}
		for _, e := range []string{"web", "mail"} {
			u.Endpoints = append(u.Endpoints, inventory.Endpoint{ID: e, System: "mc", Target: "https://127.0.0.1/" + id, Kind: inventory.HTTPS, Zone: inventory.Internet})
		}
		l.Units = append(l.Units, store.ListUnit{Declared: u, File: record.File{Name: id + ".yaml", SHA256: strings.Repeat("0", 64)}})
	}
	return l
}

// chance is a number below n that is always the same for the same words.
func chance(n int, words ...string) int {
	h := fnv.New64a()
	for _, w := range words {
		_, _ = h.Write([]byte(w + "\x00"))
	}
	sum := h.Sum64()
	return int((sum ^ sum>>29) % uint64(n))
}

// seenOf is what a check sees: a number, or nothing for a cause.
func seenOf(unit string, zone inventory.Zone, endpoint, check string) fact.Observation {
	o := fact.Observation{Check: check, Endpoint: endpoint, Vantage: "here", Zone: string(zone)}
	if chance(20, unit, string(zone), endpoint) == 0 { // a dead endpoint
		o.Unknown = fact.Because(fact.Timeout, "no answer from "+endpoint+" of "+unit)
		return o
	}
	o.Value = json.RawMessage(fmt.Sprintf(`{"grade":%d,"of":%q}`, chance(6, unit, string(zone), endpoint, check), unit))
	return o
}

// madeUpLook looks for as long as most says, some units ten times as long.
func madeUpLook(most time.Duration) fleet.Look {
	return func(ctx context.Context, t fleet.Task, w io.Writer) error {
		u := t.Unit.Declared
		h := record.Header{Tool: record.Tool{Version: "test", Go: "go"}, Policy: t.Run.Policy, UnitFile: t.Unit.File, Unit: u, Vantage: t.Vantage, Started: time.Now()}
		for _, e := range u.Endpoints {
			for _, c := range madeUpChecks {
				h.Plan = append(h.Plan, record.Pair{Endpoint: e.ID, Check: c})
			}
		}
		out, err := record.NewWriter(w, h)
		if err != nil {
			return err
		}
		took := most * time.Duration(1+chance(9, u.Unit.ID, "slow")) / 10
		if chance(40, u.Unit.ID, "hangs") == 0 {
			took *= 10
		}
		end := record.End{}
		for i, p := range h.Plan {
			select {
			case <-ctx.Done():
				end.Stopped = true
			case <-time.After(took / time.Duration(len(h.Plan))):
			}
			if end.Stopped {
				break
			}
			o := seenOf(u.Unit.ID, t.Vantage.Zone, p.Endpoint, p.Check)
			o.At = time.Now()
			if err := out.Observe(o); err != nil {
				return err
			}
			if (i+1)%len(madeUpChecks) == 0 {
				if err := out.Happened(record.Event{At: time.Now(), Endpoint: p.Endpoint, What: record.LookedAt, Connections: 3}); err != nil {
					return err
				}
			}
		}
		end.At, end.Connections = time.Now(), 3*len(u.Endpoints)
		return out.Finish(end)
	}
}

// madeUpJudge has a requirement for each check: grade 0 anywhere fails, and what
// was not seen is inconclusive.
func madeUpJudge(t fleet.Task, records []*record.Assessment) (store.Judgement, error) {
	j := store.Judgement{Verdict: judge.Ready, At: time.Now(), Policy: t.Run.Policy}
	j.Tally.Judged, j.Tally.Deciding = len(madeUpChecks), len(madeUpChecks)
	for _, check := range madeUpChecks {
		f := store.Finding{Requirement: "REQ-" + strings.ToUpper(check), Decides: true, Verdict: judge.Pass, Severity: judge.High}
		for _, e := range t.Unit.Declared.Endpoints {
			v, causes := madeUpVerdict(check, e.ID, records)
			if v == judge.Pass {
				continue
			}
			f.Detail = append(f.Detail, store.Detail{Scope: judge.PerEndpoint, System: e.System, Endpoint: e.ID, Verdict: v, Causes: causes})
			if f.Verdict != judge.Fail {
				f.Verdict = v
			}
		}
		for _, d := range f.Detail {
			if d.Verdict == f.Verdict {
				f.Places++
			}
		}
		switch f.Verdict {
		case judge.Fail:
			j.Tally.Fail++
			j.Verdict = judge.NotReady
		case judge.Inconclusive:
			j.Tally.Inconclusive++
			j.Because = append(j.Because, lang.Tf("chưa thấy %s", "%s was not seen", check))
			if j.Verdict == judge.Ready {
				j.Verdict = judge.Undetermined
			}
		default:
			j.Tally.Pass++
		}
		j.Findings = append(j.Findings, f)
	}
	return j, nil
}

func madeUpVerdict(check, endpoint string, records []*record.Assessment) (v judge.Verdict, causes []fact.Cause) {
	v = judge.Pass
	for _, a := range records {
		for _, o := range a.Observations {
			switch {
			case o.Check != check || o.Endpoint != endpoint:
			case o.Unknown != nil:
				causes = []fact.Cause{o.Unknown.Cause}
				if v == judge.Pass {
					v = judge.Inconclusive
				}
			case strings.Contains(string(o.Value), `"grade":0,`):
				v = judge.Fail
			}
		}
	}
	return v, causes
}
