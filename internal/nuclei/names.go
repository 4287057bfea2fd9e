package nuclei

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"github.com/sansang/sansang/internal/jobs"
)

// nameServer is a resolver that knows the names of the open targets and no other.
type nameServer struct {
	at string // "ip:port"

	mu   sync.Mutex
	pins map[string][]pin // the last one counts
}

type pin struct {
	target int
	addr   netip.Addr
}

func serveNames(at string) (*nameServer, error) {
	n := &nameServer{pins: map[string][]pin{}}
	var err error
	n.at, err = serveDNS(at, n.answer)
	return n, err
}

func (n *nameServer) set(name string, a netip.Addr, target int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	name = canonical(name)
	n.pins[name] = append(n.pins[name], pin{target, a})
}

func (n *nameServer) unset(name string, target int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	name = canonical(name)
	if n.pins[name] = slices.DeleteFunc(n.pins[name], func(p pin) bool { return p.target == target }); len(n.pins[name]) == 0 {
		delete(n.pins, name)
	}
}

func (n *nameServer) answer(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	m.Rcode = dns.RcodeNameError
	n.mu.Lock()
	var pins []pin
	if len(q.Question) == 1 {
		pins = n.pins[canonical(q.Question[0].Name)]
	}
	n.mu.Unlock()
	if len(pins) > 0 {
		m.Rcode = dns.RcodeSuccess
		a := pins[len(pins)-1].addr
		head := dns.RR_Header{Name: q.Question[0].Name, Class: dns.ClassINET}
		switch {
		case q.Question[0].Qtype == dns.TypeA && a.Is4():
			head.Rrtype = dns.TypeA
			m.Answer = []dns.RR{&dns.A{Hdr: head, A: a.AsSlice()}}
		case q.Question[0].Qtype == dns.TypeAAAA && a.Is6():
			head.Rrtype = dns.TypeAAAA
			m.Answer = []dns.RR{&dns.AAAA{Hdr: head, AAAA: a.AsSlice()}}
		}
	}
	_ = w.WriteMsg(m)
}

func canonical(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// serveQuestions hands each question to sansang, over the socket, and its
// answer back. One that sansang got no answer to is answered SERVFAIL, which
// is no answer to anybody.
func serveQuestions(at, socket string) (string, error) {
	return serveDNS(at, func(w dns.ResponseWriter, q *dns.Msg) {
		if a, err := passOn(socket, w.RemoteAddr().Network(), q); err == nil {
			_, _ = w.Write(a)
		} else {
			_ = w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeServerFailure))
		}
	})
}

func passOn(socket, network string, q *dns.Msg) ([]byte, error) {
	b, err := q.Pack()
	if err != nil {
		return nil, err
	}
	d := jobs.Dial{Question: ".", Network: network}
	if len(q.Question) > 0 {
		d.Question = q.Question[0].Name
	}
	c, in, err := call(socket, d, b)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	return jobs.ReadFrame(in, make([]byte, jobs.MostFrame))
}

// serveDNS answers over UDP and TCP at one address.
func serveDNS(at string, answer dns.HandlerFunc) (string, error) {
	var lc net.ListenConfig
	for tries := 0; ; tries++ {
		l, err := lc.Listen(context.Background(), "tcp", at)
		if err != nil {
			return "", err
		}
		u, err := lc.ListenPacket(context.Background(), "udp", l.Addr().String())
		if err != nil {
			_ = l.Close()
			if tries < 8 && strings.HasSuffix(at, ":0") { // the port is taken on one side
				continue
			}
			return "", err
		}
		go func() { _ = (&dns.Server{Listener: l, Handler: answer}).ActivateAndServe() }()
		go func() { _ = (&dns.Server{PacketConn: u, Handler: answer}).ActivateAndServe() }()
		return l.Addr().String(), nil
	}
}
