package fact

import "syscall"

// Winsock has numbers of its own: https://learn.microsoft.com/windows/win32/winsock/windows-sockets-error-codes-2
var (
	refused   = []syscall.Errno{10061}                              // WSAECONNREFUSED
	noRoute   = []syscall.Errno{10065, 10051, 10049, 10064}         // WSAEHOSTUNREACH, WSAENETUNREACH, WSAEADDRNOTAVAIL, WSAEHOSTDOWN
	forbidden = []syscall.Errno{10013, syscall.ERROR_ACCESS_DENIED} // WSAEACCES
	cut       = []syscall.Errno{syscall.WSAECONNRESET, syscall.WSAECONNABORTED, 10052, syscall.ERROR_BROKEN_PIPE}
	late      = []syscall.Errno{10060} // WSAETIMEDOUT
)
