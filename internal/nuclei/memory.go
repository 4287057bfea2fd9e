package nuclei

import (
	"io"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// watchMemory ends the worker when what it holds is above bound.
func watchMemory(bound int64, trouble io.Writer, ended chan<- int) {
	if bound <= 0 {
		return
	}
	debug.SetMemoryLimit(bound / 4 * 3)
	percent := 0
	for tick := time.NewTicker(100 * time.Millisecond); ; <-tick.C {
		if has := memoryHeld(); has > uint64(bound) {
			say(trouble, "memory: %d MB, the bound is %d MB", has>>20, bound>>20)
			ended <- TooMuch
			return
		}
		if p := collectAt(liveHeap()); p != percent {
			debug.SetGCPercent(p)
			percent = p
		}
	}
}

// roomy is how large the heap may grow in bytes before garbage is collected,
// where what is alive is far less: collecting takes a sixth of the work else.
const roomy = 96 << 20

// collectAt is the percentage by which the heap may grow, in steps.
func collectAt(live uint64) int {
	for _, p := range []int{400, 200} {
		if live*uint64(100+p)/100 <= roomy {
			return p
		}
	}
	return 100
}

func liveHeap() uint64 {
	m := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(m)
	return m[0].Value.Uint64()
}

// memoryHeld is the memory that the runtime has of the system and did not give back.
func memoryHeld() uint64 {
	m := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(m)
	return m[0].Value.Uint64() - m[1].Value.Uint64()
}
