package judge

import (
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

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
