package scan

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/templates"
	"github.com/sansang/sansang/internal/worker"
)

// The field of BenchmarkTemplates.
const (
	fieldTemplates = 1000
	fieldEndpoints = 50 // every tenth of them dead, mute or resetting
	fieldPatience  = 5 * time.Second
)

// BenchmarkTemplates asks 1,000 templates of 50 endpoints, five of which are
// dead, mute or resetting: by a scan, and by nuclei's own command line, built
// from the same module, on the same machine and in the same run. It tells how
// many of the 50,000 answers each gave, and how long it took. It wants the
// worker in SANSANG_NUCLEI and the command line in NUCLEI, and a network
// namespace with nothing but loopback, for the latter calls home: make bench.
func BenchmarkTemplates(b *testing.B) {
	ours, theirs := os.Getenv("SANSANG_NUCLEI"), os.Getenv("NUCLEI")
	if ours == "" || theirs == "" {
		b.Skip("SANSANG_NUCLEI and NUCLEI name the programs: make bench")
	}
	if ifs, err := net.Interfaces(); err != nil || len(ifs) != 1 {
		b.Skip("there is more than loopback here: make bench")
	}
	dir := b.TempDir()
	for i := range fieldTemplates {
		text := fmt.Sprintf("id: gen-%04d\ninfo: {name: Generated %d, author: bench, severity: high}\nhttp:\n  - method: GET\n    path: [\"{{BaseURL}}/p/%d\"]\n    matchers-condition: and\n    matchers:\n      - {type: status, status: [200]}\n      - {type: word, part: body, words: [\"mark-%d\"]}\n", i, i, i, i)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("gen-%04d.yaml", i)), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("one in ten dead", func(b *testing.B) { race(b, ours, theirs, dir, field(b, 10)) })
	b.Run("all well", func(b *testing.B) { race(b, ours, theirs, dir, field(b, 0)) })
}

func race(b *testing.B, ours, theirs, dir string, targets []string) {
	want := fieldTemplates * fieldEndpoints
	for b.Loop() {
		took, answers, definite := askOurs(b, ours, dir, targets)
		if answers != want {
			b.Errorf("%d answers of %d", answers, want)
		}
		peer, definiteThere, claims := askTheirs(b, theirs, dir, targets)
		b.ReportMetric(took.Seconds(), "s/ours")
		b.ReportMetric(peer.Seconds(), "s/nuclei")
		b.ReportMetric(took.Seconds()/peer.Seconds(), "ratio")
		b.ReportMetric(float64(definite), "definite/ours")
		b.ReportMetric(float64(definiteThere), "definite/nuclei")
		b.ReportMetric(float64(claims), "untrue/nuclei")
	}
}

// field starts the endpoints, of which every nth never answers.
func field(b *testing.B, nth int) []string {
	page := bytes.Repeat([]byte("không tìm thấy / not found\n"), 70) // 2 kB
	var out []string
	for i := range fieldEndpoints {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, "http://"+l.Addr().String())
		switch {
		case nth == 0 || i%nth != nth-1:
			s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n := strings.TrimPrefix(r.URL.Path, "/p/")
				if n == r.URL.Path || n == "" || !strings.HasSuffix(n, "77") {
					w.WriteHeader(http.StatusNotFound)
					_, _ = w.Write(page)
					return
				}
				_, _ = fmt.Fprintf(w, "mark-%s", n)
			})}
			go func() { _ = s.Serve(l) }()
			b.Cleanup(func() { _ = s.Close() })
			continue
		case i == 9 || i == 19:
			_ = l.Close()
		case i == 29 || i == 39:
			go each(l, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
			b.Cleanup(func() { _ = l.Close() })
		default:
			go each(l, func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0); _ = c.Close() })
			b.Cleanup(func() { _ = l.Close() })
		}
	}
	return out
}

func each(l net.Listener, do func(net.Conn)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go do(c)
	}
}

func askOurs(b *testing.B, program, dir string, targets []string) (took time.Duration, answers, definite int) {
	began := time.Now()
	set, err := templates.ReadDir(dir, templates.Filter{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	var own []*checks.Check
	for _, t := range set.Templates {
		own = append(own, checks.FromTemplate("template:"+t.ID, t))
	}
	own = append(own, checks.NewSet("templates.given", own, nil))
	u := inventory.Unit{Systems: []inventory.System{{ID: "s", Level: 3}}}
	for i, t := range targets {
		u.Endpoints = append(u.Endpoints, inventory.Endpoint{ID: fmt.Sprint("e", i), System: "s", Target: t, Kind: inventory.HTTP, Zone: inventory.Internal})
	}
	scope, err := NewScope(u)
	if err != nil {
		b.Fatal(err)
	}
	guard := NewGuard(scope, NewThrottle(Rates{}), fieldPatience, time.Now)
	pool := worker.New(worker.Options{Path: program, Version: "dev", Timeout: fieldPatience, Memory: 900 << 20, Log: zerolog.Nop()})
	defer pool.Close()
	s := &Scan{Tasks: Plan(u, []string{"templates.given"}, own...), Dial: guard.Dial, Engine: guard.Engine(pool), Workers: 16, Parallel: 6, Timeout: fieldPatience,
		Endpoint: 10 * time.Minute, Pause: time.Second, Now: time.Now, Log: zerolog.Nop(),
		Observed: func(o fact.Observation) error {
			if strings.HasPrefix(o.Check, "template:") {
				answers++
				if o.Unknown == nil {
					definite++
				}
			}
			return nil
		}, Happened: func(Event) error { return nil }}
	if err := s.Run(context.Background()); err != nil {
		b.Fatal(err)
	}
	return time.Since(began), answers, definite
}

// askTheirs counts the pairs for which the command line says anything at all
// that is no error: with -matcher-status it tells of what did not match too.
// untrue is how many of these are about endpoints that never answer.
func askTheirs(b *testing.B, program, dir string, targets []string) (took time.Duration, definite, untrue int) {
	home := b.TempDir()
	list, out := filepath.Join(home, "targets"), filepath.Join(home, "out.jsonl")
	if err := os.WriteFile(list, []byte(strings.Join(targets, "\n")+"\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	c := exec.Command(program, "-t", dir, "-l", list, "-jsonl", "-o", out, "-matcher-status", "-timeout", fmt.Sprint(int(fieldPatience.Seconds())), "-rate-limit", "100000",
		"-duc", "-ni", "-omit-raw", "-omit-template", "-silent")
	c.Env = []string{"HOME=" + home, "PATH=/nonexistent", "XDG_CONFIG_HOME=" + home, "TMPDIR=" + home}
	if text, err := c.CombinedOutput(); err != nil {
		b.Fatalf("nuclei: %v\n%s", err, text)
	}
	took = time.Since(began)
	f, err := os.Open(out)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if bytes.Contains(lines.Bytes(), []byte(`"error":"`)) {
			continue
		}
		definite++
		for i := 9; strings.Contains(b.Name(), "dead") && i < len(targets); i += 10 {
			_, port, _ := strings.Cut(strings.TrimPrefix(targets[i], "http://"), ":")
			if bytes.Contains(lines.Bytes(), []byte(`"port":"`+port+`"`)) || bytes.Contains(lines.Bytes(), []byte(targets[i]+`"`)) {
				untrue++
			}
		}
	}
	return took, definite, untrue
}
