package nuclei

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sansang/sansang/internal/jobs"
)

// puppet is a runner that does what the key of a template says.
type puppet struct {
	Config
	closed atomic.Int32
}

func (p *puppet) Load(key string, _ []byte) (int, error) {
	switch key {
	case "bad":
		return 0, errors.New("bad")
	case "panics early":
		panic("early")
	}
	return 2, nil
}

func (p *puppet) Run(ctx context.Context, to jobs.Target, key string) jobs.Answer {
	switch key {
	case "panics":
		panic("late")
	case "waits":
		<-ctx.Done()
		return jobs.Answer{Cause: "skipped"}
	case "strays":
		p.Allow(netip.MustParseAddrPort("192.0.2.1:80"))
	case "stays":
		if !p.Allow(netip.AddrPortFrom(netip.MustParseAddr(to.Addr), uint16(to.Port))) {
			return jobs.Answer{Cause: "out-of-scope"}
		}
	}
	return jobs.Answer{Requests: 1, Answers: 1}
}

func (p *puppet) Close() { p.closed.Add(1) }

func (p *puppet) Glance(context.Context, jobs.Target, []byte) (jobs.Answer, bool) {
	return jobs.Answer{}, false
}

func (p *puppet) Obey(func(netip.AddrPort) bool) {}

func (p *puppet) Rest() bool { return false }

// worker is a worker with puppets in it.
type worker struct {
	t      *testing.T
	orders *json.Encoder
	in     io.Closer
	out    *json.Decoder
	ended  chan int
	folder string
	made   atomic.Int32
}

