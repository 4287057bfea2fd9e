package scan

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// apartMark is set in the process that has namespaces of its own.
const apartMark = "SANSANG_TEST_APART"

// Addresses of the made-up network. All that are not here leave by the
// device "out", which leads nowhere.
const (
	firstTarget  = "10.77.0.1"
	secondTarget = "10.77.0.2"
	strangerHost = "10.77.0.9" // is there, and is not declared
	resolverHost = "10.77.0.53"
	farStranger  = "198.51.100.9" // is not there
)

// secrets are in the environment of sansang and in files of its user.
const (
	secretOfEnvironment = "secret-of-the-environment"
	secretOfFile        = "secret-of-a-file"
)

// apart gives this test again, in user, network, process and mount namespaces
// of its own.
func apart(t *testing.T, more ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$", "-test.v", "-test.timeout=10m")
	own := func(id int) []syscall.SysProcIDMap { return []syscall.SysProcIDMap{{HostID: id, Size: 1}} }
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWNS,
		UidMappings: own(os.Getuid()), GidMappings: own(os.Getgid()), Pdeathsig: syscall.SIGKILL,
	}
	cmd.Env = append(os.Environ(), apartMark+"=1", "SANSANG_PASSWORD="+secretOfEnvironment, "AWS_SECRET_ACCESS_KEY="+secretOfEnvironment, "AWS_ACCESS_KEY_ID="+secretOfEnvironment,
		"HTTP_PROXY=http://"+farStranger+":3128", "HTTPS_PROXY=http://"+farStranger+":3128", "ALL_PROXY=socks5://"+farStranger+":1080", "PDCP_API_KEY="+secretOfEnvironment)
	cmd.Env = append(cmd.Env, more...)
	return cmd
}

// needWorker gives the worker's path.
func needWorker(t *testing.T) string {
	t.Helper()
	path := os.Getenv("SANSANG_NUCLEI")
	if path == "" {
		t.Skip("set SANSANG_NUCLEI to a built sansang-nuclei (make test does)")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("a network namespace needs ip of iproute2")
	}
	return path
}

// settle furnishes the namespaces: a network where every address can be sent
// to, and a home and a folder for temporary files that nobody else has.
func settle(t *testing.T) (home, tmp string) {
	t.Helper()
	for _, mount := range []struct{ kind, at string }{{"proc", "/proc"}, {"tmpfs", t.TempDir()}} {
		if err := syscall.Mount(mount.kind, mount.at, mount.kind, 0, ""); err != nil {
			t.Skip("no ", mount.kind, " can be mounted here: ", err)
		}
		if mount.kind == "tmpfs" {
			t.Cleanup(func() { _ = syscall.Unmount(mount.at, syscall.MNT_DETACH) })
			home, tmp = filepath.Join(mount.at, "home"), filepath.Join(mount.at, "tmp")
		}
	}
	for _, dir := range []string{filepath.Join(home, ".aws"), tmp} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"trap.txt", ".aws/credentials"} {
		if err := os.WriteFile(filepath.Join(home, file), []byte(secretOfFile+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("HOME", home)
	t.Setenv("TMPDIR", tmp)
	device, err := tun("out")
	if err != nil {
		t.Skip("no TUN device is to be had here: ", err)
	}
	t.Cleanup(func() { _ = device.Close() })
	for _, line := range []string{"link set lo up", "link set out up", "addr add 10.99.0.1/32 dev out", "addr add fd99::1/128 dev out nodad", "route add default dev out", "-6 route add default dev out"} {
		ip(t, line)
	}
	for _, a := range []string{firstTarget, secondTarget, strangerHost, resolverHost} {
		ip(t, "addr add "+a+"/32 dev lo")
	}
	return home, tmp
}

func ip(t *testing.T, line string) {
	t.Helper()
	if out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v\n%s", line, err, out)
	}
}

// forbidNetworks makes this a place where no network namespace can be had.
func forbidNetworks(t *testing.T) {
	t.Helper()
	if err := os.WriteFile("/proc/sys/user/max_net_namespaces", []byte("0"), 0); err != nil {
		t.Skip("network namespaces cannot be forbidden here: ", err)
	}
}

// tun makes a device; what is sent to it is lost.
func tun(name string) (*os.File, error) {
	f, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	var request struct { // struct ifreq
		name  [16]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:], name)
	request.flags = 0x1001            // IFF_TUN | IFF_NO_PI
	const setIff uintptr = 0x400454ca // TUNSETIFF
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), setIff, uintptr(unsafe.Pointer(&request))); errno != 0 {
		_ = f.Close()
		return nil, fmt.Errorf("TUNSETIFF: %w", errno)
	}
	go func() {
		for b := make([]byte, 2048); ; {
			if _, err := f.Read(b); err != nil {
				return
			}
		}
	}()
	return f, nil
}
