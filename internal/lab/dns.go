package lab

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// namer answers for the whole practice tree, over UDP and TCP at one port. Who
// asks for recursion meets a resolver; who does not, or asks for a name under
// "invalid", meets the name server of the unit.
type namer struct {
	zones zoneSet
	paper map[string]paperwork

	strips    bool // knows no signatures
	fails     bool // SERVFAIL, whatever is asked
	refuses   bool // as name server: knows no zone
	transfers bool // hands out the zone to anybody
	recurses  bool // for anybody
	version   string
	noTCP     bool
	cut       bool // TC, over UDP and TCP alike
	wrongID   bool
	other     bool // answers another question
	garbage   bool
	mute      bool

	extra []string // records instead of those of the same name and type
	drop  []string // "name TYPE" that are taken away
}

// naming makes a starter for a good tree with one thing spoiled.
func naming(spoil ...func(*namer)) starter {
	return func(p place) (service, error) {
		n := &namer{paper: map[string]paperwork{}}
		for _, s := range spoil {
			s(n)
		}
		zones, err := readZones(above + goodZone)
		if err == nil {
			n.zones = zones
			err = n.edit()
		}
		if err != nil {
			return nil, err
		}
		udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(p.addr))
		if err != nil {
			return nil, err
		}
		return n.serve(udp), nil
	}
}

// edit takes records out and puts others in.
func (n *namer) edit() error {
	var in []dns.RR
	for _, text := range n.extra {
		rr, err := dns.NewRR(text)
		if err != nil {
			return err
		}
		in = append(in, rr)
		n.drop = append(n.drop, rr.Header().Name+" "+dns.TypeToString[rr.Header().Rrtype])
	}
	for zone, rrs := range n.zones {
		n.zones[zone] = slices.DeleteFunc(rrs, func(rr dns.RR) bool {
			return slices.Contains(n.drop, rr.Header().Name+" "+dns.TypeToString[rr.Header().Rrtype])
		})
	}
	for _, rr := range in {
		zone := zoneOf(rr.Header().Name, rr.Header().Rrtype)
		n.zones[zone] = append(n.zones[zone], rr)
	}
	return nil
}

func (n *namer) serve(udp *net.UDPConn) service {
	return func(g *gate) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			n.datagrams(udp)
		}()
		each(func(c *conn) {
			_ = c.SetDeadline(time.Now().Add(30 * time.Second))
			n.stream(c)
		})(g)
		_ = udp.Close()
		<-done
	}
}

func (n *namer) datagrams(udp *net.UDPConn) {
	buf := make([]byte, dns.MaxMsgSize)
	for {
		size, from, err := udp.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		for _, raw := range n.reply(buf[:size], false) {
			n.sendTo(udp, from, raw)
		}
	}
}

func (n *namer) sendTo(udp *net.UDPConn, to netip.AddrPort, raw []byte) {
	_, _ = udp.WriteToUDPAddrPort(raw, to) // who is gone hears nothing
}

func (n *namer) stream(c *conn) {
	if n.noTCP {
		return
	}
	for {
		var head [2]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return
		}
		const longest = 1 << 10 // of a question; other protocols begin with more
		size := int64(binary.BigEndian.Uint16(head[:]))
		var in bytes.Buffer
		if size > longest {
			return
		}
		if _, err := io.CopyN(&in, c, size); err != nil {
			return
		}
		for _, raw := range n.reply(in.Bytes(), true) {
			if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(raw))), raw...)); err != nil { //nolint:gosec // Pack bounds it
				return
			}
		}
	}
}

// reply gives the messages that answer a question.
func (n *namer) reply(raw []byte, tcp bool) [][]byte {
	q := new(dns.Msg)
	if n.mute || q.Unpack(raw) != nil || q.Response || len(q.Question) != 1 {
		return nil
	}
	if n.garbage {
		return [][]byte{append(slices.Clone(raw[:2]), "Xin chao!"...)}
	}
	m := new(dns.Msg)
	m.SetReply(q)
	m.Compress = true
	size := dns.MinMsgSize
	e := q.IsEdns0()
	if e != nil {
		m.SetEdns0(4096, e.Do())
		size = int(e.UDPSize())
	}
	n.answer(m, e != nil && e.Do(), tcp)
	switch {
	case n.wrongID:
		m.Id++
	case n.other:
		m.Question[0].Name = "example."
	case n.cut:
		m.Truncated, m.Answer, m.Ns = true, nil, nil
	case !tcp:
		m.Truncate(size)
	}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return [][]byte{out}
}

