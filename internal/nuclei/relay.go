package nuclei

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/sansang/sansang/internal/jobs"
)

// relay stands where a target is. Each connection to it becomes one that
// sansang makes.
type relay struct {
	l    net.Listener
	dial string

	mu  sync.Mutex
	ids []int // of the targets that are here; the first is asked for
}

func listen(at netip.AddrPort, id int, dial string) (*relay, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", at.String())
	if err != nil {
		return nil, err
	}
	r := &relay{l: l, dial: dial, ids: []int{id}}
	go r.accept()
	return r, nil
}

func (r *relay) add(id int, home bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := len(r.ids)
	if home {
		at = 0
	}
	r.ids = slices.Insert(r.ids, at, id)
}

// remove takes a target away and closes the relay after the last one.
func (r *relay) remove(id int) (closed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids = slices.DeleteFunc(r.ids, func(i int) bool { return i == id })
	if len(r.ids) == 0 {
		_ = r.l.Close()
	}
	return len(r.ids) == 0
}

// here are the targets that are here.
func (r *relay) here() []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ids)
}

func (r *relay) accept() {
	for {
		c, err := r.l.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			time.Sleep(10 * time.Millisecond) // no descriptors: the next one may get one
			continue
		}
		go r.serve(c.(*net.TCPConn))
	}
}

func (r *relay) serve(near *net.TCPConn) {
	defer func() { _ = near.Close() }()
	ids := r.here()
	if len(ids) == 0 {
		return
	}
	far, in, err := call(r.dial, jobs.Dial{Targets: ids}, nil)
	if err != nil {
		_ = near.SetLinger(0) // a reset: the target was not met
		return
	}
	defer func() { _ = far.Close() }()
	go func() {
		_, _ = io.Copy(far, near)
		_ = far.CloseWrite()
	}()
	if err := deliver(near, in); err != nil {
		_ = near.SetLinger(0)
		return
	}
	_ = near.CloseWrite()
	_, _ = io.Copy(io.Discard, in) // sansang closes once the client has
}

// deliver writes what the frames hold until the target ended. Any other end
// is an error: what was cut must not look whole.
func deliver(to io.Writer, frames io.Reader) error {
	buf := make([]byte, jobs.MostFrame)
	for {
		b, err := jobs.ReadFrame(frames, buf)
		if err != nil {
			return err
		}
		if len(b) == 0 {
			return nil
		}
		if _, err := to.Write(b); err != nil {
			return err
		}
	}
}

// call says to sansang what is wanted, and hears whether it was had.
func call(socket string, d jobs.Dial, frame []byte) (*net.UnixConn, *bufio.Reader, error) {
	far, err := want(context.Background(), socket, d)
	if err != nil {
		return nil, nil, err
	}
	if frame != nil {
		err = jobs.WriteFrame(far, frame)
	}
	in := bufio.NewReaderSize(far, mostAhead)
	if err == nil {
		err = had(in)
	}
	if err != nil {
		_ = far.Close()
		return nil, nil, err
	}
	return far, in, nil
}

// mostAhead is how much is read ahead of one connection to sansang.
const mostAhead = 4 << 10

// want says to sansang what is wanted.
func want(ctx context.Context, socket string, d jobs.Dial) (*net.UnixConn, error) {
	c, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, err
	}
	line, err := json.Marshal(d)
	if err == nil {
		_, err = c.Write(append(line, '\n'))
	}
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	return c.(*net.UnixConn), nil
}

// had hears whether what was wanted was had.
func had(in *bufio.Reader) error {
	var got jobs.Dialed
	if err := jobs.ReadLine(in, &got); err != nil {
		return err
	}
	if got.Cause != "" {
		return errors.New(got.Cause + ": " + got.Detail)
	}
	return nil
}
