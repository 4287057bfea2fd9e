package scan

import "syscall"

// sockets is how many connections may be on their way, whoever makes them.
func sockets() int { return 1024 }

// noBroadcast takes back what Go gives every UDP socket: leave to send to all
// of a network at once.
func noBroadcast(raw syscall.RawConn) error {
	var err error
	if wrong := raw.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(syscall.Handle(fd), syscall.SOL_SOCKET, syscall.SO_BROADCAST, 0)
	}); wrong != nil {
		return wrong
	}
	return err
}
