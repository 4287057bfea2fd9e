// Package inventory holds what a unit declares about itself: its systems and
// endpoints, who authorised the scan, what people attest, what was waived.
// Everything in it comes from the unit file; nothing in it was seen.
package inventory

import (
	"net/netip"
	"time"
)

// Unit is the whole content of a unit file.
type Unit struct {
	Unit          Identity       `json:"unit"`
	Systems       []System       `json:"systems"`
	Endpoints     []Endpoint     `json:"endpoints"`
	Hosts         []HostRange    `json:"hosts,omitempty"`
	Domains       []DomainName   `json:"domains,omitzero"`      // nil: not said; empty: the unit has none
	TrustedCAs    []string       `json:"trusted_cas,omitempty"` // PEM files, relative to the unit file
	Authorisation *Authorisation `json:"authorisation,omitempty"`
	Attestations  []Attestation  `json:"attestations,omitempty"`
	Reviews       []Review       `json:"reviews,omitempty"`
	Waivers       []Waiver       `json:"waivers,omitempty"`
}

// Identity says who the unit is. ID is the electronic identifier of Decision
// 20/2020/QĐ-TTg (such as H21 or G01.12) or, where that is not known, "gso-" and
// the GSO code: the unit code of Decision 19/2025/QĐ-TTg (2 digits for a
// province, 5 for a commune).
type Identity struct {
	ID     string   `json:"id"`
	GSO    string   `json:"gso,omitempty"`
	Name   string   `json:"name"`
	Kind   UnitKind `json:"kind"`
	Parent string   `json:"parent,omitempty"`
}

// UnitKind is the kind of body that a unit is.
type UnitKind string

// The kinds of unit.
const (
	Ministry   UnitKind = "ministry"
	Province   UnitKind = "province"
	Commune    UnitKind = "commune"
	Enterprise UnitKind = "enterprise"
	Other      UnitKind = "other"
)

// System is an information system with the security level that was approved
// for it (1 to 5, Law 116/2025/QH15 article 8). Connects tells whether it is
// to connect to the population database; unset means yes.
type System struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Level    int       `json:"level"`
	Purpose  string    `json:"purpose,omitempty"`
	Connects *bool     `json:"connects,omitempty"`
	Operator *Operator `json:"operator,omitempty"` // who runs it, where the unit only uses it
}

// Operator is who runs a system that the unit uses, such as the province of a
// commune. ID is its electronic identifier, where known.
type Operator struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
}

// IsToConnect tells whether the system is to connect to the database.
func (s System) IsToConnect() bool { return s.Connects == nil || *s.Connects }

// Endpoint is one place of a system that can be looked at.
type Endpoint struct {
	ID         string            `json:"id"`
	System     string            `json:"system"`                // may be left out when the unit has one system
	Target     string            `json:"target"`                // URL, or host:port with a kind
	Kind       Kind              `json:"kind,omitempty"`        // taken from a URL when left out
	Zone       Zone              `json:"zone"`                  // where it is meant to be reached from
	ServerName string            `json:"server_name,omitempty"` // TLS name, when the target is an address
	Plain      string            `json:"plain,omitempty"`       // plain-HTTP twin; default port 80 of the same host
	Labels     map[string]string `json:"labels,omitempty"`

	// Of places that Places derives.
	Range string   `json:"-"` // of a host: the range that it was declared in
	Ports []int    `json:"-"` // of a host: TCP ports that the unit declares; nil: not said
	UDP   []int    `json:"-"` // of a host: UDP ports that the unit declares
	Mail  *bool    `json:"-"` // of a domain: whether it is to send and receive mail
	DKIM  []string `json:"-"` // of a domain: the selectors of its keys
}

// Zone is a part of the network (TCVN 14423: zoning). WAN is the State's
// specialised data network (TSLCD).
type Zone string

// The zones, from the outside in.
const (
	Internet Zone = "internet"
	WAN      Zone = "wan"
	Internal Zone = "internal"
	Admin    Zone = "admin"
)

// HostRange is a range of addresses that the unit declares as its own, and
// the ports that are meant to be open on each of them. Without a zone it is
// that of the addresses: internet, or internal for private ones.
type HostRange struct {
	CIDR   string `json:"cidr"`
	Zone   Zone   `json:"zone,omitempty"`
	System string `json:"system,omitempty"` // empty: counts for the unit as a whole
	Ports  []int  `json:"ports,omitzero"`   // TCP, beside those of endpoints there; nil: not said
	UDP    []int  `json:"udp,omitempty"`
}

