package worker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/templates"
)

// called gives the fake worker under a name.
func called(t testing.TB, name string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(self, path); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	return path
}

// pool is one of the fake worker, closed at the end; then nothing is left.
func pool(t testing.TB, name string, change ...func(*Options)) *Pool {
	t.Helper()
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	o := Options{Path: called(t, name), Version: "1", Timeout: 300 * time.Millisecond}
	for _, c := range change {
		c(&o)
	}
	p := New(o)
	t.Cleanup(func() {
		p.Close()
		left, _ := filepath.Glob(filepath.Join(tmp, jobs.FolderPrefix+"*"))
		if len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		goleak.VerifyNone(t, goleak.IgnoreCurrent(), goleak.IgnoreTopFunction("testing.(*T).Run"))
	})
	return p
}

// word is a template for the fake worker, of the DNS unless told otherwise: no
// byte of a target stands for its answers.
func word(s string, protocols ...string) *templates.Template {
	if protocols == nil {
		protocols = []string{"dns"}
	}
	return &templates.Template{ID: s, Data: []byte(s), Steps: 1, Protocols: protocols}
}

// direct connects; the tests have no guard.
var direct = Hooks{Dial: func(ctx context.Context, address string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", address)
}}

func cause(err error) fact.Cause {
	var u *fact.Unknown
	if errors.As(err, &u) {
		return u.Cause
	}
	return ""
}

func TestAnswers(t *testing.T) {
	p := pool(t, "fake")
	s := p.Open(jobs.Target{Host: "127.0.0.1", Addr: "127.0.0.1", Port: 1}, direct)
	for _, c := range []struct {
		word, cause string
		found       bool
	}{
		{"ok", "", false}, {"found", "", true}, {"refused", "broken", false}, {"load dies", "broken", false}, {"dies", "broken", false},
		{"dies-once " + filepath.Join(t.TempDir(), "x"), "", false}, {"garbage", "broken", false},
		{"stray", "broken", false}, {"cause", "broken", false}, {"both", "broken", false}, {"silent", "broken", false}, {"long", "broken", false}, {"ok", "", false},
	} {
		a, err := s.Run(t.Context(), word(c.word))
		if string(cause(err)) != c.cause || a.Found != c.found || a.Cause != c.cause {
			t.Errorf("%s: %+v, %v", c.word, a, err)
		}
		if err != nil {
			t.Logf("%s: %v", c.word, err)
		}
	}
}

// An answer that comes twice shows a worker that is not to be trusted, but
// the first was asked for.
func TestAnswerTwice(t *testing.T) {
	p := pool(t, "fake")
	s := p.Open(jobs.Target{Host: "127.0.0.1", Addr: "127.0.0.1", Port: 1}, direct)
	if a, err := s.Run(t.Context(), word("twice")); err != nil || a.Found {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := s.Run(t.Context(), word("ok")); err != nil {
		t.Error(err)
	}
}

// What was under way when the worker died is answered by the next one.
func TestTheInnocentAreTriedAgain(t *testing.T) {
	p := pool(t, "fake")
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			s := p.Open(jobs.Target{Host: "127.0.0.1", Addr: "127.0.0.1", Port: 1 + i}, direct)
			defer s.Close()
			w, want := fmt.Sprintf("slow %d", i), fact.Cause("")
			if i%12 == 6 {
				w, want = fmt.Sprintf("dies %d", i), fact.Broken
			}
			if _, err := s.Run(t.Context(), word(w)); cause(err) != want {
				t.Errorf("%s: %v", w, err)
			}
		})
	}
	wg.Wait()
}

func TestHang(t *testing.T) {
	shorten(t)
	for _, w := range []string{"hangs", "freezes"} {
		t.Run(w, func(t *testing.T) {
			p := pool(t, "fake", func(o *Options) { o.Timeout = 100 * time.Millisecond })
			s := p.Open(jobs.Target{Host: "127.0.0.1", Addr: "127.0.0.1", Port: 1}, direct)
			_, err := s.Run(t.Context(), word(w))
			if cause(err) != fact.Broken || !strings.Contains(err.Error(), "hung") {
				t.Error(err)
			}
			if _, err := s.Run(t.Context(), word("ok")); err != nil {
				t.Error(err)
			}
		})
	}
}

