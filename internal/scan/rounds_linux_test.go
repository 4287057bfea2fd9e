package scan

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/templates"
	"github.com/sansang/sansang/internal/worker"
)

// inRooms runs do in namespaces of its own, where what is left can be seen.
func inRooms(t *testing.T, do func(t *testing.T, r *room)) {
	t.Helper()
	path := needWorker(t)
	if os.Getenv(apartMark) == "" {
		cmd := apart(t)
		cmd.Dir = t.TempDir()
		out, err := cmd.CombinedOutput()
		if strings.Contains(string(out), "--- SKIP") || err != nil && len(out) == 0 {
			t.Skip(string(out), err)
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		t.Logf("%s", out)
		return
	}
	r := &room{path: path}
	r.home, r.tmp = settle(t)
	r.version = versionOf(t, path)
	l, err := net.Listen("tcp", firstTarget+":80")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{ErrorLog: quiet(), Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if strings.HasPrefix(q.URL.Path, "/slow") {
			select {
			case <-q.Context().Done():
			case <-time.After(300 * time.Millisecond):
			}
		}
		if q.URL.Path != "/" {
			w.WriteHeader(http.StatusNotFound) // what answers to everything is asked no templates
		}
		fmt.Fprint(w, "hello")
	})}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	do(t, r)
}

// room is where a worker is started again and again.
type room struct{ path, version, home, tmp string }

// scan runs one template on one target, and gives how it went.
func (r *room) scan(t *testing.T, path string, meanwhile func()) error {
	t.Helper()
	u := authorised(nil, firstTarget+"/32")
	e := inventory.Endpoint{ID: "e", Target: "http://" + firstTarget + "/", Kind: inventory.HTTP}
	u.Endpoints = []inventory.Endpoint{e}
	scope, err := NewScope(u)
	if err != nil {
		t.Fatal(err)
	}
	guard := NewGuard(scope, NewThrottle(Rates{}), time.Second, func() time.Time { return noon })
	guard.UseResolver(netip.MustParseAddrPort(resolverHost + ":53"))
	pool := worker.New(worker.Options{Path: r.path, Version: r.version, Timeout: time.Second, Log: zerolog.Nop()})
	defer pool.Close()
	if err := pool.Start(); err != nil {
		return err
	}
	session := guard.Engine(pool)(e, guard.Dial)
	defer session.Close()
	var wg sync.WaitGroup
	if meanwhile != nil {
		wg.Go(meanwhile)
	}
	defer wg.Wait()
	_, err = session.Run(t.Context(), &templates.Template{ID: "x", Protocols: []string{"http"}, Steps: 1,
		Data: []byte("id: x\n" + attackHead + "http:\n  - method: GET\n    path: [\"{{BaseURL}}" + path + "\"]\n" + attackMatch)})
	return err
}

// workers are the processes of the worker.
func (r *room) workers() (pids []int) {
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range all {
		if exe, _ := os.Readlink(p + "/exe"); exe == r.path {
			n, _ := strconv.Atoi(filepath.Base(p))
			pids = append(pids, n)
		}
	}
	return pids
}

// clean fails the test where a process or a file is left.
func (r *room) clean(t *testing.T) {
	t.Helper()
	for wait := range 100 { // what lost its parent goes by itself, and is ours to see off
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
		if all, _ := filepath.Glob("/proc/[0-9]*"); len(all) == 1 || wait == 99 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	leftNothing(t, r.home, r.tmp)
}

func descriptors() int {
	all, _ := os.ReadDir("/proc/self/fd")
	return len(all)
}

// Fifty workers come and go and leave nothing, and neither do twenty that are
// killed in the middle of a run.
func TestRoundsLeaveNothing(t *testing.T) {
	inRooms(t, func(t *testing.T, r *room) {
		if err := r.scan(t, "/x", nil); err != nil {
			t.Fatal(err)
		}
		files, before := descriptors(), goleak.IgnoreCurrent()
		for range 50 {
			if err := r.scan(t, "/x", nil); err != nil {
				t.Error(err)
			}
		}
		r.clean(t)
		for range 20 {
			err := r.scan(t, "/slow", func() {
				time.Sleep(100 * time.Millisecond)
				for _, pid := range r.workers() {
					_ = syscall.Kill(pid, syscall.SIGKILL)
				}
			})
			if err != nil { // it is run once more, in a new worker
				t.Error(err)
			}
		}
		r.clean(t)
		http.DefaultClient.CloseIdleConnections()
		if now := descriptors(); now > files {
			t.Errorf("%d descriptors, %d before", now, files)
		}
		goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("net/http.(*conn).serve"))
	})
}

