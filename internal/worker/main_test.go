package worker

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/jobs"
)

// apartMark is set in the process that has a network of its own.
const apartMark = "SANSANG_TEST_APART"

// TestMain is the fake worker where it is started as a worker. Else it runs
// the tests in a network namespace with nothing but lo, where one can be had:
// the real worker's engine is to meet nobody, even if all walls fell.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "serve" {
		os.Exit(fake(filepath.Base(os.Args[0])))
	}
	if path := os.Getenv(parentMark); path != "" {
		parent(path)
	}
	if os.Getenv(apartMark) == "" {
		if cmd := apart(); cmd != nil {
			cmd.Args = append(cmd.Args, os.Args[1:]...)
			cmd.Env = append(os.Environ(), apartMark+"=1")
			cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
			if err := cmd.Start(); err == nil {
				_ = cmd.Wait()
				os.Exit(cmd.ProcessState.ExitCode())
			}
		}
		_ = os.Setenv(apartMark, "no")
	} else if err := raise(); err != nil {
		fmt.Println("lo cannot be put up:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// needApart skips what the real engine runs in, where the tests share their
// network with others.
func needApart(t *testing.T) {
	t.Helper()
	if os.Getenv(apartMark) != "1" {
		t.Skip("no network namespace can be had for this test")
	}
}

// real gives the path and version of the real worker.
func real(t testing.TB) (path, version string) {
	t.Helper()
	path = os.Getenv("SANSANG_NUCLEI")
	if path == "" {
		t.Skip("set SANSANG_NUCLEI to a built sansang-nuclei (make test does)")
	}
	said, _ := exec.Command(path).CombinedOutput() // it says its version and ends
	first, _, _ := strings.Cut(string(said), "\n")
	return path, strings.TrimPrefix(first, "sansang-nuclei ")
}

// parentMark is set where TestMain is to be a sansang that is killed.
const parentMark = "SANSANG_TEST_PARENT"

// parent starts a worker, says which one and where, and waits to be killed.
func parent(path string) {
	version := "1"
	if !strings.Contains(path, "fake") {
		said, _ := exec.Command(path).CombinedOutput()
		first, _, _ := strings.Cut(string(said), "\n")
		version = strings.TrimPrefix(first, "sansang-nuclei ")
	}
	p := New(Options{Path: path, Version: version})
	if err := p.Start(); err != nil {
		fmt.Println("cannot start:", err)
		os.Exit(1)
	}
	fmt.Println(p.current.cmd.Process.Pid, p.current.folder)
	_, _ = p.Open(jobs.Target{Host: "127.0.0.1", Addr: "127.0.0.1", Port: 1}, direct).Run(context.Background(), word("hangs"))
	time.Sleep(time.Hour)
}
