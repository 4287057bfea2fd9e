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
	r.mu.Lock()
	if len(r.ids) == 0 {
		r.mu.Unlock()
		return
	}
	ids := slices.Clone(r.ids)
	r.mu.Unlock()
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
	c, err := new(net.Dialer).DialContext(context.Background(), "unix", socket)
	if err != nil {
		return nil, nil, err
	}
	far := c.(*net.UnixConn)
	line, err := json.Marshal(d)
	if err == nil {
		_, err = far.Write(append(line, '\n'))
	}
	if err == nil && frame != nil {
		err = jobs.WriteFrame(far, frame)
	}
	in := bufio.NewReaderSize(far, 32<<10)
	var got jobs.Dialed
	if err == nil {
		err = jobs.ReadLine(in, &got)
	}
	if err == nil && got.Cause != "" {
		err = errors.New(got.Cause + ": " + got.Detail)
	}
	if err != nil {
		_ = far.Close()
		return nil, nil, err
	}
	return far, in, nil
}
