package templates_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"unsafe"
)

const inside = "SANSANG_TEMPLATES_INSIDE"

// noWall says why the tests cannot have a network of their own; nil if they do.
var noWall error

// TestMain starts the tests once more in a network namespace that has only a
// loopback, so that nothing that a template does can leave.
func TestMain(m *testing.M) {
	if os.Getenv(inside) == "" {
		code, err := again()
		if err == nil {
			os.Exit(code)
		}
		noWall = err
	} else if err := raise("lo"); err != nil {
		noWall = err
	}
	flag.Parse()
	_ = flag.Set("test.parallel", "8") // the tests wait for mute servers more than they work
	code := m.Run()
	stopWorkers()
	os.Exit(code)
}

// again runs this program in a namespace of its own.
func again() (int, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	var last error
	for _, flags := range []uintptr{syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET, syscall.CLONE_NEWNET} {
		c := exec.Command(self, os.Args[1:]...)
		c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
		c.Env = append(os.Environ(), inside+"=1")
		c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags, Pdeathsig: syscall.SIGKILL}
		if flags&syscall.CLONE_NEWUSER != 0 {
			c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
			c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
		}
		err := c.Run()
		var ended *exec.ExitError
		switch {
		case err == nil:
			return 0, nil
		case errors.As(err, &ended):
			return max(ended.ExitCode(), 1), nil
		}
		last = err
	}
	return 0, fmt.Errorf("no network namespace: %w", last)
}

// raise brings an interface up.
func raise(name string) error {
	s, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer func() { _ = syscall.Close(s) }()
	var req struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}
	copy(req.name[:], name)
	req.flags = syscall.IFF_UP | syscall.IFF_RUNNING
	if _, _, no := syscall.Syscall(syscall.SYS_IOCTL, uintptr(s), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&req))); no != 0 {
		return fmt.Errorf("%s stays down: %w", name, no)
	}
	return nil
}
