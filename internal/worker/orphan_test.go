//go:build unix

package worker

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/jobs"
)

// A sansang that is killed leaves neither worker nor folder.
func TestOrphan(t *testing.T) {
	paths := []string{called(t, "fake")}
	if real := os.Getenv("SANSANG_NUCLEI"); real != "" {
		paths = append(paths, real)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			cmd := exec.Command("/proc/self/exe")
			cmd.Env = append(os.Environ(), parentMark+"="+path)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Skip(err)
			}
			var pid int
			var folder string
			line, _ := bufio.NewReader(out).ReadString('\n')
			if _, err := fmt.Sscan(line, &pid, &folder); err != nil {
				t.Fatal(line, err)
			}
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			gone := func() bool {
				_, err := os.Stat(folder)
				return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) && os.IsNotExist(err)
			}
			for range 200 {
				if gone() {
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
			state, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			if _, err := os.Stat(folder); os.IsNotExist(err) && strings.Contains(string(state), ") Z ") {
				return // it has ended, and nobody of this namespace sees it off
			}
			t.Errorf("worker %d or its folder %s is left: %s", pid, folder, state)
		})
	}
}

// Not even code that asks no guard gets out of the worker.
func TestWall(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, walled := range []bool{true, false} {
		if !walled {
			unwall(t)
		}
		p := pool(t, "fake")
		s := p.Open(jobs.Target{Host: "192.0.2.1", Addr: "192.0.2.1"}, direct)
		a, err := s.Run(t.Context(), word("escape "+l.Addr().String(), "dns"))
		if name, why := p.Wall(); walled && name == "" {
			t.Skip("no wall here: " + why)
		}
		if err != nil || a.Found == walled {
			t.Errorf("walled %v: %+v, %v", walled, a, err)
		}
	}
}
