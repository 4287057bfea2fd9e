// Package scan looks: it runs the checks that a policy needs, politely, and
// lets no packet leave the unit's written authorisation.
package scan

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Scope tells what may be contacted and when. Without an authorisation that is
// this machine alone; with one, it is exactly what the document permits, and
// no longer this machine, lest a target send us to our own services.
type Scope struct {
	auth  *inventory.Authorisation
	hosts map[string]bool // names that the unit declares as endpoints
	own   map[netip.Addr]bool
	hours hours
}

// NewScope reads the scope off a unit.
func NewScope(u inventory.Unit) (*Scope, error) {
	s := &Scope{auth: u.Authorisation, hosts: map[string]bool{}, own: map[netip.Addr]bool{}}
	for _, e := range u.Places() {
		s.hosts[canonical(e.Host())] = true
		if plain, err := inventory.ParseTarget(e.Plain); err == nil {
			s.hosts[canonical(plain.Hostname())] = true
		}
	}
	if s.auth != nil {
		var err error
		s.hours, err = parseHours(s.auth.Hours)
		return s, err
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("list this machine's addresses: %w", err)
	}
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			s.own[p.Addr().Unmap().WithZone("")] = true
		}
	}
	return s, nil
}

// Authorised tells whether there is a written authorisation.
func (s *Scope) Authorised() bool { return s.auth != nil }

// Address refuses an address that may not be contacted. An IPv4 address in
// IPv6 clothing counts as the IPv4 address; one with a zone, and unspecified,
// multicast and broadcast ones, are never contacted.
func (s *Scope) Address(a netip.Addr) *fact.Unknown {
	a = a.Unmap()
	switch {
	case !a.IsValid(), a.Zone() != "", a.IsUnspecified(), a.IsMulticast(), a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return fact.Because(fact.OutOfScope, a.String()+" is no address of a host")
	case s.auth == nil:
		if a.IsLoopback() || s.own[a] {
			return nil
		}
		return fact.Because(fact.OutOfScope, a.String()+" is not this machine, and there is no authorisation")
	}
	for _, p := range s.auth.Scope.CIDRs {
		if p.Contains(a) {
			return nil
		}
	}
	return fact.Because(fact.OutOfScope, a.String()+" is outside the authorised ranges")
}

// Name refuses a name that may not even be looked up: a query for it would
// itself reach servers that nobody authorised. Declared endpoints may be.
func (s *Scope) Name(host string) *fact.Unknown {
	host = canonical(host)
	if s.hosts[host] && (s.auth == nil || len(s.auth.Scope.Names) == 0 || s.named(host)) {
		return nil
	}
	if s.auth != nil && s.named(host) {
		return nil
	}
	if s.auth != nil && s.hosts[host] {
		return fact.Because(fact.OutOfScope, "the name "+host+" is not among the authorised names")
	}
	return fact.Because(fact.OutOfScope, "the name "+host+" is neither declared nor authorised")
}

func (s *Scope) named(host string) bool {
	for _, n := range s.auth.Scope.Names {
		n = canonical(n)
		if below, wild := strings.CutPrefix(n, "*."); n == host || wild && strings.HasSuffix(host, "."+below) {
			return true
		}
	}
	return false
}

// canonical is the form in which names are compared.
func canonical(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }

// Permits tells whether a kind of test is permitted by name.
func (s *Scope) Permits(c inventory.Class) bool {
	return s.auth != nil && slices.Contains(s.auth.Classes, c)
}

// Time refuses a moment outside the authorised days and hours.
func (s *Scope) Time(now time.Time) *fact.Unknown {
	switch {
	case s.auth == nil:
		return nil
	case now.Before(s.auth.From.Time) || !now.Before(s.auth.Until.End()):
		return fact.Because(fact.OutOfScope, "the authorisation holds from "+s.auth.From.Format(time.DateOnly)+" until "+s.auth.Until.Format(time.DateOnly))
	case !s.hours.hold(now):
		return fact.Because(fact.OutOfScope, "the authorisation holds during "+s.auth.Hours)
	}
	return nil
}

// Opens gives the first moment, now or later, from which the authorisation holds
// for at least spare, or for half of its hours where those are short. Where no
// such moment is left it is now, if it holds now; ok is false where it never
// does again.
func (s *Scope) Opens(now time.Time, spare time.Duration) (at time.Time, ok bool) {
	if s.auth == nil {
		return now, true
	}
	if length := s.hours.length(); length > 0 {
		spare = min(spare, length/2)
	}
	if at = now; at.Before(s.auth.From.Time) {
		at = s.auth.From.Time
	}
	if !s.hours.hold(at) || !s.hours.hold(at.Add(spare)) {
		at = s.hours.next(at)
	}
	if s.Time(at) == nil {
		return at, true
	}
	return now, s.Time(now) == nil
}

// hours is a time of day, in minutes; it may pass midnight. The zero value is
// the whole day.
type hours struct{ from, until int }

func parseHours(s string) (hours, error) {
	if s == "" {
		return hours{}, nil
	}
	a, b, _ := strings.Cut(s, "-")
	from, err := time.Parse("15:04", a)
	if err != nil {
		return hours{}, fmt.Errorf("hours %q: write 22:00-05:00", s)
	}
	until, err := time.Parse("15:04", b)
	if err != nil {
		return hours{}, fmt.Errorf("hours %q: write 22:00-05:00", s)
	}
	return hours{from.Hour()*60 + from.Minute(), until.Hour()*60 + until.Minute()}, nil
}

func (h hours) hold(now time.Time) bool {
	local := now.In(inventory.Vietnam)
	m := local.Hour()*60 + local.Minute()
	switch {
	case h.from == h.until:
		return true
	case h.from < h.until:
		return h.from <= m && m < h.until
	}
	return m >= h.from || m < h.until
}

// length is how long the hours last; 0: the whole day.
func (h hours) length() time.Duration {
	return time.Duration((h.until-h.from+24*60)%(24*60)) * time.Minute
}

// next is the first moment after at when the hours begin.
func (h hours) next(at time.Time) time.Time {
	y, m, d := at.In(inventory.Vietnam).Date()
	begin := time.Date(y, m, d, 0, h.from, 0, 0, inventory.Vietnam)
	if !begin.After(at) {
		begin = begin.AddDate(0, 0, 1)
	}
	return begin
}
