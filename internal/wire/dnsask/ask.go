// Package dnsask asks one question of the DNS and takes nothing for its answer
// but what carries the question's number and words. It opens no connection; its
// caller dials.
package dnsask

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// Dial connects to whom is asked; network is "udp" or "tcp".
type Dial func(ctx context.Context, network string) (net.Conn, error)

// Question is what is asked.
type Question struct {
	Name    string
	Type    uint16
	Class   uint16 // 0: Internet
	Recurse bool   // RD
	Proof   bool   // DO and CD: signatures, also those that do not hold
	Plain   bool   // without EDNS
	Stream  bool   // over TCP from the beginning
}

// StrangeError says that what came is no answer.
type StrangeError struct{ What string }

func (e *StrangeError) Error() string { return "no answer of the DNS: " + e.What }

const (
	payload   = 1232 // EDNS buffer that no path need fragment (RFC 9715 §3.1)
	mostStray = 16   // datagrams that are passed over in one try
	tries     = 2    // over UDP
)

// Ask asks over UDP, once more if nothing came within patience, and over TCP
// where the answer was cut.
func Ask(ctx context.Context, dial Dial, q Question, patience time.Duration) (*dns.Msg, error) {
	m, err := q.once(ctx, dial, patience)
	if err == nil && !q.Plain && !q.Proof && confused(m) {
		q.Plain = true
		m, err = q.once(ctx, dial, patience)
	}
	return m, err
}

// confused tells of a server that may only dislike EDNS: RFC 6891 §7.
func confused(m *dns.Msg) bool {
	return m.Rcode == dns.RcodeFormatError || m.Rcode == dns.RcodeNotImplemented || m.Rcode == dns.RcodeBadVers
}

func (q Question) once(ctx context.Context, dial Dial, patience time.Duration) (m *dns.Msg, err error) {
	for range tries {
		if q.Stream {
			break
		}
		m, err = q.try(ctx, dial, "udp", patience)
		if err == nil && !m.Truncated {
			return m, nil
		}
		if err == nil || ctx.Err() != nil || !again(err) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	m, err = q.try(ctx, dial, "tcp", patience)
	if err == nil && m.Truncated {
		return nil, &StrangeError{"it is cut over TCP too"}
	}
	return m, err
}

// again tells of an error after which a second try is worth while: silence.
func again(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout() || errors.Is(err, context.DeadlineExceeded)
}

// try is one question and its answer over one connection.
func (q Question) try(ctx context.Context, dial Dial, network string, patience time.Duration) (*dns.Msg, error) {
	conn, err := dial(ctx, network)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // all that counts has been read
	until := time.Now().Add(patience)
	if d, ok := ctx.Deadline(); ok && d.Before(until) {
		until = d
	}
	if err := conn.SetDeadline(until); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	ask, raw, err := q.pack()
	if err != nil {
		return nil, err
	}
	if network == "tcp" {
		return stream(conn, ask, raw)
	}
	return datagram(conn, ask, raw)
}

// pack writes the question, with a number that nobody can guess.
func (q Question) pack() (*dns.Msg, []byte, error) {
	m := &dns.Msg{MsgHdr: dns.MsgHdr{Id: dns.Id(), RecursionDesired: q.Recurse, CheckingDisabled: q.Proof}}
	class := q.Class
	if class == 0 {
		class = dns.ClassINET
	}
	m.Question = []dns.Question{{Name: dns.Fqdn(q.Name), Qtype: q.Type, Qclass: class}}
	if !q.Plain {
		m.SetEdns0(payload, q.Proof)
	}
	raw, err := m.Pack()
	if err != nil {
		return nil, nil, fmt.Errorf("%q cannot be asked: %w", q.Name, err)
	}
	return m, raw, nil
}

// datagram passes over what does not answer this question: it may come from
// anybody (RFC 5452 §9.1).
func datagram(conn net.Conn, ask *dns.Msg, raw []byte) (*dns.Msg, error) {
	if _, err := conn.Write(raw); err != nil {
		return nil, err
	}
	buf := make([]byte, dns.MaxMsgSize)
	var why error
	for range mostStray {
		n, err := conn.Read(buf)
		if err != nil {
			if why != nil {
				return nil, why
			}
			return nil, err
		}
		m := new(dns.Msg)
		if why = m.Unpack(buf[:n]); why != nil {
			why = &StrangeError{"it cannot be read"}
			continue
		}
		if why = answers(ask, m); why == nil {
			return m, nil
		}
	}
	return nil, why
}

// answers tells whether m answers ask. A server that refuses may leave the
// question out.
func answers(ask, m *dns.Msg) error {
	switch q := ask.Question[0]; {
	case m.Id != ask.Id:
		return &StrangeError{"it has another number"}
	case !m.Response || m.Opcode != dns.OpcodeQuery:
		return &StrangeError{"it is a question"}
	case len(m.Question) == 0 && m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError && len(m.Answer) == 0:
		return nil
	case !slices.ContainsFunc(m.Question, func(o dns.Question) bool {
		return dns.CanonicalName(o.Name) == dns.CanonicalName(q.Name) && o.Qtype == q.Qtype && o.Qclass == q.Qclass
	}):
		return &StrangeError{"it answers another question"}
	}
	return nil
}
