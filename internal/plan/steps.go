package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// steps puts mandatory failures together: those at the same places that rest on
// facts of the same area are mended in the same settings, and those with the
// same fix by the same work.
func steps(p *judge.Policy, r judge.Report) []Step {
	var out []Step
	index := map[string]int{}
	for _, res := range r.FixFirst() {
		if !res.Decides {
			continue
		}
		parts := failures(res)
		for _, part := range parts {
			c := Closed{ID: res.ID, Title: res.Title, Severity: res.Severity, Effort: effort(p, res.ID), Fix: res.Fix, Whole: len(parts) == 1, Open: open(res)}
			i, ok := index[part.key]
			if !ok {
				i, index[part.key] = len(out), len(out)
				out = append(out, Step{Area: part.area, Places: part.places, Severity: res.Severity})
			}
			out[i].Closes = append(out[i].Closes, c)
			out[i].Effort = harder(out[i].Effort, c.Effort)
		}
	}
	rank := func(s judge.Severity) int { return slices.Index(judge.Severities, s) }
	slices.SortStableFunc(out, func(a, b Step) int {
		return cmp.Or(cmp.Compare(rank(a.Severity), rank(b.Severity)), cmp.Compare(len(b.Closes), len(a.Closes)),
			cmp.Compare(slices.Index(efforts, a.Effort), slices.Index(efforts, b.Effort)), cmp.Compare(len(b.Places), len(a.Places)))
	})
	return out
}

// part is where a requirement fails by facts of one area.
type part struct {
	area, key string
	places    []Place
}

func failures(res judge.Result) []part {
	var out []part
	for _, f := range res.Findings {
		if f.Verdict != judge.Fail || !f.Decides {
			continue
		}
		a := area(f)
		i := slices.IndexFunc(out, func(x part) bool { return x.area == a })
		if i < 0 {
			i, out = len(out), append(out, part{area: a})
		}
		if at := placeOf(f); !slices.Contains(out[i].places, at) {
			out[i].places = append(out[i].places, at)
		}
	}
	for i, x := range out {
		if out[i].key = fmt.Sprint(x.area, x.places); x.area == document {
			out[i].key = res.ID // papers are written one by one
		}
	}
	return out
}

const document = "document"

// area is what the facts of a failure are about. That a port is open is read by
// the way, where something else is read too.
func area(f judge.Finding) string {
	out := ""
	for _, s := range f.Saw {
		root, _, _ := strings.Cut(s.Path, ".")
		if out == "" || out == "tcp" {
			out = root
		}
	}
	if out == "" {
		return document
	}
	return out
}

// efforts from the least on.
var efforts = []string{"low", "medium", "high", ""}

func harder(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "" || slices.Index(efforts, a) > slices.Index(efforts, b):
		return a
	}
	return b
}

// open tells whether something that decides cannot be told yet.
func open(res judge.Result) bool {
	return slices.ContainsFunc(res.Findings, func(f judge.Finding) bool {
		return f.Decides && (f.Verdict == judge.Inconclusive || f.Verdict == judge.Manual)
	})
}

// gaps lists the mandatory requirements that are open for want of something.
func gaps(r judge.Report, v judge.Verdict) []Gap {
	out := []Gap{}
	for _, res := range r.SupplyFirst() {
		if !res.Decides {
			continue
		}
		g := Gap{ID: res.ID, Title: res.Title, Severity: res.Severity}
		for _, f := range res.Findings {
			if f.Verdict != v || !f.Decides {
				continue
			}
			if at := placeOf(f); !slices.Contains(g.Places, at) {
				g.Places = append(g.Places, at)
			}
			for _, m := range f.Missing {
				if t := reason(m.Cause); !slices.Contains(g.Causes, t) {
					g.Causes = append(g.Causes, t)
				}
			}
		}
		if len(g.Places) == 0 {
			continue
		}
		if v == judge.Manual && res.Evidence != nil {
			g.Document = res.Evidence.What
		}
		out = append(out, g)
	}
	return out
}

func reason(c fact.Cause) lang.Text {
	if t := c.Text(); t.Whole() {
		return t
	}
	return fact.Broken.Text()
}
