package worker

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
	"github.com/sansang/sansang/internal/templates"
)

func TestExchange(t *testing.T) {
	start := time.Unix(0, 0)
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }
	for _, c := range []struct {
		name    string
		steps   string // what happens each second: s sends, r receives, f finishes, . nothing
		due     float64
		awaited bool
	}{
		{"nothing ever came", "", 10, true},
		{"a question is open", "..s", 13, true},
		{"answered, and idle", "s.r", 13, false},
		{"asked again", "s.r....s", 18, true},
		{"a drip", "srrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr", 40, true},
		{"a drip of questions and answers", "srsrsrsrsrsrsrsrsrsrsrsrsrsrsrsrsrsrsrsrsrsrsrsr", 58, false},
		{"the client has gone", "srsf", 5, false},
	} {
		e := newExchange(10*time.Second, start)
		for i, step := range c.steps {
			switch now := at(float64(i + 1)); step {
			case 's':
				e.send(now)
			case 'r':
				e.receive(now)
			case 'f':
				e.finish()
			}
		}
		due := e.due()
		if _, awaited := e.over(due); due != at(c.due) || awaited != c.awaited {
			t.Errorf("%s: due after %v, awaited %v", c.name, due.Sub(start), awaited)
		}
	}
}

// wired is a session whose worker is the test, over a socket.
func wired(t *testing.T, timeout time.Duration, scheme string, far func(net.Conn)) (*Session, *net.UnixConn, chan struct{}) {
	t.Helper()
	p := New(Options{Timeout: timeout, Path: "/nonexistent"})
	t.Cleanup(p.Close)
	at := peer(t, "127.0.0.1:0", far)
	target := to(t, scheme, at)
	s := p.Open(target, direct)
	dir, err := os.MkdirTemp("", "s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "s"), Net: "unix"})
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	near, err := net.DialUnix("unix", nil, l.Addr().(*net.UnixAddr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close() })
	c, err := l.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := s.place.dial()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer c.Close()
		defer s.place.release(conn)
		s.place.relay(c, bufio.NewReader(c), conn)
	}()
	return s, near, done
}

func hear(near net.Conn) (string, error) {
	var all strings.Builder
	buf := make([]byte, jobs.MostFrame)
	for {
		b, err := jobs.ReadFrame(near, buf)
		if err != nil || len(b) == 0 {
			return all.String(), err
		}
		all.Write(b)
	}
}

func TestRelay(t *testing.T) {
	big := strings.Repeat("x", 1<<20)
	for _, c := range []struct {
		name, scheme string
		far          func(net.Conn)
		half, whole  bool
		heard        string
		cause        fact.Cause
	}{
		{name: "answers after the client has ended", half: true, whole: true, heard: big, far: func(c net.Conn) { _, _ = io.Copy(io.Discard, c); fmt.Fprint(c, big) }},
		{name: "mute", cause: fact.Timeout, far: func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }},
		{name: "reset", cause: fact.Reset, far: func(c net.Conn) { _, _ = c.Read(make([]byte, 1)); abort(c) }},
		{name: "speaks and stays", whole: true, heard: "hi", far: func(c net.Conn) {
			_, _ = c.Read(make([]byte, 5))
			fmt.Fprint(c, "hi")
			_, _ = io.Copy(io.Discard, c)
		}},
		{name: "speaks HTTP and stays", scheme: "http", heard: "hi", far: func(c net.Conn) {
			_, _ = c.Read(make([]byte, 5))
			fmt.Fprint(c, "hi")
			_, _ = io.Copy(io.Discard, c)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, near, done := wired(t, 300*time.Millisecond, c.scheme, c.far)
			fmt.Fprint(near, "hello")
			if c.half {
				_ = near.CloseWrite()
			}
			heard, err := hear(near)
			near.Close()
			<-done
			m := s.place.mark()
			if heard != c.heard || (err == nil) != c.whole || m.failures > 0 != (c.cause != "") || m.failures > 0 && m.failed.Cause != c.cause {
				t.Errorf("heard %d bytes, %v; %+v", len(heard), err, m)
			}
		})
	}
}

