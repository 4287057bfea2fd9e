package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

// Bounds of the evidence that a page shows. All that was kept is in the
// assessment; a page is for seeing what a verdict rests on.
const (
	maxExhibits     = 40   // observations
	maxPerGroup     = 3    // of places that fail alike
	maxExchanges    = 4    // of an observation
	maxExchangeSize = 1024 // bytes of an exchange, both directions together
	maxSentSize     = 384  // of which sent
)

// exhibit is the evidence of one observation.
type exhibit struct {
	N         int
	Check     string
	Place     place
	Zone      inventory.Zone // that it was seen from
	At        time.Time
	Exchanges []exchange
	More      int // exchanges not shown
	For       []string
}

// exchange is what passed over one connection.
type exchange struct {
	Label, Peer, Ended string
	At                 time.Time
	Sent, Received     dump
}

// dump is raw bytes made readable.
type dump struct {
	Total int64
	Shown int
	Lines string
}

// exhibits collects evidence, each observation once however many requirements
// rest on it.
type exhibits struct {
	seen   map[string][]fact.Observation // by endpoint
	index  map[string]int                // endpoint and check → number
	list   []exhibit
	beyond int // observations that found no room
}

func newExhibits(obs []fact.Observation) *exhibits {
	x := &exhibits{seen: map[string][]fact.Observation{}, index: map[string]int{}}
	for _, o := range obs {
		x.seen[o.Endpoint] = append(x.seen[o.Endpoint], o)
	}
	return x
}

// of gives the numbers of the exhibits that a finding of a requirement rests
// on.
func (x *exhibits) of(id string, p place, f judge.Finding) []int {
	var out []int
	for _, o := range x.seen[f.Endpoint] {
		if len(o.Evidence) == 0 || !restsOn(f, o) {
			continue
		}
		key := strings.Join([]string{o.Endpoint, o.Check, o.Vantage, o.Zone}, "\x00")
		n, ok := x.index[key]
		if !ok {
			if len(x.list) == maxExhibits {
				x.beyond, x.index[key] = x.beyond+1, 0
				continue
			}
			n = len(x.list) + 1
			x.index[key] = n
			x.list = append(x.list, show(n, p, o))
		}
		if n > 0 {
			out = append(out, n)
			x.list[n-1].For = addNew(x.list[n-1].For, id)
		}
	}
	return out
}

// restsOn tells whether a finding rests on an observation. What is told of one
// zone does not rest on the view from another.
func restsOn(f judge.Finding, o fact.Observation) bool {
	of := func(path string, z inventory.Zone) bool {
		return (path == o.Check || strings.HasPrefix(path, o.Check+".")) && (z == "" || o.Zone == "" || string(z) == o.Zone)
	}
	for _, s := range f.Saw {
		if of(s.Path, s.Zone) {
			return true
		}
	}
	for _, m := range f.Missing {
		if of(m.Path, m.Zone) {
			return true
		}
	}
	return false
}

func show(n int, p place, o fact.Observation) exhibit {
	e := exhibit{N: n, Check: outside(o.Check, 60), Place: p, Zone: inventory.Zone(o.Zone), At: o.At, More: max(0, len(o.Evidence)-maxExchanges)}
	for _, ev := range o.Evidence[:min(len(o.Evidence), maxExchanges)] {
		sent := min(len(ev.Sent), maxSentSize)
		got := min(len(ev.Received), maxExchangeSize-sent)
		e.Exchanges = append(e.Exchanges, exchange{
			Label: outside(ev.Label, 60), Peer: outside(ev.Peer, 60), Ended: outside(ev.Ended, maxString), At: ev.At,
			Sent:     dump{ev.SentTotal, sent, hexLines(ev.Sent[:sent])},
			Received: dump{ev.ReceivedTotal, got, hexLines(ev.Received[:got])},
		})
	}
	return e
}

// hexLines writes bytes sixteen to a line, in hexadecimal and as ASCII. Nothing
// of what the bytes mean to a terminal or a browser survives in it.
func hexLines(b []byte) string {
	var out strings.Builder
	for at := 0; at < len(b); at += 16 {
		line := b[at:min(at+16, len(b))]
		hex, ascii := "", ""
		for i, c := range line {
			hex += fmt.Sprintf("%02x ", c)
			if i == 7 {
				hex += " "
			}
			if c < 0x20 || c > 0x7e {
				c = '.'
			}
			ascii += string(c)
		}
		fmt.Fprintf(&out, "%04x  %-49s %s\n", at, hex, ascii)
	}
	return out.String()
}
