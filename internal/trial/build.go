package trial

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

// Applies tells whether a check can say anything of a place.
type Applies func(check string, place inventory.Endpoint) bool

// sha stands for the document of every case: that of nothing.
const sha = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// Judged makes what the judge is given of a case. req is the requirement that
// is tried.
func (c Case) Judged(req *judge.Requirement, applies Applies) judge.Case {
	out := judge.Case{At: c.At, Zone: c.Vantage, Unit: c.unit()}
	places := out.Unit.Places()
	for _, v := range c.Views {
		out.Vantages = append(out.Vantages, judge.Vantage{Zone: v.Vantage})
	}
	for _, v := range append(slices.Clone(c.Views), View{c.Vantage, c.Facts}) {
		for _, id := range slices.Sorted(maps.Keys(v.Facts)) {
			for _, p := range places {
				if applies(id, p) {
					out.Observations = append(out.Observations, fact.Observation{Check: id, Endpoint: p.ID, At: c.At, Value: v.Facts[id], Zone: string(v.Vantage)})
				}
			}
		}
	}
	if c.Attest != "" {
		c.attest(&out, req)
	}
	return out
}

// unit makes the unit of a case: one system, one endpoint, and the host and
// domain that it names.
func (c Case) unit() inventory.Unit {
	e := c.Endpoint
	e.ID, e.System = "e", "s"
	if e.Kind == "" {
		e.Kind = inventory.HTTPS
	}
	if e.Zone == "" {
		e.Zone = inventory.Internet
	}
	if e.Target == "" {
		e.Target = "127.0.0.1:443"
	}
	level, kind := c.Level, c.Kind
	if level == 0 {
		level = 3
	}
	if kind == "" {
		kind = inventory.Province
	}
	u := inventory.Unit{
		Unit:      inventory.Identity{ID: "H21", Name: "x", Kind: kind},
		Systems:   []inventory.System{{ID: "s", Name: "s", Level: level, Connects: c.Connects}},
		Endpoints: []inventory.Endpoint{e},
	}
	if c.Host != nil {
		u.Hosts = []inventory.HostRange{*c.Host}
	}
	if c.Domain != nil {
		u.Domains = []inventory.DomainName{*c.Domain}
	}
	return u
}

// attest adds the document that a case speaks of, issued on its day.
func (c Case) attest(out *judge.Case, req *judge.Requirement) {
	day := inventory.Date{Time: c.At.In(inventory.Vietnam)}
	out.Unit.Attestations = []inventory.Attestation{{Requirement: c.Requirement, Result: c.Attest, Document: "d", SHA256: sha, Issued: day, Signer: "x"}}
	if req.Evidence != nil && req.Evidence.From == "authorisation" && c.Attest == inventory.Met {
		out.Unit.Authorisation = &inventory.Authorisation{By: "x", Document: "d", SHA256: sha, From: day, Until: day}
	}
	out.Observations = append(out.Observations, fact.Observation{Check: judge.DocumentCheck, Endpoint: "d", At: c.At, Value: json.RawMessage(`{"sha256":"` + sha + `","bytes":1}`)})
}
