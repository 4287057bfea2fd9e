package report

import (
	"strings"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// place is where a finding was made, as a person names it.
type place struct {
	Name   string // of the endpoint or system; "the whole unit"
	At     string // target of the endpoint, name of the system
	OnWire bool   // At is an address
}

func (p place) String() string {
	if p.At == "" {
		return p.Name
	}
	return p.Name + " – " + p.At
}

// placeList is places without repeats: several rules of one requirement may ask
// the same place.
type placeList struct {
	Places []place
	has    map[place]bool
}

func (l *placeList) add(ps ...place) {
	if l.has == nil {
		l.has = map[place]bool{}
	}
	for _, p := range ps {
		if !l.has[p] {
			l.has[p] = true
			l.Places = append(l.Places, p)
		}
	}
}

// view is a document in one language: what every format for people is made of.
type view struct {
	judge.Report
	doc Document
	valuer
	told map[string][]alike // the findings of each requirement, put together
}

func newView(d Document, l lang.Lang) view {
	v := view{Report: d.Judged, doc: d, valuer: valuer{l, d.Schema}, told: map[string][]alike{}}
	for _, res := range v.Requirements {
		v.told[res.ID] = v.alike(res)
	}
	return v
}

func (v view) in(t lang.Text) string { return t.In(v.lang) }

func (v view) place(f judge.Finding) place {
	switch f.Scope {
	case judge.PerEndpoint:
		return place{outside(f.Endpoint, 40), outside(f.Target, 120), true}
	case judge.PerSystem:
		return place{Name: outside(f.System, 40), At: outside(v.systemName(f.System), 120)}
	case judge.PerHost:
		if f.Target != "" {
			return place{Name: lang.Tf("máy %s", "host %s", outside(f.Target, 60)).In(v.lang)}
		}
	case judge.PerDomain:
		if f.Target != "" {
			return place{Name: lang.Tf("tên miền %s", "domain %s", outside(f.Target, 120)).In(v.lang)}
		}
	case judge.PerUnit:
	}
	return place{Name: v.in(lang.T("toàn đơn vị", "the whole unit"))}
}

// placeName says an ID of a place that the program made itself as reports say
// it; what the unit named stays.
func placeName(id string) lang.Text {
	if host, ok := strings.CutPrefix(id, "host:"); ok {
		return lang.Tf("máy %s", "host %s", host)
	}
	if domain, ok := strings.CutPrefix(id, "domain:"); ok {
		return lang.Tf("tên miền %s", "domain %s", domain)
	}
	return lang.T(id, id)
}

func (v view) systemName(id string) string {
	for _, s := range v.doc.Assessment.Header.Unit.Systems {
		if s.ID == id {
			return s.Name
		}
	}
	return ""
}
