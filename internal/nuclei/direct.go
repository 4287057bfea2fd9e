package nuclei

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"

	"github.com/sansang/sansang/internal/jobs"
)

// direct connects to what a relay stands for without going through it: our own
// client takes from sansang what the relay would take. nil: it has to go there.
func (n *network) direct(ctx context.Context, to netip.AddrPort) net.Conn {
	n.mu.Lock()
	r := n.relays[to]
	n.mu.Unlock()
	if r == nil {
		return nil
	}
	c, err := want(ctx, r.dial, jobs.Dial{Targets: r.here()})
	if err != nil {
		return nil
	}
	return &lent{Conn: c, in: bufio.NewReaderSize(c, smallBuffer), peer: net.TCPAddrFromAddrPort(to)}
}

// lent is a connection that sansang made. Like one to a relay it is there at
// once; that there is none to the target shows in what is read.
type lent struct {
	net.Conn // to sansang
	in       *bufio.Reader
	peer     net.Addr

	heard bool // whether it was had
	left  int  // of the frame that is being read
	over  error
}

// Read reads what came of the target. Whatever ends it but the target's own
// end is a reset: what was cut must not look whole.
func (l *lent) Read(b []byte) (n int, err error) {
	if l.over != nil {
		return 0, l.over
	}
	if n, err = l.read(b); err != nil && !os.IsTimeout(err) {
		if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
			err = &net.OpError{Op: "read", Net: "tcp", Addr: l.peer, Err: syscall.ECONNRESET}
		}
		l.over = err
	}
	return n, err
}

func (l *lent) read(b []byte) (int, error) {
	if !l.heard {
		if err := had(l.in); err != nil {
			return 0, cutOff(err)
		}
		l.heard = true
	}
	if l.left == 0 {
		var head [2]byte
		if _, err := io.ReadFull(l.in, head[:]); err != nil {
			return 0, cutOff(err)
		}
		if l.left = int(binary.BigEndian.Uint16(head[:])); l.left == 0 {
			return 0, io.EOF
		}
	}
	n, err := l.in.Read(b[:min(len(b), l.left)])
	l.left -= n
	return n, cutOff(err)
}

// cutOff keeps an end that is none of the target from looking like one.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Write writes. What the target does not take shows in what is read: it may
// have answered before it had all.
func (l *lent) Write(b []byte) (int, error) {
	n, err := l.Conn.Write(b)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		return len(b), nil
	}
	return n, err
}

// RemoteAddr is that of the target.
func (l *lent) RemoteAddr() net.Addr { return l.peer }
