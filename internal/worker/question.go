package worker

import (
	"context"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/miekg/dns"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
)

// question asks the resolver, of the names of open targets and no others: what
// a name holds is told to whoever answers for it. It is asked by the hooks of a
// session whose name it is about. That there was no answer is told to all of
// those, and a refusal to all that ask the DNS, for it may have been any of them.
func (w *process) question(c *net.UnixConn, in io.Reader, d jobs.Dial) {
	buf := make([]byte, jobs.MostFrame)
	q, err := jobs.ReadFrame(in, buf)
	if err != nil || d.Network != "udp" && d.Network != "tcp" {
		return
	}
	var a []byte
	name := nameIn(q)
	about := w.pool.about(func(t jobs.Target) bool { return within(name, t.Host) || within(t.Host, name) })
	if name == "" || len(about) == 0 {
		err = fact.Because(fact.OutOfScope, "the name "+strconv.Quote(name)+" is not of an open target")
		about = w.pool.about(func(t jobs.Target) bool { return t.Port == 0 })
	} else {
		a, err = w.pool.resolve(about, d.Network, q)
	}
	u := fact.FromError(err)
	for _, s := range about {
		if u != nil {
			s.place.fail(u)
		}
		s.dials.Done()
	}
	if reply(c, u) && u == nil {
		_ = jobs.WriteFrame(c, a)
	}
}

// about gives the sessions on the open targets that are chosen. They are not
// closed before their dials are done.
func (p *Pool) about(chosen func(jobs.Target) bool) (out []*Session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.sessions {
		if chosen(s.target) {
			s.dials.Add(1)
			out = append(out, s)
		}
	}
	return out
}

// resolve asks by the first of the sessions that may and is not closed meanwhile.
func (p *Pool) resolve(about []*Session, network string, q []byte) (a []byte, err error) {
	err = fact.Because(fact.Skipped, "the resolver is not asked for this target")
	for _, s := range about {
		if s.hooks.Resolver == nil || s.ctx.Err() != nil {
			continue
		}
		a, err = s.resolve(network, q)
		if u := fact.FromError(err); err == nil || s.ctx.Err() == nil && u.Cause != fact.OutOfScope && u.Cause != fact.Denied && u.Cause != fact.Skipped {
			break
		}
	}
	return a, err
}

// nameIn gives the one name that a question is about, or nothing.
func nameIn(q []byte) string {
	m := new(dns.Msg)
	if m.Unpack(q) != nil || len(m.Question) != 1 || len(m.Answer)+len(m.Ns) > 0 {
		return ""
	}
	return m.Question[0].Name
}

// within tells whether a name is a zone or is below it.
func within(name, zone string) bool {
	return zone != "" && zone != "." && dns.IsSubDomain(dns.Fqdn(zone), dns.Fqdn(name))
}

func (s *Session) resolve(network string, q []byte) ([]byte, error) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	conn, err := s.hooks.Resolver(ctx, network)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	_ = conn.SetDeadline(time.Now().Add(s.pool.opts.Timeout))
	buf := make([]byte, jobs.MostFrame)
	if network == "tcp" {
		if err := jobs.WriteFrame(conn, q); err != nil {
			return nil, err
		}
		return jobs.ReadFrame(conn, buf)
	}
	if _, err := conn.Write(q); err != nil {
		return nil, err
	}
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return nil, err
		}
		if n >= 2 && len(q) >= 2 && buf[0] == q[0] && buf[1] == q[1] { // the ID: RFC 1035 §4.1.1
			return buf[:n], nil
		}
	}
}
