package judge

import (
	"net/netip"
	"strconv"

	"github.com/sansang/sansang/internal/inventory"
)

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
