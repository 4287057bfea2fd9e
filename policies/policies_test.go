package policies_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/trial"
	"github.com/sansang/sansang/policies"
)

// trials reads every case of testdata/policies, which must be of some policy.
func trials(t *testing.T) []trial.Case {
	t.Helper()
	files, err := filepath.Glob("../testdata/policies/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	known := trial.Known{Facts: checks.Schema()}
	for _, p := range shipped(t) {
		for _, r := range p.Requirements {
			known.Requirements = append(known.Requirements, r.ID)
		}
	}
	var all []trial.Case
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		cases, err := trial.Read(filepath.Base(file), b, known)
		if err != nil {
			t.Error(err)
		}
		all = append(all, cases...)
	}
	return all
}

// load gives the default policy.
func load(t interface{ Fatal(...any) }) *judge.Policy {
	for _, p := range shipped(t) {
		if p.ID == policies.Default {
			return p
		}
	}
	t.Fatal("there is no policy " + policies.Default)
	return nil
}

// shipped gives every policy that comes with the program.
func shipped(t interface{ Fatal(...any) }) []*judge.Policy {
	ps, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	return ps
}

var compiled = sync.OnceValues(func() ([]*judge.Policy, error) {
	lib, err := judge.ReadLibrary(policies.FS)
	if err != nil {
		return nil, err
	}
	names, err := judge.Names(policies.FS)
	if err != nil {
		return nil, err
	}
	var out []*judge.Policy
	for _, name := range names {
		p, err := judge.Load(policies.FS, name+".yaml", lib, checks.Schema())
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
})

const sha = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// Every case comes out as it says under every policy that lists its
// requirement, whole and with each part hidden; every requirement of a policy
// has cases for both answers; and every condition of every expression has been
// true and false. A policy of another time is tried by those cases that do not
// speak of moments, set into its time.
func TestPolicies(t *testing.T) {
	cases, lib := trials(t), library(t)
	seen, never := map[string]bool{}, map[string]*judge.Branch{}
	var noting sync.Mutex
	t.Run("each", func(t *testing.T) {
		for _, p := range shipped(t) {
			t.Run(p.ID, func(t *testing.T) {
				t.Parallel()
				out := tryPolicy(t, p, lib, cases)
				noting.Lock()
				defer noting.Unlock()
				for i, b := range out.Branches {
					for _, v := range b.Want {
						key := fmt.Sprint(b.Requirement, " ", b.Rule, " ", b.Field, " ", b.Text, " ", v, nth(out.Branches, i))
						if slices.Contains(trial.Unseen(b), v) {
							never[key] = b
						} else {
							seen[key] = true
						}
					}
				}
			})
		}
	})
	for _, key := range slices.Sorted(maps.Keys(never)) {
		if !seen[key] {
			t.Errorf("no case shows %s", key)
		}
	}
}

// tryPolicy tries one policy by the cases that are of its requirements.
func tryPolicy(t *testing.T, p *judge.Policy, lib *judge.Library, cases []trial.Case) trial.Outcome {
	t.Helper()
	tr := trial.Trial{Policy: p, Applies: checks.Tells, Changed: func(r *judge.Requirement) bool { return changed(lib, r) }}
	if p.Extends != "" { // what it takes over unchanged is tried where it comes from
		cases = slices.DeleteFunc(slices.Clone(cases), func(c trial.Case) bool {
			_, r := trial.Only(p, c.Requirement)
			return r == nil || !tr.Changed(r)
		})
	}
	out, err := tr.Run(cases)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range out.Failures {
		t.Error(f.In(lang.En))
	}
	if out.Outside > 0 {
		tr.Whole = true
		past, err := tr.Run(then(p, lib, cases))
		if err != nil || past.Cases == 0 {
			t.Fatalf("%d cases set into its time, %v", past.Cases, err)
		}
		for _, f := range past.Failures {
			t.Error(f.In(lang.En))
		}
		t.Logf("%d cases set into its time", past.Cases)
		return out
	}
	for _, l := range out.Lacking {
		if _, r := trial.Only(p, l.Requirement); p.Extends != "" && !tr.Changed(r) {
			continue
		}
		t.Errorf("%s: lacks a case that passes (%v) or one that fails (%v)", l.Requirement, l.Pass, l.Fail)
	}
	t.Logf("%d cases, %d with a part hidden, %d conditions", out.Cases, out.Hidden, len(out.Branches))
	return out
}

// then sets cases into the last day of a policy's time.
func then(p *judge.Policy, lib *judge.Library, cases []trial.Case) []trial.Case {
	var out []trial.Case
	for _, c := range cases {
		b, err := json.Marshal(lib.Requirements[c.Requirement])
		if err == nil && !moments.Match(b) {
			c.At = p.Until.Time
			out = append(out, c)
		}
	}
	return out
}

// moments finds expressions that compare with the moment of judging.
var moments = regexp.MustCompile(`\bat\b *[<>=-]|[<>=-] *at\b`)

// nth tells apart conditions that are written alike in one expression.
func nth(bs []*judge.Branch, i int) (n int) {
	for _, b := range bs[:i] {
		if b.Requirement == bs[i].Requirement && b.Rule == bs[i].Rule && b.Field == bs[i].Field && b.Text == bs[i].Text {
			n++
		}
	}
	return n
}

// changed tells whether a policy asks more of a requirement than the library.
func changed(lib *judge.Library, r *judge.Requirement) bool {
	judging := func(r *judge.Requirement) string {
		b, err := json.Marshal([]any{r.Rule, r.Also, r.Known, r.MaxAge, r.Evidence})
		return string(b) + fmt.Sprint(err)
	}
	have := lib.Requirements[r.ID]
	return have != nil && judging(have) != judging(r)
}

func library(t *testing.T) *judge.Library {
	t.Helper()
	lib, err := judge.ReadLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

// TestClosedPortsShowNoSystem: that nothing is served at a plain port is good,
// and no sight of the system behind it.
func TestClosedPortsShowNoSystem(t *testing.T) {
	p, req := trial.Only(load(t), "WEB-01")
	for _, tr := range trials(t) {
		if tr.Requirement != "WEB-01" || tr.Want != judge.Pass {
			continue
		}
		want := judge.Ready
		if strings.Contains(string(tr.Facts["http.redirect"]), `"open":false`) {
			want = judge.Undetermined
		}
		if r := p.Judge(tr.Judged(req, checks.Tells)); r.Verdict != want {
			t.Errorf("%s: %v because %v, want %v", tr.Name, r.Verdict, r.Because, want)
		}
	}
}

// anyFact draws a fact of a type, with gaps where it may have them.
func anyFact(t *rapid.T, ty *fact.Type, name string) any {
	switch ty.Kind {
	case fact.Bool:
		return rapid.Bool().Draw(t, name)
	case fact.Int:
		return rapid.SampledFrom([]int64{0, 1, 200, 256, 301, 1024, 2048, 3072, 31536000}).Draw(t, name)
	case fact.Double:
		return rapid.SampledFrom([]float64{0, 0.4, 7, 61, 4000}).Draw(t, name)
	case fact.String:
		return rapid.SampledFrom([]string{"", "2.0", "1.99", "RSA", "ECDSA", "SHA-1", "SHA-256", "Strict", "system", "OpenSSH_9.2", "any", "ECDHE", "AES_128_GCM", "TLS_AES_128_GCM_SHA256"}).Draw(t, name)
	case fact.Time:
		return rapid.SampledFrom([]string{"2020-01-01T00:00:00Z", "2026-11-30T00:00:00Z", "2030-01-01T00:00:00Z"}).Draw(t, name)
	case fact.List:
		if ty.Elem.Kind == fact.String {
			return rapid.SliceOfN(rapid.SampledFrom([]string{"curve25519-sha256", "diffie-hellman-group1-sha1", "3des-cbc", "aes256-ctr", "chacha20-poly1305@openssh.com", "hmac-sha1", "hmac-sha2-256-etm@openssh.com", "Server: nginx/1.0", "x25519", "secp256r1"}), 0, 3).Draw(t, name)
		}
		out := []any{}
		for i := range rapid.IntRange(0, 2).Draw(t, name) {
			out = append(out, anyFact(t, ty.Elem, fmt.Sprint(name, i)))
		}
		return out
	case fact.Struct:
		out := map[string]any{}
		for _, f := range ty.Fields {
			if f.Maybe && rapid.IntRange(0, 4).Draw(t, f.Name+" hidden") == 0 {
				out[f.Name] = map[string]any{"unknown": map[string]any{"cause": "timeout"}}
				continue
			}
			out[f.Name] = anyFact(t, f.Type, f.Name)
		}
		return out
	}
	return map[string]any{}
}

// Whatever was seen, hiding any part of it never flips a verdict, of a
// requirement or of the unit, over every shipped policy.
func TestHidingFactsNeverFlips(t *testing.T) {
	for _, p := range shipped(t) {
		t.Run(p.ID, func(t *testing.T) { hidingNeverFlips(t, p) })
	}
}

func hidingNeverFlips(t *testing.T, p *judge.Policy) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, inventory.Vietnam)
	some(t, 12, func(t *rapid.T) {
		c := anyCase(t, p, at)
		hidden := c
		hidden.Observations = nil
		for i, o := range c.Observations {
			switch rapid.IntRange(0, 3).Draw(t, fmt.Sprint("hide ", i)) {
			case 0: // gone
			case 1: // there, but Unknown
				o.Value, o.Unknown = nil, fact.Because(fact.Blocked, "hidden")
				hidden.Observations = append(hidden.Observations, o)
			default:
				hidden.Observations = append(hidden.Observations, o)
			}
		}
		if rapid.Bool().Draw(t, "hide vantage") {
			hidden.Zone = ""
		}
		hidden = withoutZones(t, hidden)
		before, after := p.Judge(c), p.Judge(hidden)
		if after.Verdict != before.Verdict && after.Verdict != judge.Undetermined {
			t.Fatalf("unit: %v became %v", before.Verdict, after.Verdict)
		}
		for i, res := range before.Requirements {
			for j, f := range res.Findings {
				got := after.Requirements[i].Findings[j].Verdict
				if got != f.Verdict && got != judge.Inconclusive && got != judge.Manual {
					t.Fatalf("%s on %s%s: %v became %v", res.ID, f.System, f.Endpoint, f.Verdict, got)
				}
			}
		}
	})
}

