package checks

import (
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sansang/sansang/internal/fact"
)

// Bounds of the evidence that one observation keeps.
const (
	keepBytes     = 4 << 10 // of each direction of an exchange
	keepExchanges = 24
)

// tape records what passes over the connections of one probe.
type tape struct {
	now func() time.Time

	mu    sync.Mutex
	kept  []*reel
	notes []fact.Evidence
	seen  []string
	made  int
}

// reel is the record of one connection.
type reel struct {
	net.Conn
	tape *tape
	e    fact.Evidence
	hush bool // count what is received, and keep none of it

	room *[keepBytes]byte // where what is received is gathered; nil: not begun, or wound up
}

// rooms are lent to connections while they are open.
var rooms = sync.Pool{New: func() any { return new([keepBytes]byte) }}

// wind makes what was received as small as it is; the tape is locked. Whatever
// comes yet goes elsewhere.
func (r *reel) wind() {
	if r.room != nil {
		r.e.Received = slices.Clone(r.e.Received)
		rooms.Put(r.room)
		r.room = nil
	}
}

func (r *reel) Close() error {
	r.tape.mu.Lock()
	r.wind()
	r.tape.mu.Unlock()
	return r.Conn.Close()
}

func (t *tape) record(label string, c net.Conn) net.Conn {
	peer := c.RemoteAddr().String()
	r := &reel{Conn: c, tape: t, e: fact.Evidence{Label: label, Peer: peer, At: t.now()}}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.made++
	if !strings.HasPrefix(label, "udp") { // such a socket has met nobody before somebody answers
		t.met(peer)
	}
	if len(t.kept) < keepExchanges {
		t.kept = append(t.kept, r)
	}
	return r
}

// count counts a connection to a peer that is not recorded.
func (t *tape) count(peer string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.made++
	t.met(peer)
}

// met remembers an address that was reached; the tape is locked.
func (t *tape) met(peer string) {
	if !slices.Contains(t.seen, peer) {
		t.seen = append(t.seen, peer)
	}
}

func (t *tape) note(label string, b []byte) {
	t.keep(fact.Evidence{Label: label, At: t.now(), Received: slices.Clone(begin(b)), ReceivedTotal: int64(len(b))})
}

// exchange keeps what was sent and received by somebody else for a check.
// Nobody may write into either any more: what is short is kept as it is, for
// one answer may be the evidence of many checks.
func (t *tape) exchange(label string, sent, received []byte) {
	if len(sent)+len(received) == 0 {
		return
	}
	t.keep(fact.Evidence{Label: label, At: t.now(), Sent: tight(begin(sent)), SentTotal: int64(len(sent)), Received: tight(begin(received)), ReceivedTotal: int64(len(received))})
}

func (t *tape) keep(e fact.Evidence) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.notes) < keepExchanges {
		t.notes = append(t.notes, e)
	}
}

// begin is as much of one direction as is kept.
func begin(b []byte) []byte { return b[:min(len(b), keepBytes)] }

// tight gives b without room behind it, and copies it only where that saves
// much: most of what an observation holds until it is confirmed is this.
func tight(b []byte) []byte {
	if cap(b)-len(b) > len(b)/4 {
		return slices.Clone(b)
	}
	return slices.Clip(b)
}

func (r *reel) Read(b []byte) (int, error) {
	n, err := r.Conn.Read(b)
	r.tape.mu.Lock()
	defer r.tape.mu.Unlock()
	r.e.ReceivedTotal += int64(n)
	if err == nil {
		r.tape.met(r.e.Peer)
	}
	if !r.hush && n > 0 {
		if r.e.Received == nil {
			r.room = rooms.Get().(*[keepBytes]byte)
			r.e.Received = r.room[:0]
		}
		r.e.Received = append(r.e.Received, b[:min(n, keepBytes-len(r.e.Received))]...)
	}
	if err != nil && r.e.Ended == "" {
		r.e.Ended = err.Error()
	}
	return n, err
}

func (r *reel) Write(b []byte) (int, error) {
	n, err := r.Conn.Write(b)
	r.tape.mu.Lock()
	defer r.tape.mu.Unlock()
	r.e.SentTotal += int64(n)
	r.e.Sent = append(r.e.Sent, b[:min(n, keepBytes-len(r.e.Sent))]...)
	return n, err
}

// hush stops the recording of what a connection of a Probe receives: its bytes
// are only counted from now on, and the label says so. It is for probes whose
// answer may hold what is nobody's business.
func hush(c net.Conn) {
	r, ok := c.(*reel)
	for !ok {
		inner, wraps := c.(interface{ NetConn() net.Conn }) // STARTTLS may wrap it
		if !wraps {
			panic("hush: a connection that no tape records")
		}
		c = inner.NetConn()
		r, ok = c.(*reel)
	}
	r.tape.mu.Lock()
	defer r.tape.mu.Unlock()
	r.hush, r.e.Label = true, r.e.Label+", the end of what was received is left out"
}

// evidence gives what was kept. A connection that somebody has not closed yet
// may go on after it, behind the end of what is given here.
func (t *tape) evidence() []fact.Evidence {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.kept)+len(t.notes) == 0 {
		return nil
	}
	out := make([]fact.Evidence, 0, len(t.kept)+len(t.notes))
	for _, r := range t.kept {
		r.wind()
		e := r.e
		e.Sent, e.Received = tight(e.Sent), slices.Clip(e.Received)
		out = append(out, e)
	}
	return append(out, t.notes...)
}

// reached gives the addresses reached and how many connections that took.
func (t *tape) reached() ([]string, int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.seen), t.made
}
