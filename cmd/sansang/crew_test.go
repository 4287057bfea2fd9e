package main

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fleet"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lab"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/roster"
	"github.com/sansang/sansang/internal/scan"
	"github.com/sansang/sansang/internal/store"
)

func TestTheGentlestRunSetsThePace(t *testing.T) {
	c := &crew{lookers: map[string]*looker{"a": {}}}
	first := c.keepPace(scan.Rates{Host: 10, Network: 30, Global: 2000, Questions: manyQuestions})
	if again := c.keepPace(scan.Rates{Host: 10, Network: 0, Global: 2000, Questions: manyQuestions}); again != first {
		t.Error("a run without a bound made a new throttle")
	}
	slower := c.keepPace(scan.Rates{Host: 2, Network: 40, Global: 2000, Questions: manyQuestions, Own: true})
	if want := (scan.Rates{Host: 2, Network: 30, Global: 2000, Questions: manyQuestions, Own: true}); slower.Rates != want {
		t.Errorf("%+v, want %+v", slower.Rates, want)
	}
	c.share = func(context.Context, netip.Prefix) (float64, error) { return 0.25, nil }
	if part, err := slower.throttle.Share(t.Context(), netip.Prefix{}); err != nil || part != 0.25 {
		t.Errorf("a throttle that was made before the worker has the part %v (%v) of the rate", part, err)
	}
	if slower.throttle != first.throttle {
		t.Error("two throttles at once let more through than either")
	}
	if c.lookers["a"].pace.Load() != slower {
		t.Error("who looks for other runs keeps the faster pace")
	}
}

func TestZonesOfARun(t *testing.T) {
	got, err := zones([]string{"admin", "internet", "admin"}, "admin")
	if err != nil || len(got) != 2 || got[0] != inventory.Internet || got[1] != inventory.Admin {
		t.Errorf("%v %v", got, err)
	}
	for _, c := range []struct {
		named []string
		own   string
	}{{[]string{"internet"}, ""}, {[]string{"internet"}, "admin"}, {[]string{""}, ""}, {nil, "mars"}} {
		if got, err := zones(c.named, c.own); err == nil {
			t.Errorf("%v from %q: %v", c.named, c.own, got)
		}
	}
}

// What travels with a list is what units name, without the keys that may lie
// beside it.
func TestSnapshotTakesCertificatesAndDocuments(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	secret := "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
	write("ca.pem", secret+string(lab.CAPEM()))
	write("none.pem", secret)
	write("qd.txt", "quyết định")
	unit := func(ca string) roster.Unit {
		return roster.Unit{Dir: dir, Unit: inventory.Unit{Unit: inventory.Identity{ID: "H99.01"}, TrustedCAs: []string{ca},
			Attestations: []inventory.Attestation{{Requirement: "ORG-01", Document: "qd.txt"}, {Requirement: "ORG-02", Document: "khong-co.txt"}}}}
	}
	a := &app{}
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	l, err := a.snapshot(&roster.List{Name: "x", Units: []roster.Unit{unit("ca.pem"), unit("ca.pem")}}, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range l.Units {
		if len(u.CAs) != 1 || strings.Contains(u.CAs[0].PEM, "PRIVATE") || u.CAs[0].SHA256 == "" {
			t.Errorf("CAs: %+v", u.CAs)
		}
		if roots, err := rootsOf(u.CAs); err != nil || roots == nil {
			t.Errorf("roots: %v", err)
		}
		if len(u.Documents) != 2 || u.Documents[0].Unknown == nil || u.Documents[1].Unknown != nil || !strings.Contains(string(u.Documents[1].Value), digest([]byte("quyết định"))) || !u.Documents[1].At.Equal(now) {
			t.Errorf("documents: %+v", u.Documents)
		}
	}
	if _, err := a.snapshot(&roster.List{Units: []roster.Unit{unit("none.pem")}}, nil, now); err == nil {
		t.Error("a file without a certificate was taken for a CA")
	}
}

// What was seen from one of two places makes nobody ready.
func TestNobodyIsReadyByHalf(t *testing.T) {
	policy, err := loadPolicy(defaultPolicy)
	if err != nil {
		t.Fatal(err)
	}
	assessed, err := record.Open(filepath.Join(units, "province", "ho-so.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	task := fleet.Task{Run: store.Run{Policy: policyOf(policy), Vantages: []inventory.Zone{inventory.Internet}}}
	c := &crew{lookers: map[string]*looker{policyOf(policy).SHA256: {policy: policy}}, memories: map[*judge.Policy]*sync.Pool{}}
	for vantages, want := range map[int]judge.UnitVerdict{1: judge.Ready, 2: judge.Undetermined} {
		task.Run.Vantages = inventory.Zones[:vantages]
		if j, err := c.judge(task, []*record.Assessment{assessed}); err != nil || j.Verdict != want {
			t.Errorf("seen from one of %d: %v (%v), because %v", vantages, j.Verdict, err, j.Because)
		}
	}
}

// The hours of an authorisation count as its days do, when it is told that
// nothing will be sent.
func TestUnscannable(t *testing.T) {
	day := func(s string) inventory.Date { d, _ := inventory.ParseDate(s); return d }
	unit := func(a *inventory.Authorisation) store.ListUnit {
		return store.ListUnit{Declared: inventory.Unit{Authorisation: a, Endpoints: []inventory.Endpoint{{ID: "a"}}}}
	}
	holds := inventory.Authorisation{From: day("2026-11-01"), Until: day("2026-11-30")}
	over, night := holds, holds
	over.Until, night.Hours = day("2026-11-02"), "22:00-05:00"
	noon := time.Date(2026, 11, 26, 12, 0, 0, 0, inventory.Vietnam)
	if without, notNow, gone := unscannable([]store.ListUnit{unit(nil), unit(&holds), unit(&over), unit(&night)}, noon); without != 1 || notNow != 2 || gone != 1 {
		t.Errorf("%d without, %d not now, %d never again", without, notNow, gone)
	}
}
