package judge

import (
	"encoding/json"
	"net/netip"
	"slices"
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
	Vantages     []Vantage      // of records joined into one; empty: the one in Zone
	Incomplete   bool           // something planned was not looked at
	At           time.Time
	Memory       *Memory // of judging others like it; nil: none

	deaf      bool // nobody's word is heard: tells whether a verdict rests on one
	asked     map[Scope][]subject
	reads     map[seenAt]*factRead
	vantages  []Vantage
	facts     map[seenAt]*fact.Observation
	documents map[string][]document // by path, once for each vantage that read it
	derived   map[inventory.Kind][]subject
}

// seenAt is where an observation belongs: what, of which endpoint, and from
// which of the vantages.
type seenAt struct {
	vantage         int
	endpoint, check string
}

type document struct {
	Document
	unknown *fact.Unknown
}

// sort puts the observations where the rules find them. Two observations of
// the same thing from the same place that differ are no observation: which to
// believe is not for a program to choose.
func (c *Case) sort() {
	if c.vantages = c.Vantages; len(c.vantages) == 0 {
		c.vantages = []Vantage{{Zone: c.Zone}}
	}
	c.asked, c.reads = map[Scope][]subject{}, map[seenAt]*factRead{}
	c.facts, c.documents = make(map[seenAt]*fact.Observation, len(c.Observations)), map[string][]document{}
	papers := map[seenAt]*fact.Observation{}
	for i := range c.Observations {
		o := &c.Observations[i]
		if o.Validate() != nil {
			o = instead(o, "the record holds neither fact nor Unknown")
		}
		at, of := seenAt{c.place(*o), o.Endpoint, o.Check}, c.facts
		if o.Check == DocumentCheck { // who read a file stood nowhere
			of = papers
		}
		if have, twice := of[at]; twice && !have.Same(*o) {
			o = instead(o, "two observations of the same thing differ")
		}
		of[at] = o
	}
	for at, o := range papers {
		c.documents[at.endpoint] = append(c.documents[at.endpoint], readDocument(*o))
	}
	c.derive()
}

// instead is an observation that says nothing, in the place of one.
func instead(o *fact.Observation, why string) *fact.Observation {
	none := *o
	none.Value, none.Unknown = nil, fact.Because(fact.Broken, why)
	return &none
}

// place finds the vantage that an observation was made from; none of them if
// nobody says that it was looked from there.
func (c *Case) place(o fact.Observation) int {
	if len(c.Vantages) == 0 {
		return 0
	}
	return slices.IndexFunc(c.vantages, func(v Vantage) bool { return v.Name == o.Vantage && string(v.Zone) == o.Zone })
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
	level    int  // 0: there is no system to take it from
	none     bool // the unit does not say whether it has any of these

	vars map[string]any // what "for" may read
}

// isPlace tells whether a rule is asked of something that can be looked at.
func (s Scope) isPlace() bool { return s == PerEndpoint || s == PerHost || s == PerDomain }

// subjects lists what a rule of a scope is asked of, in the order of the unit
// file. For the unit as a whole the highest level of its connecting systems
// counts.
func (c *Case) subjects(s Scope) []subject {
	out, ok := c.asked[s]
	if ok {
		return out
	}
	out = c.list(s)
	for i := range out {
		if !out[i].none {
			out[i].vars = c.inventory(out[i])
		}
	}
	if c.asked != nil {
		c.asked[s] = out
	}
	return out
}

func (c *Case) list(s Scope) []subject {
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
		return []subject{{scope: PerUnit, level: c.level()}}
	case PerHost:
		return c.places(s, inventory.Host, len(c.Unit.Hosts) == 0)
	case PerDomain:
		return c.places(s, inventory.Domain, c.Unit.Domains == nil)
	}
	return nil
}

// places lists the subjects of a kind that is derived from what the unit
// declares. Where it declares none there is one, of which nothing was seen.
func (c *Case) places(s Scope, k inventory.Kind, none bool) []subject {
	if none {
		return []subject{{scope: s, level: c.level(), none: true}}
	}
	return c.derived[k]
}

// derive lists the places that no endpoint of the unit file is, once for all
// rules: there may be thousands.
func (c *Case) derive() {
	c.derived = map[inventory.Kind][]subject{}
	scopes := map[inventory.Kind]Scope{inventory.Host: PerHost, inventory.Domain: PerDomain}
	for _, e := range c.Unit.Places()[len(c.Unit.Endpoints):] {
		sub := subject{scope: scopes[e.Kind], system: c.system(e.System), endpoint: e}
		if sub.level = sub.system.Level; e.System == "" {
			sub.level = c.level()
		}
		c.derived[e.Kind] = append(c.derived[e.Kind], sub)
	}
}

