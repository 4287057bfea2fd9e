package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/pack"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/report"
)

// many judges stored assessments side by side. Of each only what its line tells
// is kept, so that any number of them takes no more memory than some.
type many struct {
	app      *app
	policy   string // for all; empty: that of each scan
	at       time.Time
	policies policySet
}

// files lists the assessments that were named, and those in the folders that
// were.
func files(args []string) ([]string, error) {
	var out []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			out = append(out, arg)
			continue
		}
		var in []string
		for _, kind := range []string{"*.jsonl", "*.zip"} {
			found, err := filepath.Glob(filepath.Join(escape(arg), kind))
			if err != nil {
				return nil, err
			}
			in = append(in, found...)
		}
		if len(in) == 0 {
			return nil, faultf("thư mục %s không có hồ sơ đánh giá nào (*.jsonl, *.zip)", "the folder %s holds no assessment (*.jsonl, *.zip)", arg)
		}
		slices.Sort(in)
		out = append(out, in...)
	}
	return out, nil
}

// escape keeps the name of a folder from being read as a pattern.
func escape(dir string) string {
	var out []rune
	for _, r := range dir {
		if runtime.GOOS != "windows" && (r == '*' || r == '?' || r == '[' || r == '\\') {
			out = append(out, '\\')
		}
		out = append(out, r)
	}
	return string(out)
}

// run judges every file and hands what came of each to tell, in their order.
func (m *many) run(paths []string, tell func(report.Line) error) error {
	defer debug.SetGCPercent(debug.SetGCPercent(500)) // nearly all of it is garbage of one file
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(200 << 20))
	workers := runtime.GOMAXPROCS(0)
	type place struct {
		path string
		line chan report.Line
	}
	work, order := make(chan place), make(chan place, 8*workers)
	stop := make(chan struct{})
	go func() {
		defer close(order)
		defer close(work)
		for _, path := range paths {
			p := place{path, make(chan report.Line, 1)}
			select {
			case order <- p:
			case <-stop:
				return
			}
			select {
			case work <- p:
			case <-stop:
				return
			}
		}
	}()
	var hands sync.WaitGroup
	for range workers {
		hands.Go(func() {
			h := hand{memories: map[*judge.Policy]*judge.Memory{}}
			for p := range work {
				p.line <- m.judge(&h, p.path)
			}
		})
	}
	var err error
	for p := range order {
		if err = tell(<-p.line); err != nil {
			close(stop)
			break
		}
	}
	hands.Wait()
	return err
}

// hand is what one goroutine keeps from one file to the next.
type hand struct {
	reader   record.Reader
	memories map[*judge.Policy]*judge.Memory
}

// open reads an assessment, from a pack too.
func (h *hand) open(path string) (*record.Assessment, *packed, error) {
	if pack.Is(path) {
		return openAssessment(path)
	}
	a, err := h.reader.Open(path)
	return a, nil, err
}

// judge judges one file. What is wrong with it is told in its line.
func (m *many) judge(h *hand, path string) report.Line {
	line := report.Line{File: path}
	bad := func(err error) report.Line {
		line.Error = inBoth(err)
		return line
	}
	assessed, in, err := h.open(path)
	if err != nil {
		return bad(err)
	}
	c := caseOf(assessed, m.at)
	if _, err := withUnit(&c, assessed, "", in); err != nil {
		return bad(err)
	}
	policy, err := m.policies.get(m.app, m.policy, assessed.Header.Policy, c.At)
	if err != nil {
		return bad(err)
	}
	c.Observations = policy.Disown(c.Observations, chosenTemplates(assessed))
	if c.Memory = h.memories[policy]; c.Memory == nil {
		c.Memory = judge.NewMemory()
		h.memories[policy] = c.Memory
	}
	line.Take(policy.Judge(c))
	return line
}

// inBoth gives an error in both languages.
func inBoth(err error) *lang.Text {
	var speaker lang.Speaker
	var path *fs.PathError
	var text lang.Text
	switch {
	case errors.As(err, &speaker):
		text = lang.T(speaker.In(lang.Vi), speaker.In(lang.En))
	case errors.As(err, &path):
		text = cannotOpen(path)
	default:
		text = lang.Tf("%v", "%v", err)
	}
	return &text
}

// policySet loads each policy once.
type policySet struct {
	mu     sync.Mutex
	loaded map[wanted]*loadedPolicy
}

// wanted is a policy as the scan had it, and the edition of it to judge by.
type wanted struct {
	record.Policy
	edition string
}

type loadedPolicy struct {
	once   sync.Once
	policy *judge.Policy
	err    error
}

func (s *policySet) get(a *app, name string, scanned record.Policy, at time.Time) (*judge.Policy, error) {
	w := wanted{Policy: scanned}
	if name != "" { // one for all
		w = wanted{}
	} else {
		var err error
		if w.edition, err = edition(scanned.ID, at); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	if s.loaded == nil {
		s.loaded = map[wanted]*loadedPolicy{}
	}
	l := s.loaded[w]
	if l == nil {
		l = &loadedPolicy{}
		s.loaded[w] = l
	}
	s.mu.Unlock()
	l.once.Do(func() { l.policy, l.err = a.policyFor(name, scanned, at) })
	return l.policy, l.err
}
