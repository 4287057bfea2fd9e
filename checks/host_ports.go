package checks

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/sweep"
)

// Ports is the fact of host.ports.
type Ports struct {
	List      string            `json:"list" vi:"danh sách cổng đã hỏi" en:"the list of ports that was asked"`
	Looked    int               `json:"looked" vi:"số cổng TCP đã hỏi" en:"TCP ports asked"`
	Seen      []int             `json:"seen" vi:"các cổng thấy mở" en:"ports seen open"`
	Named     []string          `json:"named" vi:"dịch vụ thường gặp ở các cổng đó (chưa nhận diện)" en:"what usually listens on them (not recognised)"`
	Open      fact.Maybe[[]int] `json:"open" vi:"toàn bộ các cổng mở trong danh sách" en:"all open ports of the list"`
	Closed    int               `json:"closed" vi:"số cổng đóng (máy từ chối)" en:"ports closed (refused)"`
	Filtered  int               `json:"filtered" vi:"số cổng bị chặn (không trả lời)" en:"ports filtered (no answer)"`
	Undecided string            `json:"undecided" vi:"các cổng chưa rõ" en:"ports of which nobody can say"`
	Alive     string            `json:"alive" vi:"dấu hiệu máy sống: itself (chính máy trả lời), neighbour (chỉ máy cùng dải trả lời)" en:"sign of life: itself, or only its neighbour of the same range"`

	Web                   fact.Maybe[bool] `json:"web" vi:"có cổng web mở" en:"a web port is open"`
	ClearShells           fact.Maybe[bool] `json:"clear_shells" vi:"có cổng Telnet, rlogin, rsh, rexec mở" en:"a port of Telnet, rlogin, rsh or rexec is open"`
	RemoteDesktops        fact.Maybe[bool] `json:"remote_desktops" vi:"có cổng điều khiển từ xa mở (RDP, VNC, WinRM, X11…)" en:"a port of remote desktops or shells is open (RDP, VNC, WinRM, X11, …)"`
	SSH                   fact.Maybe[bool] `json:"ssh" vi:"có cổng SSH mở" en:"a port of SSH is open"`
	FileSharing           fact.Maybe[bool] `json:"file_sharing" vi:"có cổng chia sẻ tệp, RPC mở (SMB, NFS, rsync…)" en:"a port of file sharing or RPC is open (SMB, NFS, rsync, …)"`
	Databases             fact.Maybe[bool] `json:"databases" vi:"có cổng cơ sở dữ liệu, bộ nhớ đệm, máy tìm kiếm mở" en:"a port of databases, caches or search engines is open"`
	Management            fact.Maybe[bool] `json:"management" vi:"có cổng quản trị hạ tầng mở" en:"a port of management is open"`
	ClearMailAndDirectory fact.Maybe[bool] `json:"clear_mail_and_directory" vi:"có cổng thư, danh bạ mở đầu không mã hóa mở" en:"a port of mail or directories that begin in clear is open"`
	PrintersAndCameras    fact.Maybe[bool] `json:"printers_and_cameras" vi:"có cổng máy in, camera, thiết bị IoT mở" en:"a port of printers, cameras or IoT is open"`
	LegacyVPN             fact.Maybe[bool] `json:"legacy_vpn" vi:"có cổng VPN cũ mở (PPTP)" en:"a port of old VPNs is open (PPTP)"`
}

// HostPorts tells which TCP ports of a host are open, closed or filtered.
// Silence counts only between two signs of life: see package sweep.
var HostPorts = define(Check{
	ID:     "host.ports",
	Refs:   []string{"RFC 9293 §3.10.7", "RFC 6335"},
	Speaks: inventory.OverHost,
	Touch:  Intrusive,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Ports, error) {
	list := p.Ports
	if list.Ports == nil {
		list = DefaultPorts()
	}
	atOnce := 128
	if cap(p.room) == 1 {
		atOnce = 1 // the user wants one thing at a time
	}
	k := &knocker{Probe: p}
	r := sweep.Run(ctx, sweep.Sweep{Ports: withDeclared(list.Ports, p.Endpoint.Ports), Ask: k.knock, Says: k.says, Other: k.neighbour,
		Timeout: p.Timeout, AtOnce: atOnce, Pause: 2 * time.Second})
	p.noteSweep(r)
	if r.Alive == sweep.NoSign {
		return Ports{}, r.Ports[0].Why
	}
	return hostPorts(list.Name, r), nil
})

