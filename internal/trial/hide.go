package trial

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// hidden is a case of which a part was not seen.
type hidden struct {
	what lang.Text // that is hidden
	c    judge.Case
}

// hide makes the cases in which one fact, one field, one attestation or one
// view is hidden.
func hide(whole judge.Case, schema fact.Schema) []hidden {
	var out []hidden
	add := func(what lang.Text, c judge.Case) { out = append(out, hidden{what, c}) }
	for i, o := range whole.Observations {
		c := whole
		c.Observations = slices.Delete(slices.Clone(whole.Observations), i, i+1)
		add(lang.T(o.Check, o.Check), c)
		if o.Check == judge.DocumentCheck {
			continue
		}
		var fields map[string]json.RawMessage
		if json.Unmarshal(o.Value, &fields) == nil {
			for _, less := range without(fields, schema[o.Check], o.Check) {
				c := whole
				c.Observations = slices.Clone(whole.Observations)
				c.Observations[i].Value = less.value
				add(lang.T(less.path, less.path), c)
			}
		}
	}
	for i, a := range whole.Unit.Attestations {
		c := whole
		c.Unit.Attestations = slices.Delete(slices.Clone(whole.Unit.Attestations), i, i+1)
		add(lang.Tf("xác nhận %s", "the attestation %s", string(a.Result)), c)
	}
	return append(out, hideViews(whole)...)
}

// hideViews hides what was seen from each vantage, and where each stood.
func hideViews(whole judge.Case) []hidden {
	var out []hidden
	if whole.Zone != "" {
		c := whole
		c.Zone = ""
		c.Observations = slices.Clone(whole.Observations)
		for i := range c.Observations {
			c.Observations[i].Zone = ""
		}
		out = append(out, hidden{lang.T("vantage", "vantage"), c})
	}
	for i, v := range whole.Vantages {
		if v.Zone == "" {
			continue
		}
		blind, lost := whole, whole
		blind.Observations = slices.DeleteFunc(slices.Clone(whole.Observations), func(o fact.Observation) bool {
			return o.Check != judge.DocumentCheck && o.Zone == string(v.Zone)
		})
		lost.Vantages, lost.Observations = slices.Clone(whole.Vantages), slices.Clone(whole.Observations)
		lost.Vantages[i].Zone = ""
		for j, o := range lost.Observations {
			if o.Zone == string(v.Zone) {
				lost.Observations[j].Zone = ""
			}
		}
		out = append(out,
			hidden{lang.Tf("điều nhìn từ %s", "what was seen from %s", string(v.Zone)), blind},
			hidden{lang.Tf("việc đã nhìn từ %s", "that it was %s it was looked from", string(v.Zone)), lost})
	}
	return out
}

type partial struct {
	path  string
	value json.RawMessage
}

// without gives a fact without each of its fields, and without each field of
// the structs inside it.
func without(fields map[string]json.RawMessage, t *fact.Type, path string) []partial {
	var out []partial
	put := func(name, path string, v json.RawMessage) {
		less := maps.Clone(fields)
		if delete(less, name); v != nil {
			less[name] = v
		}
		b, err := json.Marshal(less)
		if err == nil {
			out = append(out, partial{path, b})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		at := path + "." + name
		put(name, at, nil)
		var inner map[string]json.RawMessage
		f, ok := fact.Field{}, false
		if t != nil {
			f, ok = t.Field(name)
		}
		if !ok || f.Type.Kind != fact.Struct || json.Unmarshal(fields[name], &inner) != nil {
			continue
		}
		for _, less := range without(inner, f.Type, at) {
			put(name, less.path, less.value)
		}
	}
	return out
}
