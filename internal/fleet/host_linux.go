package fleet

import (
	"errors"
	"os"
	"strings"
	"syscall"
)

// hostName names the machine so that only processes that see each other's
// process numbers have the same: by its name, the number of its boot and its
// space of process numbers.
func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		name = "?"
	}
	boot, berr := os.ReadFile("/proc/sys/kernel/random/boot_id")
	space, serr := os.Readlink("/proc/self/ns/pid")
	if berr != nil || serr != nil {
		return name
	}
	return name + " " + strings.TrimSpace(string(boot)) + " " + space
}

// running tells whether a process of this machine may be there.
func running(pid int) bool {
	if _, err := os.Stat("/proc/sys/kernel/random/boot_id"); err != nil {
		return true
	}
	return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
