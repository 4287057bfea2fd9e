package main

import (
	"encoding/binary"
	"hash/fnv"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// portState is how a made-up host answers on a port.
type portState int

const (
	openPort portState = iota
	refusingPort
	filteredPort
)

// hostsAfar are made-up hosts in a network namespace of their own, each answer
// of which takes a time. They speak just enough TCP to be connected to.
type hostsAfar struct {
	network string // such as 10.98.0.0/24
	delay   time.Duration
	state   func(host netip.Addr, port int) portState
}

// run calls do where the hosts can be reached. The namespace lasts as long as
// the goroutine of the caller, and programs that it starts are in it too. It
// needs root.
func (h hostsAfar) run(tb testing.TB, do func()) {
	if os.Geteuid() != 0 {
		tb.Skip("a network namespace needs root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		tb.Skip("a network namespace needs ip of iproute2")
	}
	runtime.LockOSThread() // never undone: see delayed
	if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		tb.Skip("no network namespace is to be had here: ", err)
	}
	tun, err := openTUN("hosts", 0)
	if err != nil {
		tb.Skip("no TUN device is to be had here: ", err)
	}
	defer func() { _ = tun.Close() }()
	for _, args := range [][]string{{"link", "set", "lo", "up"}, {"addr", "add", here + "/24", "dev", "hosts"}, {"link", "set", "hosts", "txqueuelen", "20000", "up"}, {"route", "add", h.network, "dev", "hosts"}} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			tb.Fatalf("ip %v: %v\n%s", args, err, out)
		}
	}
	go h.answer(tun)
	do()
}

func (h hostsAfar) answer(tun *os.File) {
	type packet struct {
		due  time.Time
		data []byte
	}
	way := make(chan packet, 1<<16)
	go func() {
		for p := range way {
			time.Sleep(time.Until(p.due))
			_, _ = tun.Write(p.data)
		}
	}()
	defer close(way)
	for b := make([]byte, 2048); ; {
		n, err := tun.Read(b)
		if err != nil {
			return
		}
		if a := h.answerTo(b[:n]); a != nil {
			way <- packet{time.Now().Add(h.delay), a}
		}
	}
}

// Flags of TCP (RFC 9293 §3.1).
const (
	flagFIN, flagSYN, flagRST, flagACK = 1, 2, 4, 16
	ipHeader, tcpHeader                = 20, 20
)

// answerTo gives the answer to a packet of IPv4, nil for none.
func (h hostsAfar) answerTo(p []byte) []byte {
	if len(p) < ipHeader+tcpHeader || p[0] != 0x45 || p[9] != syscall.IPPROTO_TCP {
		return nil
	}
	tcp := p[ipHeader:]
	seq, ack := binary.BigEndian.Uint32(tcp[4:]), binary.BigEndian.Uint32(tcp[8:])
	to := netip.AddrFrom4([4]byte(p[16:20]))
	switch flags := tcp[13]; {
	case flags&flagRST != 0:
	case flags&flagFIN != 0:
		return reply(p, ack, seq+1, flagRST|flagACK)
	case flags&flagSYN != 0:
		switch h.state(to, int(binary.BigEndian.Uint16(tcp[2:]))) {
		case openPort:
			return reply(p, 1, seq+1, flagSYN|flagACK)
		case refusingPort:
			return reply(p, 0, seq+1, flagRST|flagACK)
		case filteredPort:
		}
	}
	return nil
}

func reply(to []byte, seq, ack uint32, flags byte) []byte {
	b := make([]byte, ipHeader+tcpHeader)
	b[0], b[8], b[9] = 0x45, 64, syscall.IPPROTO_TCP
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	copy(b[12:16], to[16:20])
	copy(b[16:20], to[12:16])
	binary.BigEndian.PutUint16(b[10:], checksum(b[:ipHeader], 0))
	tcp := b[ipHeader:]
	copy(tcp[0:2], to[ipHeader+2:])
	copy(tcp[2:4], to[ipHeader:])
	binary.BigEndian.PutUint32(tcp[4:], seq)
	binary.BigEndian.PutUint32(tcp[8:], ack)
	tcp[12], tcp[13] = tcpHeader/4<<4, flags
	binary.BigEndian.PutUint16(tcp[14:], 65535)
	pseudo := uint32(syscall.IPPROTO_TCP + tcpHeader)
	for i := 12; i < 20; i += 2 {
		pseudo += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	binary.BigEndian.PutUint16(tcp[16:], checksum(tcp, pseudo))
	return b
}

// checksum is that of RFC 1071, of an even number of bytes.
func checksum(b []byte, sum uint32) uint16 {
	for i := 0; i < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// mostlyFiltered has 60 % of the ports filtered, 5 % open and the rest closed,
// by chance, but always the same.
func mostlyFiltered(host netip.Addr, port int) portState {
	f := fnv.New32a()
	_, _ = f.Write(host.AsSlice())
	_, _ = f.Write([]byte{byte(port >> 8), byte(port), 83})
	switch n := (f.Sum32() ^ f.Sum32()>>15) % 100; {
	case n < 60:
		return filteredPort
	case n < 65:
		return openPort
	}
	return refusingPort
}
