package checks

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

// The tests named TestReal scan Debian's own servers, started on loopback with
// a good and a bad configuration. Without those programs they are
// skipped, unless SANSANG_REAL=1 says that they must be there.

// program finds an executable; /usr/sbin is not in everybody's path.
func program(t testing.TB, name string) string {
	t.Helper()
	for _, candidate := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	if os.Getenv("SANSANG_REAL") == "1" {
		t.Fatalf("%s is not installed, and SANSANG_REAL=1 says that it must be", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// portsTried counts those that freePort tried, from a start of each process.
var portsTried = func() (n atomic.Int64) { n.Store(int64(os.Getpid()) * 131); return }()

// freePort gives a port that can be listened on, and that nobody is given
// before the server that it is for has it: it is below those that the system
// picks for connections and for listeners (from 32768 on, in Linux), and is none
// of those that are swept.
func freePort(listen func(port int) (io.Closer, error)) (int, error) {
	for range 7_000 {
		port := 20_000 + int(portsTried.Add(1)%7_000)
		l, err := listen(port)
		if err == nil {
			return port, l.Close()
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			return 0, err
		}
	}
	return 0, errors.New("no port is free")
}

// freeAddressOf gives a place of an address of loopback where nobody listens.
func freeAddressOf(t testing.TB, host string) (address, port string) {
	t.Helper()
	n, err := freePort(func(port int) (io.Closer, error) {
		return net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	})
	if errors.Is(err, syscall.EADDRNOTAVAIL) {
		t.Skipf("%s is not to be had here: %v", host, err)
	} else if err != nil {
		t.Fatal(err)
	}
	port = strconv.Itoa(n)
	return net.JoinHostPort(host, port), port
}

func freeAddress(t testing.TB) string {
	t.Helper()
	address, _ := freeAddressOf(t, "127.0.0.1")
	return address
}

// daemon runs a server in the foreground until the end of the test, and waits
// until it answers at the address.
func daemon(t testing.TB, address, path string, args ...string) {
	t.Helper()
	daemonAs(t, nil, address, path, args...)
}

// daemonAs is daemon as somebody else.
func daemonAs(t testing.TB, as *syscall.SysProcAttr, address, path string, args ...string) {
	t.Helper()
	cmd := exec.Command(path, args...)
	cmd.SysProcAttr = as
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", path, said.String())
		}
	})
	for range 600 { // half a minute: a busy machine starts a mail server slowly
		if conn, err := net.DialTimeout("tcp", address, time.Second); err == nil {
			_ = conn.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s does not answer at %s", path, address)
}

func write(t testing.TB, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// expect runs the checks and compares parts of their facts.
func expect(t *testing.T, e inventory.Endpoint, parts map[*Check]string) {
	t.Helper()
	for c, want := range parts {
		obs := observe(t, c, e, 10*time.Second)
		if obs.Unknown != nil {
			t.Errorf("%s is unknown: %v", c.ID, obs.Unknown)
			continue
		}
		if diff := differs(c.ID, decode(t, []byte(want)), decode(t, obs.Value)); diff != "" {
			t.Errorf("%s\nwhole: %s", diff, obs.Value)
		}
	}
}

func decodeFact(t *testing.T, e inventory.Endpoint, c *Check, to any) {
	t.Helper()
	obs := observe(t, c, e, 10*time.Second)
	if obs.Unknown != nil {
		t.Fatalf("%s is unknown: %v", c.ID, obs.Unknown)
	}
	if err := json.Unmarshal(obs.Value, to); err != nil {
		t.Fatal(err)
	}
}
