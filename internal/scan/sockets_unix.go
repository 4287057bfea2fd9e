//go:build unix

package scan

import "syscall"

// sockets is how many connections may be on their way, whoever makes them:
// half of what this process may have open, and no more than are of use.
func sockets() int {
	const most = 1024
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil || uint64(l.Cur) > 2*most {
		return most
	}
	return max(16, int(l.Cur)/2)
}

// noBroadcast takes back what Go gives every UDP socket: leave to send to all
// of a network at once.
func noBroadcast(raw syscall.RawConn) error {
	var err error
	if wrong := raw.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_BROADCAST, 0) }); wrong != nil {
		return wrong
	}
	return err
}