// A disk without room is told in both languages, and nothing is left on it.
func TestNoRoomForTheWorker(t *testing.T) {
	inRooms(t, func(t *testing.T, r *room) {
		for _, c := range []struct {
			with string
			room int // bytes that are taken already
		}{{"nr_inodes=1", 0}, {"nr_inodes=2", 0}, {"size=4k", 4096}} {
			if err := syscall.Mount("tmpfs", r.tmp, "tmpfs", 0, c.with); err != nil {
				t.Skip(err)
			}
			if c.room > 0 {
				if err := os.WriteFile(filepath.Join(r.tmp, "fills"), make([]byte, c.room), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			err := r.scan(t, "/x", nil)
			var fault *worker.Fault
			if u := fact.FromError(err); err == nil || u.Cause != fact.Broken || !strings.Contains(u.Detail, "no space left") {
				t.Errorf("%s: %v", c.with, err)
			}
			if errors.As(err, &fault) && (!strings.Contains(fault.In(lang.Vi), "ổ đĩa tạm") || !strings.Contains(fault.In(lang.En), "temporary files")) {
				t.Errorf("%s: %v", c.with, fault.Text)
			}
			t.Log(c.with, err)
			_ = os.Remove(filepath.Join(r.tmp, "fills"))
			if left, _ := os.ReadDir(r.tmp); len(left) > 0 {
				t.Errorf("%s: left behind: %v", c.with, left)
			}
			if err := syscall.Unmount(r.tmp, 0); err != nil {
				t.Fatal(err)
			}
		}
		r.clean(t)
	})
}

// roomUnit is a unit for the program.
const roomUnit = `unit: {id: H99.10, name: Đơn vị thử, kind: commune, parent: H99}
systems: [{id: web, name: Trang web, level: 3, purpose: Thử}]
endpoints: [{id: e, system: web, target: "http://` + firstTarget + `/", kind: http, zone: internal}]
authorisation:
  by: Người thử
  document: none.txt
  sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  from: %s
  until: %s
  scope: {cidrs: [` + firstTarget + `/32]}
`

// A scan that is interrupted, by the keyboard or for good, in the middle of a
// template leaves neither worker nor folder.
func TestInterruptedScanLeavesNothing(t *testing.T) {
	if os.Getenv(apartMark) == "" {
		needWorker(t)
		tool := filepath.Join(t.TempDir(), "sansang")
		if out, err := exec.Command("go", "build", "-o", tool, "github.com/sansang/sansang/cmd/sansang").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		t.Setenv("SANSANG_TEST_TOOL", tool)
	}
	inRooms(t, func(t *testing.T, r *room) {
		dir := t.TempDir()
		day := func(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }
		for name, text := range map[string]string{"unit.yaml": fmt.Sprintf(roomUnit, day(-1), day(2)), "none.txt": "", "templates/x.yaml": "id: x\n" + attackHead + "http:\n  - method: GET\n    path:\n" + strings.Repeat("      - \"{{BaseURL}}/slow\"\n", 40) + attackMatch} {
			_ = os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700)
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
			cmd := exec.Command(os.Getenv("SANSANG_TEST_TOOL"), "scan", "unit.yaml", "--templates", "templates", "-o", "out-"+s.String())
			cmd.Dir = dir
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			said, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			done := make(chan struct{})
			go func() {
				defer close(done)
				for lines := bufio.NewScanner(said); lines.Scan(); {
					fmt.Fprintln(&text, lines.Text())
				}
			}()
			for i := 0; len(r.workers()) == 0 && i < 400; i++ {
				time.Sleep(50 * time.Millisecond)
			}
			if len(r.workers()) == 0 {
				t.Error("no worker was started")
			}
			time.Sleep(500 * time.Millisecond)
			_ = syscall.Kill(-cmd.Process.Pid, s) // the whole group, as a terminal does
			<-done
			t.Log(s, cmd.Wait(), text.String())
			r.clean(t)
		}
	})
}