// DomainName is a name of the DNS that the unit publishes.
type DomainName struct {
	Name   string   `json:"name"`
	Zone   Zone     `json:"zone,omitempty"`   // internet when left out
	System string   `json:"system,omitempty"` // empty: counts for the unit as a whole
	Mail   *bool    `json:"mail,omitempty"`   // false: no mail is ever sent from it; unset: not said
	DKIM   []string `json:"dkim,omitempty"`   // selectors in use
}

// Authorisation is the written permission to scan (Law 116/2025/QH15 article
// 7 forbids testing without it). Only addresses inside Scope.CIDRs and, of
// names, only those in Scope.Names or declared as endpoints are contacted,
// between From and Until, and within Hours ("22:00-05:00", Vietnam time).
type Authorisation struct {
	By       string `json:"by"`
	Document string `json:"document"`
	SHA256   string `json:"sha256"`
	From     Date   `json:"from"`
	Until    Date   `json:"until"`
	Hours    string `json:"hours,omitempty"`
	Scope    Scope  `json:"scope"`

	// Classes are the kinds of test that the document permits by name, beside
	// those that any client might do.
	Classes []Class `json:"classes,omitempty"`
}

// Class is a kind of test that needs to be permitted by name.
type Class string

// The classes.
const (
	Credentials Class = "credentials"  // try well-known names and passwords, few and slowly
	SNMPDefault Class = "snmp-default" // ask SNMP with the communities "public" and "private"

	// Of templates that a unit brings, by the tags that say so.
	DoS          Class = "dos"           // may make a service fail
	Fuzz         Class = "fuzz"          // sends many malformed or made-up requests
	BruteForce   Class = "brute-force"   // tries many names, passwords or paths
	Intrusive    Class = "intrusive"     // may change something, or looks like an attack
	DefaultLogin Class = "default-login" // logs in with names and passwords that everybody knows
)

// Scope is what an authorisation covers. A name may begin with "*." to cover
// every name below it, but not itself.
type Scope struct {
	Names []string       `json:"names,omitempty"`
	CIDRs []netip.Prefix `json:"cidrs"`
}

// Waiver excuses a failed requirement, with a reason, until it expires.
type Waiver struct {
	Requirement string `json:"requirement"`
	System      string `json:"system,omitempty"`
	Endpoint    string `json:"endpoint,omitempty"`
	Reason      string `json:"reason"`
	Approver    string `json:"approver"`
	Expires     Date   `json:"expires"`
}

// Vietnam is the time zone of every date and hour in a unit file (UTC+7, no
// daylight saving).
var Vietnam = time.FixedZone("+07", 7*60*60)

// Date is a day in Vietnam, written 2026-12-31.
type Date struct{ time.Time }

// ParseDate reads a day.
func ParseDate(s string) (Date, error) {
	t, err := time.ParseInLocation(time.DateOnly, s, Vietnam)
	return Date{t}, err
}

// End is the first moment after the day: what is valid until a day is valid
// through the whole of it.
func (d Date) End() time.Time { return d.AddDate(0, 0, 1) }

// AfterMonths is the first moment after a term of months from the day: the same
// day of the month in which it ends. Where that month has no such day the term
// ends with the month and does not run on into the next.
func (d Date) AfterMonths(n int) time.Time {
	end := d.AddDate(0, n, 0)
	if end.Day() != d.Day() {
		end = end.AddDate(0, 0, 1-end.Day())
	}
	return end
}

// MarshalText and UnmarshalText use the form 2026-12-31.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.Format(time.DateOnly)), nil }

// MarshalJSON hides that of time.Time, which would add the hour.
func (d Date) MarshalJSON() ([]byte, error) { return []byte(`"` + d.Format(time.DateOnly) + `"`), nil }

// UnmarshalJSON reads "2026-12-31".
func (d *Date) UnmarshalJSON(b []byte) error {
	if len(b) < 2 || b[0] != '"' {
		return &time.ParseError{Layout: time.DateOnly, Value: string(b), Message: ": a date is written \"2026-12-31\""}
	}
	return d.UnmarshalText(b[1 : len(b)-1])
}

// UnmarshalText reads 2026-12-31.
func (d *Date) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDate(string(b))
	return err
}
