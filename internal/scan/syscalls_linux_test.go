//go:build amd64

package scan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"
)

// deeds are what the processes under a seccomp filter did: which program ran
// what, or changed which file. The kernel stops each such call until it is
// written down, so that none is missed (seccomp_unotify(2)).
type deeds struct {
	mu   sync.Mutex
	done []deed
}

type deed struct{ program, call, path string }

// Numbers of x86-64 that the syscall package does not have.
const (
	sysSeccomp, sysRenameat2, sysMemfd, sysExecveat, sysUring, sysOpenat2 = 317, 316, 319, 322, 425, 437
)

// watched are the calls that run programs or change files, by the arguments
// that hold the folder (-1: none) and the path.
var watched = map[uint32]struct {
	name      string
	dir, path int
}{
	syscall.SYS_EXECVE: {"execve", -1, 0}, sysExecveat: {"execveat", 0, 1}, sysMemfd: {"memfd_create", -1, 0}, sysUring: {"io_uring_setup", -1, -1},
	syscall.SYS_OPEN: {"open", -1, 0}, syscall.SYS_OPENAT: {"openat", 0, 1}, sysOpenat2: {"openat2", 0, 1}, syscall.SYS_CREAT: {"creat", -1, 0},
	syscall.SYS_MKDIR: {"mkdir", -1, 0}, syscall.SYS_MKDIRAT: {"mkdirat", 0, 1}, syscall.SYS_MKNOD: {"mknod", -1, 0}, syscall.SYS_MKNODAT: {"mknodat", 0, 1},
	syscall.SYS_RENAME: {"rename", -1, 0}, syscall.SYS_RENAMEAT: {"renameat", 0, 1}, sysRenameat2: {"renameat2", 0, 1}, syscall.SYS_TRUNCATE: {"truncate", -1, 0},
	syscall.SYS_LINK: {"link", -1, 1}, syscall.SYS_LINKAT: {"linkat", 2, 3}, syscall.SYS_SYMLINK: {"symlink", -1, 1}, syscall.SYS_SYMLINKAT: {"symlinkat", 1, 2},
	syscall.SYS_UNLINK: {"unlink", -1, 0}, syscall.SYS_UNLINKAT: {"unlinkat", 0, 1}, syscall.SYS_RMDIR: {"rmdir", -1, 0}, syscall.SYS_CHMOD: {"chmod", -1, 0},
}

// beWatched has the kernel stop the watched calls of this process and of its
// children, and hands the listener to whoever holds the other end of to.
func beWatched(t *testing.T, to *os.File) {
	t.Helper()
	type instruction struct {
		code   uint16
		jt, jf uint8
		k      uint32
	}
	const load, equal, anyBit, ret = 0x20, 0x15, 0x45, 0x06 // BPF_LD|W|ABS, JMP|JEQ|K, JMP|JSET|K, RET|K
	const notify, allow = 0x7fc00000, 0x7fff0000
	const writes = syscall.O_WRONLY | syscall.O_RDWR | syscall.O_CREAT | syscall.O_TRUNC
	program := []instruction{{load, 0, 0, 0}}
	for nr := range watched {
		switch nr {
		case syscall.SYS_OPEN, syscall.SYS_OPENAT:
			flags := uint32(16 + 8*1)
			if nr == syscall.SYS_OPENAT {
				flags += 8
			}
			program = append(program, instruction{equal, 0, 4, nr}, instruction{load, 0, 0, flags}, instruction{anyBit, 0, 1, writes}, instruction{ret, 0, 0, notify}, instruction{ret, 0, 0, allow})
		default:
			program = append(program, instruction{equal, 0, 1, nr}, instruction{ret, 0, 0, notify})
		}
	}
	program = append(program, instruction{ret, 0, 0, allow})
	filter := struct {
		n uint16
		p *instruction
	}{uint16(len(program)), &program[0]}
	const everyThread, listener, tell = 1, 8, 16
	fd, _, errno := syscall.Syscall(sysSeccomp, 1, everyThread|listener|tell, uintptr(unsafe.Pointer(&filter)))
	if errno != 0 {
		t.Skip("system calls cannot be watched here: ", errno)
	}
	if err := syscall.Sendmsg(int(to.Fd()), []byte{1}, syscall.UnixRights(int(fd)), nil, 0); err != nil {
		t.Fatal(err)
	}
	_ = syscall.Close(int(fd))
}

