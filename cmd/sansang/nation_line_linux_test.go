package main

import (
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// nationLine carries the packets of one device to another, each after a time:
// the way back from the lab to the scanner. The way there costs nothing, so
// that all of the latency lies in one half. tc netem would do it in the
// kernel, which many kernels lack.
type nationLine struct {
	from, to *os.File
	after    time.Duration
	stop     atomic.Bool

	Packets, Lost int64
	Late          time.Duration // at most, beyond after
	CPU           time.Duration
}

// tick is how often the line looks; it is what a packet may be late by.
const tick = time.Millisecond

type heldPacket struct {
	due  time.Time
	data []byte
}

// run carries until stop. It has a thread of its own, whose processor time it
// tells.
func (l *nationLine) run() {
	from, to := int(l.from.Fd()), int(l.to.Fd())
	_ = syscall.SetNonblock(from, true)
	var held []heldPacket
	var free [][]byte
	big := make([]byte, 1<<16+vnetHeader)
	for !l.stop.Load() {
		now := time.Now()
		for {
			n, err := syscall.Read(from, big)
			if err != nil || n <= 0 {
				break
			}
			var b []byte
			if last := len(free) - 1; last >= 0 && n <= 2048 {
				b, free = free[last][:n], free[:last]
			} else {
				b = make([]byte, n, max(n, 2048))
			}
			copy(b, big[:n])
			held = append(held, heldPacket{now.Add(l.after), b})
		}
		sent := 0
		for ; sent < len(held) && !held[sent].due.After(now); sent++ {
			l.Late = max(l.Late, now.Sub(held[sent].due))
			if _, err := syscall.Write(to, held[sent].data); err != nil {
				l.Lost++
			}
			l.Packets++
			if len(free) < 4096 && cap(held[sent].data) == 2048 {
				free = append(free, held[sent].data)
			}
		}
		if held = held[sent:]; len(held) == 0 {
			held = nil
		}
		pauseFor := syscall.NsecToTimespec(int64(tick))
		_ = syscall.Nanosleep(&pauseFor, nil)
	}
	var u syscall.Rusage
	const thread = 1 // RUSAGE_THREAD
	if syscall.Getrusage(thread, &u) == nil {
		l.CPU = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
}