// level is the highest of the systems that are to connect.
func (c *Case) level() (level int) {
	for _, sys := range c.Unit.Systems {
		if sys.IsToConnect() {
			level = max(level, sys.Level)
		}
	}
	return level
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
	host, port := e.HostPort()
	n, _ := strconv.ParseInt(port, 10, 64)
	addr, err := netip.ParseAddr(host)
	if r, is := netip.ParsePrefix(host); is == nil { // a range too large to be looked at
		addr, err = r.Addr(), nil
	}
	vars[varEndpoint] = map[string]any{"id": e.ID, "system": e.System, "kind": string(e.Kind), "zone": string(e.Zone),
		"host": host, "public": err != nil || inventory.Public(addr), "port": n, "speaks": speaks, "labels": labels,
		"ports": integers(e.Ports), "udp": integers(e.UDP), "mail": e.Mail == nil || *e.Mail}
	return vars
}

func integers(of []int) []int64 {
	out := make([]int64, 0, len(of))
	for _, n := range of {
		out = append(out, int64(n))
	}
	return out
}

// declared is what the unit file says of a subject, and what it leaves open.
func (c *Case) declared(s subject) *view {
	v := newView(c.At)
	v.memory = c.Memory
	if v.vars = s.vars; v.vars == nil {
		v.vars = c.inventory(s)
	}
	v.values = nil
	if s.scope == PerHost && s.endpoint.Ports == nil {
		v.lack(*fact.Because(fact.Skipped, "the range lists no ports, and endpoints declared by name may be on it"), varEndpoint, "ports")
	}
	return v
}

// factAt reads a fact once for all rules.
func (c *Case) factAt(p *Policy, at seenAt, o fact.Observation) *factRead {
	r := c.reads[at]
	if r == nil {
		r = c.Memory.read(at.check, p.schema[at.check], o)
		c.reads[at] = r
	}
	return r
}

// The values of variables that have few, made once; nobody writes to them.
var (
	metValues  = map[bool]map[string]any{false: {"met": false}, true: {"met": true}}
	zoneValues = func() map[inventory.Zone]map[string]any {
		out := map[inventory.Zone]map[string]any{}
		for _, z := range inventory.Zones {
			out[z] = map[string]any{"zone": string(z)}
		}
		return out
	}()
)

// zoneValue is that of a zone; a forged record may name one that there is not.
func zoneValue(z inventory.Zone) map[string]any {
	if v, ok := zoneValues[z]; ok {
		return v
	}
	return map[string]any{"zone": string(z)}
}

// view gathers what a rule may read about a subject, as seen from one of the
// vantages; none of them: nothing was seen, for the reason given.
func (c *Case) view(p *Policy, r *Requirement, ru *rule, s subject, vantage int, none *fact.Unknown) *view {
	v := c.declared(s)
	switch {
	case none != nil:
		v.lack(*none, varVantage)
	case c.vantages[vantage].Zone == "":
		v.lack(*notSaid(), varVantage)
	default:
		v.from = c.vantages[vantage].Zone
		v.set(seenValue{name: varVantage, value: zoneValue(v.from)})
	}
	if met, u := c.attested(p, r, s); u != nil {
		v.lack(*u, varAttest)
	} else {
		v.set(seenValue{name: varAttest, value: metValues[met]})
	}
	var oldest time.Time
	if r.MaxAge > 0 {
		oldest = c.At.AddDate(0, 0, -r.MaxAge)
	}
	for _, id := range ru.checks {
		var o fact.Observation
		seen, ok := c.facts[seenAt{vantage, s.endpoint.ID, id}]
		if ok {
			o = *seen
		}
		if o.Known == "" { // a record of before says no way; that of the check has not changed since
			o.Known = p.schema[id].Known
		}
		u := p.refuses(r, id, o.Known)
		switch {
		case none != nil:
			v.lack(*none, id)
		case !ok && p.schema[id].Known == fact.Reported:
			v.lack(*fact.Because(fact.Skipped, id+" is told by other tools alone: import their result with sansang import"), id)
		case !ok:
			v.lack(*fact.Because(fact.Skipped, id+" was not looked at"), id)
		case u != nil && o.Unknown == nil:
			v.lack(*u, id)
		default:
			v.show(id, o, oldest, func() *factRead { return c.factAt(p, seenAt{vantage, s.endpoint.ID, id}, o) })
		}
	}
	return v
}
