package holes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// reply is what a server said to something that breaks the protocol, as far as
// two such replies can be told apart from outside.
type reply struct {
	alerts []byte // in their order
	end    ending
}

type ending int

const (
	silent ending = iota // it kept the connection, as long as we listened
	cut                  // it closed or reset it; which of the two is a matter of chance
)

func (r reply) String() string {
	var said []string
	for _, a := range r.alerts {
		said = append(said, alertName(a))
	}
	switch {
	case r.end == cut:
		said = append(said, "end of connection")
	case len(said) == 0:
		said = append(said, "silence")
	}
	return strings.Join(said, ", ")
}

func (r reply) first() (byte, bool) {
	if len(r.alerts) == 0 {
		return 0, false
	}
	return r.alerts[0], true
}

// maxAlerts bounds a reply; nobody sends more than a few.
const maxAlerts = 4

// hear listens for d, and no longer than ctx, or up to the first alert if
// that is enough. Anything but alerts is an error.
func hear(ctx context.Context, conn net.Conn, d time.Duration, firstOnly bool) (r reply, err error) {
	defer listenFor(ctx, conn, d)()
	for len(r.alerts) < maxAlerts {
		kind, payload, err := readRecord(conn)
		switch {
		case err != nil && ctx.Err() != nil:
			return r, ctx.Err()
		case errors.Is(err, os.ErrDeadlineExceeded):
			return r, nil
		case isCut(err):
			r.end = cut
			return r, nil
		case err != nil:
			return r, err
		case kind != recordAlert || len(payload) != 2:
			return r, fmt.Errorf("record of type %d, %d bytes, where an alert belongs", kind, len(payload))
		}
		if payload[1] != alertCloseNotify { // that is how some end the connection
			r.alerts = append(r.alerts, payload[1])
		}
		if firstOnly && len(r.alerts) > 0 {
			return r, nil
		}
	}
	return r, nil
}

// listenFor lets reads of conn end after d, or with ctx if that is sooner,
// until the function it gives is called.
func listenFor(ctx context.Context, conn net.Conn, d time.Duration) (restore func()) {
	end, bounded := ctx.Deadline()
	until := time.Now().Add(d)
	if bounded && end.Before(until) {
		until = end
	}
	_ = conn.SetReadDeadline(until) // fails on a dead connection only, and then so does the read
	return func() { _ = conn.SetReadDeadline(end) }
}

// isCut tells of a connection that the server ended in one way or another.
func isCut(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
