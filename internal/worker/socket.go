package worker

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/miekg/dns"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
)

// accept gives the worker its connections, until the socket is closed.
func (w *process) accept() {
	for {
		c, err := w.socket.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // no descriptors: the next one may get one
			continue
		}
		w.mu.Lock()
		if w.lines == nil {
			w.lines = map[net.Conn]struct{}{}
		}
		w.lines[c] = struct{}{}
		w.mu.Unlock()
		w.work.Go(func() {
			w.serve(c)
			_ = c.Close()
			w.mu.Lock()
			delete(w.lines, c)
			w.mu.Unlock()
		})
	}
}

// serve gives one connection, or one answer of the DNS.
func (w *process) serve(c *net.UnixConn) {
	if w.dead() {
		return
	}
	in := bufio.NewReaderSize(c, 32<<10)
	_ = c.SetReadDeadline(time.Now().Add(w.pool.opts.Timeout))
	var d jobs.Dial
	if err := jobs.ReadLine(in, &d); err != nil {
		return
	}
	if d.Question != "" {
		w.question(c, in, d)
		return
	}
	_ = c.SetReadDeadline(time.Time{})
	p := w.pool.place(d.Targets)
	if p == nil {
		reply(c, fact.Because(fact.OutOfScope, "no target is open by these numbers"))
		return
	}
	conn, err := p.dial()
	if err != nil {
		u := fact.FromError(err)
		p.fail(u)
		reply(c, u)
		return
	}
	defer p.release(conn)
	if reply(c, nil) {
		p.relay(c, in, conn)
	}
}

func reply(c net.Conn, u *fact.Unknown) bool {
	var d jobs.Dialed
	if u != nil {
		d.Cause, d.Detail = string(u.Cause), u.Detail
	}
	b, err := json.Marshal(d)
	if err == nil && len(b) > 2<<10 {
		b, err = json.Marshal(jobs.Dialed{Cause: d.Cause})
	}
	if err == nil {
		_, err = c.Write(append(b, '\n'))
	}
	return err == nil
}

// question asks the resolver, of the names of open targets and no others: what
// a name holds is told to whoever answers for it. That there was no answer is
// told to the sessions whose name it was about, and a refusal to all that ask
// the DNS, for it may have been any of them.
func (w *process) question(c *net.UnixConn, in io.Reader, d jobs.Dial) {
	buf := make([]byte, jobs.MostFrame)
	q, err := jobs.ReadFrame(in, buf)
	if err != nil || w.pool.opts.Resolver == nil || d.Network != "udp" && d.Network != "tcp" {
		return
	}
	var a []byte
	name := nameIn(q)
	about := w.pool.about(func(t jobs.Target) bool { return within(name, t.Host) || within(t.Host, name) })
	if name == "" || len(about) == 0 {
		err = fact.Because(fact.OutOfScope, "the name "+strconv.Quote(name)+" is not of an open target")
		about = w.pool.about(func(t jobs.Target) bool { return t.Port == 0 })
	} else {
		a, err = w.resolve(d.Network, q)
	}
	u := fact.FromError(err)
	if u != nil {
		for _, p := range about {
			p.fail(u)
		}
	}
	if reply(c, u) && u == nil {
		_ = jobs.WriteFrame(c, a)
	}
}

// about gives the places of the open targets that are chosen.
func (p *Pool) about(chosen func(jobs.Target) bool) (out []*place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.sessions {
		if chosen(s.target) {
			out = append(out, s.place)
		}
	}
	return out
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

func (w *process) resolve(network string, q []byte) ([]byte, error) {
	ctx, cancel := context.WithCancel(w.pool.ctx)
	defer cancel()
	conn, err := w.pool.opts.Resolver(ctx, network)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	_ = conn.SetDeadline(time.Now().Add(w.pool.opts.Timeout))
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

// cutOff tells whether a connection ended by a deadline of ours.
func cutOff(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
