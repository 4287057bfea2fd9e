package record

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// join makes one assessment of what was seen from each place. All of it is
// told by the sources and by what they saw, so that the order and the steps in
// which they were joined leave no trace.
func join(in []Input, looks map[Vantage]*look) *Assessment {
	a := &Assessment{}
	for _, l := range looks {
		a.Header.Joined = append(a.Header.Joined, l.sources...)
		a.Header.Plan = slices.AppendSeq(a.Header.Plan, maps.Keys(l.plan))
		a.Observations = slices.AppendSeq(a.Observations, maps.Values(l.seen))
		a.Events = slices.AppendSeq(a.Events, maps.Values(l.events))
	}
	slices.SortFunc(a.Header.Joined, func(a, b Source) int { return cmp.Or(a.Vantage.compare(b.Vantage), a.compare(b)) })
	slices.SortFunc(a.Header.Plan, Pair.compare)
	slices.SortFunc(a.Observations, func(a, b fact.Observation) int {
		return cmp.Or(a.At.Compare(b.At), pairOf(a).compare(pairOf(b)))
	})
	slices.SortFunc(a.Events, func(a, b Event) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(content(a), content(b)))
	})
	h := slices.MaxFunc(in, func(a, b Input) int { return last(sourcesOf(a)).compare(last(sourcesOf(b))) }).Header
	a.Header.Unit, a.Header.UnitFile, a.Header.Policy = h.Unit, h.UnitFile, h.Policy
	a.Header.Started = slices.MinFunc(a.Header.Joined, func(a, b Source) int { return a.Started.Compare(b.Started) }).Started
	a.attested(in)
	end := End{Observations: len(a.Observations)}
	for _, s := range a.Header.Joined {
		for _, ca := range s.CAs {
			if !slices.Contains(a.Header.CAs, ca) {
				a.Header.CAs = append(a.Header.CAs, ca)
			}
		}
		end.Connections += s.Connections
		end.Stopped = end.Stopped || !s.Complete
		if s.Finished.After(end.At) {
			end.At = s.Finished
		}
	}
	if !slices.ContainsFunc(a.Header.Joined, func(s Source) bool { return !s.Ended }) {
		a.End = &end
	}
	return a
}

// attested gathers what imported files attest, each once.
func (a *Assessment) attested(in []Input) {
	have := map[string]inventory.Attestation{}
	for _, one := range in {
		for _, x := range one.Header.Attested {
			have[content(x)] = x
		}
	}
	for _, key := range slices.Sorted(maps.Keys(have)) {
		a.Header.Attested = append(a.Header.Attested, have[key])
	}
}

// Write writes a joined assessment, with a chain of its own.
func (a *Assessment) Write(out io.Writer, tool Tool) error {
	h := a.Header
	h.Tool = tool
	w, err := NewWriter(out, h)
	if err != nil {
		return err
	}
	for _, o := range a.Observations {
		if err := w.Observe(o); err != nil {
			return err
		}
	}
	for _, e := range a.Events {
		if err := w.Happened(e); err != nil {
			return err
		}
	}
	if a.End != nil {
		return w.Finish(*a.End)
	}
	return nil
}

// sameUnit refuses assessments of different units, and of one unit that was
// declared in different ways.
func sameUnit(in []Input) error {
	first := in[0]
	for _, a := range in[1:] {
		if x, y := a.Header.Unit.Unit.ID, first.Header.Unit.Unit.ID; x != y {
			return mismatch(a.Name, lang.Tf("là hồ sơ của đơn vị %s, còn %s là của %s", "this is of the unit %s, and %s is of %s", x, first.Name, y),
				lang.T("chỉ ghép hồ sơ của cùng một đơn vị", "join only assessments of one unit"))
		}
		if a.Header.UnitFile.SHA256 == first.Header.UnitFile.SHA256 {
			continue
		}
		if d := difference("", declared(first.Header.Unit), declared(a.Header.Unit)); d != "" {
			return mismatch(a.Name, lang.Tf("tệp đơn vị khai báo khác với %s: %s", "the unit file declares otherwise than that of %s: %s", first.Name, d),
				lang.T("rà quét lại bằng cùng một tệp đơn vị", "scan again with one and the same unit file"))
		}
	}
	return nil
}

// declared is the part of a unit file that says what is looked at.
func declared(u inventory.Unit) any {
	b, _ := json.Marshal(map[string]any{"systems": u.Systems, "endpoints": u.Endpoints, "hosts": u.Hosts, "domains": u.Domains})
	var v any
	_ = json.Unmarshal(b, &v)
	return v
}

// difference names the first thing in which two values differ: "endpoints.web.target:
// a / b".
func difference(path string, a, b any) string {
	a, b = byID(a), byID(b)
	x, mapX := a.(map[string]any)
	y, mapY := b.(map[string]any)
	if !mapX || !mapY {
		if content(a) == content(b) {
			return ""
		}
		return fmt.Sprintf("%s: %s / %s", strings.TrimPrefix(path, "."), content(a), content(b))
	}
	keys := slices.AppendSeq(slices.Collect(maps.Keys(x)), maps.Keys(y))
	slices.Sort(keys)
	for _, k := range keys {
		if d := difference(path+"."+k, x[k], y[k]); d != "" {
			return d
		}
	}
	return ""
}

// byID turns a list of things with names into a map, in which their order does
// not matter.
func byID(v any) any {
	l, ok := v.([]any)
	if !ok {
		return v
	}
	out := map[string]any{}
	for _, e := range l {
		m, _ := e.(map[string]any)
		name := ""
		for _, key := range []string{"id", "name", "cidr"} {
			if s, ok := m[key].(string); ok && name == "" {
				name = s
			}
		}
		if _, twice := out[name]; name == "" || twice {
			return v
		}
		out[name] = m
	}
	return out
}

func sourcesOf(a Input) []Source {
	if len(a.Header.Joined) > 0 {
		return a.Header.Joined
	}
	return []Source{source(a)}
}

func pairOf(o fact.Observation) Pair {
	return Pair{o.Endpoint, o.Check, o.Vantage, inventory.Zone(o.Zone)}
}

func (v Vantage) compare(o Vantage) int {
	return cmp.Or(slices.Index(inventory.Zones, v.Zone)-slices.Index(inventory.Zones, o.Zone), strings.Compare(v.Name, o.Name))
}

func (p Pair) compare(o Pair) int {
	return cmp.Or(Vantage{p.Vantage, p.Zone}.compare(Vantage{o.Vantage, o.Zone}), strings.Compare(p.Endpoint, o.Endpoint), strings.Compare(p.Check, o.Check))
}

func sorted(seen map[Pair]fact.Observation) []Pair {
	return slices.SortedFunc(maps.Keys(seen), Pair.compare)
}
