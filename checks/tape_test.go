package checks

import (
	"bytes"
	"net"
	"slices"
	"testing"
	"time"
)

// TestLateBytes holds that evidence which was handed over stays what it was,
// though its connection and others go on, and that the rest is kept as well.
func TestLateBytes(t *testing.T) {
	tp := &tape{now: time.Now}
	read := func(c net.Conn, far net.Conn, text string) {
		t.Helper()
		go func() { _, _ = far.Write([]byte(text)) }()
		if _, err := c.Read(make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
	}
	open := func() (near, far net.Conn) {
		near, far = net.Pipe()
		t.Cleanup(func() { _ = near.Close(); _ = far.Close() })
		return tp.record("tcp", near), far
	}
	texts := func() (out []string) {
		for _, e := range tp.evidence() {
			out = append(out, string(e.Received))
		}
		return out
	}
	first, farFirst := open()
	read(first, farFirst, "one ")
	given := tp.evidence()
	second, farSecond := open()
	read(second, farSecond, "two ")
	read(first, farFirst, "more")
	if string(given[0].Received) != "one " {
		t.Errorf("evidence became %q", given[0].Received)
	}
	_ = first.Close()
	third, farThird := open()
	read(third, farThird, "three")
	read(second, farSecond, "then")
	if got, want := texts(), []string{"one more", "two then", "three"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for i := range 3 * keepBytes / 100 {
		read(third, farThird, string(bytes.Repeat([]byte{byte('a' + i%26)}, 100)))
	}
	_ = third.Close()
	if last := tp.evidence()[2]; len(last.Received) != keepBytes || cap(last.Received) != keepBytes || !bytes.HasPrefix(last.Received, []byte("threeaaa")) {
		t.Errorf("%d bytes in room of %d, beginning %q", len(last.Received), cap(last.Received), last.Received[:8])
	}
}
