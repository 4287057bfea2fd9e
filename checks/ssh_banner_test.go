package checks

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lab"
)

// TestClosesOnSSH1: a close without a word refuses SSH 1 only of a server that
// greeted before, and greets clients of SSH 2 after.
func TestClosesOnSSH1(t *testing.T) {
	const hello = "SSH-2.0-quiet\r\n"
	for name, c := range map[string]struct {
		early bool // greets before it has heard the client
		dies  bool // after the first connection
		want  string
		made  int
	}{
		"greets and closes": {true, false, "false", 2},
		"closes":            {false, false, `"reset"`, 2},
		"dies":              {true, true, `"reset"`, 2},
	} {
		var n atomic.Int64
		s, err := lab.Serve(func(conn net.Conn) {
			defer func() { _ = conn.Close() }()
			if n.Add(1) > 1 && c.dies {
				return
			}
			if c.early {
				_, _ = io.WriteString(conn, hello)
			}
			line, err := bufio.NewReader(conn).ReadString('\n')
			if err == nil && !c.early && strings.HasPrefix(line, "SSH-2.0") {
				_, _ = io.WriteString(conn, hello)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		o := observe(t, SSHBanner, inventory.Endpoint{ID: "e", Target: s.AddrPort.String(), Kind: inventory.SSH}, 5*time.Second)
		var f Banner
		if o.Unknown != nil || json.Unmarshal(o.Value, &f) != nil || f.Raw != strings.TrimSpace(hello) {
			t.Fatalf("%s: %v %s", name, o.Unknown, o.Value)
		}
		got := "false"
		if _, u := f.Version1.Get(); u != nil {
			got = `"` + string(u.Cause) + `"`
		} else if fact.Is(f.Version1, true) {
			got = "true"
		}
		if got != c.want || o.Made != c.made {
			t.Errorf("%s: %s after %d connections, want %s after %d", name, got, o.Made, c.want, c.made)
		}
	}
}
