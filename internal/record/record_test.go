package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
)

var moment = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)

func observation(n int) fact.Observation {
	return fact.Observation{Check: "tcp.open", Endpoint: fmt.Sprint("e", n), At: moment.Add(time.Duration(n) * time.Second), Value: json.RawMessage(`{"open":true}`),
		Evidence: []fact.Evidence{{Label: "tcp", Sent: []byte{0, 1, 2}, SentTotal: 3}}}
}

func header(n int) Header {
	h := Header{Started: moment, Vantage: Vantage{Name: "here"}}
	for i := range n {
		h.Plan = append(h.Plan, Pair{Endpoint: fmt.Sprint("e", i), Check: "tcp.open"})
	}
	return h
}

// written gives an assessment of n observations as bytes.
func written(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, header(n))
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := w.Observe(observation(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Happened(Event{At: moment, Endpoint: "e0", What: "canary-failed"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(End{At: moment.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadsWhatItWrites(t *testing.T) {
	a, err := Read("a", bytes.NewReader(written(t, 3)))
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Observations) != 3 || len(a.Events) != 1 || a.End == nil || a.End.Observations != 3 || len(a.Missing()) != 0 || !a.Finished().Equal(moment.Add(time.Minute)) {
		t.Errorf("read %+v", a)
	}
	if string(a.Observations[0].Evidence[0].Sent) != "\x00\x01\x02" {
		t.Errorf("evidence changed: %v", a.Observations[0].Evidence)
	}
}

// Wherever a crash cuts the file, the whole lines before are an assessment and
// the rest is missing.
func TestCutAnywhere(t *testing.T) {
	whole := written(t, 4)
	first := bytes.IndexByte(whole, '\n') + 1
	for n := range whole {
		a, err := Read("a", bytes.NewReader(whole[:n]))
		if n < first {
			if err == nil {
				t.Fatalf("cut at %d of the header: accepted", n)
			}
			continue
		}
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if got := len(a.Observations) + len(a.Unanswered()); got != 4 || a.End != nil {
			t.Fatalf("cut at %d: %d answers of 4, end %v", n, got, a.End)
		}
	}
}

// Any change to any byte of a whole line is found.
func TestEditsAreFound(t *testing.T) {
	whole := written(t, 3)
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n')
	for n := range last { // the last line has no line after it to hold its hash
		if whole[n] == '\n' {
			continue
		}
		edited := bytes.Clone(whole)
		edited[n] ^= 0x15
		if _, err := Read("a", bytes.NewReader(edited)); err == nil {
			t.Fatalf("byte %d changed from %q to %q: not found", n, whole[n], edited[n])
		}
	}
	lines := strings.SplitAfter(strings.TrimSuffix(string(whole), "\n"), "\n")
	for name, change := range map[string]string{
		"a line dropped":         lines[0] + strings.Join(lines[2:], ""),
		"two lines swapped":      lines[0] + lines[2] + lines[1] + strings.Join(lines[3:], ""),
		"a line twice":           lines[0] + lines[1] + strings.Join(lines[1:], ""),
		"something after":        string(whole) + lines[1],
		"no header":              strings.Join(lines[1:], ""),
		"nothing":                "",
		"not ours":               "{}\n",
		"a header in the middle": string(whole[:last+1]) + lines[0],
	} {
		_, err := Read("a", strings.NewReader(change))
		var d *Damage
		if !errors.As(err, &d) {
			t.Errorf("%s: %v, want damage", name, err)
		}
	}
}

func TestNeverOverwrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path, header(1)); !errors.Is(err, os.ErrExist) {
		t.Fatalf("Create = %v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "precious" {
		t.Error("overwritten")
	}
}

func TestManyWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	w, err := Create(path, header(200))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			if err := w.Observe(observation(i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := w.Finish(End{At: moment}); err != nil {
		t.Fatal(err)
	}
	a, err := Open(path)
	if err != nil || len(a.Observations) != 200 || len(a.Missing()) != 0 {
		t.Fatalf("%v, %d observations, missing %v", err, len(a.Observations), a.Missing())
	}
}

// full is a disk with room for some writes.
type full struct{ left int }

func (f *full) Write(b []byte) (int, error) {
	if f.left--; f.left < 0 {
		return 0, syscall.ENOSPC
	}
	return len(b), nil
}

func TestFullDiskStaysFull(t *testing.T) {
	w, err := NewWriter(&full{2}, header(3))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Observe(observation(0)); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := w.Observe(observation(i)); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("write %d: %v", i, err)
		}
	}
	if err := w.Finish(End{}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Finish = %v: a record with a hole has no end", err)
	}
}

func TestRefusesWhatIsNeitherFactNorUnknown(t *testing.T) {
	w, err := NewWriter(io.Discard, header(1))
	if err != nil {
		t.Fatal(err)
	}
	if w.Observe(fact.Observation{Check: "x"}) == nil {
		t.Error("kept an observation that says nothing")
	}
}

func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	w, _ := NewWriter(&b, header(1))
	_ = w.Observe(observation(0))
	f.Add(b.Bytes())
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		a, err := Read("x", bytes.NewReader(in))
		if err == nil && a.Header.Format != Format {
			t.Fatal("accepted what is no assessment")
		}
	})
}
