// Package checks holds the checks: each looks at one endpoint and says what it
// saw. A check never says "bad", never logs a judgement and never opens a
// connection but through its Probe.
//
// To add one, write three files of one stem: checks/tls_versions.go with one
// package variable made by define, checks/tls_versions.md in both languages,
// and testdata/checks/tls_versions.txtar with good, bad and hostile cases.
package checks

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/templates"
)

// Check looks at one property of an endpoint.
type Check struct {
	ID       string             // "tls.versions"; never reused, never tells how it is implemented
	Refs     []string           // technical sources: RFC section, CVE
	Speaks   inventory.Protocol // what an endpoint must speak for the check to apply
	Touch    Touch              // what it does to the wire
	Known    fact.Way           // how its fact is known; written into every observation
	Requires []*Check           // facts it reads, by Read; Go itself rejects a cycle
	MayRead  []*Check           // facts it reads where they were seen, by Glance
	Across   bool               // it also reads facts of other endpoints; run once all were looked at
	Fact     *fact.Type         // the type of its fact, derived by define

	// Template gives the template that the check runs; nil: it is none.
	Template func() (*templates.Template, error)

	observe func(context.Context, *Probe) (any, error)
	applies func(inventory.Endpoint) bool // nil: to whatever speaks what it speaks
	docs    string                        // its .md file, where that does not follow from its ID
}

// Touch is what a check does to the wire.
type Touch int

// The touches, from none to much.
const (
	Passive   Touch = iota // sends nothing: derives its fact from those of others
	Polite                 // asks what any client may ask
	Intrusive              // asks what no well-meaning client would ask
)

func (t Touch) String() string { return [...]string{"passive", "polite", "intrusive"}[t] }

var registry = map[string]*Check{}

// define makes and registers a check. F is its fact; a shape that could hide
// a gap, or an ID used twice, stops the program at start, so no test can miss
// it.
func define[F any](c Check, observe func(context.Context, *Probe) (F, error)) *Check {
	t, err := fact.TypeOf[F]()
	if err != nil {
		panic(fmt.Sprintf("check %s: %v", c.ID, err))
	}
	t.Known = c.Known
	c.Fact = t
	c.observe = func(ctx context.Context, p *Probe) (any, error) { return observe(ctx, p) }
	return register(&c)
}

func register(c *Check) *Check {
	if registry[c.ID] != nil {
		panic("check " + c.ID + " is defined twice")
	}
	registry[c.ID] = c
	return c
}

// OfTemplates tells of a check that runs a template, or says what a set of them
// found.
func (c *Check) OfTemplates() bool { return c.Template != nil || strings.HasPrefix(c.ID, "templates.") }

// Sources lists the technical sources of the check, or those of its template.
func (c *Check) Sources() []string {
	if c.Template == nil {
		return c.Refs
	}
	t, err := c.Template()
	if err != nil {
		return nil
	}
	return append(slices.Clip(t.CVEs), t.References...)
}

// Before lists the checks that must have run before this one.
func (c *Check) Before() []*Check { return slices.Concat(c.Requires, c.MayRead) }

// All lists every check by ID.
func All() []*Check {
	out := make([]*Check, 0, len(registry))
	for _, c := range registry {
		out = append(out, c)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// Find gives the check with the ID.
func Find(id string) (*Check, bool) { c, ok := registry[id]; return c, ok }

// Schema gives the type of every fact, for the judge.
func Schema() fact.Schema {
	s := make(fact.Schema, len(registry))
	for id, c := range registry {
		s[id] = c.Fact
	}
	return s
}

// Tells tells whether a fact may be of a place: of a check that applies to it,
// of one that only other tools tell, or of a set of templates that a policy
// brings.
func Tells(id string, e inventory.Endpoint) bool {
	c, ok := Find(id)
	return ok && c.AppliesTo(e) || (!ok || c.Known == fact.Reported) && e.HasPort()
}

// AppliesTo tells whether the check can say anything about the endpoint.
func (c *Check) AppliesTo(e inventory.Endpoint) bool {
	if c.applies != nil {
		return c.applies(e)
	}
	return e.Speaks(c.Speaks) && (c.Template == nil || c.suits(e))
}

// suits tells whether a template may be run on the endpoint: one that insists
// on ports is asked there of no other port than its own, one of TLS begins with
// it, and one of a plain protocol is not told to a web server.
func (c *Check) suits(e inventory.Endpoint) bool {
	if c.Speaks == inventory.OverTLS && e.Speaks(inventory.OverStartTLS) {
		return false
	}
	if c.Speaks != inventory.OverTCP {
		return true
	}
	if e.Speaks(inventory.OverHTTP) || e.Speaks(inventory.OverTLS) && !e.Speaks(inventory.OverStartTLS) {
		return false // it waits for other bytes
	}
	t, err := c.Template()
	if err != nil || len(t.Ports) == 0 {
		return true
	}
	_, port := e.HostPort()
	return slices.ContainsFunc(t.Ports, func(p int) bool { return strconv.Itoa(p) == port })
}

// Observe runs the check. It always gives an answer: a fact, or the Unknown
// that says why there is none. A panic in a check is our defect and becomes
// Unknown{broken}; what was exchanged before it is kept.
func (c *Check) Observe(ctx context.Context, p *Probe) (obs fact.Observation) {
	obs = fact.Observation{Check: c.ID, Endpoint: p.Endpoint.ID, Known: c.Known}
	defer func() {
		if r := recover(); r != nil {
			p.Log.Error().Str("check", c.ID).Str("endpoint", p.Endpoint.ID).Interface("panic", r).Bytes("stack", debug.Stack()).Msg("check failed")
			obs.Value, obs.Unknown = nil, fact.Because(fact.Broken, fmt.Sprint("panic: ", r))
		}
		obs.At, obs.Evidence = p.Now(), p.tape.evidence()
		obs.Peers, obs.Made = p.tape.reached()
	}()
	for _, need := range c.Requires {
		o, ok := p.seen[need.ID]
		if !ok {
			obs.Unknown = fact.Because(fact.Prerequisite, need.ID+" was not looked at")
			return obs
		}
		if o.Unknown != nil {
			obs.Unknown = fact.Because(o.Unknown.Cause, need.ID+": "+o.Unknown.Detail)
			return obs
		}
	}
	v, err := c.observe(ctx, p)
	if err != nil {
		obs.Unknown = fact.FromError(err)
		if obs.Unknown.Cause == fact.Broken {
			p.Log.Error().Str("check", c.ID).Str("endpoint", p.Endpoint.ID).Err(err).Msg("check gave an error that has no name")
		}
		return obs
	}
	raw, err := json.Marshal(v)
	if err != nil {
		obs.Unknown = fact.Because(fact.Broken, "fact does not encode: "+err.Error())
		return obs
	}
	obs.Value = raw
	return obs
}