// Closing a session ends what it relays.
func TestRelayIsClosed(t *testing.T) {
	s, near, done := wired(t, time.Hour, "", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	s.Close()
	if _, err := hear(near); err == nil {
		t.Error("it looks whole")
	}
	<-done
}

func TestDoubt(t *testing.T) {
	late := fact.Because(fact.Timeout, "x")
	for _, c := range []struct {
		name     string
		a        jobs.Answer
		now      history
		protocol string
		walled   bool
		want     fact.Cause
	}{
		{"not found, answered", jobs.Answer{}, history{received: 1}, "tcp", true, ""},
		{"not found, nothing came", jobs.Answer{}, history{}, "javascript", true, fact.Unanswered},
		{"found, nothing came", jobs.Answer{Found: true}, history{}, "javascript", true, fact.Unanswered},
		{"the same without a relay", jobs.Answer{}, history{}, "javascript", false, ""},
		{"of the DNS", jobs.Answer{}, history{}, "dns", true, ""},
		{"a script that caught its error", jobs.Answer{}, history{received: 1, failures: 1, failed: late}, "javascript", true, fact.Timeout},
		{"HTTP of an answer that is held", jobs.Answer{}, history{}, "http", true, ""},
		{"HTTP knows itself", jobs.Answer{}, history{received: 1, failures: 1, failed: late}, "http", true, ""},
		{"found in spite of a failure", jobs.Answer{Found: true}, history{received: 1, failures: 1, failed: late}, "tcp", true, ""},
		{"a reset of ours", jobs.Answer{Cause: "reset"}, history{failures: 1, failed: late}, "http", true, fact.Timeout},
		{"an idle end", jobs.Answer{Cause: "reset"}, history{cuts: 1, cut: late}, "http", true, fact.Timeout},
		{"an idle end and no answer", jobs.Answer{Cause: "unanswered"}, history{cuts: 1, cut: late}, "http", true, fact.Unanswered},
		{"blocked stays", jobs.Answer{Cause: "blocked"}, history{failures: 1, failed: late}, "http", true, fact.Blocked},
		{"no cause", jobs.Answer{Cause: "weather"}, history{}, "http", true, fact.Broken},
		{"found and not known", jobs.Answer{Found: true, Cause: "timeout"}, history{}, "http", true, fact.Broken},
	} {
		s := &Session{place: &place{history: c.now}}
		got := s.judge(c.a, history{}, &templates.Template{Protocols: []string{c.protocol}}, c.walled)
		if got.Cause != string(c.want) || got.Found != (c.a.Found && c.want == "") {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// Turns that were asked for are not asked for again by connections, and not
// kept beyond the run.
func TestTurns(t *testing.T) {
	p := New(Options{Path: "/nonexistent"})
	defer p.Close()
	at := peer(t, "127.0.0.1:0", func(net.Conn) {})
	var had []bool
	s := p.Open(to(t, "", at), Hooks{Turn: func(context.Context, int) error { return nil }, Dial: func(ctx context.Context, a string) (net.Conn, error) {
		had = append(had, Paid(ctx))
		return direct.Dial(ctx, a)
	}})
	dial := func() {
		c, err := s.place.dial()
		if err != nil {
			t.Fatal(err)
		}
		s.place.release(c)
	}
	_ = s.turn(t.Context(), 1)
	dial()
	dial()
	_ = s.turn(t.Context(), 5)
	s.spent(1)
	s.spent(5)
	dial()
	_ = s.turn(t.Context(), 1) // runs that overlap without end, and use kept connections
	for range 9 {
		_ = s.turn(t.Context(), 1)
		s.spent(1)
	}
	dial()
	dial()
	if fmt.Sprint(had) != "[true false false true false]" {
		t.Error(had)
	}
}
