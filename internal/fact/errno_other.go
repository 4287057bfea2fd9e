//go:build !windows

package fact

import "syscall"

var (
	refused   = []syscall.Errno{syscall.ECONNREFUSED}
	noRoute   = []syscall.Errno{syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EADDRNOTAVAIL, syscall.EHOSTDOWN}
	forbidden = []syscall.Errno{syscall.EACCES, syscall.EPERM}
	cut       = []syscall.Errno{syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED}
	late      = []syscall.Errno{syscall.ETIMEDOUT}
)
