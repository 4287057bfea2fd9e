package main

import (
	"fmt"
	"math/rand/v2"
	"net/netip"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/judge"
)

// The nation: 22 ministries, 34 provinces and 3,321 communes, each with five
// endpoints in a network of its own. Which servers stand where is drawn by
// chance, but always the same.
const (
	nationUnits      = 3377
	nationMinistries = 22
	nationProvinces  = 34
	nationEndpoints  = 5
	nationWhole      = 5 // out of a hundred units: only these can be ready
)

// nationUnit is one unit, and what is to come of it.
type nationUnit struct {
	ID, Name, Kind, Parent string
	Network                netip.Prefix
	Whole                  bool // every document is there, and the one host of it all is declared
	Endpoints              []nationEndpoint
	Want                   judge.UnitVerdict
}

// nationEndpoint is one endpoint, and what is to be seen there.
type nationEndpoint struct {
	ID, Kind string
	At       netip.Addr
	Port     uint16
	Plain    uint16     // port of the plain twin of a web site
	Recipe   string     // the practice server; "" if nothing answers there
	Dropped  bool       // no packet comes back
	Cause    fact.Cause // why nothing can be told of it; "" if it answers
	Fails    string     // the requirement that it does not meet; "" for none that decides
}

// Target is how a unit file writes it.
func (e nationEndpoint) Target() string {
	at := netip.AddrPortFrom(e.At, e.Port)
	if e.Kind == "https" {
		return "https://" + at.String() + "/"
	}
	return at.String()
}

// Out of a hundred endpoints so many do not answer.
const (
	nationRefused = 2.5
	nationDropped = 2.5
	nationHanging = 2.0
	nationCutting = 1.0
)

// nationServer is a practice server with its share of the endpoints of a kind
// that answer, and the requirement that it fails.
type nationServer struct {
	recipe string
	share  int // of a hundred
	fails  string
}

var nationServers = map[string][]nationServer{
	"https": {{"https-good", 55, ""}, {"https-tls13-missing", 9, ""}, {"hsts-short", 8, ""}, {"csp-unsafe", 8, ""},
		{"https-tls10", 6, "TLS-02"}, {"cert-expired", 4, "TLS-06"}, {"cert-self-signed", 4, "TLS-06"}, {"cookies-insecure", 3, "WEB-05"}, {"stack-trace", 3, "WEB-06"}},
	"ssh":  {{"ssh-good", 80, ""}, {"ssh-weak-kex", 10, "SSH-02"}, {"ssh-weak-cipher", 10, "SSH-03"}},
	"smtp": {{"smtp-good", 80, ""}, {"smtp-plain", 10, "MAIL-02"}, {"smtp-auth-before-tls", 10, "MAIL-02"}},
}

// newNation plans so many units, with as many of each kind among them as the
// nation has.
func newNation(units int) []nationUnit {
	dice := rand.New(rand.NewPCG(2026, 7))
	share := func(of int) int { return max(1, units*of/nationUnits) }
	ministries, provinces := share(nationMinistries), share(nationProvinces)
	out := make([]nationUnit, units)
	for i := range out {
		u := &out[i]
		u.Network = netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 0}), 24)
		switch commune := i - ministries - provinces; {
		case i < ministries:
			u.ID, u.Name, u.Kind = fmt.Sprintf("G%02d", i+1), fmt.Sprintf("Bộ Thực hành %d", i+1), "ministry"
		case commune < 0:
			n := i - ministries + 1
			u.ID, u.Name, u.Kind = fmt.Sprintf("H%02d", n), fmt.Sprintf("Tỉnh Thực hành %d", n), "province"
		default:
			u.Parent = fmt.Sprintf("H%02d", commune%provinces+1)
			u.ID, u.Kind = fmt.Sprintf("%s.%d", u.Parent, commune/provinces+1), "commune"
			u.Name = fmt.Sprintf("Xã Thực hành %d", commune+1)
		}
		u.Whole = dice.IntN(100) < nationWhole
		for n, id := range []string{"cong-dich-vu", "mot-cua", "trang-tin", "quan-tri", "thu"} {
			kind := []string{"https", "https", "https", "ssh", "smtp"}[n]
			e := newNationEndpoint(dice, id, kind, netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), byte(n + 1)}))
			if u.Whole {
				e.moveTo(u.host(), uint16(n)*nationStep)
			}
			u.Endpoints = append(u.Endpoints, e)
		}
		u.Want = u.verdict()
	}
	return out
}

