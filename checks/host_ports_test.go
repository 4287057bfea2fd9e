package checks

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lab"
)

var hosts atomic.Int32

// ownHost gives an address of loopback on which nothing listens but what the
// test starts, or what listens everywhere.
func ownHost(t *testing.T) string {
	t.Helper()
	n := hosts.Add(1)
	a := fmt.Sprintf("127.83.%d.%d", 1+n/200, 1+n%200)
	l, err := net.Listen("tcp", net.JoinHostPort(a, "0"))
	if err != nil {
		t.Skip("this system has one address of loopback: ", err)
	}
	_ = l.Close()
	return a
}

// hostOf makes a host on which one practice server runs: "recipe@port", or
// "recipe" on any port, which is then declared.
func hostOf(t *testing.T, recipe string) inventory.Endpoint {
	t.Helper()
	name, port, given := strings.Cut(recipe, "@")
	e := inventory.Endpoint{ID: recipe, Target: ownHost(t), Kind: inventory.Host, Zone: inventory.Internet, Ports: []int{}}
	if name == "closed" {
		return e
	}
	if !given {
		port = "0"
	}
	s := start(t, name, lab.Listen(net.JoinHostPort(e.Target, port)))
	if !given {
		e.Ports = []int{int(s.AddrPort.Port())}
	}
	return e
}

// portsOf runs the check on a host.
func portsOf(t *testing.T, e inventory.Endpoint, change func(*Settings)) (Ports, fact.Observation) {
	t.Helper()
	s := Settings{Dial: dialLoopback, Now: time.Now, Timeout: 2 * time.Second, Log: zerolog.Nop()}
	if change != nil {
		change(&s)
	}
	o := HostPorts.Observe(context.Background(), NewProbe(s, e, nil))
	if err := o.Validate(); err != nil {
		t.Error(err)
	}
	var f Ports
	if o.Unknown == nil {
		if err := json.Unmarshal(o.Value, &f); err != nil {
			t.Fatal(err)
		}
	}
	return f, o
}

func mustList(t *testing.T, s string) PortList {
	t.Helper()
	l, err := ParsePorts(s)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A class with a port that was not asked is unknown, unless one is open; and so
// is what ports of the host are open at all, and all that rests on that.
func TestHostPortsOfAList(t *testing.T) {
	t.Parallel()
	e := hostOf(t, "tcp-open@3306")
	f, _ := portsOf(t, e, func(s *Settings) { s.Ports = mustList(t, "1723,3306,23") })
	if f.List != "1723,3306,23" || f.Looked != 3 || !fact.Is(f.Databases, true) || !fact.Is(f.LegacyVPN, false) {
		t.Errorf("%+v", f)
	}
	for name, class := range map[string]fact.Maybe[bool]{"clear_shells": f.ClearShells, "remote_desktops": f.RemoteDesktops} {
		if _, u := class.Get(); u == nil || u.Cause != fact.Skipped {
			t.Errorf("%s: %v", name, u)
		}
	}
	if _, u := f.Open.Get(); u == nil || u.Cause != fact.Skipped || !slices.Equal(f.Seen, []int{3306}) {
		t.Errorf("open: %v, seen %v", u, f.Seen)
	}
}

// silent is a dialer that lets pass what it is told to and drops the rest, as
// a firewall does.
func quietHost(pass func(port int) bool) DialFunc {
	return func(ctx context.Context, address string) (net.Conn, error) {
		_, port, _ := net.SplitHostPort(address)
		if n, _ := strconv.Atoi(port); pass(n) {
			return dialLoopback(ctx, address)
		}
		within := PaceOf(ctx).Within
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(min(within, 50*time.Millisecond)):
			return nil, context.DeadlineExceeded
		}
	}
}

func TestFilteredPorts(t *testing.T) {
	t.Parallel()
	e := hostOf(t, "tcp-open@8443")
	f, o := portsOf(t, e, func(s *Settings) { s.Dial = quietHost(func(port int) bool { return port == 8443 || port == 80 }) })
	if f.Filtered != f.Looked-2 || f.Closed != 1 || f.Undecided != "" || f.Alive != "itself" || !fact.Is(f.Databases, false) || !fact.Is(f.Web, true) {
		t.Errorf("%+v", f)
	}
	if o.Made < f.Looked || len(o.Peers) != 1 || len(o.Evidence) == 0 || !strings.Contains(string(o.Evidence[0].Received), "silent") {
		t.Errorf("%d connections, peers %v, evidence %v", o.Made, o.Peers, o.Evidence)
	}
}