// withoutZones hides where some of several vantages stood.
func withoutZones(t *rapid.T, c judge.Case) judge.Case {
	c.Vantages, c.Observations = slices.Clone(c.Vantages), slices.Clone(c.Observations)
	for i, v := range c.Vantages {
		if rapid.IntRange(0, 3).Draw(t, "hide zone of "+v.Name) > 0 {
			continue
		}
		c.Vantages[i].Zone = ""
		for j, o := range c.Observations {
			if o.Vantage == v.Name {
				c.Observations[j].Zone = ""
			}
		}
	}
	return c
}

// anyViews adds up to three vantages, some of which were not to look at all.
func anyViews(t *rapid.T, c *judge.Case) {
	for i := range rapid.IntRange(0, 3).Draw(t, "vantages") {
		v := judge.Vantage{Name: fmt.Sprint("v", i), Zone: rapid.SampledFrom(append(inventory.Zones, "")).Draw(t, "zone of vantage")}
		if rapid.IntRange(0, 2).Draw(t, "whole plan") == 0 {
			v.Plan = map[judge.Look]bool{}
		}
		c.Vantages = append(c.Vantages, v)
	}
}

// observe sees a fact of an endpoint from each vantage.
func observe(t *rapid.T, c *judge.Case, id string, e inventory.Endpoint, ty *fact.Type) {
	o := fact.Observation{Check: id, Endpoint: e.ID, At: c.At}
	see := func() {
		value, err := json.Marshal(anyFact(t, ty, id))
		if err != nil {
			t.Fatal(err)
		}
		o.Value = value
		c.Observations = append(c.Observations, o)
	}
	if len(c.Vantages) == 0 {
		see()
	}
	for _, v := range c.Vantages {
		o.Vantage, o.Zone = v.Name, string(v.Zone)
		if v.Plan == nil {
			see()
		} else if rapid.Bool().Draw(t, "planned") {
			v.Plan[judge.Look{Endpoint: e.ID, Check: id}] = true
			see()
		}
	}
}

