package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// scanned makes the record of a scan: of each endpoint what was seen, "open",
// "shut", "unseen" or "" for nothing kept; ended or not.
func scanned(t fataler, name, zone string, minute int, ended bool, seen ...string) Input {
	h := Header{Started: moment.Add(time.Duration(minute) * time.Minute), Vantage: Vantage{name, inventory.Zone(zone)}, UnitFile: File{"u.yaml", "u"},
		Unit: inventory.Unit{Unit: inventory.Identity{ID: "H21"}}}
	for i := range seen {
		h.Plan = append(h.Plan, Pair{Endpoint: fmt.Sprint("e", i), Check: "tcp.open"})
		h.Unit.Endpoints = append(h.Unit.Endpoints, inventory.Endpoint{ID: fmt.Sprint("e", i), Target: "127.0.0.1:1", Zone: inventory.Internet})
	}
	return written2(t, fmt.Sprint(name, "-", zone, "-", minute, ".jsonl"), h, ended, seen)
}

type fataler interface{ Fatal(args ...any) }

func written2(t fataler, file string, h Header, ended bool, seen []string) Input {
	var b bytes.Buffer
	w, err := NewWriter(&b, h)
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	check(err)
	for i, s := range seen {
		o := fact.Observation{Check: "tcp.open", Endpoint: fmt.Sprint("e", i), Vantage: h.Vantage.Name, Zone: string(h.Vantage.Zone), At: h.Started.Add(time.Duration(i) * time.Second)}
		switch s {
		case "":
			continue
		case "unseen":
			o.Unknown = fact.Because(fact.Timeout, "x")
		default:
			o.Value = json.RawMessage(fmt.Sprintf(`{"open":%v}`, s == "open"))
		}
		check(w.Observe(o))
		check(w.Happened(Event{At: o.At, Endpoint: o.Endpoint, What: LookedAt, Connections: 1}))
	}
	if ended {
		check(w.Finish(End{At: h.Started.Add(time.Minute), Connections: len(seen)}))
	}
	return reread(t, file, b.Bytes())
}

