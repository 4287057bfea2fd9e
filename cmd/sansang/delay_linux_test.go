package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// The addresses of the namespace of delayed: its own, and the one at which it
// sees itself from afar.
const (
	here = "10.99.0.1"
	afar = "10.99.0.2"
)

// delayed calls run in a network namespace of its own, in which every packet
// to the address afar comes back after oneWay as a packet from there, so that
// the servers at here are seen at afar with twice oneWay of latency: at
// connecting, in either direction and at closing. It does what tc netem would,
// which many kernels lack, by a TUN device. It needs root.
func delayed(b *testing.B, oneWay time.Duration, run func(here, afar string)) {
	if os.Geteuid() != 0 {
		b.Skip("latency needs a network namespace, and that needs root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		b.Skip("latency needs a network namespace, and that needs ip of iproute2")
	}
	runtime.LockOSThread() // never undone where it succeeds: the thread ends with the benchmark, and the namespace with it
	if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		b.Skip("no network namespace is to be had here: ", err)
	}
	tun, err := openTUN("afar", 0)
	if err != nil {
		b.Skip("no TUN device is to be had here: ", err)
	}
	defer func() { _ = tun.Close() }()
	for _, args := range [][]string{{"link", "set", "lo", "up"}, {"addr", "add", here + "/24", "dev", "afar"}, {"link", "set", "afar", "up"}} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			b.Fatalf("ip %v: %v\n%s", args, err, out)
		}
	}
	go reflect(tun, oneWay)
	run(here, afar)
}

// openTUN makes a device whose packets are read and written as a file, with
// further flags of TUNSETIFF.
func openTUN(name string, more uint16) (*os.File, error) {
	fd, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	var request struct { // struct ifreq
		name  [16]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:], name)
	const tun, noHeader = 0x0001, 0x1000 // IFF_TUN, IFF_NO_PI
	request.flags = tun | noHeader | more
	const setIff = 0x400454ca // TUNSETIFF
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), setIff, uintptr(unsafe.Pointer(&request))); errno != 0 {
		_ = syscall.Close(fd)
		return nil, fmt.Errorf("TUNSETIFF: %w", errno)
	}
	return os.NewFile(uintptr(fd), "tun"), nil
}

// reflect sends every packet of IPv4 back with its addresses swapped, so that
// it seems to come from where it went. No checksum changes by that.
func reflect(tun *os.File, after time.Duration) {
	type packet struct {
		due  time.Time
		data []byte
	}
	way := make(chan packet, 4096)
	go func() {
		for p := range way {
			time.Sleep(time.Until(p.due))
			_, _ = tun.Write(p.data)
		}
	}()
	defer close(way)
	for {
		data := make([]byte, 2048)
		n, err := tun.Read(data)
		if err != nil {
			return
		}
		const source, destination, end = 12, 16, 20
		if data = data[:n]; n < end || data[0]>>4 != 4 {
			continue
		}
		var from [4]byte
		copy(from[:], data[source:destination])
		copy(data[source:destination], data[destination:end])
		copy(data[destination:end], from[:])
		way <- packet{time.Now().Add(after), data}
	}
}