// withDeclared puts the ports that the unit declares among those to ask, as
// the first: they are the likeliest to answer. Only SSH, where many knocks are
// taken for an attack, keeps its place.
func withDeclared(list, declared []int) []int {
	out := make([]int, 0, len(list)+len(declared))
	have := map[int]bool{}
	for _, p := range slices.Concat(slices.DeleteFunc(slices.Clone(declared), func(p int) bool { return p == 22 }), list, declared) {
		if !have[p] {
			have[p] = true
			out = append(out, p)
		}
	}
	return out
}

// hostPorts makes the fact of what was seen.
func hostPorts(list string, r *sweep.Result) Ports {
	h := Ports{List: list, Looked: len(r.Ports), Alive: string(r.Alive), Seen: r.Of(sweep.Open),
		Closed: len(r.Of(sweep.Closed)), Filtered: len(r.Of(sweep.Filtered)), Undecided: sweep.Ranges(r.Of(sweep.Undecided))}
	h.Named = namesOfPorts(h.Seen)
	h.Open = fact.Known(h.Seen)
	at := make(map[int]sweep.Port, len(r.Ports))
	for _, p := range r.Ports {
		at[p.Number] = p
		if _, u := h.Open.Get(); u == nil && p.State == sweep.Undecided {
			h.Open = fact.Not[[]int](about(p.Number, p.Why))
		}
	}
	for _, n := range DefaultPorts().Ports { // a shorter list tells of its own ports, not of the host
		if _, asked := at[n]; !asked {
			h.Open = fact.Not[[]int](notAsked(n))
			break
		}
	}
	for _, c := range portClasses {
		*c.in(&h) = anyOpen(c, at)
	}
	return h
}

func notAsked(port int) *fact.Unknown {
	return fact.Because(fact.Skipped, fmt.Sprintf("port %d is not in the list of ports that was asked", port))
}

// anyOpen tells whether a port of the class is open: yes as soon as one is, no
// only when all are known not to be.
func anyOpen(c portClass, at map[int]sweep.Port) fact.Maybe[bool] {
	var gap *fact.Unknown
	for _, n := range c.ports {
		switch p, asked := at[n.port]; {
		case !asked:
			gap = notAsked(n.port)
		case p.State == sweep.Open:
			return fact.Known(true)
		case p.State == sweep.Undecided && gap == nil:
			gap = about(n.port, p.Why)
		}
	}
	if gap != nil {
		return fact.Not[bool](gap)
	}
	return fact.Known(false)
}

func about(port int, u *fact.Unknown) *fact.Unknown {
	return fact.Because(u.Cause, fmt.Sprintf("port %d: %s", port, u.Detail))
}

// noteSweep keeps what was asked and answered as evidence.
func (p *Probe) noteSweep(r *sweep.Result) {
	var b strings.Builder
	fmt.Fprintf(&b, "host %s\n", p.Endpoint.Target)
	for _, round := range r.Rounds {
		b.WriteString(round.String() + "\n")
	}
	if r.Everything {
		b.WriteString("ports that nobody uses accept too\n")
	}
	p.Note("ports asked, by connecting", []byte(b.String()))
}

// knocker asks ports of a host by connecting. It keeps no bytes: they say
// nothing that the list of ports does not.
type knocker struct {
	*Probe
	beside   string // the host of the same range that gives signs of life
	accepted bool   // by accepting, at least once
}

func (k *knocker) knock(ctx context.Context, port int, within time.Duration) (time.Duration, error) {
	return k.at(ctx, net.JoinHostPort(k.Endpoint.Target, strconv.Itoa(port)), within)
}

func (k *knocker) at(ctx context.Context, address string, within time.Duration) (time.Duration, error) {
	host, _, _ := net.SplitHostPort(address)
	k.tape.count(host)
	return k.connects(ctx, address, within)
}

// says tells whether a port sends anything by itself within two seconds.
func (k *knocker) says(ctx context.Context, port int) bool {
	conn, err := k.DialTo(ctx, net.JoinHostPort(k.Endpoint.Target, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	if readWithin(conn, 2*time.Second) != nil {
		return false
	}
	n, _ := conn.Read(make([]byte, 1))
	return n == 1
}

// neighbour asks a host of the same range for a sign of life, the same each
// time. One that accepted and now refuses may be shutting us out.
func (k *knocker) neighbour(ctx context.Context) (lives, known bool) {
	if k.beside == "" && k.Probe.neighbour != nil {
		k.beside, _ = k.Probe.neighbour(k.Endpoint)
	}
	if k.beside == "" {
		return false, false
	}
	for range 2 {
		_, err := k.at(ctx, k.beside, k.Timeout)
		k.accepted = k.accepted || err == nil
		if err == nil || fact.Refused(err) && !k.accepted {
			return true, true
		}
	}
	return false, true
}
