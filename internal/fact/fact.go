// Package fact holds what was seen and nothing more. An observation is either
// a typed fact or a named Unknown; there is no third way, and no default that
// could be taken for either.
package fact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Observation is the answer of one check about one endpoint. Exactly one of
// Value and Unknown is set; Validate tells when that is broken.
type Observation struct {
	Check    string          `json:"check"`
	Endpoint string          `json:"endpoint,omitempty"` // empty: about the unit as a whole
	Vantage  string          `json:"vantage,omitempty"`  // name of the place it was seen from
	Zone     string          `json:"zone,omitempty"`     // of the network that place is in; empty in records of before, and then it is the header's
	At       time.Time       `json:"at"`                 // when the observation was complete
	Known    Way             `json:"known,omitempty"`    // how; empty in records of before, and then it is the check's
	ToldBy   *Teller         `json:"told_by,omitempty"`  // of what is Reported, and of nothing else
	Value    json.RawMessage `json:"value,omitempty"`
	Unknown  *Unknown        `json:"unknown,omitempty"`
	Peers    []string        `json:"peers,omitempty"`       // addresses actually reached, "ip:port"
	Made     int             `json:"connections,omitempty"` // connections that the observation cost
	Evidence []Evidence      `json:"evidence,omitempty"`
}

// Teller is the tool that reported an observation, and the file in which it
// did. The file is named by its last part; its hash is in the record's header.
type Teller struct {
	Tool    string `json:"tool"`
	Version string `json:"version,omitempty"` // empty: the file does not say
	File    string `json:"file"`
}

// String names the teller as reports do: "testssl 3.0.8, web.json".
func (t Teller) String() string {
	name := t.Tool
	if t.Version != "" {
		name += " " + t.Version
	}
	return name + ", " + t.File
}

// Validate refuses an observation that is neither fact nor Unknown, or both.
func (o Observation) Validate() error {
	switch {
	case o.Check == "":
		return fmt.Errorf("observation without a check")
	case len(o.Value) == 0 && o.Unknown == nil:
		return fmt.Errorf("observation of %s at %q is neither fact nor Unknown", o.Check, o.Endpoint)
	case len(o.Value) != 0 && o.Unknown != nil:
		return fmt.Errorf("observation of %s at %q is both fact and Unknown", o.Check, o.Endpoint)
	case o.Known != "" && !o.Known.Exists():
		return fmt.Errorf("observation of %s at %q is known by %q, which is no way to know", o.Check, o.Endpoint, o.Known)
	case o.ToldBy != nil && o.Known != Reported, o.ToldBy == nil && o.Known == Reported && len(o.Value) != 0:
		return fmt.Errorf("observation of %s at %q is known as %q, which does not agree with whether another tool told it", o.Check, o.Endpoint, o.Known)
	case o.ToldBy != nil && (o.ToldBy.Tool == "" || o.ToldBy.File == ""):
		return fmt.Errorf("observation of %s at %q does not name the tool and the file that told it", o.Check, o.Endpoint)
	case o.Unknown != nil && !o.Unknown.Cause.Known():
		return fmt.Errorf("observation of %s at %q has the cause %q, which does not exist", o.Check, o.Endpoint, o.Unknown.Cause)
	}
	return nil
}

// Same tells whether two observations say the same.
func (o Observation) Same(b Observation) bool {
	if (o.Unknown == nil) != (b.Unknown == nil) {
		return false
	}
	if o.Unknown != nil {
		return *o.Unknown == *b.Unknown
	}
	return bytes.Equal(o.Value, b.Value)
}

// Evidence is what was exchanged, cut to a bound; the totals tell how much
// there was. Sent and Received are the raw bytes.
type Evidence struct {
	Label         string    `json:"label"`          // what this is: "tcp", "http response", …
	Peer          string    `json:"peer,omitempty"` // "ip:port"
	At            time.Time `json:"at"`
	Sent          []byte    `json:"sent,omitempty"`
	SentTotal     int64     `json:"sent_total"`
	Received      []byte    `json:"received,omitempty"`
	ReceivedTotal int64     `json:"received_total"`
	Ended         string    `json:"ended,omitempty"` // how the exchange ended, when not by us
}
