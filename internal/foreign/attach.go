package foreign

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// Place is where the words of a file are put.
type Place struct {
	Endpoints []inventory.Endpoint // of the unit: all its places
	Only      string               // ID of the one that the file is about; "": its targets tell
	By        fact.Teller
	At        time.Time // of what does not tell its own time
}

// Observations makes observations of what the file says, each of a declared
// endpoint. What is about no declared endpoint is left out and listed.
func (r *Result) Observations(p Place) (out []fact.Observation, left []Left, err error) {
	left = slices.Clone(r.Left)
	index := map[[2]string]int{}
	for _, t := range r.Told {
		c, ok := checks.Find(t.Check)
		if !ok {
			return nil, nil, fmt.Errorf("there is no check %s", t.Check)
		}
		at, why := p.endpoints(c, t.Target)
		if !why.Empty() {
			left = addLeft(left, Left{t.Target.String(), why})
		}
		for _, e := range at {
			o, err := t.observation(c, e, p)
			if err != nil {
				return nil, nil, err
			}
			key := [2]string{e.ID, t.Check}
			i, twice := index[key]
			switch {
			case !twice:
				index[key], out = len(out), append(out, o)
			case out[i].At.Before(o.At): // it ran again
				out[i] = o
			case out[i].At.Equal(o.At) && !out[i].Same(o): // two addresses of one name, say
				out[i].Value, out[i].Unknown = nil, fact.Because(fact.Unanswered, "the file tells two different things of it")
			}
		}
	}
	return out, left, nil
}

func addLeft(to []Left, l Left) []Left {
	if slices.ContainsFunc(to, func(have Left) bool { return have == l }) {
		return to
	}
	return append(to, l)
}

// observation makes one of what was told. Every field of the fact that was not
// is open, with the reason.
func (t Told) observation(c *checks.Check, e inventory.Endpoint, p Place) (fact.Observation, error) {
	o := fact.Observation{Check: t.Check, Endpoint: e.ID, At: t.At, Known: fact.Reported, ToldBy: &p.By}
	if o.At.IsZero() {
		o.At = p.At
	}
	told := t.Fields
	if t.Of != nil {
		told = t.Of(e)
	}
	whole := map[string]any{}
	var why *fact.Unknown
	known := 0
	for _, f := range c.Fact.Fields {
		v, ok := told[f.Name]
		u, open := v.(*fact.Unknown)
		if !ok {
			u, open = notCovered(), true
		} else if open && why == nil {
			why = u
		}
		if whole[f.Name] = v; open {
			whole[f.Name] = map[string]any{"unknown": u}
		} else {
			known++
		}
	}
	if known == 0 {
		if o.Unknown = why; why == nil {
			o.Unknown = notCovered()
		}
		return o, nil
	}
	raw, err := json.Marshal(whole)
	if err != nil {
		return o, err
	}
	if _, gaps := c.Fact.ReadReported(raw); slices.ContainsFunc(gaps, func(g fact.Gap) bool { return g.Unknown.Cause == fact.Broken }) {
		return o, fmt.Errorf("%s of %s does not have the form of its fact: %v", t.Check, t.Target, gaps)
	}
	o.Value = raw
	return o, nil
}

var (
	undeclared = lang.T("tệp đơn vị không khai điểm kết nối này", "the unit file declares no such endpoint")
	ambiguous  = lang.T("tệp không nói cổng nào, mà tệp đơn vị khai nhiều dịch vụ ở máy này: nêu mã bằng --endpoint", "the file says no port, and the unit file declares several services there: say which with --endpoint")
	unsuited   = lang.T("điểm kết nối khai ở đó thuộc loại khác", "the endpoint declared there is of another kind")
)

// endpoints finds what of the unit a target is; none, and why, where it is
// nothing or cannot be told.
func (p Place) endpoints(c *checks.Check, t Target) (out []inventory.Endpoint, why lang.Text) {
	whole := c == checks.HostBaseline // of a machine, whatever is served there
	for _, e := range p.Endpoints {
		if p.Only != "" && e.ID != p.Only || p.Only == "" && !t.is(e) {
			continue
		}
		switch {
		case whole && e.Kind != inventory.Domain, c.AppliesTo(e):
			out = append(out, e)
		default:
			why = unsuited
		}
	}
	switch {
	case len(out) == 0 && why.Empty():
		return nil, undeclared
	case len(out) > 1 && t.Port == 0 && !whole:
		return nil, ambiguous
	case len(out) > 0:
		return out, lang.Text{}
	}
	return nil, why
}

// is tells whether a declared endpoint is the target: one of its names, at its
// port where it has one.
func (t Target) is(e inventory.Endpoint) bool {
	host, port := e.HostPort()
	if t.Port != 0 && port != strconv.Itoa(t.Port) {
		return false
	}
	for _, name := range t.Names {
		if sameHost(name, host) || e.ServerName != "" && sameHost(name, e.ServerName) {
			return true
		}
	}
	return false
}

func sameHost(a, b string) bool {
	x, errX := netip.ParseAddr(strings.Trim(a, "[]"))
	y, errY := netip.ParseAddr(strings.Trim(b, "[]"))
	if errX == nil && errY == nil {
		return x.Unmap() == y.Unmap()
	}
	return errX != nil && errY != nil && a != "" && strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}
