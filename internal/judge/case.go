package judge

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Case is what there is to judge: a unit, what was seen of it, from where, and
// the moment to judge at.
type Case struct {
	Unit         inventory.Unit
	Observations []fact.Observation
	Zone         inventory.Zone // that the scan looked from; empty: not said
	Incomplete   bool           // something planned was not looked at
	At           time.Time

	facts     map[string]map[string]fact.Observation // endpoint → check
	documents map[string]document
}

type document struct {
	Document
	unknown *fact.Unknown
}

// sort puts the observations where the rules find them. Two observations of
// the same thing that differ are no observation: which to believe is not for a
// program to choose.
func (c *Case) sort() {
	c.facts = map[string]map[string]fact.Observation{}
	c.documents = map[string]document{}
	for _, o := range c.Observations {
		if o.Validate() != nil {
			o.Value, o.Unknown = nil, fact.Because(fact.Broken, "the record holds neither fact nor Unknown")
		}
		of := c.facts[o.Endpoint]
		if of == nil {
			of = map[string]fact.Observation{}
			c.facts[o.Endpoint] = of
		}
		if have, twice := of[o.Check]; twice && !same(have, o) {
			o.Value, o.Unknown = nil, fact.Because(fact.Broken, "two observations of the same thing differ")
		}
		of[o.Check] = o
	}
	for path, of := range c.facts {
		if o, ok := of[DocumentCheck]; ok {
			c.documents[path] = readDocument(o)
		}
	}
}

func same(a, b fact.Observation) bool {
	if (a.Unknown == nil) != (b.Unknown == nil) {
		return false
	}
	if a.Unknown != nil {
		return *a.Unknown == *b.Unknown
	}
	return bytes.Equal(a.Value, b.Value)
}

func readDocument(o fact.Observation) document {
	d := document{unknown: o.Unknown}
	if d.unknown == nil {
		if err := json.Unmarshal(o.Value, &d.Document); err != nil || d.SHA256 == "" {
			d.unknown = fact.Because(fact.Broken, "the record of the document is damaged")
		}
	}
	return d
}

// subject is what a rule is asked of.
type subject struct {
	scope    Scope
	system   inventory.System
	endpoint inventory.Endpoint
	level    int // 0: there is no system to take it from
}

// subjects lists what a rule of a scope is asked of, in the order of the unit
// file. For the unit as a whole the highest level of its connecting systems
// counts.
func (c *Case) subjects(s Scope) []subject {
	switch s {
	case PerSystem:
		var out []subject
		for _, sys := range c.Unit.Systems {
			out = append(out, subject{scope: s, system: sys, level: sys.Level})
		}
		return out
	case PerEndpoint:
		var out []subject
		for _, e := range c.Unit.Endpoints {
			sys := c.system(e.System)
			out = append(out, subject{scope: s, system: sys, endpoint: e, level: sys.Level})
		}
		return out
	case PerUnit:
		unit := subject{scope: PerUnit}
		for _, sys := range c.Unit.Systems {
			if sys.IsToConnect() {
				unit.level = max(unit.level, sys.Level)
			}
		}
		return []subject{unit}
	}
	return nil
}

func (c *Case) system(id string) inventory.System {
	for _, s := range c.Unit.Systems {
		if s.ID == id {
			return s
		}
	}
	return inventory.System{}
}

// connects tells whether the subject has a part in the connection to the
// database: the unit always, a system or endpoint when the system is to
// connect.
func (s subject) connects() bool { return s.scope == PerUnit || s.system.IsToConnect() }

// inventory gives the variables that "for" may read.
func (c *Case) inventory(s subject) map[string]any {
	u := c.Unit.Unit
	vars := map[string]any{varUnit: map[string]any{"id": u.ID, "gso": u.GSO, "name": u.Name, "kind": string(u.Kind), "parent": u.Parent}}
	if s.scope == PerUnit {
		return vars
	}
	vars[varSystem] = map[string]any{"id": s.system.ID, "name": s.system.Name, "level": int64(s.system.Level), "connects": s.system.IsToConnect()}
	if s.scope == PerSystem {
		return vars
	}
	e := s.endpoint
	speaks := make([]string, 0, 3)
	for _, p := range e.Kind.Protocols() {
		speaks = append(speaks, string(p))
	}
	labels := e.Labels
	if labels == nil {
		labels = map[string]string{}
	}
	_, port := e.HostPort()
	n, _ := strconv.ParseInt(port, 10, 64)
	vars[varEndpoint] = map[string]any{"id": e.ID, "system": e.System, "kind": string(e.Kind), "zone": string(e.Zone),
		"host": e.Host(), "port": n, "speaks": speaks, "labels": labels}
	return vars
}

// view gathers what a rule may read about a subject.
func (c *Case) view(p *Policy, r *Requirement, ru *rule, s subject) *view {
	v := newView(c.At)
	for name, value := range c.inventory(s) {
		v.values[name] = value
	}
	if c.Zone == "" {
		v.lack(*fact.Because(fact.Skipped, "the scan did not say where it looked from"), varVantage)
	} else {
		v.values[varVantage] = map[string]any{"zone": string(c.Zone)}
	}
	if met, u := c.attested(r, s); u != nil {
		v.lack(*u, varAttest)
	} else {
		v.values[varAttest] = map[string]any{"met": met}
	}
	var oldest time.Time
	if r.MaxAge > 0 {
		oldest = c.At.AddDate(0, 0, -r.MaxAge)
	}
	for _, id := range ru.checks {
		o, ok := c.facts[s.endpoint.ID][id]
		if o.Known == "" { // a record of before says no way; that of the check has not changed since
			o.Known = p.schema[id].Known
		}
		u := p.refuses(r, id, o.Known)
		switch {
		case !ok:
			v.lack(*fact.Because(fact.Skipped, id+" was not looked at"), id)
		case u != nil && o.Unknown == nil:
			v.lack(*u, id)
		default:
			v.show(id, p.schema[id], o, oldest)
		}
	}
	return v
}
