package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/lang"
)

// manyAssessments is how many are judged; the measure is told for 3,400.
const manyAssessments = 680

// BenchmarkMany judges stored assessments of five endpoints again under another
// policy. They are a real scan of practice servers, all checks and exchanges
// kept, with other names and addresses and some facts changed. The ratio is
// against reading their bytes and the SHA-256 of them on as many cores.
func BenchmarkMany(b *testing.B) {
	dir := b.TempDir()
	size := keptFiles(b, dir, manyAssessments)
	b.SetBytes(size)
	for b.Loop() {
		var out, errs bytes.Buffer
		code := run(context.Background(), []string{"judge", dir, "--policy", "population-db-strict", "--quiet"}, nil, &out, &errs, os.Getenv)
		if code != exitNotReady || errs.Len() > 0 || strings.Count(out.String(), "\n") < manyAssessments {
			b.Fatalf("exit code %d: %s%s", code, errs.String(), out.String())
		}
	}
	ours := b.Elapsed().Seconds() / float64(b.N)
	begun := time.Now()
	hashAll(b, dir)
	b.ReportMetric(ours/time.Since(begun).Seconds(), "of-sha256-alone")
	b.ReportMetric(ours*3400/manyAssessments, "s/3400")
	if m := regexp.MustCompile(`VmHWM:\s+(\d+)`).FindSubmatch(must(os.ReadFile("/proc/self/status"))); m != nil {
		b.Logf("most memory of the process so far, the scan included: %s kB", m[1])
	}
}

func must(b []byte, _ error) []byte { return b }

// hashAll reads every file and hashes it, on all cores.
func hashAll(b *testing.B, dir string) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	var hands sync.WaitGroup
	work := make(chan string)
	for range runtime.GOMAXPROCS(0) {
		hands.Go(func() {
			buf := make([]byte, 1<<18)
			for path := range work {
				f, err := os.Open(path)
				if err != nil {
					b.Error(err)
					continue
				}
				if _, err := io.CopyBuffer(struct{ io.Writer }{sha256.New()}, struct{ io.Reader }{f}, buf); err != nil {
					b.Error(err)
				}
				_ = f.Close()
			}
		})
	}
	for _, p := range paths {
		work <- p
	}
	close(work)
	hands.Wait()
}

// keptFiles scans practice servers and writes n assessments made of what was seen.
// It gives their size.
func keptFiles(b *testing.B, dir string, n int) (size int64) {
	a := &app{out: io.Discard, err: io.Discard, getenv: os.Getenv, lang: lang.En}
	p, err := a.newPractice(context.Background(), filepath.Join(b.TempDir(), "practice"))
	if err != nil {
		b.Fatal(err)
	}
	defer p.close()
	record := filepath.Join(b.TempDir(), "one.jsonl")
	unit := filepath.Join(p.dir, p.units[1].File)
	text, err := os.ReadFile(unit)
	if err != nil {
		b.Fatal(err)
	}
	for _, id := range []string{"chung-thu-het-han", "bao-loi", "sai-gio", "thieu-tieu-de"} {
		text = regexp.MustCompile(`(?s)\n  - id: `+id+`\n.*?\n    labels: [^\n]*`).ReplaceAll(text, nil)
	}
	text = bytes.ReplaceAll(text, []byte("endpoint: bao-loi"), []byte("endpoint: trang-cu"))
	if err := os.WriteFile(unit, text, 0o600); err != nil {
		b.Fatal(err)
	}
	var errs bytes.Buffer
	if code := run(context.Background(), []string{"scan", unit, "--vantage", "internal", "-o", record, "--rate", "max", "--quiet"}, nil, io.Discard, &errs, os.Getenv); code != exitNotReady {
		b.Fatalf("scan: exit code %d\n%s", code, errs.String())
	}
	whole, err := os.ReadFile(record)
	if err != nil {
		b.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n"))
	for i := range n {
		out := another(lines, p.units[1].Address, i)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d.jsonl", i)), out, 0o600); err != nil {
			b.Fatal(err)
		}
		size += int64(len(out))
	}
	return size
}

var (
	prevHash = regexp.MustCompile(`"prev":"[0-9a-f]{64}"`)
	hexes    = regexp.MustCompile(`"(serial|fingerprint|spki)":"[0-9a-f]{16,64}"`)
)

// another makes an assessment of another unit: its own names, addresses and
// keys, and about one fact in twenty-five changed. Its chain holds.
func another(lines [][]byte, address string, i int) []byte {
	var out []byte
	prev := ""
	own := hex.EncodeToString(sha256.New().Sum(fmt.Append(nil, i))[:32])
	names := strings.NewReplacer(address, fmt.Sprintf("10.%d.%d.7", i%200+1, i/200+1), "H99.02", fmt.Sprintf("H%02d.%02d", i%99, i/99), "Xã Thực Hành Hai", fmt.Sprint("Xã số ", i))
	for n, l := range lines {
		l = []byte(names.Replace(string(l)))
		if at := bytes.Index(l, []byte(`"value":`)); at > 0 {
			v := hexes.ReplaceAll(l[at:], []byte(`"$1":"`+own+`"`))
			switch (n*31 + i*17) % 50 {
			case 0:
				v = bytes.Replace(v, []byte(`":true`), []byte(`":false`), 1)
			case 1:
				v = bytes.Replace(v, []byte(`":false`), []byte(`":true`), 1)
			}
			l = append(l[:at:at], v...)
		}
		if n > 0 {
			l = prevHash.ReplaceAll(l, []byte(`"prev":"`+prev+`"`))
		}
		prev = digest(l)
		out = append(append(out, l...), '\n')
	}
	return out
}

// TestStopped: judging many stops as asked, and leaves no half of a list.
func TestStopped(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	list := filepath.Join(t.TempDir(), "all.csv")
	var errw bytes.Buffer
	args := []string{"judge", "../../testdata/units/commune/ho-so.jsonl", "../../testdata/units/province/ho-so.jsonl", "--format", "csv", "-o", list}
	if code := run(ctx, args, strings.NewReader(""), io.Discard, &errw, func(string) string { return "" }); code != exitUndetermined {
		t.Errorf("exit code %d: %s", code, errw.String())
	}
	if _, err := os.Stat(list); err == nil {
		t.Error("half a list was written")
	}
}
