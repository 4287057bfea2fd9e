package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// nationWatch looks at a process and its template workers while they run.
type nationWatch struct {
	pid  int
	stop chan struct{}
	done chan struct{}

	Ours, Worker, Both int64                 // memory at most, in KB; Both at one moment
	cpu                map[int]time.Duration // of each worker
	all                [][2]int64            // ours and the workers', at each look
}

// watchNation looks twice a second.
func watchNation(pid int) *nationWatch {
	w := &nationWatch{pid: pid, stop: make(chan struct{}), done: make(chan struct{}), cpu: map[int]time.Duration{}}
	go func() {
		defer close(w.done)
		for {
			w.look()
			select {
			case <-w.stop:
				return
			case <-time.After(500 * time.Millisecond):
			}
		}
	}()
	return w
}

// end gives the processor time of the workers.
func (w *nationWatch) end() (worker time.Duration) {
	close(w.stop)
	<-w.done
	for _, d := range w.cpu {
		worker += d
	}
	return worker
}

func (w *nationWatch) look() {
	ours := resident(w.pid)
	var workers int64
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), "(sansang-nuclei") {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		f := strings.Fields(string(text)[strings.LastIndex(string(text), ")")+1:])
		if !w.below(pid) || len(f) < 13 {
			continue
		}
		user, _ := strconv.ParseInt(f[11], 10, 64)
		system, _ := strconv.ParseInt(f[12], 10, 64)
		w.cpu[pid] = time.Duration(user+system) * tickOfClock
		workers += resident(pid)
	}
	w.all = append(w.all, [2]int64{ours, workers})
	w.Ours, w.Worker, w.Both = max(w.Ours, ours), max(w.Worker, workers), max(w.Both, ours+workers)
}

// course gives the memory at ten moments of the run, in MB: what grows with
// the list would show.
func (w *nationWatch) course() (ours, workers []int64) {
	const moments = 10
	for i := range moments {
		at := w.all[i*(len(w.all)-1)/(moments-1)]
		ours, workers = append(ours, at[0]>>10), append(workers, at[1]>>10)
	}
	return ours, workers
}

// below tells whether a process descends from ours.
func (w *nationWatch) below(pid int) bool {
	for range 8 {
		text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil {
			return false
		}
		f := strings.Fields(string(text)[strings.LastIndex(string(text), ")")+1:])
		if pid, err = strconv.Atoi(f[1]); err != nil || pid <= 1 {
			return false
		}
		if pid == w.pid {
			return true
		}
	}
	return false
}

// resident is how much memory a process has, in KB.
func resident(pid int) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	f := strings.Fields(rest)
	if len(f) == 0 {
		return 0
	}
	kb, _ := strconv.ParseInt(f[0], 10, 64)
	return kb
}

// machineTime is what the processors of the machine have spent since it was
// started, on all and on nothing.
type machineTime struct{ all, idle time.Duration }

// readMachine reads /proc/stat (proc_stat(5)): user, nice, system, idle, iowait,
// irq, softirq, steal.
func readMachine() (m machineTime) {
	text, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(text), "\n")
	f := strings.Fields(line)
	for i, s := range f[min(1, len(f)):min(9, len(f))] {
		ticks, _ := strconv.ParseInt(s, 10, 64)
		d := time.Duration(ticks) * tickOfClock
		m.all += d
		if i == 3 || i == 4 {
			m.idle += d
		}
	}
	return m
}

// since is what was spent after another reading.
func (m machineTime) since(b machineTime) machineTime {
	return machineTime{m.all - b.all, m.idle - b.idle}
}

// tickOfClock is what /proc counts processor time in: USER_HZ is 100.
const tickOfClock = 10 * time.Millisecond
