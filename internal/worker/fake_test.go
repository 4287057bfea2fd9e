package worker

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sansang/sansang/internal/jobs"
)

// fake is a worker that does what the templates say: their data is a word.
// What it is called says how it starts.
func fake(name string) int {
	signal.Ignore(syscall.SIGPIPE)
	in := json.NewDecoder(bufio.NewReader(os.Stdin))
	var mu sync.Mutex
	say := func(r jobs.Report) {
		mu.Lock()
		defer mu.Unlock()
		_ = json.NewEncoder(os.Stdout).Encode(r)
	}
	var first jobs.Order
	if in.Decode(&first) != nil || first.Start == nil {
		return 2
	}
	start := *first.Start
	defer os.RemoveAll(start.Folder)
	switch name {
	case "fake-old":
		start.Version = "0.0.1"
	case "fake-dies":
		fmt.Fprintln(os.Stderr, "panic: no")
		return 1
	case "fake-garbage":
		fmt.Println("hello")
		time.Sleep(time.Hour)
	}
	wall, why := "", "asked for none"
	if name == "fake-nowall" {
		why = "lo is not ours"
	} else if start.Dial != "" {
		wall = "network namespace"
	}
	say(jobs.Report{Ready: &jobs.Ready{Version: start.Version, Wall: wall, Why: why}})
	words := map[string]string{}
	targets := map[int]bool{} // that are open; under mu
	busy := map[string]*atomic.Int32{"4": {}, "20": {}}
	for {
		var o jobs.Order
		if in.Decode(&o) != nil {
			return 0
		}
		switch {
		case o.Load != nil:
			words[o.Load.Key] = string(o.Load.Data)
			l := jobs.Loaded{Key: o.Load.Key, Requests: 1}
			switch word := string(o.Load.Data); {
			case word == "refused":
				l.Error = "it is not to the engine's taste"
			case strings.HasPrefix(word, "load dies"):
				return 1
			}
			say(jobs.Report{Loaded: &l})
		case o.Open != nil:
			opened := func() {
				mu.Lock()
				targets[o.Open.ID] = true
				mu.Unlock()
				say(jobs.Report{Opened: &jobs.Opened{ID: o.Open.ID}})
			}
			if name != "fake-slow" {
				opened()
				continue
			}
			go func() { time.Sleep(100 * time.Millisecond); opened() }()
		case o.Shut != nil:
			mu.Lock()
			delete(targets, o.Shut.Target)
			mu.Unlock()
		case o.Run != nil:
			a := jobs.Answer{Seq: o.Run.Seq, Requests: 1, Answers: 1}
			word, arg, _ := strings.Cut(words[o.Run.Template], " ")
			switch word {
			case "found":
				a.Found = true
			case "beside": // found: another target is open as well
				mu.Lock()
				a.Found = len(targets) > 1
				mu.Unlock()
			case "escape":
				c, err := net.DialTimeout("tcp", arg, time.Second)
				if a.Found = err == nil; a.Found {
					c.Close()
				}
			case "busy": // found: more run at a time than the bound
				bound, _ := strconv.Atoi(arg)
				go func() {
					a.Found = int(busy[arg].Add(1)) > bound
					time.Sleep(50 * time.Millisecond)
					busy[arg].Add(-1)
					say(jobs.Report{Answer: &a})
				}()
				continue
			case "slow":
				go func() { time.Sleep(300 * time.Millisecond); say(jobs.Report{Answer: &a}) }()
				continue
			case "dies":
				fmt.Fprintln(os.Stderr, "fatal error: out of luck")
				os.Exit(1)
			case "dies-once":
				if _, err := os.Stat(arg); err != nil {
					_ = os.WriteFile(arg, nil, 0o600)
					os.Exit(1)
				}
			case "hangs":
				continue
			case "freezes":
				time.Sleep(time.Hour)
			case "garbage":
				mu.Lock()
				fmt.Println("{garbage")
				mu.Unlock()
				continue
			case "twice":
				say(jobs.Report{Answer: &a})
			case "stray":
				say(jobs.Report{Answer: &jobs.Answer{Seq: 1 << 30, Found: true}})
				continue
			case "cause":
				a.Cause = "weather"
			case "both":
				a.Found, a.Cause = true, "timeout"
			case "silent":
				_ = os.Stdout.Close()
				continue
			case "long":
				mu.Lock()
				fmt.Println(strings.Repeat("x", 2<<20))
				mu.Unlock()
				continue
			}
			say(jobs.Report{Answer: &a})
		}
	}
}
