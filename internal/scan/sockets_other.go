//go:build !unix

package scan

// sockets is how many connections may be on their way, whoever makes them.
func sockets() int { return 1024 }