func shorten(t *testing.T) {
	was := times
	times = waits{prepare: time.Second, run: 500 * time.Millisecond, grace: 200 * time.Millisecond, end: time.Second}
	t.Cleanup(func() { times = was })
}

// A run that is given up is answered at once, and its worker is not blamed
// where it stops in time.
func TestGivenUp(t *testing.T) {
	p := pool(t, "fake")
	s := p.Open(jobs.Target{Host: "127.0.0.1", Addr: "127.0.0.1", Port: 1}, direct)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Run(ctx, word("slow")); cause(err) != fact.Timeout {
		t.Error(err)
	}
	if _, err := s.Run(t.Context(), word("ok")); err != nil {
		t.Error(err)
	}
	s.Close()
	if _, err := s.Run(t.Context(), word("ok")); cause(err) != fact.Skipped {
		t.Error(err)
	}
}

func TestNoWorker(t *testing.T) {
	for name, want := range map[string]string{"fake-old": "0.0.1", "fake-dies": "panic: no", "fake-garbage": "hello", "gone": "make build"} {
		t.Run(name, func(t *testing.T) {
			p := pool(t, name, func(o *Options) {
				if name == "gone" {
					o.Path = filepath.Join(t.TempDir(), "nothing")
				}
			})
			err := p.Start()
			var f *Fault
			if !errors.As(err, &f) || !f.Text.Whole() || !strings.Contains(f.In(lang.Vi), want) || !strings.Contains(f.In(lang.En), want) {
				t.Errorf("%+v", err)
			}
			t.Log(f.In(lang.Vi))
			s := p.Open(jobs.Target{Host: "127.0.0.1", Addr: "127.0.0.1", Port: 1}, direct)
			if _, err := s.Run(t.Context(), word("ok")); cause(err) != fact.Broken {
				t.Error(err)
			}
		})
	}
}

// Close answers what runs and leaves nothing, whenever it comes.
func TestClose(t *testing.T) {
	p := pool(t, "fake")
	s := p.Open(jobs.Target{Host: "127.0.0.1", Addr: "127.0.0.1", Port: 1}, direct)
	if _, err := s.Run(t.Context(), word("ok")); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			if _, err := s.Run(context.Background(), word("slow")); cause(err) != fact.Skipped {
				t.Error(err)
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	p.Close()
	wg.Wait()
	if _, err := p.Open(jobs.Target{}, direct).Run(t.Context(), word("ok")); cause(err) != fact.Skipped {
		t.Error(err)
	}
}

func TestRounds(t *testing.T) {
	before := descriptors(t)
	for range 200 {
		func() {
			p := New(Options{Path: called(t, "fake"), Version: "1", Timeout: time.Second})
			defer p.Close()
			s := p.Open(jobs.Target{Host: "127.0.0.1", Addr: "127.0.0.1", Port: 1}, direct)
			if _, err := s.Run(t.Context(), word("ok")); err != nil {
				t.Error(err)
			}
		}()
	}
	if now := descriptors(t); now > before {
		t.Errorf("%d descriptors, %d before", now, before)
	}
	goleak.VerifyNone(t, goleak.IgnoreCurrent())
}

func descriptors(t *testing.T) int {
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("descriptors cannot be counted here")
	}
	return len(all)
}

// Of what nuclei does badly side by side, little is done at a time.
func TestBounds(t *testing.T) {
	unwall(t)
	p := pool(t, "fake")
	var wg sync.WaitGroup
	for i := range 60 {
		protocol, bound := "ssl", "4"
		if i%2 == 0 {
			protocol, bound = "javascript", "20"
		}
		s := p.Open(jobs.Target{Host: "127.0.0.1", Addr: "127.0.0.1", Port: 1 + i}, direct)
		wg.Go(func() {
			defer s.Close()
			if a, err := s.Run(t.Context(), word("busy "+bound, protocol)); err != nil || a.Found {
				t.Errorf("%s: %+v, %v", protocol, a, err)
			}
		})
	}
	wg.Wait()
}
