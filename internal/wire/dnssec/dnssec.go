// Package dnssec follows the signatures of the DNS from a trust anchor down to
// a zone, and says what it found: it trusts no resolver's word for it (the AD
// bit). It opens no connection; whoever calls it asks the questions.
package dnssec

import (
	"context"
	"time"

	"github.com/miekg/dns"
)

// State is how far a zone's answers can be trusted (RFC 4033 §5).
type State string

// The states.
const (
	Secure        State = "secure"        // signed, and every step from the anchor holds
	Insecure      State = "insecure"      // a parent proves that nothing below it is signed, or only in ways that nobody may rely on
	Bogus         State = "bogus"         // should be signed and is not so that it holds
	Indeterminate State = "indeterminate" // not enough was seen
)

// Reason is why a zone is not secure.
type Reason string

// The reasons.
const (
	Expired      Reason = "expired"       // every fitting signature has ended
	NotYet       Reason = "not-yet-valid" // every fitting signature begins later
	Forged       Reason = "bad-signature" // no signature is one of the zone's key
	Unsigned     Reason = "no-signature"  // there is no signature of the zone
	NoKey        Reason = "no-key"        // the parent has a DS, the zone no key
	Mismatch     Reason = "ds-mismatch"   // the zone has keys, none is that of the DS
	Unproven     Reason = "unproven"      // there is no DS, and what came does not prove that there is none
	NoProof      Reason = "no-proof"      // there is no DS, and nothing came to prove it
	NoAnswer     Reason = "no-answer"     // the answer was an error
	NoDS         Reason = "no-ds"         // the parent proves that there is no DS
	OptOut       Reason = "opt-out"       // the parent's NSEC3 leaves unsigned delegations out
	Algorithm    Reason = "algorithm"     // only algorithms that nobody relies on any more
	Unsupported  Reason = "unsupported"   // algorithms that we cannot compute
	TooMuch      Reason = "too-much"      // more work than we do for one zone
	Iterations   Reason = "iterations"    // more NSEC3 iterations than we compute
	NoSignatures Reason = "resolver"      // the resolver gives not even the anchor's signatures
	Alias        Reason = "alias"         // the name is an alias; it is no zone
	Clock        Reason = "clock"         // every fitting signature ended, or begins, too near to our time to tell
	NoAnchor     Reason = "no-anchor"     // no trust anchor is at or above the name
)

// Verdict is what is known of a zone.
type Verdict struct {
	State  State
	Reason Reason // empty when secure
	At     string // the zone or delegation that decided
}

// Chain is a verdict with what was seen of the last zone that was reached.
type Chain struct {
	Verdict
	Zone    string        // that zone
	DS      []*dns.DS     // of its parent, or the anchors
	Keys    []*dns.DNSKEY // all that it publishes, usable or not
	Expires time.Time     // the first end of those of its signatures that hold, or the last of those that ended; zero: neither was seen
	NSEC3   *dns.NSEC3    // by which it denied something below it; nil: none
}

// Ask gives the answer to a question that was asked with DO and CD set. An
// error is that of asking; it ends the walk.
type Ask func(ctx context.Context, name string, qtype uint16) (*dns.Msg, error)

// Bounds on the work that a zone can make for us (CVE-2023-50387 and -50868).
const (
	mostLabels     = 32  // of the name asked about
	mostKeys       = 32  // of a zone
	mostSameTag    = 4   // keys of one tag and algorithm
	mostSignatures = 8   // tried on one set of records
	mostVerified   = 256 // signatures computed in a walk
	mostIterations = 100 // of NSEC3; RFC 9276 §3.1 asks for 0
	mostDenials    = 8   // NSEC or NSEC3 records of an answer
)

// skew is by how much our clock may be wrong without our saying that a
// signature has ended: a clock set to the time of another zone.
const skew = 12 * time.Hour

// walk is one way down from an anchor.
type walk struct {
	ask  Ask
	now  time.Time
	left int // signatures that may still be computed
	seen Chain
}

func bogus(r Reason, at string) *Verdict    { return &Verdict{Bogus, r, at} }
func insecure(r Reason, at string) *Verdict { return &Verdict{Insecure, r, at} }
func unclear(r Reason, at string) *Verdict  { return &Verdict{Indeterminate, r, at} }
