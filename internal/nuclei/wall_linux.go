package nuclei

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
)

// raiseWall makes ready the network namespace that the worker was started in. It
// touches nothing unless that is a new one: only lo, and lo down.
func raiseWall() error {
	all, err := net.Interfaces()
	if err != nil {
		return err
	}
	if len(all) != 1 || all[0].Flags&net.FlagLoopback == 0 || all[0].Flags&net.FlagUp != 0 {
		return errors.New("this network namespace is not a new one")
	}
	lo := int32(all[0].Index)
	up := make([]byte, syscall.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(up[4:], uint32(lo))
	binary.NativeEndian.PutUint32(up[8:], syscall.IFF_UP)
	binary.NativeEndian.PutUint32(up[12:], syscall.IFF_UP)
	return ask(syscall.RTM_NEWLINK, 0, up)
}

// putAddress puts an address on lo.
func putAddress(a netip.Addr) error {
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		return err
	}
	m := make([]byte, syscall.SizeofIfAddrmsg)
	m[0], m[1], m[2] = syscall.AF_INET, byte(a.BitLen()), syscall.IFA_F_NODAD
	if a.Is6() {
		m[0] = syscall.AF_INET6
	}
	binary.NativeEndian.PutUint32(m[4:], uint32(lo.Index))
	for _, kind := range []uint16{syscall.IFA_LOCAL, syscall.IFA_ADDRESS} {
		m = binary.NativeEndian.AppendUint16(m, uint16(syscall.SizeofRtAttr+a.BitLen()/8))
		m = binary.NativeEndian.AppendUint16(m, kind)
		m = append(m, a.AsSlice()...)
	}
	err = ask(syscall.RTM_NEWADDR, syscall.NLM_F_CREATE, m)
	if errors.Is(err, syscall.EEXIST) {
		return nil
	}
	return err
}

// ask makes one request of rtnetlink(7) and waits for its acknowledgement.
func ask(kind, flags uint16, body []byte) error {
	s, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.NETLINK_ROUTE)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer func() { _ = syscall.Close(s) }()
	m := binary.NativeEndian.AppendUint32(nil, uint32(syscall.SizeofNlMsghdr+len(body)))
	m = binary.NativeEndian.AppendUint16(m, kind)
	m = binary.NativeEndian.AppendUint16(m, syscall.NLM_F_REQUEST|syscall.NLM_F_ACK|flags)
	m = binary.NativeEndian.AppendUint32(m, 1)
	m = append(binary.NativeEndian.AppendUint32(m, 0), body...)
	if err := syscall.Sendto(s, m, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return os.NewSyscallError("sendto", err)
	}
	b := make([]byte, 4096)
	n, _, err := syscall.Recvfrom(s, b, 0)
	if err != nil {
		return os.NewSyscallError("recvfrom", err)
	}
	if n < syscall.SizeofNlMsghdr+4 || binary.NativeEndian.Uint16(b[4:]) != syscall.NLMSG_ERROR {
		return errors.New("rtnetlink gave no acknowledgement")
	}
	if e := int32(binary.NativeEndian.Uint32(b[syscall.SizeofNlMsghdr:])); e != 0 {
		return fmt.Errorf("rtnetlink: %w", syscall.Errno(-e))
	}
	return nil
}
