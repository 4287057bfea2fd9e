package checks

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// DialFunc connects to "host:port" over TCP. The one that a scan hands out
// keeps to the authorisation: address, time window and rate, for which it may
// wait; where it refuses, the error holds a *fact.Unknown, and fact.FromError
// names every other one. It bounds the time to connect, wherein waiting for
// its turn does not count.
type DialFunc func(ctx context.Context, address string) (net.Conn, error)

// Probe is all that a check may touch.
type Probe struct {
	Endpoint inventory.Endpoint
	Roots    *x509.CertPool // CAs that the unit declares; nil: none
	Now      func() time.Time
	Timeout  time.Duration // for connecting, and then for one exchange
	Thorough bool          // asked to try also what takes many connections
	Ports    PortList      // to ask of a host; the zero value: the default ones
	Log      zerolog.Logger
	Anchors  []*dns.DS // of the signed DNS; nil: those of the Internet's root

	dial     DialFunc
	packet   DialFunc
	wide     DialFunc
	resolver DialFunc
	permits  func(inventory.Class) bool
	room     Room
	seen     map[string]fact.Observation
	tape     *tape
	engine   Engine
	controls *Controls
	lattice  atomic.Bool // a hello to the server needs a key of ML-KEM

	neighbour func(inventory.Endpoint) (address string, ok bool)
	elsewhere []Elsewhere
}

// Settings are what every probe of a scan has in common.
type Settings struct {
	Dial     DialFunc
	Packet   DialFunc                   // the same over UDP; nothing is sent yet
	Wide     DialFunc                   // the same, hearing every port of the host
	Resolver DialFunc                   // to the resolver, over the network named "udp" or "tcp"
	Permits  func(inventory.Class) bool // what the authorisation permits by name; nil: nothing
	Room     Room
	Roots    *x509.CertPool
	Now      func() time.Time
	Timeout  time.Duration
	Thorough bool
	Ports    PortList
	Log      zerolog.Logger
	Anchors  []*dns.DS

	// Neighbour gives a port that answered on another host of the range in
	// which a host was declared. It may be nil.
	Neighbour func(inventory.Endpoint) (address string, ok bool)

	Elsewhere []Elsewhere // the other endpoints, for a check that is Across

	Engine   Engine    // runs templates on the endpoint; nil: there is none
	Controls *Controls // of its templates, one for all probes of the endpoint; nil: of this probe alone
}

// NewProbe makes the probe for one run of one check. seen holds what was
// observed of the endpoint before.
func NewProbe(s Settings, e inventory.Endpoint, seen map[string]fact.Observation) *Probe {
	if s.Controls == nil {
		s.Controls = &Controls{}
	}
	return &Probe{Endpoint: e, Roots: s.Roots, Now: s.Now, Timeout: s.Timeout, Thorough: s.Thorough, Ports: s.Ports, Log: s.Log, neighbour: s.Neighbour, Anchors: s.Anchors,
		dial: s.Dial, packet: s.Packet, wide: s.Wide, resolver: s.Resolver, permits: s.Permits, room: s.Room, seen: seen, tape: &tape{now: s.Now}, elsewhere: s.Elsewhere, engine: s.Engine, controls: s.Controls}
}

// Dial connects to the endpoint itself.
func (p *Probe) Dial(ctx context.Context) (net.Conn, error) {
	return p.DialTo(ctx, p.Endpoint.Address())
}

// DialTo connects to "host:port"; what passes over the connection is kept as
// evidence. The connection's deadline is that of ctx, or Timeout from now.
func (p *Probe) DialTo(ctx context.Context, address string) (net.Conn, error) {
	return p.reach(ctx, "tcp", p.dial, address)
}

// DialPacket gives a UDP socket to "host:port" alone, recorded and bounded as
// a connection is. Having one says nothing about the other side.
func (p *Probe) DialPacket(ctx context.Context, address string) (net.Conn, error) {
	return p.reach(ctx, "udp", p.packet, address)
}

// DialWide is DialPacket for protocols that answer from a port of their own:
// the socket sends to "host:port" alone, and hears every port of the host.
func (p *Probe) DialWide(ctx context.Context, address string) (net.Conn, error) {
	return p.reach(ctx, "udp, from any port", p.wide, address)
}

// DialResolver connects to the resolver that the scan uses, over "udp" or
// "tcp". It may be asked questions of the DNS and nothing else.
func (p *Probe) DialResolver(ctx context.Context, network string) (net.Conn, error) {
	return p.reach(ctx, network, p.resolver, network)
}

// Permits tells whether the authorisation permits a kind of test by name.
func (p *Probe) Permits(c inventory.Class) bool { return p.permits != nil && p.permits(c) }

func (p *Probe) reach(ctx context.Context, label string, dial DialFunc, address string) (net.Conn, error) {
	if dial == nil {
		return nil, fact.Because(fact.Skipped, "this scan has no way to "+label+" "+address)
	}
	conn, err := dial(ctx, address)
	if err != nil {
		return nil, err
	}
	if err := p.bound(ctx, conn); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return p.tape.record(label, conn), nil
}

// connects makes a connection that is not recorded and closes it. It tells how
// long that took, without the wait for its turn.
func (p *Probe) connects(ctx context.Context, address string, within time.Duration) (took time.Duration, err error) {
	begun := time.Now()
	conn, err := p.dial(WithPace(ctx, Pace{Within: within, Begun: func() { begun = time.Now() }}), address)
	took = time.Since(begun)
	if err == nil {
		_ = conn.Close()
	}
	return took, err
}

// bound sets the deadline of a connection to that of ctx, or to the time of one
// exchange from now.
func (p *Probe) bound(ctx context.Context, conn net.Conn) error {
	until := time.Now().Add(p.Timeout)
	if d, ok := ctx.Deadline(); ok && d.Before(until) {
		until = d
	}
	return conn.SetDeadline(until)
}

// readWithin bounds what is still read of a connection to less than its time.
func readWithin(conn net.Conn, most time.Duration) error {
	return conn.SetReadDeadline(time.Now().Add(most))
}

// Note keeps what cannot be read off the wire, such as the plain text of an
// encrypted answer, as evidence beside it.
func (p *Probe) Note(label string, received []byte) { p.tape.note(label, received) }

// Read gives the fact of a check that is named in Requires. Reading another
// is our defect.
func Read[F any](p *Probe, c *Check) F {
	f, unseen := Glance[F](p, c)
	if unseen != nil {
		panic("reads " + c.ID + " without requiring it")
	}
	return f
}

// Glance gives the fact of a check that is named in MayRead, or says why it
// was not seen. What rests on it is then to be unknown too.
func Glance[F any](p *Probe, c *Check) (f F, unseen *fact.Unknown) {
	if unseen = p.unseen(c); unseen != nil {
		return f, unseen
	}
	if err := json.Unmarshal(p.seen[c.ID].Value, &f); err != nil {
		panic(fmt.Sprintf("fact of %s is no %T: %v", c.ID, f, err))
	}
	return f, nil
}

// unseen says why the fact of a check was not seen; nil: it was.
func (p *Probe) unseen(c *Check) *fact.Unknown {
	o, ok := p.seen[c.ID]
	switch {
	case !ok:
		return fact.Because(fact.Prerequisite, c.ID+" was not looked at")
	case o.Unknown != nil:
		return fact.Because(o.Unknown.Cause, c.ID+": "+o.Unknown.Detail)
	}
	return nil
}