func newNationEndpoint(dice *rand.Rand, id, kind string, at netip.Addr) nationEndpoint {
	e := nationEndpoint{ID: id, Kind: kind, At: at, Port: map[string]uint16{"https": 443, "ssh": 22, "smtp": 25}[kind]}
	if kind == "https" {
		e.Plain = 80
	}
	switch fate := dice.Float64() * 100; {
	case fate < nationRefused:
		e.refuse()
	case fate < nationRefused+nationDropped:
		e.Cause, e.Dropped = fact.Timeout, true
	case fate < nationRefused+nationDropped+nationHanging:
		e.Cause, e.Recipe = fact.Timeout, "never-answers"
	case fate < nationRefused+nationDropped+nationHanging+nationCutting:
		e.Cause, e.Recipe = fact.Reset, "resets"
	default:
		n := dice.IntN(100)
		for _, s := range nationServers[kind] {
			if n -= s.share; n < 0 {
				e.Recipe, e.Fails = s.recipe, s.fails
				break
			}
		}
	}
	return e
}

// host is where all endpoints of a whole unit are.
func (u nationUnit) host() netip.Addr { return u.Network.Addr().Next() }

// moveTo puts a web site on further ports of a host that has others. What drops
// packets is a host and not a port, and is refused there.
func (e *nationEndpoint) moveTo(host netip.Addr, further uint16) {
	e.At = host
	if e.Plain > 0 {
		e.Port, e.Plain = e.Port+further, e.Plain+further
	}
	if e.Dropped {
		e.Dropped = false
		e.refuse()
	}
}

// refuse moves it to where nothing listens.
func (e *nationEndpoint) refuse() {
	e.Cause = fact.Unreachable
	e.Port += nationClosed
	if e.Plain > 0 {
		e.Plain += nationClosed
	}
}

// verdict is what must come out: not ready if anything fails, undetermined if
// anything could not be seen or was not declared, and else ready.
func (u nationUnit) verdict() judge.UnitVerdict {
	v := judge.Ready
	if !u.Whole {
		v = judge.Undetermined
	}
	for _, e := range u.Endpoints {
		switch {
		case e.Fails != "":
			return judge.NotReady
		case e.Cause != "":
			v = judge.Undetermined
		}
	}
	return v
}

// Ports: those of the second and third web site of a host are nationStep
// apart, and at nationClosed beyond any of them nothing listens.
const (
	nationStep   = 20000
	nationClosed = 5000
)

// nationPorts are all on which servers listen.
func nationPorts() []int {
	return []int{443, 443 + nationStep, 443 + 2*nationStep, 80, 80 + nationStep, 80 + 2*nationStep, 22, 25}
}

// recipeAt names the server of an address, as lab.StartMany wants it.
func recipeAt(nation []nationUnit, at netip.AddrPort) string {
	a := at.Addr().As4()
	unit := int(a[1])<<8 | int(a[2])
	if a[0] != 10 || unit >= len(nation) {
		return ""
	}
	for _, e := range nation[unit].Endpoints {
		switch {
		case e.At != at.Addr():
		case at.Port() == e.Port, e.Cause != "" && at.Port() == e.Plain:
			return e.Recipe
		case at.Port() == e.Plain && e.Plain > 0:
			return "http-redirect"
		}
	}
	return ""
}