func reread(t fataler, file string, b []byte) Input {
	a, err := Read(file, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return Input{file, a}
}

// joined merges, writes and reads again, as the command does.
func joined(t fataler, file string, in ...Input) (Input, []byte) {
	a, err := Merge(in, false)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := a.Write(&b, Tool{}); err != nil {
		t.Fatal(err)
	}
	return reread(t, file, b.Bytes()), b.Bytes()
}

func TestMerge(t *testing.T) {
	out, whole := joined(t, "c", scanned(t, "a", "internet", 0, true, "shut", "unseen"), scanned(t, "b", "admin", 5, true, "open", "open"))
	switch h := out.Header; {
	case h.Format != JoinedFormat, len(h.Joined) != 2, len(h.Plan) != 4, len(out.Observations) != 4, len(out.Missing()) != 0, len(out.Vantages()) != 2:
		t.Errorf("%+v", h)
	case out.End == nil, out.End.Connections != 4, out.End.Stopped, !out.Finished().Equal(moment.Add(6 * time.Minute)), !h.Started.Equal(moment):
		t.Errorf("ended %+v", out.End)
	case h.Joined[0].Name != "a-internet-0.jsonl", h.Joined[0].Vantage.Zone != inventory.Internet, h.Joined[0].SHA256 == "", !h.Joined[0].Complete:
		t.Errorf("from %+v", h.Joined[0])
	case out.Connections()["e0"] != 2:
		t.Errorf("connections %v", out.Connections())
	}
	for _, o := range out.Observations {
		if o.Vantage == "" || o.Zone == "" {
			t.Errorf("from nowhere: %+v", o)
		}
	}
	var d *Damage
	for name, edited := range map[string]string{
		"a fact moved to a place that nobody looked from": strings.Replace(string(whole), `"vantage":"a","zone":"internet","at"`, `"vantage":"a","zone":"wan","at"`, 1),
		"the form of a single scan":                       strings.Replace(string(whole), JoinedFormat, Format, 1),
	} {
		if _, err := Read("c", strings.NewReader(edited)); edited == string(whole) || !errors.As(err, &d) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A record of before says its zone in the header alone.
func TestMergeOldRecords(t *testing.T) {
	old := scanned(t, "a", "internet", 0, true, "shut")
	old.Observations[0].Zone = ""
	out, _ := joined(t, "c", old, scanned(t, "b", "admin", 5, true, "open"))
	if o := out.Observations[0]; o.Zone != "internet" || len(out.Missing()) != 0 {
		t.Errorf("%+v", o)
	}
}

// What was cut short, or stopped, stays so.
func TestMergeIncomplete(t *testing.T) {
	good := scanned(t, "a", "internet", 0, true, "shut", "shut")
	cut := scanned(t, "b", "admin", 5, false, "open", "")
	out, _ := joined(t, "c", good, cut)
	if out.End != nil || len(out.Missing()) != 1 || out.Unanswered()[0].Vantage != "b" || out.Unanswered()[0].Zone != "admin" {
		t.Errorf("end %v, missing %v", out.End, out.Missing())
	}
	stopped := scanned(t, "b", "admin", 5, true, "open", "open")
	stopped.End.Stopped = true
	if out, _ := joined(t, "c", good, stopped); out.End == nil || !out.End.Stopped {
		t.Errorf("stopped: %+v", out.End)
	}
}

func TestMergeRefuses(t *testing.T) {
	good := scanned(t, "a", "internet", 0, true, "shut")
	with := func(change func(*Header)) Input {
		in := scanned(t, "b", "admin", 5, true, "open")
		in.Header.UnitFile.SHA256 = "other"
		in.Header.Unit.Endpoints = slices.Clone(in.Header.Unit.Endpoints)
		change(&in.Header)
		return in
	}
	for name, c := range map[string]struct {
		in     Input
		newest bool
		want   string
	}{
		"another unit":      {with(func(h *Header) { h.Unit.Unit.ID = "H22" }), false, "of the unit H2"},
		"another target":    {with(func(h *Header) { h.Unit.Endpoints[0].Target = "127.0.0.1:2" }), false, `endpoints.e0.target: "127.0.0.1:`},
		"one endpoint more": {with(func(h *Header) { h.Unit.Endpoints = append(h.Unit.Endpoints, inventory.Endpoint{ID: "new"}) }), false, "endpoints.new: "},
		"domains not said":  {with(func(h *Header) { h.Unit.Domains = []inventory.DomainName{} }), false, "domains: "},
		"a system":          {with(func(h *Header) { h.Unit.Systems = []inventory.System{{ID: "s", Level: 3}} }), false, "systems"},
		"a host range":      {with(func(h *Header) { h.Unit.Hosts = []inventory.HostRange{{CIDR: "10.0.0.0/24"}} }), false, "hosts"},
		"nowhere":           {with(func(h *Header) { h.Vantage.Zone = "" }), true, "does not say in which zone"},
		"seen otherwise":    {scanned(t, "a", "internet", 9, true, "open"), false, `saw tcp.open of "e0" otherwise; join only one of the two, or add --newest`},

		"one place, the same facts": {scanned(t, "a", "internet", 9, true, "shut"), false, ""},
		"the newer is asked for":    {scanned(t, "a", "internet", 9, true, "open"), true, ""},
		"what changes no meaning":   {with(func(h *Header) { h.Unit.Waivers = []inventory.Waiver{{Requirement: "X"}} }), false, ""},
	} {
		_, err := Merge([]Input{good, c.in}, c.newest)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		var m *Mismatch
		if err != nil && (!errors.As(err, &m) || m.In(lang.Vi) == m.In(lang.En) || m.File == "") {
			t.Errorf("%s: not told in two languages: %v", name, err)
		}
	}
	out, err := Merge([]Input{scanned(t, "a", "internet", 9, true, "open"), good}, true)
	if err != nil || len(out.Observations) != 1 || string(out.Observations[0].Value) != `{"open":true}` || len(out.Header.Joined) != 1 {
		t.Errorf("the newer: %+v, %v", out, err)
	}
}

// Joining does not depend on order or on steps, to the byte.
func TestMergeInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var in []Input
		for i := range rapid.IntRange(3, 5).Draw(t, "records") {
			zone := rapid.SampledFrom(inventory.Zones).Draw(t, "zone")
			seen := rapid.SliceOfN(rapid.SampledFrom([]string{"open", "shut", "unseen", ""}), 2, 2).Draw(t, "seen")
			in = append(in, scanned(t, rapid.SampledFrom([]string{"a", "b"}).Draw(t, "name"), string(zone), i, rapid.Bool().Draw(t, "ended"), seen...))
		}
		newest := rapid.Bool().Draw(t, "newest")
		merge := func(in ...Input) (Input, string) {
			a, err := Merge(in, newest)
			if err != nil {
				return Input{}, "refused"
			}
			var b bytes.Buffer
			if err := a.Write(&b, Tool{}); err != nil {
				t.Fatal(err)
			}
			return reread(t, "joined", b.Bytes()), b.String()
		}
		_, want := merge(in...)
		mixed := rapid.Permutation(in).Draw(t, "order")
		if _, got := merge(mixed...); got != want {
			t.Fatalf("in another order:\n%s\n%s", got, want)
		}
		cut := rapid.IntRange(2, len(mixed)-1).Draw(t, "cut")
		some, refused := merge(mixed[:cut]...)
		got := refused
		if refused != "refused" {
			_, got = merge(append([]Input{some}, mixed[cut:]...)...)
		}
		if got != want {
			t.Fatalf("in steps:\n%s\n%s", got, want)
		}
		if want == "refused" {
			return
		}
		if _, twice := merge(append(mixed, some)...); twice != want {
			t.Fatalf("joined twice:\n%s\n%s", twice, want)
		}
	})
}
