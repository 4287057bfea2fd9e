//go:build !unix && !windows

package scan

import (
	"errors"
	"syscall"
)

// sockets is how many connections may be on their way, whoever makes them.
func sockets() int { return 1024 }

func noBroadcast(syscall.RawConn) error {
	return errors.New("UDP sockets without broadcast are not to be had on this system")
}