// answer fills in what there is to say.
func (n *namer) answer(m *dns.Msg, proof, tcp bool) {
	q := m.Question[0]
	resolver := m.RecursionDesired && !dns.IsSubDomain("invalid.", strings.ToLower(q.Name))
	m.RecursionAvailable = resolver || n.recurses
	m.Authoritative = !resolver
	switch {
	case n.fails:
		m.Rcode = dns.RcodeServerFailure
	case q.Qclass == dns.ClassCHAOS:
		n.chaos(m)
	case q.Qtype == dns.TypeAXFR:
		n.transfer(m, tcp)
	case !resolver && m.RecursionDesired: // a name that is not the unit's
		m.Authoritative = false
		if m.Rcode = dns.RcodeRefused; n.recurses {
			m.Rcode = dns.RcodeNameError
		}
	case !resolver && (n.refuses || !dns.IsSubDomain(DNSName+".", strings.ToLower(q.Name))):
		m.Authoritative, m.Rcode = false, dns.RcodeRefused
	default:
		n.resolve(m, q.Name, q.Qtype, proof)
	}
}

const mostAliases = 8

// resolve follows aliases within the tree.
func (n *namer) resolve(m *dns.Msg, name string, kind uint16, proof bool) {
	for range mostAliases {
		zone := zoneOf(name, kind)
		set := n.find(zone, name, kind)
		alias := n.zones.find(zone, name, dns.TypeCNAME)
		switch {
		case len(set) > 0:
			m.Answer = append(m.Answer, n.proven(zone, set, proof)...)
			return
		case len(alias) == 0:
			if !n.zones.has(zone, name) {
				m.Rcode = dns.RcodeNameError
			}
			m.Ns = n.proven(zone, n.zones.find(zone, zone, dns.TypeSOA), proof)
			if proof {
				m.Ns = append(m.Ns, n.deny(zone, strings.ToLower(name))...)
			}
			return
		}
		m.Answer = append(m.Answer, n.proven(zone, alias, proof)...)
		name = alias[0].(*dns.CNAME).Target
	}
	m.Rcode = dns.RcodeServerFailure
}

func (n *namer) proven(zone string, set []dns.RR, proof bool) []dns.RR {
	if !proof {
		return set
	}
	return n.sign(zone, set)
}

func (n *namer) find(zone, name string, kind uint16) []dns.RR {
	switch {
	case kind == dns.TypeDNSKEY && strings.EqualFold(name, zone) && !n.paper[zone].unsigned:
		return []dns.RR{zoneKeys()[zone].key}
	case kind == dns.TypeDS && slices.Contains(zoneNames, strings.ToLower(name)) && name != ".":
		return n.delegation(strings.ToLower(name))
	}
	return n.zones.find(zone, name, kind)
}

// chaos tells the version to who asks for it (RFC 4892).
func (n *namer) chaos(m *dns.Msg) {
	q := m.Question[0]
	if n.version == "" || q.Qtype != dns.TypeTXT || !strings.EqualFold(q.Name, "version.bind.") {
		m.Rcode = dns.RcodeRefused
		return
	}
	m.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeTXT, Class: dns.ClassCHAOS}, Txt: []string{n.version}}}
}

func (n *namer) transfer(m *dns.Msg, tcp bool) {
	if !n.transfers || !tcp || !strings.EqualFold(m.Question[0].Name, DNSName+".") {
		m.Rcode = dns.RcodeRefused
		return
	}
	zone := DNSName + "."
	soa := n.zones.find(zone, zone, dns.TypeSOA)
	m.Answer = slices.Concat(soa, slices.DeleteFunc(slices.Clone(n.zones[zone]), func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeSOA }), soa)
}
