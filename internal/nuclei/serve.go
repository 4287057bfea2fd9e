package nuclei

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"

	"github.com/sansang/sansang/internal/jobs"
)

// runner runs templates on one target; Engine is the one that there is.
type runner interface {
	Load(key string, data []byte) (requests int, err error)
	Glance(ctx context.Context, to jobs.Target, text []byte) (a jobs.Answer, sure bool)
	Run(ctx context.Context, to jobs.Target, key string) jobs.Answer
	Obey(allow func(netip.AddrPort) bool)
	Rest() bool
	Close()
}

// How the worker ends.
const (
	Done    = 0 // standard input ended
	Unfit   = 2 // the orders are those of another version, or none at all
	TooMuch = 3 // memory above the bound
)

// Serve does what the orders say until they end, and removes the private
// folder. It gives the exit status; what still runs then is left to the end
// of the process.
func Serve(orders io.Reader, reports, trouble io.Writer, version string) int {
	return serveBy(orders, reports, trouble, version, func(c Config) (runner, error) { return New(c) })
}

func serveBy(orders io.Reader, reports, trouble io.Writer, version string, build func(Config) (runner, error)) int {
	in := json.NewDecoder(bufio.NewReader(orders))
	var first jobs.Order
	if err := in.Decode(&first); err != nil || first.Start == nil {
		say(trouble, "sansang-nuclei is started by sansang, and was given no order to start")
		return Unfit
	}
	s := &server{start: *first.Start, out: json.NewEncoder(reports), build: build, trouble: trouble,
		texts: map[string][]byte{}, targets: map[int]*target{}, runs: map[int]context.CancelFunc{}}
	if strings.HasPrefix(filepath.Base(s.start.Folder), jobs.FolderPrefix) {
		defer remove(s.start.Folder)
	}
	if s.start.Version != version {
		s.report(jobs.Report{Ready: &jobs.Ready{Version: version, Why: "another version"}})
		return Unfit
	}
	ready := jobs.Ready{Version: version}
	if err := s.prepare(&ready); err != nil {
		say(trouble, "%v", err)
		return Unfit
	}
	s.report(jobs.Report{Ready: &ready})
	ended := make(chan int, 2)
	go func() { ended <- s.obey(in) }()
	go watchMemory(s.start.MemoryBytes, trouble, ended)
	status := <-ended
	s.speaking.Lock() // for good: what fails for want of the folder is nobody's fault
	return status
}

// server is the worker at work.
type server struct {
	start   jobs.Start
	build   func(Config) (runner, error)
	trouble io.Writer
	net     *network

	speaking sync.Mutex
	out      *json.Encoder

	building sync.Mutex // engines are made one at a time
	resting  []runner   // that had a target; under building
	proof    runner     // sees each template once, before any target does
	proved   int

	mu      sync.Mutex
	texts   map[string][]byte // templates by key
	targets map[int]*target
	runs    map[int]context.CancelFunc
}

// prepare raises the wall, where it was asked for.
func (s *server) prepare(ready *jobs.Ready) (err error) {
	relayed := s.start.Dial != ""
	if relayed {
		if err := raiseWall(); err != nil {
			ready.Why = err.Error()
			relayed = false
		} else {
			ready.Wall = "network namespace"
		}
	}
	s.net, err = newNetwork(s.start, relayed)
	return err
}

// obey takes one order after the other. None of them waits for another.
func (s *server) obey(in *json.Decoder) int {
	for {
		var o jobs.Order
		if err := in.Decode(&o); errors.Is(err, io.EOF) {
			return Done
		} else if err != nil {
			say(s.trouble, "an order that cannot be read: %v", err)
			return Unfit
		}
		switch {
		case o.Load != nil:
			go s.load(*o.Load)
		case o.Open != nil:
			go s.open(*o.Open)
		case o.Run != nil:
			ctx, cancel := context.WithCancel(context.Background())
			s.mu.Lock()
			s.runs[o.Run.Seq] = cancel
			s.mu.Unlock()
			go s.run(ctx, *o.Run)
		case o.Stop != nil:
			s.mu.Lock()
			if cancel := s.runs[o.Stop.Seq]; cancel != nil {
				cancel()
			}
			s.mu.Unlock()
		case o.Shut != nil:
			go s.shut(o.Shut.Target)
		}
	}
}

func (s *server) report(r jobs.Report) {
	s.speaking.Lock()
	defer s.speaking.Unlock()
	_ = s.out.Encode(r) // nobody listens any more: standard input ends too, then
}

// proofs is how many templates one proving engine sees before another takes
// its place, so that it does not grow with the templates.
const proofs = 256

func (s *server) load(t jobs.Template) {
	r := jobs.Loaded{Key: t.Key}
	n, err := s.prove(t)
	if err != nil {
		r.Error = err.Error()
	} else {
		s.mu.Lock()
		s.texts[t.Key] = t.Data
		s.mu.Unlock()
	}
	r.Requests = n
	s.report(jobs.Report{Loaded: &r})
}

// prove lets an engine that may connect to nothing take the template.
func (s *server) prove(t jobs.Template) (n int, err error) {
	s.building.Lock()
	defer s.building.Unlock()
	defer recovered(&err)
	if s.proved >= proofs && s.proof != nil {
		s.proof.Close()
		s.proof = nil
	}
	if s.proof == nil {
		if s.proof, err = s.build(s.config(nil)); err != nil {
			s.proof = nil
			return 0, err
		}
		s.proved = 0
	}
	s.proved++
	return s.proof.Load(t.Key, t.Data)
}

func (s *server) run(ctx context.Context, r jobs.Run) {
	a := s.answer(ctx, r)
	a.Seq = r.Seq
	s.mu.Lock()
	s.runs[r.Seq]()
	delete(s.runs, r.Seq)
	s.mu.Unlock()
	s.report(jobs.Report{Answer: &a})
}

func (s *server) answer(ctx context.Context, r jobs.Run) (a jobs.Answer) {
	s.mu.Lock()
	t, text := s.targets[r.Target], s.texts[r.Template]
	s.mu.Unlock()
	if t == nil || text == nil {
		return jobs.Answer{Cause: "broken", Detail: "the target was not opened or the template not loaded"}
	}
	var err error
	func() {
		defer recovered(&err)
		a, err = t.run(ctx, r.Template, text)
	}()
	if err != nil {
		return jobs.Answer{Cause: "broken", Detail: err.Error()}
	}
	return a
}
