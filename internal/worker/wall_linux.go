package worker

import (
	"os"
	"syscall"
)

// wall is a way to start the worker where no network but its own is.
type wall struct {
	name  string
	flags uintptr
}

// walls are tried in order. A user namespace gives no power over this machine
// and needs none; where it is forbidden, root can do without.
var walls = []wall{
	{"user and network namespace", syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET},
	{"network namespace", syscall.CLONE_NEWNET},
}

const noWall = "the worker is held by its own guard alone"

func (w wall) attributes() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Cloneflags: w.flags, Setpgid: true} // an interrupt is for sansang, which ends the worker in order
	if w.flags&syscall.CLONE_NEWUSER != 0 {
		a.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		a.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	return a
}
