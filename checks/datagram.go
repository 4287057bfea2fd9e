package checks

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/udp"
)

// Over UDP, nothing is the usual answer: it may mean that nobody listens, that
// a firewall drops, or that a service has nothing to say to us. So silence is
// never taken for absence. A port is closed only where the host says so (ICMP
// port unreachable, RFC 1122 §4.1.3.1), and a service does not do a thing only
// where it says so, or where it answers another question right before and
// right after it was silent to this one.

// Bounds of one question.
const (
	udpTries = 3
	udpJunk  = 32                     // datagrams in one try that are no answer
	udpMore  = 300 * time.Millisecond // that is waited for the rest of an answer
	udpParts = 128                    // of an answer
)

// question is one datagram, sent until it is answered.
type question struct {
	port   int
	send   []byte
	accept func([]byte) bool
	all    bool // wait for all datagrams of the answer, to know their size
}

// heard is what came of a question.
type heard struct {
	answer   []byte        // nil: none
	size     int           // bytes of all datagrams of the answer
	sent, at time.Time     // when it was first asked; when the answer came
	closed   bool          // the host says that nobody listens
	why      *fact.Unknown // why there is no answer; nil where there is
}

// sendOver asks a question up to three times, further and further apart, all
// within the time of one exchange.
func (p *Probe) sendOver(ctx context.Context, q question) heard {
	return p.sendBy(ctx, p.DialPacket, q)
}

// sendWide is sendOver for services that may answer from a port of their own.
// A socket that hears those hears of no closed port, so a second one asks too.
func (p *Probe) sendWide(ctx context.Context, q question) heard {
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	bound := make(chan heard, 1)
	go func() {
		h := p.sendOver(within, q)
		if h.answer != nil || h.closed {
			cancel() // what it heard settles it
		}
		bound <- h
	}()
	h := p.sendBy(within, p.DialWide, q)
	if h.answer != nil {
		cancel()
		<-bound
		return h
	}
	if b := <-bound; b.answer != nil || b.closed {
		return b
	}
	return h
}

// at is the address of a port of the host.
func (p *Probe) at(port int) string {
	return net.JoinHostPort(p.Endpoint.Host(), strconv.Itoa(port))
}

func (p *Probe) sendBy(ctx context.Context, dial DialFunc, q question) heard {
	conn, err := dial(ctx, p.at(q.port))
	if err != nil {
		return heard{why: fact.FromError(err)}
	}
	defer func() { _ = conn.Close() }()
	return p.askOn(ctx, conn, q)
}

// askOn asks a question over a socket that was dialled, and leaves it open.
func (p *Probe) askOn(ctx context.Context, conn net.Conn, q question) heard {
	if err := p.bound(ctx, conn); err != nil {
		return heard{why: fact.FromError(err)}
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	h := q.over(ctx, conn, p.Timeout, p.Now)
	if h.answer == nil && ctx.Err() != nil {
		return heard{why: fact.FromError(ctx.Err())} // the scan was stopped, which is not the server's doing
	}
	return h
}

// over asks within a time: a sixth of it after the first question, a third
// after the second, the rest after the last.
func (q question) over(ctx context.Context, conn net.Conn, within time.Duration, now func() time.Time) heard {
	h := heard{sent: now()}
	b := make([]byte, udp.MaxDatagram)
	for try := range udpTries {
		if _, err := conn.Write(q.send); err != nil {
			return h.ended(err)
		}
		_ = readWithin(conn, within*time.Duration(try+1)/(udpTries*(udpTries+1)/2))
		for junk := 0; ctx.Err() == nil; junk++ {
			n, err := conn.Read(b)
			if isTimeout(err) && junk == 0 {
				break
			}
			if isTimeout(err) || junk == udpJunk {
				h.why = unanswered("what came over UDP is no answer to the question")
				return h
			}
			if err != nil {
				return h.ended(err)
			}
			if q.accept(b[:n]) {
				h.answer, h.size, h.at = slices.Clone(b[:n]), n, now()
				if q.all {
					h.size += rest(conn, b)
				}
				return h
			}
		}
	}
	h.why = fact.Because(fact.Timeout, fmt.Sprintf("no answer to %d questions over UDP: nobody listens, or something keeps silent", udpTries))
	return h
}

// rest counts what else comes of an answer.
func rest(conn net.Conn, b []byte) (size int) {
	_ = readWithin(conn, udpMore)
	for range udpParts {
		n, err := conn.Read(b)
		if err != nil {
			break
		}
		size += n
	}
	return size
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// ended says why an exchange came to its end. A port that is closed is told by
// ICMP; Windows calls that a reset.
func (h heard) ended(err error) heard {
	const wsaeconnreset = syscall.Errno(10054)
	if h.closed = fact.Refused(err) || errors.Is(err, wsaeconnreset); h.closed {
		h.why = fact.Because(fact.Unreachable, "the host says that the UDP port is closed")
		return h
	}
	h.why = fact.FromError(err)
	return h
}

// answers tells whether the question was answered: false only where the port
// is closed.
func (h heard) answers() fact.Maybe[bool] {
	switch {
	case h.answer != nil:
		return fact.Known(true)
	case h.closed:
		return fact.Known(false)
	}
	return fact.Not[bool](h.why)
}

// Reply is one answer over UDP, as an attacker who forges the address of a
// victim would use it.
type Reply struct {
	Service  string  `json:"service" vi:"dịch vụ" en:"service"`
	Port     int     `json:"port" vi:"cổng UDP" en:"UDP port"`
	Sent     int     `json:"sent_bytes" vi:"số byte hỏi" en:"bytes asked with"`
	Received int     `json:"received_bytes" vi:"số byte trả lời" en:"bytes answered with"`
	Factor   float64 `json:"factor" vi:"hệ số khuếch đại (byte trả lời trên byte hỏi)" en:"amplification (bytes answered to bytes asked)"`
}

func (h heard) reply(service string, q question) []Reply {
	if h.answer == nil {
		return nil
	}
	f := float64(h.size) / float64(len(q.send))
	return []Reply{{service, q.port, len(q.send), h.size, float64(int(f*10+0.5)) / 10}}
}
