package main

import (
	"os"
	"runtime"
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

	held []heldPacket
	free [][]byte
	big  [1<<16 + vnetHeader]byte
}

// tick is how often the line looks; it is what a packet may be late by.
const tick = time.Millisecond

type heldPacket struct {
	due  time.Time
	data []byte
}

// run carries until stop. It leaves its thread now and then, for the runtime's
// monitor takes the processor from who never does and sleeps in the kernel, and
// is then awake every 20 µs, for as long as the lab runs.
func (l *nationLine) run() {
	from, to := int(l.from.Fd()), int(l.to.Fd())
	_ = syscall.SetNonblock(from, true)
	const thread = 1 // RUSAGE_THREAD
	for !l.stop.Load() {
		runtime.LockOSThread()
		before := usedBy(thread)
		for range 5 {
			l.take(from)
			l.give(to)
			pauseFor := syscall.NsecToTimespec(int64(tick))
			_ = syscall.Nanosleep(&pauseFor, nil)
		}
		l.CPU += usedBy(thread) - before
		runtime.UnlockOSThread()
		runtime.Gosched()
	}
}

// take reads what has come.
func (l *nationLine) take(from int) {
	now := time.Now()
	for {
		n, err := syscall.Read(from, l.big[:])
		if err != nil || n <= 0 {
			return
		}
		var b []byte
		if last := len(l.free) - 1; last >= 0 && n <= 2048 {
			b, l.free = l.free[last][:n], l.free[:last]
		} else {
			b = make([]byte, n, max(n, 2048))
		}
		copy(b, l.big[:n])
		l.held = append(l.held, heldPacket{now.Add(l.after), b})
	}
}

// give hands over what is due.
func (l *nationLine) give(to int) {
	now, sent := time.Now(), 0
	for ; sent < len(l.held) && !l.held[sent].due.After(now); sent++ {
		p := l.held[sent]
		l.Late = max(l.Late, now.Sub(p.due))
		if _, err := syscall.Write(to, p.data); err != nil {
			l.Lost++
		}
		l.Packets++
		if len(l.free) < 4096 && cap(p.data) == 2048 {
			l.free = append(l.free, p.data)
		}
	}
	if l.held = l.held[sent:]; len(l.held) == 0 {
		l.held = nil
	}
}

// usedBy is the processor time of this process, or of this thread.
func usedBy(who int) time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(who, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