func anyCase(t *rapid.T, p *judge.Policy, at time.Time) judge.Case {
	day := inventory.Date{Time: at.AddDate(0, 0, -1)}
	c := judge.Case{At: at, Zone: rapid.SampledFrom([]inventory.Zone{inventory.Internet, inventory.Internal, inventory.Admin}).Draw(t, "vantage"),
		Unit: inventory.Unit{Unit: inventory.Identity{ID: "H21", Name: "x", Kind: inventory.Commune}, Systems: []inventory.System{{ID: "s", Name: "s", Level: rapid.IntRange(1, 5).Draw(t, "level")}}}}
	c.Unit.Hosts = []inventory.HostRange{{CIDR: rapid.SampledFrom([]string{"127.0.0.1/32", "203.0.113.5/32"}).Draw(t, "host"), System: "s", Ports: []int{443}, UDP: []int{500}}}
	c.Unit.Domains = []inventory.DomainName{{Name: "xa.gov.vn", System: "s"}}
	for _, kind := range []inventory.Kind{inventory.HTTPS, inventory.HTTP, inventory.SSH, inventory.TCP} {
		e := inventory.Endpoint{ID: string(kind), System: "s", Target: rapid.SampledFrom([]string{"127.0.0.1:1", "203.0.113.5:1"}).Draw(t, "target"), Kind: kind, Zone: rapid.SampledFrom([]inventory.Zone{inventory.Internet, inventory.WAN, inventory.Admin}).Draw(t, "zone")}
		c.Unit.Endpoints = append(c.Unit.Endpoints, e)
	}
	anyViews(t, &c)
	schema := checks.Schema()
	for _, e := range c.Unit.Places() {
		for _, id := range schema.IDs() {
			if ch, _ := checks.Find(id); ch.AppliesTo(e) {
				observe(t, &c, id, e, schema[id])
			}
		}
	}
	for i, r := range p.Requirements {
		doc := fmt.Sprint("d", i)
		result := rapid.SampledFrom([]inventory.Result{"", inventory.Met, inventory.Met, inventory.NotMet}).Draw(t, r.ID)
		if result == "" {
			continue
		}
		c.Unit.Attestations = append(c.Unit.Attestations, inventory.Attestation{Requirement: r.ID, Result: result, Document: doc, SHA256: sha, Issued: day, Signer: "x"})
		if rapid.Bool().Draw(t, "and an older one") {
			old := inventory.Attestation{Requirement: r.ID, Document: "old" + doc, SHA256: sha, Issued: inventory.Date{Time: day.AddDate(0, 0, -1)}, Signer: "x"}
			c.Unit.Attestations = append(c.Unit.Attestations, old)
			c.Observations = append(c.Observations, document("old"+doc, at))
		}
		c.Observations = append(c.Observations, document(doc, at))
		if rapid.IntRange(0, 5).Draw(t, "waived") == 0 {
			c.Unit.Waivers = append(c.Unit.Waivers, inventory.Waiver{Requirement: r.ID, Reason: "r", Approver: "a", Expires: day})
			c.Unit.Waivers[len(c.Unit.Waivers)-1].Expires = inventory.Date{Time: at.AddDate(0, 1, 0)}
		}
	}
	return c
}

