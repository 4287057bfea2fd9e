package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Addresses of the two ends, in networks that documents may use (RFC 5737).
const (
	nationScanner = "192.0.2.1"
	nationLab     = "192.0.2.2"
	nationNet     = "10.0.0.0/8"
	nationMark    = "SANSANG_TEST_NATION" // set in the process of the lab: how many units
	vnetHeader    = 10                    // struct virtio_net_hdr before each packet
)

// nationSide is the lab of a nation, a process with a network of its own.
type nationSide struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	said  *bytes.Buffer
}

// nationCost is what the lab says of itself at its end.
type nationCost struct {
	Accepted      int64
	Servers       int
	Packets, Lost int64
	Late          time.Duration
	Line          time.Duration // processor time of the line
	Start         time.Duration // processor time until it was ready
}

// startNation starts the lab in a network namespace of its own and puts the
// caller, a locked thread, into another, from which it is seen with 30 ms of
// latency. It needs root.
func startNation(b testing.TB, units int, latency time.Duration, dir string) *nationSide {
	b.Helper()
	if os.Geteuid() != 0 {
		b.Skip("network namespaces need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		b.Skip("network namespaces need ip of iproute2")
	}
	runtime.LockOSThread() // never undone: see delayed
	if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		b.Skip("no network namespace is to be had here: ", err)
	}
	back, err := openTUN("back", offloads)
	if err != nil {
		b.Skip("no TUN device is to be had here: ", err)
	}
	defer func() { _ = back.Close() }()
	if err := offload(back); err != nil {
		b.Fatal(err)
	}
	s := &nationSide{said: new(bytes.Buffer)}
	s.cmd = exec.Command("/proc/self/exe", "-test.run=^TestNationLab$", "-test.timeout=0")
	if profile := os.Getenv(nationMark + "_PROFILE"); profile != "" {
		s.cmd.Args = append(s.cmd.Args, "-test.cpuprofile="+profile)
	}
	s.cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", nationMark, units), nationMark+"_LATENCY="+latency.String(), nationMark+"_CA="+filepath.Join(dir, "lab-ca.pem"))
	s.cmd.ExtraFiles = []*os.File{back}
	s.cmd.Stderr = os.Stderr
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.cmd.Process.Kill(); _ = s.cmd.Wait() })
	runAll(b, "ip link set lo up",
		"ip link set back up txqueuelen 50000",
		"ip link add there address 02:00:00:00:00:01 type veth peer name here address 02:00:00:00:00:02 netns "+strconv.Itoa(s.cmd.Process.Pid),
		"ip addr add "+nationScanner+"/32 dev there", "ip link set there up txqueuelen 50000",
		"ip neigh add "+nationLab+" lladdr 02:00:00:00:00:02 dev there nud permanent",
		"ip route add "+nationLab+" dev there", "ip route add "+nationNet+" via "+nationLab+" dev there src "+nationScanner)
	tell(b, "/proc/sys/net/ipv4/ip_local_port_range", "10000 65000")
	if _, err := io.WriteString(s.stdin, "go\n"); err != nil {
		b.Fatal(err)
	}
	ready := make([]byte, len("ready\n"))
	if _, err := io.ReadFull(out, ready); err != nil || string(ready) != "ready\n" {
		b.Fatalf("the lab says %q, %v", ready, err)
	}
	go func() { _, _ = io.Copy(s.said, out) }()
	return s
}

// end stops the lab and gives what it cost.
func (s *nationSide) end(b testing.TB) (c nationCost, cpu time.Duration) {
	b.Helper()
	_ = s.stdin.Close()
	time.Sleep(500 * time.Millisecond)
	if err := s.cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	line, _, _ := strings.Cut(s.said.String(), "\n")
	if err := json.Unmarshal([]byte(line), &c); err != nil {
		b.Fatalf("the lab ends with %q", s.said)
	}
	return c, s.cmd.ProcessState.UserTime() + s.cmd.ProcessState.SystemTime()
}

// Flags of a device that hands over segments as large as TCP made them, with
// checksums that nobody has computed (IFF_VNET_HDR, TUNSETOFFLOAD).
const offloads = 0x4000

func offload(f *os.File) error {
	const setOffload, checksum, tso4 = 0x400454d0, 0x01, 0x02
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), setOffload, checksum|tso4); errno != 0 {
		return fmt.Errorf("TUNSETOFFLOAD: %w", errno)
	}
	return nil
}

func runAll(b testing.TB, lines ...string) {
	b.Helper()
	for _, l := range lines {
		args := strings.Fields(l)
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			b.Fatalf("%s: %v\n%s", l, err, out)
		}
	}
}

func tell(b testing.TB, file, value string) {
	b.Helper()
	if err := os.WriteFile(file, []byte(value), 0); err != nil {
		b.Logf("%s: %v", file, err)
	}
}
