package report

import (
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// item is a requirement that failed somewhere, as a thing to fix.
type item struct {
	judge.Result
	Failed []alike
	Unsure []alike // where it could not be told
}

// fixes lists what decides and failed, in the order to fix it.
func (v view) fixes() []item {
	var out []item
	for _, res := range v.FixFirst() {
		if res.Decides {
			out = append(out, v.item(res, false))
		}
	}
	return out
}

// recommended lists what failed and does not decide: whole requirements first,
// then the places where one that decides elsewhere is only recommended.
func (v view) recommended() []item {
	var whole, parts []item
	for _, res := range v.FixFirst() {
		if !res.Decides {
			whole = append(whole, v.item(res, false))
		}
	}
	for _, res := range v.Requirements {
		if it := v.item(res, true); res.Decides && len(it.Failed) > 0 {
			parts = append(parts, it)
		}
	}
	return append(whole, parts...)
}

func (v view) item(res judge.Result, recommended bool) item {
	it := item{Result: res}
	for _, a := range v.told[res.ID] {
		switch {
		case a.Recommended != recommended:
		case a.Verdict == judge.Fail:
			it.Failed = append(it.Failed, a)
		case a.Verdict == judge.Inconclusive || a.Verdict == judge.Manual:
			it.Unsure = append(it.Unsure, a)
		}
	}
	return it
}

// places lists where a requirement failed, or could not be told.
func places(as []alike) []place {
	var out []place
	for _, a := range as {
		out = append(out, a.Places...)
	}
	return out
}

// warning is a remark of a requirement that changes no verdict.
type warning struct {
	placeList
	ID   string
	Text string
}

func (v view) warnings() []warning {
	var out []warning
	for _, res := range v.Requirements {
		for _, f := range res.Findings {
			for _, t := range f.Warnings {
				text := clean(v.in(t))
				i := slices.IndexFunc(out, func(w warning) bool { return w.ID == res.ID && w.Text == text })
				if i < 0 {
					i, out = len(out), append(out, warning{ID: res.ID, Text: text})
				}
				out[i].add(v.place(f))
			}
		}
	}
	return out
}

// waiver is a waiver and what it does.
type waiver struct {
	placeList // that it excuses
	inventory.Waiver
	State string
}

var (
	waiverUsed    = lang.T("đang áp dụng", "in use")
	waiverUnused  = lang.T("không dùng đến", "unused")
	waiverExpired = lang.T("đã hết hạn", "expired")
)

// waivers lists the waivers that excuse something, then those that do not.
func (v view) waivers() []waiver {
	var out []waiver
	for _, res := range v.Requirements {
		for _, f := range res.Findings {
			if f.Verdict != judge.Waived || f.Waiver == nil {
				continue
			}
			i := slices.IndexFunc(out, func(w waiver) bool { return w.Waiver == *f.Waiver })
			if i < 0 {
				i, out = len(out), append(out, waiver{Waiver: *f.Waiver, State: v.in(waiverUsed)})
			}
			out[i].add(v.place(f))
		}
	}
	for _, n := range v.Waivers {
		w := waiver{Waiver: n.Waiver, State: v.in(waiverUnused)}
		if n.Expired {
			w.State = v.in(waiverExpired)
		}
		switch {
		case n.Waiver.Endpoint != "":
			w.add(place{Name: outside(n.Waiver.Endpoint, 40)})
		case n.Waiver.System != "":
			w.add(place{Name: outside(n.Waiver.System, 40)})
		}
		out = append(out, w)
	}
	return out
}

// parted parts a fix into what to do and, where it is long, the guide that
// shows how, line by line.
func parted(fix string) (lead, guide string) {
	const short = 4
	fix = strings.TrimRight(fix, "\n ")
	if strings.Count(fix, "\n") < short {
		return fix, ""
	}
	lead, guide, _ = strings.Cut(fix, "\n")
	if strings.HasSuffix(lead, ":") { // it belongs to the lines after it
		return "", fix
	}
	return lead, guide
}
