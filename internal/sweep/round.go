package sweep

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Round is the record of a batch: which ports were asked and what came of it.
type Round struct {
	Number                                int
	Within                                time.Duration
	Accepted, Refused, Silent, Cut, Other []int
	Sign                                  bool // a sign of life came after it
}

// maxWritten is how many batches are recorded: of a sweep of all 65535 ports
// the first ones.
const maxWritten = 64

func (l *look) write(r Round, some []*port, answers []answer) {
	if len(l.rounds) == maxWritten {
		return
	}
	for i, p := range some {
		var list *[]int
		switch answers[i] {
		case accepts:
			list = &r.Accepted
		case refuses:
			list = &r.Refused
		case silence:
			list = &r.Silent
		case cut:
			list = &r.Cut
		default:
			list = &r.Other
		}
		*list = append(*list, p.Number)
	}
	l.rounds = append(l.rounds, r)
}

func (r Round) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "round %d, waiting %s:", r.Number, r.Within.Round(time.Millisecond))
	for _, part := range []struct {
		name  string
		ports []int
	}{{"accepted", r.Accepted}, {"refused", r.Refused}, {"silent", r.Silent}, {"cut", r.Cut}, {"not asked", r.Other}} {
		if len(part.ports) > 0 {
			fmt.Fprintf(&b, " %s %s;", part.name, Ranges(part.ports))
		}
	}
	if r.Sign {
		return b.String() + " sign of life after it"
	}
	return b.String() + " no sign of life after it"
}

// Ranges writes ports in order as 22,80,8000-8100.
func Ranges(ports []int) string {
	ports = slices.Clone(ports)
	slices.Sort(ports)
	var out []string
	for i := 0; i < len(ports); {
		j := i
		for j+1 < len(ports) && ports[j+1] == ports[j]+1 {
			j++
		}
		if j == i {
			out = append(out, fmt.Sprint(ports[i]))
		} else {
			out = append(out, fmt.Sprintf("%d-%d", ports[i], ports[j]))
		}
		i = j + 1
	}
	return strings.Join(out, ",")
}
