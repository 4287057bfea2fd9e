package checks

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lab"
)

// udpHosts are the hosts that run, by the ID of their endpoint.
var udpHosts sync.Map

// ports tells where what stands for a well-known port is.
type ports interface {
	At(port int) (netip.AddrPort, bool)
}

// udpHost starts a practice host until the end of the test. Its ports are not
// the well-known ones: packetsTo leads there.
func udpHost(t *testing.T, recipe string) inventory.Endpoint {
	t.Helper()
	h, err := lab.StartUDP(recipe)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return hostAt(h)
}

func hostAt(h ports) inventory.Endpoint {
	e := inventory.Endpoint{ID: fmt.Sprintf("host:%p", h), Target: "127.0.0.1", Kind: inventory.Host, Zone: inventory.Internet}
	udpHosts.Store(e.ID, h)
	return e
}

// packetsTo gives the ways to send to a practice host, and permits everything.
func packetsTo(e inventory.Endpoint) (packet, wide DialFunc, permits func(inventory.Class) bool) {
	found, ok := udpHosts.Load(e.ID)
	if !ok {
		return nil, nil, nil
	}
	h := found.(ports)
	at := func(address string) netip.AddrPort {
		_, port, _ := net.SplitHostPort(address)
		n, _ := strconv.Atoi(port)
		if to, ok := h.At(n); ok {
			return to
		}
		return closedUDP()
	}
	packet = func(ctx context.Context, address string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", at(address).String())
	}
	wide = func(_ context.Context, address string) (net.Conn, error) {
		c, err := net.ListenUDP("udp4", nil)
		return &wideConn{c, at(address)}, err
	}
	return packet, wide, func(inventory.Class) bool { return true }
}

// closedUDP is a place on which nobody listens.
var closedUDP = sync.OnceValue(func() netip.AddrPort { return netip.MustParseAddrPort("127.255.255.254:9") })

// wideConn hears every port of its host.
type wideConn struct {
	*net.UDPConn
	to netip.AddrPort
}

func (w *wideConn) Write(b []byte) (int, error) { return w.WriteToUDPAddrPort(b, w.to) }
func (w *wideConn) RemoteAddr() net.Addr        { return net.UDPAddrFromAddrPort(w.to) }

func hostChecks() []*Check {
	return []*Check{HostSNMP, HostNTP, HostAmplifiers, HostTFTP, HostIPMI, HostIKE}
}

// TestHostileHostsYieldNoNo points every look over UDP at every hostile
// practice host: silence and nonsense are neither yes nor no.
func TestHostileHostsYieldNoNo(t *testing.T) {
	// What a hostile host does say properly is a fact like any other.
	says := map[string][]string{
		"host.snmp/udp-goes-silent": {"v3"}, "host.ntp/udp-goes-silent": {"answers", "synchronised"}, "host.ike/udp-goes-silent": {"answers", "v2"},
	}
	for _, c := range hostChecks() {
		for _, r := range lab.UDPRecipes() {
			if r.Nature != lab.Hostile {
				continue
			}
			t.Run(c.ID+"/"+r.Name, func(t *testing.T) {
				t.Parallel()
				obs := observe(t, c, udpHost(t, r.Name), time.Second/2)
				if obs.Unknown != nil {
					t.Fatalf("unknown as a whole: %v", obs.Unknown)
				}
				var fields map[string]json.RawMessage
				if err := json.Unmarshal(obs.Value, &fields); err != nil {
					t.Fatal(err)
				}
				for name, v := range fields {
					told := (string(v) == "true" || string(v) == "false") && name != "silent" && name != "v1_silent" && name != "turns_us_away" // those are about what came
					said := string(v) == "true" && slices.Contains(says[c.ID+"/"+r.Name], name)
					if told && !said {
						t.Errorf("%s is %s", name, v)
					}
					if strings.Contains(string(v), string(fact.Broken)) {
						t.Errorf("%s: %s", name, v)
					}
				}
			})
		}
	}
}

// Without the words of the authorisation no community is tried, and what is
// closed needs none. That passwords may be tried does not name communities.
func TestCommunitiesNeedPermission(t *testing.T) {
	for _, c := range []struct {
		recipe string
		want   string
	}{{"udp-loose", "out-of-scope"}, {"udp-careful", "out-of-scope"}, {"udp-closed", ""}} {
		e := udpHost(t, c.recipe)
		packet, wide, _ := packetsTo(e)
		o := HostSNMP.Observe(t.Context(), NewProbe(Settings{Packet: packet, Wide: wide, Now: time.Now, Timeout: 5 * time.Second,
			Permits: func(c inventory.Class) bool { return c == inventory.Credentials }}, e, nil))
		var f SNMP
		if err := json.Unmarshal(o.Value, &f); err != nil {
			t.Fatal(err)
		}
		if yes, u := f.Default.Get(); u == nil && (c.want != "" || yes) || u != nil && string(u.Cause) != c.want {
			t.Errorf("%s: %v %v, want %q", c.recipe, yes, u, c.want)
		}
		for _, ev := range o.Evidence {
			if strings.Contains(string(ev.Sent), "public") {
				t.Errorf("%s was asked with a community", c.recipe)
			}
		}
	}
}

// A socket that nobody answered has reached nobody; one that was answered has.
func TestOnlyWhoAnsweredIsReached(t *testing.T) {
	for recipe, want := range map[string]int{"udp-closed": 0, "udp-silent": 0, "udp-loose": 1} {
		if o := observe(t, HostSNMP, udpHost(t, recipe), time.Second); len(o.Peers) != want || o.Made == 0 {
			t.Errorf("%s: reached %v by %d sockets", recipe, o.Peers, o.Made)
		}
	}
}
