package holes

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"

	"github.com/sansang/sansang/internal/wire/hello"
)

// Heartbeat is what a server did with heartbeats: RFC 6520.
type Heartbeat struct {
	Offered    bool
	Vulnerable bool
	Excess     int // bytes of its answer that it was never sent; they were not kept
	Answer     string
}

// The lengths of heartbeat messages. RFC 6520 §4 wants at least 16 bytes of
// padding.
const (
	beatRequest  = 1
	beatResponse = 2
	beatHeader   = 3
	beatPayload  = 16
	beatPadding  = 16

	// beatClaim is one byte more than the record holds, padding included: the
	// least that an implementation without the check gives away. In OpenSSL
	// it is a byte of our own hello, which lay in the same buffer before.
	beatClaim = beatPayload + beatPadding + 1
)

// Heartbleed looks for CVE-2014-0160. To a server that offers heartbeats it
// sends a proper one, then one that claims a byte more than it has, then a
// proper one, and then a message that no server can take. OpenSSL keeps small
// answers in a buffer until the alert to that last one. The answer to the first
// shows that the server answers at all, the one to the last that it has passed
// over the false one, as it must (RFC 6520 §4): so silence is read off an order
// of answers, never off a clock.
//
// Before all that quiet is called; from then on the connection's bytes must
// not be kept.
func Heartbleed(ctx context.Context, conn net.Conn, o hello.Offer, quiet func()) (Heartbeat, error) {
	o.Extra = append(slices.Clone(o.Extra), hello.Heartbeat)
	f, err := greet(conn, o)
	switch {
	case f.Accepted && !f.Hello.Has(hello.Heartbeat):
		return Heartbeat{Answer: "no heartbeat extension in " + f.Said}, nil
	case err != nil:
		return Heartbeat{}, err
	}
	quiet()
	proper, last := beat(o.Version, beatPayload), appendRecord(nil, recordHandshake, o.Version, []byte{msgFinished, 0, 0, 0})
	if _, err := conn.Write(slices.Concat(proper, beat(o.Version, beatClaim), proper, last)); err != nil {
		return Heartbeat{}, err
	}
	var answers []int
	r := bufio.NewReaderSize(conn, recordHeader+beatHeader)
	for len(answers) < 3 {
		if err := await(ctx, conn, r, last); err != nil {
			return judgeBeats(answers, err)
		}
		claimed, err := readBeat(r)
		if err != nil {
			return judgeBeats(answers, err)
		}
		answers = append(answers, claimed)
	}
	return judgeBeats(answers, nil)
}

// judgeBeats reads the lengths of the heartbeats that came, and what ended
// them.
func judgeBeats(answers []int, end error) (Heartbeat, error) {
	h := Heartbeat{Offered: true}
	var alert alertError
	h.Answer = fmt.Sprintf("answers of %d bytes to requests that claimed %d, %d, %d and had %d at most",
		answers, beatPayload, beatClaim, beatPayload, beatPayload+beatPadding)
	if end == nil {
		end = errors.New("no more was waited for")
	}
	h.Answer += ", then " + end.Error()
	switch {
	case len(answers) == 0 || answers[0] != beatPayload:
		return h, fmt.Errorf("offers heartbeats but does not answer a proper one during the handshake: %w", end)
	case len(answers) > 1 && answers[1] == beatClaim:
		h.Vulnerable, h.Excess = true, beatClaim-beatPayload-beatPadding
		return h, nil
	case len(answers) == 2 && answers[1] == beatPayload, len(answers) == 1 && errors.As(end, &alert):
		return h, nil
	}
	return h, fmt.Errorf("heartbeats: answers of %d bytes: %w", answers, end)
}

// await waits for the next bytes of an answer. A server that reads one record
// each time it is woken gets another to wake it.
func await(ctx context.Context, conn net.Conn, r *bufio.Reader, again []byte) error {
	for range 20 {
		restore := listenFor(ctx, conn, patience/4)
		_, err := r.Peek(1)
		restore()
		if !errors.Is(err, os.ErrDeadlineExceeded) || ctx.Err() != nil {
			return err
		}
		_, _ = conn.Write(again) // what has become of the connection is told by reading
	}
	return os.ErrDeadlineExceeded
}

// beat makes a request with 16 bytes of payload that claims to have so many.
func beat(v hello.Version, claim uint16) []byte {
	msg := binary.BigEndian.AppendUint16([]byte{beatRequest}, claim)
	return appendRecord(nil, recordHeartbeat, v, append(msg, make([]byte, beatPayload+beatPadding)...))
}

// readBeat reads a heartbeat response and keeps nothing of it but what it says
// its length is, if it is that long.
func readBeat(r io.Reader) (claimed int, err error) {
	kind, n, err := readHeader(r)
	switch {
	case err != nil:
		return 0, err
	case kind == recordAlert && n == 2:
		var alert alertError
		if _, err := io.ReadFull(r, alert[:]); err != nil {
			return 0, err
		}
		return 0, alert
	case kind != recordHeartbeat || n < beatHeader:
		return 0, fmt.Errorf("record of type %d, %d bytes, where a heartbeat belongs", kind, n)
	}
	var head [beatHeader]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, err
	}
	if _, err := io.CopyN(io.Discard, r, int64(n-beatHeader)); err != nil {
		return 0, err
	}
	claimed = int(binary.BigEndian.Uint16(head[1:]))
	if head[0] != beatResponse || n < beatHeader+claimed {
		return 0, fmt.Errorf("heartbeat of type %d with %d bytes that claims %d", head[0], n, claimed)
	}
	return claimed, nil
}

// alertError is an alert where something else was wanted: level and code.
type alertError [2]byte

func (a alertError) Error() string { return alertName(a[1]) }
