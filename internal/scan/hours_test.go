package scan

import (
	"errors"
	"net"
	"testing"

	"github.com/sansang/sansang/internal/fact"
)

// A connection that is kept beyond the hours sends nothing more, and says why.
func TestNothingIsSentAfterHours(t *testing.T) {
	near, far := net.Pipe()
	heard := make(chan int, 1)
	go func() {
		b := make([]byte, 8)
		n, _ := far.Read(b)
		m, _ := far.Read(b)
		heard <- n + m
	}()
	var late *fact.Unknown
	h := &hourly{Conn: near, time: func() *fact.Unknown { return late }}
	if _, err := h.Write([]byte("a")); err != nil {
		t.Fatal(err)
	}
	late = fact.Because(fact.OutOfScope, "the hours are over")
	_, sent := h.Write([]byte("b"))
	_, read := h.Read(make([]byte, 1))
	for _, err := range []error{sent, read} {
		var u *fact.Unknown
		if !errors.As(err, &u) || u.Cause != fact.OutOfScope {
			t.Errorf("%v", err)
		}
	}
	if n := <-heard; n != 1 {
		t.Errorf("%d bytes were heard", n)
	}
}
