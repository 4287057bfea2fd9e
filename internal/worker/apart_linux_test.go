package worker

import (
	"os"
	"os/exec"
	"syscall"
	"unsafe"
)

func apart() *exec.Cmd {
	cmd := exec.Command("/proc/self/exe")
	cmd.SysProcAttr = walls[0].attributes()
	cmd.SysProcAttr.Setpgid = false
	return cmd
}

// raise puts lo up.
func raise() error {
	s, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer syscall.Close(s)
	req := struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP}
	copy(req.name[:], "lo")
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(s), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&req))); e != 0 {
		return os.NewSyscallError("ioctl", e)
	}
	return nil
}
