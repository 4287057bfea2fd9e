package nuclei

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"path/filepath"
	"syscall"
	"testing"
)

// What is lent ends as what went through a relay did: only the end of the
// target is an end, all else is a reset, and what came before it is read.
func TestLent(t *testing.T) {
	frame := func(s string) string { return string([]byte{0, byte(len(s))}) + s }
	for _, c := range []struct {
		name, says, read string
		end              error
	}{
		{"an answer", "{}\n" + frame("one ") + frame("two") + frame(""), "one two", nil},
		{"cut between frames", "{}\n" + frame("one "), "one ", syscall.ECONNRESET},
		{"cut within a frame", "{}\n" + frame("one two")[:6], "one ", syscall.ECONNRESET},
		{"cut within a length", "{}\n\x00", "", syscall.ECONNRESET},
		{"not had", `{"cause":"timeout","detail":"x"}` + "\n", "", syscall.ECONNRESET},
		{"not answered", "", "", syscall.ECONNRESET},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := net.Listen("unix", filepath.Join(t.TempDir(), "dial"))
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				if far, err := l.Accept(); err == nil {
					_, _ = bufio.NewReader(far).ReadString('\n')
					_, _ = io.WriteString(far, c.says)
					_ = far.Close()
				}
			}()
			at := netip.MustParseAddrPort("192.0.2.1:443")
			n := &network{relays: map[netip.AddrPort]*relay{at: {dial: l.Addr().String(), ids: []int{1}}}}
			if n.direct(context.Background(), netip.MustParseAddrPort("192.0.2.1:444")) != nil {
				t.Error("a connection is lent where no target stands")
			}
			conn := n.direct(context.Background(), at)
			if conn == nil {
				t.Fatal("none is lent")
			}
			defer conn.Close()
			for range 3 {
				_, _ = conn.Write([]byte("a question"))
			}
			got, err := io.ReadAll(conn)
			if string(got) != c.read || !errors.Is(err, c.end) {
				t.Errorf("%q, %v", got, err)
			}
			if _, again := conn.Read(make([]byte, 1)); c.end != nil && !errors.Is(again, c.end) {
				t.Errorf("then %v", again)
			}
			if _, err := conn.Write([]byte("more")); err != nil || conn.RemoteAddr().String() != at.String() {
				t.Errorf("%v, %v", err, conn.RemoteAddr())
			}
		})
	}
}
