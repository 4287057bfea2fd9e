package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/yamldoc"
)

const units = "../../testdata/units"

// scenes is saw.yaml of an example unit: what was looked at from which place,
// and where that differs from good.yaml.
type scenes struct {
	Addresses map[string]string `json:"addresses"` // of names, to tell what was reached
	Views     []struct {
		Name    string                               `json:"name"`
		Zone    inventory.Zone                       `json:"zone"`
		Started time.Time                            `json:"started"`
		Places  map[string]map[string]map[string]any `json:"places"`
	} `json:"views"`
}

func decodeYAML(t *testing.T, path string, into any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := yamldoc.Parse(path, b)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// enact writes the assessment that a scan of an example unit would leave, by
// what saw.yaml and good.yaml say that each check saw. Nothing is scanned.
func enact(t *testing.T, unit string) []byte {
	t.Helper()
	var good map[string]map[string]any
	var s scenes
	decodeYAML(t, filepath.Join(units, "good.yaml"), &good)
	decodeYAML(t, filepath.Join(units, unit, "saw.yaml"), &s)
	u, err := readUnit(filepath.Join(units, unit, "unit.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	policy, err := loadPolicy(defaultPolicy)
	if err != nil {
		t.Fatal(err)
	}
	needs := slices.Sorted(slices.Values(policy.Needs()))
	places := u.Places()
	var joined []record.Input
	for _, v := range s.Views {
		h := record.Header{Tool: record.Tool{Version: "0.6.0", Go: "go1.26"}, UnitFile: u.file, Unit: u.Unit,
			Policy:  record.Policy{ID: policy.ID, Version: policy.Version, SHA256: digest([]byte(policy.ID + policy.Version))},
			Vantage: record.Vantage{Name: v.Name, Zone: v.Zone}, Started: v.Started,
			Limits: record.Limits{TimeoutMillis: 8000, EndpointMillis: 180_000, TotalMillis: 7_200_000, Parallel: 6, PerHost: 10, PerNetwork: 20, Global: 50, Ports: "default", HostMillis: 180_000}}
		at := v.Started
		obs := u.documents(at)
		var events []record.Event
		for _, p := range places {
			own, looked := v.Places[p.ID]
			if !looked {
				continue
			}
			if like, is := own["like"]; is {
				own = v.Places[fmt.Sprint(like["place"])]
			}
			made := 0
			for _, id := range needs {
				c, _ := checks.Find(id)
				if !c.AppliesTo(p) {
					continue
				}
				at = at.Add(1300 * time.Millisecond)
				h.Plan = append(h.Plan, record.Pair{Endpoint: p.ID, Check: id})
				o := s.observation(t, c, p, good[id], own[id])
				o.Vantage, o.Zone, o.At = v.Name, string(v.Zone), at
				obs, made = append(obs, o), made+o.Made
			}
			events = append(events, record.Event{At: at, Endpoint: p.ID, What: record.LookedAt, Connections: made})
		}
		for id := range v.Places {
			if !slices.ContainsFunc(places, func(p inventory.Endpoint) bool { return p.ID == id }) {
				t.Errorf("%s: saw.yaml tells of %s, which unit.yaml does not declare", unit, id)
			}
		}
		joined = append(joined, assessment(t, v.Name+".jsonl", h, obs, events, at))
	}
	whole, err := record.Merge(joined, false)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := whole.Write(&out, record.Tool{Version: "0.6.0", Go: "go1.26"}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// assessment writes what was seen from one place, and reads it again.
func assessment(t *testing.T, name string, h record.Header, obs []fact.Observation, events []record.Event, at time.Time) record.Input {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	w, err := record.Create(path, h)
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for _, o := range obs {
		o.Vantage, o.Zone = h.Vantage.Name, string(h.Vantage.Zone)
		if err := w.Observe(o); err != nil {
			t.Fatal(err)
		}
		made += o.Made
	}
	for _, e := range events {
		if err := w.Happened(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(record.End{At: at, Connections: made, Worker: &record.Worker{Wall: "network and files"}}); err != nil {
		t.Fatal(err)
	}
	a, err := record.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return record.Input{Name: name, Assessment: a}
}

// observation is what one check saw of one place: the good fact with the
// fields that saw.yaml gives otherwise, or why there is none. What is not of
// the check's own form is a mistake of the data.
func (s scenes) observation(t *testing.T, c *checks.Check, p inventory.Endpoint, good, own map[string]any) fact.Observation {
	t.Helper()
	o := fact.Observation{Check: c.ID, Endpoint: p.ID, Known: c.Known, Made: 2}
	host, port := p.HostPort()
	if a := s.Addresses[host]; a != "" {
		host = a
	}
	if p.HasPort() {
		o.Peers = []string{host + ":" + port}
	}
	if why, hidden := own["unknown"]; hidden {
		b, _ := json.Marshal(why)
		if err := json.Unmarshal(b, &o.Unknown); err != nil {
			t.Fatal(err)
		}
		return o
	}
	if good == nil {
		t.Fatalf("good.yaml has nothing for %s", c.ID)
	}
	value := maps.Clone(good)
	for field, v := range own {
		if _, is := good[field]; !is {
			t.Errorf("%s of %s: saw.yaml writes the field %s, which good.yaml does not", c.ID, p.ID, field)
		}
		value[field] = v
	}
	b, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	o.Value = json.RawMessage(strings.NewReplacer("{name}", p.Name(), "{domain}", p.Target).Replace(string(b)))
	if _, gaps := c.Fact.Read(o.Value); len(gaps) > 0 {
		for _, g := range gaps {
			if g.Unknown.Cause == fact.Broken || g.Unknown.Cause == fact.Skipped {
				t.Errorf("%s of %s lacks %s (%v)", c.ID, p.ID, strings.Join(g.Path, "."), g.Unknown.Error())
			}
		}
	}
	return o
}

// hold compares a generated file with what is stored, or stores it.
func hold(t *testing.T, path string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what its source says (%v): run make generate", path, err)
	}
}
