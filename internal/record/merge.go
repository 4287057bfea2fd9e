package record

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// Input is an assessment to be joined with others, and the name of its file.
type Input struct {
	Name string
	*Assessment
}

// Mismatch says why assessments cannot be joined.
type Mismatch struct {
	File          string
	What, Instead lang.Text
}

// In says it in one language.
func (m *Mismatch) In(l lang.Lang) string {
	return m.File + ": " + m.What.In(l) + "; " + m.Instead.In(l)
}

func (m *Mismatch) Error() string { return m.In(lang.En) }

func mismatch(file string, what, instead lang.Text) error {
	return &Mismatch{file, what, instead}
}

// Merge joins assessments of one unit that were made from several places. The
// result does not depend on their order, nor on whether some of them were
// joined before. Of one place only one look counts: the same facts twice are
// one, and where they differ the newer counts if newest says so.
func Merge(in []Input, newest bool) (*Assessment, error) {
	in = slices.Clone(in)
	slices.SortFunc(in, func(a, b Input) int { return cmp.Or(cmp.Compare(a.SHA256, b.SHA256), cmp.Compare(a.Name, b.Name)) })
	if err := sameUnit(in); err != nil {
		return nil, err
	}
	looks := map[Vantage]*look{}
	for _, a := range in {
		for _, l := range looksOf(a) {
			have := looks[l.vantage]
			switch {
			case l.vantage.Zone == "":
				return nil, mismatch(a.Name, lang.T("hồ sơ không cho biết máy quét đặt ở vùng mạng nào", "the record does not say in which zone the scanning machine stood"),
					lang.T("rà quét lại với --vantage internet, wan, internal hoặc admin", "scan again with --vantage internet, wan, internal or admin"))
			case have == nil:
				looks[l.vantage] = l
			case newest:
				looks[l.vantage] = newer(have, l)
			default:
				if err := have.add(l); err != nil {
					return nil, err
				}
			}
		}
	}
	return join(in, looks), nil
}

// look is all that was seen from one place.
type look struct {
	vantage Vantage
	name    string // of the file it is told by
	sources []Source
	plan    map[Pair]bool
	seen    map[Pair]fact.Observation // documents too
	events  map[string]Event          // by content
}

// looksOf parts an assessment into what was seen from each place.
func looksOf(a Input) []*look {
	var out []*look
	of := map[Vantage]*look{}
	for _, s := range sourcesOf(a) {
		if of[s.Vantage] == nil {
			l := &look{vantage: s.Vantage, name: a.Name, plan: map[Pair]bool{}, seen: map[Pair]fact.Observation{}, events: map[string]Event{}}
			of[s.Vantage], out = l, append(out, l)
		}
		of[s.Vantage].sources = append(of[s.Vantage].sources, s)
	}
	at := func(name, zone string) *look {
		if len(a.Header.Joined) == 0 {
			return out[0]
		}
		return of[Vantage{name, inventory.Zone(zone)}]
	}
	for _, p := range a.Header.Plan {
		l := at(p.Vantage, string(p.Zone))
		p.Vantage, p.Zone = l.vantage.Name, l.vantage.Zone
		l.plan[p] = true
	}
	for _, o := range a.Observations {
		l := at(o.Vantage, o.Zone)
		o.Vantage, o.Zone = l.vantage.Name, string(l.vantage.Zone)
		l.keep(o)
	}
	for _, e := range a.Events {
		l := at(e.Vantage, string(e.Zone))
		e.Vantage, e.Zone = l.vantage.Name, l.vantage.Zone
		l.events[content(e)] = e
	}
	return out
}

// source tells what joined assessments keep of one that was joined.
func source(a Input) Source {
	h := a.Header
	s := Source{File: File{a.Name, a.SHA256}, Vantage: h.Vantage, Tool: h.Tool, Policy: h.Policy, UnitFile: h.UnitFile, CAs: h.CAs, Limits: h.Limits,
		Started: h.Started, Finished: a.Finished(), Complete: a.End != nil && !a.End.Stopped, Templates: h.Templates, Imported: h.Imported}
	if a.End != nil {
		s.Ended, s.Connections, s.Worker = true, a.End.Connections, a.End.Worker
	}
	return s
}

// keep holds an observation; of two that say the same the later one. Two that
// do not are none, as for the judge.
func (l *look) keep(o fact.Observation) {
	p := Pair{Endpoint: o.Endpoint, Check: o.Check}
	have, twice := l.seen[p]
	if twice && !have.Same(o) {
		o.Value, o.Unknown = nil, fact.Because(fact.Broken, "two observations of the same thing differ")
		l.seen[p] = o
		return
	}
	if !twice || have.At.Before(o.At) || have.At.Equal(o.At) && content(have) < content(o) {
		l.seen[p] = o
	}
}

// add puts another look from the same place to this one, if both saw the same.
func (l *look) add(o *look) error {
	for _, p := range sorted(o.seen) {
		if have, twice := l.seen[p]; twice && !have.Same(o.seen[p]) {
			return mismatch(o.name, lang.Tf("cùng nhìn từ %s (%s) như %s nhưng thấy %s của %q khác", "looks from %s (%s) like %s, and saw %s of %q otherwise",
				l.vantage.Name, l.vantage.Zone, l.name, p.Check, p.Endpoint),
				lang.T("chỉ đưa vào một trong hai hồ sơ, hoặc thêm --newest để lấy hồ sơ mới hơn", "join only one of the two, or add --newest to take the newer"))
		}
	}
	for _, x := range o.seen {
		l.keep(x)
	}
	for p := range o.plan {
		l.plan[p] = true
	}
	for c, e := range o.events {
		l.events[c] = e
	}
	for _, s := range o.sources {
		i := slices.IndexFunc(l.sources, func(have Source) bool { return have.SHA256 == s.SHA256 })
		if i < 0 {
			l.sources = append(l.sources, s)
		} else if s.Name < l.sources[i].Name { // one file under two names
			l.sources[i] = s
		}
	}
	return nil
}

func newer(a, b *look) *look {
	if last(a.sources).compare(last(b.sources)) < 0 {
		return b
	}
	return a
}

// last is the source that started last.
func last(of []Source) Source { return slices.MaxFunc(of, Source.compare) }

// compare puts sources in the order in which they started.
func (s Source) compare(o Source) int {
	return cmp.Or(s.Started.Compare(o.Started), strings.Compare(s.SHA256, o.SHA256))
}

// content is a value as JSON, to order and to compare by.
func content(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}
