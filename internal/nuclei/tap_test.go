package nuclei

import (
	"net"
	"testing"
	"time"
)

// A script that writes to a peer that is gone, and takes no notice, is to be
// seen, though it then reads nothing.
func TestTapHearsWritesThatFail(t *testing.T) {
	p := &tap{}
	c, err := plain{Dialer: &net.Dialer{}, tap: p}.Dial("tcp", tcp(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 1))
		abort(c)
	}))
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(5 * time.Second); err == nil && time.Now().Before(end); {
		_, err = c.Write([]byte("PING\r\n"))
		time.Sleep(time.Millisecond)
	}
	if err == nil {
		t.Fatal("the peer took all that was written")
	}
	_ = c.Close()
	errs, last := p.talk()
	if len(errs) != 1 || len(last.response) != 0 {
		t.Fatalf("heard %v and %q, want the failed write", errs, last.response)
	}
	if cause, _ := causeOf(errs); cause != reset {
		t.Errorf("the cause is %s, want %s", cause, reset)
	}
}
