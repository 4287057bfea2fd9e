package service

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"
)

// Bounds of what is read of one connection.
const (
	maxHeard  = 32 << 10
	maxPieces = 256 // a server that drips is not waited for
)

// talk is one conversation of which a bounded part is read.
type talk struct {
	conn net.Conn
	wait time.Duration
	left int
}

func newTalk(c net.Conn, wait time.Duration) *talk { return &talk{conn: c, wait: wait, left: maxHeard} }

func (t *talk) say(s string) error {
	_, err := io.WriteString(t.conn, s)
	return err
}

// ask says something and hears until enough was heard.
func (t *talk) ask(question string, enough func(string) bool) (string, error) {
	if err := t.say(question); err != nil {
		return "", err
	}
	return t.hear(enough)
}

// hear reads until what came is enough, for as long as one answer may take. An
// answer that is not enough comes with the error that ended it.
func (t *talk) hear(enough func(string) bool) (string, error) {
	until := time.Now().Add(t.wait)
	if err := t.conn.SetReadDeadline(until); err != nil {
		return "", err
	}
	var heard []byte
	b := make([]byte, 4<<10)
	for range maxPieces {
		n, err := t.conn.Read(b[:min(len(b), t.left)])
		heard, t.left = append(heard, b[:n]...), t.left-n
		switch {
		case enough(string(heard)):
			return string(heard), nil
		case err != nil:
			return string(heard), err
		case t.left == 0:
			return string(heard), errTooMuch
		}
	}
	return string(heard), errTooMuch
}

var errTooMuch = errors.New("more than any such server says, or only in drops")

// late tells of an answer that did not come in time.
func late(err error) bool {
	var nerr net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &nerr) && nerr.Timeout()
}

// atLeast tells that so many bytes have come.
func atLeast(n int) func(string) bool { return func(s string) bool { return len(s) >= n } }

// line tells that a whole line has come.
func line(s string) bool { return len(s) > 0 && s[len(s)-1] == '\n' }

// some tells that anything has come.
func some(s string) bool { return s != "" }

// with connects, lets talk speak and closes.
func with(ctx context.Context, dial Dial, wait time.Duration, speak func(*talk) error) error {
	conn, err := dial(ctx)
	if err != nil {
		return &dialError{err}
	}
	defer func() { _ = conn.Close() }() // all that counts has been read
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	err = speak(newTalk(conn, wait))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// dialError is one of connecting, not of talking.
type dialError struct{ error }

func (e *dialError) Unwrap() error { return e.error }