func work(t *testing.T, start jobs.Start) *worker {
	t.Helper()
	w := &worker{t: t, ended: make(chan int, 1)}
	w.folder = filepath.Join(t.TempDir(), jobs.FolderPrefix+"x")
	if err := os.Mkdir(w.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if start.Folder == "" {
		start.Folder = w.folder
	}
	fromUs, orders := io.Pipe()
	reports, toUs := io.Pipe()
	w.orders, w.in, w.out = json.NewEncoder(orders), orders, json.NewDecoder(reports)
	go func() {
		w.ended <- serveBy(fromUs, toUs, io.Discard, "1", func(c Config) (runner, error) {
			w.made.Add(1)
			return &puppet{Config: c}, nil
		})
		toUs.Close()
	}()
	w.tell(jobs.Order{Start: &start})
	return w
}

func (w *worker) tell(o jobs.Order) {
	w.t.Helper()
	if err := w.orders.Encode(o); err != nil {
		w.t.Fatal(err)
	}
}

func (w *worker) hear() (r jobs.Report) {
	w.t.Helper()
	if err := w.out.Decode(&r); err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *worker) end(status int) {
	w.t.Helper()
	w.in.Close()
	if got := <-w.ended; got != status {
		w.t.Errorf("it ended with %d", got)
	}
	if _, err := os.Stat(w.folder); !os.IsNotExist(err) {
		w.t.Error("its folder is left")
	}
}

func TestServe(t *testing.T) {
	w := work(t, jobs.Start{Version: "1", TimeoutMillis: 1000})
	if r := w.hear(); r.Ready == nil || r.Ready.Version != "1" || r.Ready.Wall != "" {
		t.Fatalf("%+v", r)
	}
	keys := []string{"good", "panics", "waits", "strays", "stays"}
	for _, key := range append(keys, "bad", "panics early") {
		w.tell(jobs.Order{Load: &jobs.Template{Key: key, Data: []byte("x")}})
		if r := w.hear().Loaded; r.Key != key || (r.Error == "") != (key != "bad" && key != "panics early") {
			t.Errorf("%+v", r)
		}
	}
	w.tell(jobs.Order{Open: &jobs.Target{ID: 7, Host: "a.example", Addr: "127.0.0.1", Port: 80}})
	if r := w.hear().Opened; r.ID != 7 || r.Error != "" {
		t.Fatalf("%+v", r)
	}
	run := func(seq, target int, key string) {
		w.tell(jobs.Order{Run: &jobs.Run{Seq: seq, Target: target, Template: key}})
	}
	for i, c := range []struct {
		target     int
		key, cause string
	}{{7, "good", ""}, {7, "panics", "broken"}, {7, "unheard of", "broken"}, {8, "good", "broken"}, {7, "strays", "out-of-scope"}, {7, "stays", ""}} {
		run(i, c.target, c.key)
		if a := w.hear().Answer; a.Seq != i || a.Cause != c.cause {
			t.Errorf("%s: %+v", c.key, a)
		}
	}
	run(10, 7, "waits")
	run(11, 7, "good")
	if a := w.hear().Answer; a.Seq != 11 {
		t.Errorf("one run waits for another: %+v", a)
	}
	w.tell(jobs.Order{Stop: &jobs.Stop{Seq: 10}})
	if a := w.hear().Answer; a.Seq != 10 || a.Cause != "skipped" {
		t.Errorf("%+v", a)
	}
	run(12, 7, "waits")
	w.tell(jobs.Order{Shut: &jobs.Shut{Target: 7}})
	if a := w.hear().Answer; a.Seq != 12 || a.Cause == "" {
		t.Errorf("%+v", a)
	}
	w.end(Done)
}

func TestServeVersion(t *testing.T) {
	w := work(t, jobs.Start{Version: "2"})
	if r := w.hear(); r.Ready == nil || r.Ready.Version != "1" {
		t.Errorf("%+v", r)
	}
	w.end(Unfit)
}

func TestServeMemory(t *testing.T) {
	w := work(t, jobs.Start{Version: "1", MemoryBytes: 1})
	w.hear()
	if got := <-w.ended; got != TooMuch {
		t.Errorf("it ended with %d", got)
	}
}

// What is not named like a private folder is nobody's to remove.
func TestServeFolder(t *testing.T) {
	other := t.TempDir()
	w := work(t, jobs.Start{Version: "1", Folder: other})
	w.hear()
	w.in.Close()
	<-w.ended
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
}

func TestServeGarbage(t *testing.T) {
	for in, want := range map[string]int{"": Unfit, "x": Unfit, `{"load":{"key":"a"}}`: Unfit, `{"start":{"version":"1"}}`: Done, `{"start":{"version":"1"}} x`: Unfit} {
		var out bytes.Buffer
		if got := serveBy(strings.NewReader(in), &out, io.Discard, "1", nil); got != want {
			t.Errorf("%q: %d", in, got)
		}
	}
}

// One target after the other leaves no listener, relay or engine.
func TestPins(t *testing.T) {
	n := &network{start: jobs.Start{Dial: "/nonexistent"}, relayed: true, names: &nameServer{pins: map[string][]pin{}}, named: map[string]*named{}, relays: map[netip.AddrPort]*relay{}}
	targets := []jobs.Target{
		{ID: 1, Host: "a.example", Addr: "127.0.0.1", Port: 8081}, {ID: 2, Host: "A.example.", Addr: "127.0.0.1", Port: 8081},
		{ID: 3, Host: "127.0.0.1", Addr: "127.0.0.1", Port: 8081}, {ID: 4, Host: "::1", Addr: "::1", Port: 8081}, {ID: 5, Host: "b.example", Addr: "::1", Port: 8081},
		{ID: 6, Host: "domain.example"}, {ID: 7, Host: "a.example", Addr: "127.0.0.1", Port: 8082},
	}
	var pins []pinned
	for _, to := range targets {
		p, err := n.pin(to)
		if err != nil {
			t.Fatalf("%+v: %v", to, err)
		}
		pins = append(pins, p)
	}
	if len(n.relays) != 6 { // both ports of 127.0.0.1 and of a.example, ::1, b.example
		t.Errorf("%d relays", len(n.relays))
	}
	if p := n.names.pins["a.example"]; len(p) != 3 || p[0].addr != p[1].addr || p[0].addr != p[2].addr || !p[0].addr.IsLoopback() {
		t.Errorf("%+v", p)
	}
	for _, bad := range []jobs.Target{{Host: "c.example", Port: 80}, {Host: "c.example", Addr: "x", Port: 80}, {Host: "c.example", Addr: "127.0.0.1", Port: 70000}, {Host: "a.example", Addr: "127.0.0.9", Port: 8081}} {
		if _, err := n.pin(bad); err == nil {
			t.Errorf("%+v was pinned", bad)
		}
	}
	for i, to := range targets {
		n.unpin(to, pins[i])
	}
	if len(n.relays) != 0 || len(n.names.pins) != 0 || len(n.named) != 0 {
		t.Errorf("left: %v, %v", n.relays, n.names.pins)
	}
}