// A host that gives no sign of life tells nothing; its neighbour can.
func TestSilentHost(t *testing.T) {
	t.Parallel()
	dead := inventory.Endpoint{ID: "h", Target: "127.83.0.9", Kind: inventory.Host, Range: "127.83.0.0/24"}
	nothing := func(s *Settings) { s.Dial = quietHost(func(port int) bool { return port == 7 }) }
	if _, o := portsOf(t, dead, nothing); o.Unknown == nil || o.Unknown.Cause != fact.Unreachable {
		t.Errorf("alone: %s %v", o.Value, o.Unknown)
	}
	f, o := portsOf(t, dead, func(s *Settings) {
		nothing(s)
		s.Neighbour = func(e inventory.Endpoint) (string, bool) { return "127.83.0.8:7", e.Range != "" } // refuses
	})
	if o.Unknown != nil || f.Alive != "neighbour" || f.Filtered != f.Looked || !fact.Is(f.RemoteDesktops, false) {
		t.Errorf("beside one that lives: %+v %v", f, o.Unknown)
	}
	if !slices.Equal(o.Peers, []string{"127.83.0.9", "127.83.0.8"}) {
		t.Errorf("peers: %v", o.Peers)
	}
}

// What the guard does not let out is no state of a port.
func TestHostOutOfScope(t *testing.T) {
	t.Parallel()
	e := inventory.Endpoint{ID: "h", Target: "192.0.2.1", Kind: inventory.Host}
	if _, o := portsOf(t, e, nil); o.Unknown == nil || o.Unknown.Cause != fact.OutOfScope {
		t.Errorf("%s %v", o.Value, o.Unknown)
	}
}

// A trap accepts on all ports; what greets is believed all the same.
func TestTrap(t *testing.T) {
	t.Parallel()
	s, err := lab.Serve(func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	greets, err := lab.Serve(func(c net.Conn) { _, _ = c.Write([]byte("5.5.5-10.6\x00")) })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = greets.Close() }()
	f, o := portsOf(t, inventory.Endpoint{ID: "h", Target: "127.83.0.7", Kind: inventory.Host}, func(x *Settings) {
		x.Ports = mustList(t, "22,2222,80,443,3306,8080-8100")
		x.Dial = func(ctx context.Context, address string) (net.Conn, error) {
			if strings.HasSuffix(address, ":3306") {
				return dialLoopback(ctx, greets.AddrPort.String())
			}
			return dialLoopback(ctx, s.AddrPort.String())
		}
	})
	if o.Unknown != nil || !slices.Equal(f.Seen, []int{3306}) || f.Undecided != "22,80,443,2222,8080-8100" || !fact.Is(f.Databases, true) {
		t.Errorf("%+v %v", f, o.Unknown)
	}
	if _, u := f.SSH.Get(); u == nil || u.Cause != fact.Unanswered {
		t.Errorf("ssh: %v", u)
	}
}

// nmap and the check see the same ports.
func TestHostPortsAgreeWithNmap(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("nmap"); err != nil {
		t.Skip("nmap is not installed")
	}
	e := hostOf(t, "ssh-good@2222")
	for _, at := range []string{"https-good@8443", "http-redirect@8080", "tcp-open@3389", "never-answers@6443", "resets@27017", "closes@1433"} {
		name, port, _ := strings.Cut(at, "@")
		start(t, name, lab.Listen(net.JoinHostPort(e.Target, port)))
	}
	f, _ := portsOf(t, e, nil)
	if want := nmapPorts(t, e.Target, DefaultPorts().Ports); !slices.Equal(f.Seen, want) || f.Undecided != "" {
		t.Errorf("we see %v (undecided %q), nmap %v", f.Seen, f.Undecided, want)
	}
}

func nmapPorts(t *testing.T, host string, ports []int) (open []int) {
	t.Helper()
	var list []string
	for _, p := range ports {
		list = append(list, strconv.Itoa(p))
	}
	out, err := exec.Command("nmap", "-sT", "-Pn", "-n", "-p", strings.Join(list, ","), "-oG", "-", host).Output()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(out), "Ports: ")
	for part := range strings.SplitSeq(rest, ", ") {
		if port, state, ok := strings.Cut(part, "/"); ok && strings.HasPrefix(state, "open/") {
			n, _ := strconv.Atoi(port)
			open = append(open, n)
		}
	}
	slices.Sort(open)
	return open
}

// A neighbour that accepted and then refuses gives no sign of life: a ban that
// covers the range may refuse us there too.
func TestANeighbourThatTurnsToRefusingGivesNoSign(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for _, c := range []struct {
		name    string
		accepts []bool // each time it is asked; then it refuses
		want    []bool
	}{
		{"always refuses", nil, []bool{true, true}},
		{"accepts throughout", []bool{true, true}, []bool{true, true}},
		{"accepts, then refuses", []bool{true}, []bool{true, false}},
	} {
		asked := 0
		dial := func(context.Context, string) (net.Conn, error) {
			asked++
			if asked > len(c.accepts) {
				return nil, refused
			}
			conn, _ := net.Pipe()
			return conn, nil
		}
		s := Settings{Dial: dial, Now: time.Now, Timeout: time.Second, Neighbour: func(inventory.Endpoint) (string, bool) { return "127.83.0.8:7", true }}
		k := &knocker{Probe: NewProbe(s, inventory.Endpoint{Kind: inventory.Host, Target: "127.83.0.9"}, nil)}
		for i, want := range c.want {
			if lives, known := k.neighbour(t.Context()); lives != want || !known {
				t.Errorf("%s: sign %d is %v (%v), want %v", c.name, i, lives, known, want)
			}
		}
	}
}
