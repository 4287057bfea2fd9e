package scan

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/jobs"
)

// versionOf asks the worker for its version: it says it and ends. Where nobody
// keeps nuclei from it, it would write to the home meanwhile.
func versionOf(t *testing.T, path string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "version-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	cmd := exec.Command(path)
	cmd.Env = []string{"PATH=/nonexistent", "HOME=" + dir, "TMPDIR=" + dir}
	said, _ := cmd.CombinedOutput()
	version, _, _ := strings.Cut(strings.TrimPrefix(string(said), "sansang-nuclei "), "\n")
	return version
}

// knowsNothing holds the worker's environment and files against what it may
// have. It gives the addresses of this machine at which the worker itself
// answers its engine's questions for names: none that is seen from here, where
// there is a wall.
func knowsNothing(t *testing.T, path string) (own []string) {
	t.Helper()
	all, _ := filepath.Glob("/proc/[0-9]*")
	seen := 0
	for _, p := range all {
		if exe, _ := os.Readlink(p + "/exe"); exe != path {
			continue
		}
		seen++
		b, err := os.ReadFile(p + "/environ")
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range strings.Split(strings.Trim(string(b), "\x00"), "\x00") {
			name, value, _ := strings.Cut(v, "=")
			if !strings.Contains(value, jobs.FolderPrefix) && v != "PATH=/nonexistent" && v != "DISABLE_ZTLS_FALLBACK=true" {
				t.Errorf("the worker is told %s", name)
			}
		}
		if fds, err := os.ReadDir(p + "/fd"); err == nil {
			for _, fd := range fds {
				to, _ := os.Readlink(p + "/fd/" + fd.Name())
				own = append(own, bound(to)...)
				if strings.HasPrefix(to, "/") && to != "/dev/null" && !strings.HasPrefix(to, "/sys/") {
					t.Errorf("the worker holds %s open", to)
				}
			}
		}
	}
	if seen != 1 {
		t.Errorf("%d workers", seen)
	}
	return own
}

// bound gives where in this network a socket is bound to on 127.0.0.1, from
// its name in /proc (proc(5), net/tcp).
func bound(socket string) (out []string) {
	inode := strings.TrimSuffix(strings.TrimPrefix(socket, "socket:["), "]")
	for _, network := range []string{"tcp", "udp"} {
		table, _ := os.ReadFile("/proc/self/net/" + network)
		for _, line := range strings.Split(string(table), "\n") {
			fields := strings.Fields(line)
			if len(fields) < 10 || fields[9] != inode {
				continue
			}
			if port, ok := strings.CutPrefix(fields[1], "0100007F:"); ok {
				n, _ := strconv.ParseUint(port, 16, 16)
				out = append(out, fmt.Sprintf("%s 127.0.0.1:%d", network, n))
			}
		}
	}
	return out
}

// leftNothing looks for processes and files that are left.
func leftNothing(t *testing.T, home, tmp string) {
	t.Helper()
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range all {
		if n := filepath.Base(p); n != "1" {
			line, _ := os.ReadFile(p + "/stat")
			t.Errorf("process %s is left: %s", n, line)
		}
	}
	var files []string
	for _, dir := range []string{home, tmp} {
		_ = filepath.WalkDir(dir, func(path string, _ os.DirEntry, _ error) error {
			files = append(files, strings.TrimPrefix(path, filepath.Dir(home)))
			return nil
		})
	}
	if want := []string{"/home", "/home/.aws", "/home/.aws/credentials", "/home/trap.txt", "/tmp"}; !slices.Equal(files, want) {
		sort.Strings(files)
		t.Errorf("left behind: %v", files)
	}
}