// watch takes the listener from the socket and writes down what is done, until
// there is nobody left to do anything.
func (d *deeds) watch(from *os.File) error {
	b, oob := make([]byte, 1), make([]byte, syscall.CmsgSpace(4))
	_, n, _, _, err := syscall.Recvmsg(int(from.Fd()), b, oob, 0)
	if err != nil || n == 0 {
		return errors.Join(err, errors.New("nobody is watched"))
	}
	messages, err := syscall.ParseSocketControlMessage(oob[:n])
	if err != nil {
		return err
	}
	fds, err := syscall.ParseUnixRights(&messages[0])
	if err != nil {
		return err
	}
	defer func() { _ = syscall.Close(fds[0]) }()
	for {
		var call struct {
			id    uint64
			pid   uint32
			flags uint32
			nr    uint32
			arch  uint32
			ip    uint64
			args  [6]uint64
		}
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fds[0]), 0xc0502100, uintptr(unsafe.Pointer(&call))); errno != 0 { // SECCOMP_IOCTL_NOTIF_RECV
			if errno == syscall.EINTR || errno == syscall.ENOENT && !hungUp(fds[0]) {
				continue
			}
			return nil
		}
		w := watched[call.nr]
		deed := deed{program: link(call.pid, "exe"), call: w.name}
		if w.path >= 0 {
			deed.path = pathOf(call.pid, call.args[w.path])
			if !filepath.IsAbs(deed.path) {
				dir := link(call.pid, "cwd")
				if w.dir >= 0 && int32(call.args[w.dir]) >= 0 {
					dir = link(call.pid, fmt.Sprintf("fd/%d", int32(call.args[w.dir])))
				}
				deed.path = filepath.Join(dir, deed.path)
			}
		}
		d.mu.Lock()
		d.done = append(d.done, deed)
		d.mu.Unlock()
		answer := struct {
			id    uint64
			val   int64
			err   int32
			flags uint32
		}{id: call.id, flags: 1} // SECCOMP_USER_NOTIF_FLAG_CONTINUE
		_, _, _ = syscall.Syscall(syscall.SYS_IOCTL, uintptr(fds[0]), 0xc0182101, uintptr(unsafe.Pointer(&answer))) // SECCOMP_IOCTL_NOTIF_SEND
	}
}

// hungUp tells whether the filter of a listener has nobody under it any more.
func hungUp(fd int) bool {
	p := struct {
		fd              int32
		events, revents int16
	}{fd: int32(fd)}
	_, _, _ = syscall.Syscall(syscall.SYS_POLL, uintptr(unsafe.Pointer(&p)), 1, 0)
	return p.revents&0x10 != 0 // POLLHUP
}

func link(pid uint32, name string) string {
	s, err := os.Readlink(fmt.Sprintf("/proc/%d/%s", pid, name))
	if err != nil {
		return "?"
	}
	return s
}

// pathOf reads a string of another process.
func pathOf(pid uint32, at uint64) string {
	f, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return "? " + err.Error()
	}
	defer func() { _ = f.Close() }()
	b := make([]byte, 4096)
	n, err := f.ReadAt(b[:4096-at%4096], int64(at)) // the next page may not be there
	if s, _, ok := bytes.Cut(b[:n], []byte{0}); ok {
		return string(s)
	}
	if more, err2 := f.ReadAt(b[n:], int64(at)+int64(n)); err == nil || errors.Is(err2, io.EOF) {
		n += more
	}
	s, _, _ := strings.Cut(string(b[:n]), "\x00")
	return s
}

// of gives what one program did, outside a folder whose name begins so.
func (d *deeds) of(program, except string) (out []deed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, x := range d.done {
		if strings.TrimSuffix(x.program, " (deleted)") == program && (x.call == "execve" || !strings.Contains(x.path, except) && x.path != "/dev/null") {
			out = append(out, x)
		}
	}
	return out
}

// runs gives the programs that any process ran.
func (d *deeds) runs() (out map[string]int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	out = map[string]int{}
	for _, x := range d.done {
		if strings.HasPrefix(x.call, "exec") {
			out[x.path]++
		}
	}
	return out
}