func document(name string, at time.Time) fact.Observation {
	return fact.Observation{Check: judge.DocumentCheck, Endpoint: name, At: at, Value: json.RawMessage(`{"sha256":"` + sha + `","bytes":1}`)}
}

// Both halves of every text are there, and Vietnamese is Vietnamese.
func TestTextsInBothLanguages(t *testing.T) {
	for _, p := range shipped(t) {
		bilingual(t, p.ID, map[string]lang.Text{"title": p.Title, "about": p.About})
		for _, r := range p.Requirements {
			bilingual(t, r.ID, map[string]lang.Text{"title": r.Title, "need": r.Need, "fix": r.Fix})
		}
	}
}

func bilingual(t *testing.T, id string, texts map[string]lang.Text) {
	t.Helper()
	const marks = "ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
	for name, text := range texts {
		if text.Vi == "" || text.En == "" {
			t.Errorf("%s: %s lacks a language", id, name)
		}
		if name != "title" && !strings.ContainsAny(strings.ToLower(text.Vi), marks) {
			t.Errorf("%s: %s does not look Vietnamese: %s", id, name, text.Vi)
		}
		if strings.ContainsAny(strings.ToLower(text.En), marks) && name == "title" {
			t.Errorf("%s: English %s holds Vietnamese: %s", id, name, text.En)
		}
	}
}
