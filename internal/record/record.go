// Package record is the assessment file: what was planned, what was seen and
// what was exchanged, a JSON object a line, written as results come. A file cut
// short by a crash is still an assessment; what it lacks is Unknown.
//
// Each line carries the SHA-256 of the line before it, so that a line changed,
// dropped or moved is found on reading. (That alone does not stop somebody who
// rewrites the whole file; signatures are for that.)
package record

import (
	"bytes"
	"slices"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// The shapes of the file. Of a joined one an older version of this program would
// not know from where each fact was seen, so it is not to read it at all.
const (
	Format       = "sansang.assessment/1"
	JoinedFormat = "sansang.assessment/2"
)

// Header is the first line: everything that is known before the first packet.
type Header struct {
	Format    string         `json:"format"`
	Tool      Tool           `json:"tool"`
	Policy    Policy         `json:"policy"`
	UnitFile  File           `json:"unit_file"`
	Unit      inventory.Unit `json:"unit"`
	CAs       []File         `json:"trusted_cas,omitempty"`
	Vantage   Vantage        `json:"vantage"`
	Started   time.Time      `json:"started"`
	Limits    Limits         `json:"limits"`
	Templates []TemplateSet  `json:"templates,omitempty"` // that the scan was given, or its policy relies on
	Plan      []Pair         `json:"plan"`
	Joined    []Source       `json:"joined_from,omitempty"` // by Merge; Vantage and Limits are then those of each

	Imported []Imported              `json:"imported,omitempty"` // result files of other tools, of which this record was made; nothing was then seen by us
	Attested []inventory.Attestation `json:"attested,omitempty"` // that the imported files make, beside those of the unit file
}

// Imported is a result file of another tool.
type Imported struct {
	File
	Format   string    `json:"format"` // testssl, sslyze, ssh-audit, nuclei, xccdf, oscal
	Tool     string    `json:"tool"`
	Version  string    `json:"version,omitempty"` // empty: the file does not say
	Produced time.Time `json:"produced"`          // when the tool ran
	TimeBy   string    `json:"time_by"`           // ByFile or ByOperator
	Left     []Left    `json:"left_out,omitempty"`
}

// Who says when an imported tool ran.
const (
	ByFile     = "file"
	ByOperator = "operator"
)

// Left is something in a result file that did not become a fact.
type Left struct {
	What string    `json:"what"` // a target, as the file names it
	Why  lang.Text `json:"why"`
}

// TemplateSet is a set of nuclei templates that came from outside the tool.
type TemplateSet struct {
	Name     string            `json:"name"` // its fact is templates.NAME
	Folder   string            `json:"folder"`
	Chosen   string            `json:"chosen,omitempty"` // folder and filters as they were given
	SHA256   string            `json:"sha256"`
	Selected int               `json:"selected"`
	Left     int               `json:"not_selected"`
	Refused  []RefusedTemplate `json:"refused,omitempty"`
}

// RefusedTemplate is a template that was not run.
type RefusedTemplate struct {
	ID   string    `json:"id,omitempty"`
	File string    `json:"file"`
	Line int       `json:"line"`
	Why  lang.Text `json:"why"`
}

// Source is an assessment that was joined with others, as its file told it.
type Source struct {
	File
	Vantage     Vantage   `json:"vantage"`
	Tool        Tool      `json:"tool"`
	Policy      Policy    `json:"policy"`
	UnitFile    File      `json:"unit_file"`
	CAs         []File    `json:"trusted_cas,omitempty"`
	Limits      Limits    `json:"limits"`
	Started     time.Time `json:"started"`
	Finished    time.Time `json:"finished"` // or when the last thing was seen
	Ended       bool      `json:"ended"`    // it has its last line
	Complete    bool      `json:"complete"` // and was not stopped before its end
	Connections int       `json:"connections,omitempty"`

	Templates []TemplateSet `json:"templates,omitempty"`
	Worker    *Worker       `json:"template_worker,omitempty"`

	Imported []Imported `json:"imported,omitempty"`
}

// Tool says which program looked.
type Tool struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
	SHA256  string `json:"sha256,omitempty"` // of the executable
}

// Policy says which policy chose what to look at.
type Policy struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
}

// File is a file that was read, by its content.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Vantage is the place the scan looked from. Zone is empty when the operator
// did not say; nothing may then be concluded from where it stood.
type Vantage struct {
	Name string         `json:"name"` // the machine's name, or what the operator called it
	Zone inventory.Zone `json:"zone,omitempty"`
}

// Limits are the bounds that the scan kept.
type Limits struct {
	TimeoutMillis  int64   `json:"timeout_ms"`         // one exchange
	EndpointMillis int64   `json:"endpoint_budget_ms"` // everything about one endpoint
	TotalMillis    int64   `json:"total_budget_ms"`
	Parallel       int     `json:"connections_at_once_per_endpoint"`
	PerHost        float64 `json:"connections_per_second_per_host"`
	PerNetwork     float64 `json:"connections_per_second_per_network"` // IPv4 /24, IPv6 /64
	Global         float64 `json:"connections_per_second"`
	Loopback       bool    `json:"rates_bind_loopback"`
	Ports          string  `json:"ports_asked_of_hosts,omitempty"` // default, all, or the list
	HostMillis     int64   `json:"host_budget_ms,omitempty"`       // everything about one host
}

// Pair is one check to be run on one endpoint; in a joined record, from one
// place.
type Pair struct {
	Endpoint string         `json:"endpoint"`
	Check    string         `json:"check"`
	Vantage  string         `json:"vantage,omitempty"`
	Zone     inventory.Zone `json:"zone,omitempty"`
}

// Event is something that happened between observations, such as a canary
// connection that died.
type Event struct {
	At          time.Time     `json:"at"`
	Endpoint    string        `json:"endpoint"`
	What        string        `json:"what"` // canary-failed, canary-recovered, or LookedAt
	Unknown     *fact.Unknown `json:"unknown,omitempty"`
	Connections int           `json:"connections,omitempty"` // that all about the endpoint took

	Vantage string         `json:"vantage,omitempty"` // of a joined record
	Zone    inventory.Zone `json:"zone,omitempty"`
}

// LookedAt is the event that ends the look at an endpoint.
const LookedAt = "looked-at"

// End is the last line of a scan that ran to its end.
type End struct {
	At           time.Time `json:"at"`
	Observations int       `json:"observations"`
	Connections  int       `json:"connections"`
	Stopped      bool      `json:"stopped,omitempty"` // by the user, before all was looked at
	Worker       *Worker   `json:"template_worker,omitempty"`
}

// Worker says how the process that runs templates was kept in, beside the
// guard in it: by Wall, or, where that is empty, by nothing else, and Why.
type Worker struct {
	Wall string `json:"wall"`
	Why  string `json:"why,omitempty"`
}

// line is one line of the file. Exactly one of the pointers is set.
type line struct {
	Seq         int               `json:"seq"`
	Prev        string            `json:"prev,omitempty"` // SHA-256 of the line before, without its newline
	Header      *Header           `json:"header,omitempty"`
	Observation *fact.Observation `json:"observation,omitempty"`
	Event       *Event            `json:"event,omitempty"`
	End         *End              `json:"end,omitempty"`
}

// Assessment is a whole file in memory.
type Assessment struct {
	Header       Header
	Observations []fact.Observation
	Events       []Event
	End          *End // nil: the scan did not run to its end
	SHA256       string
}

// Finished is when the scan ended, or when the last thing was seen.
func (a *Assessment) Finished() time.Time {
	if a.End != nil {
		return a.End.At
	}
	last := a.Header.Started
	for _, s := range a.Header.Joined {
		if s.Finished.After(last) {
			last = s.Finished
		}
	}
	for _, o := range a.Observations {
		if o.At.After(last) {
			last = o.At
		}
	}
	return last
}

// Connections gives how many connections the look at each endpoint took, of
// those at which it came to its end.
func (a *Assessment) Connections() map[string]int {
	out := map[string]int{}
	for _, e := range a.Events {
		if e.What == LookedAt {
			out[e.Endpoint] += e.Connections
		}
	}
	return out
}

// Pair is what of the plan an observation answers.
func (a *Assessment) Pair(o fact.Observation) Pair {
	p := Pair{Endpoint: o.Endpoint, Check: o.Check}
	if len(a.Header.Joined) > 0 {
		p.Vantage, p.Zone = o.Vantage, inventory.Zone(o.Zone)
	}
	return p
}

// Vantages lists the places that were looked from.
func (a *Assessment) Vantages() []Vantage {
	if len(a.Header.Joined) == 0 {
		return []Vantage{a.Header.Vantage}
	}
	var out []Vantage
	for _, s := range a.Header.Joined {
		if !slices.Contains(out, s.Vantage) {
			out = append(out, s.Vantage)
		}
	}
	return out
}

// Told tells whether all that is known from a place was told by other tools.
func (a *Assessment) Told(v Vantage) bool {
	if len(a.Header.Joined) == 0 {
		return len(a.Header.Imported) > 0
	}
	return !slices.ContainsFunc(a.Header.Joined, func(s Source) bool { return s.Vantage == v && len(s.Imported) == 0 })
}

// Missing lists what was planned and has no answer.
func (a *Assessment) Missing() []Pair {
	have := make(map[Pair]bool, len(a.Observations))
	for _, o := range a.Observations {
		have[a.Pair(o)] = true
	}
	var out []Pair
	for _, p := range a.Header.Plan {
		if !have[p] {
			out = append(out, p)
		}
	}
	return out
}

// TemplateSets lists the templates from outside the tool that were used.
func (a *Assessment) TemplateSets() []TemplateSet {
	out := slices.Clone(a.Header.Templates)
	for _, s := range a.Header.Joined {
		out = append(out, s.Templates...)
	}
	return out
}

// Is tells whether a file begins as an assessment does; it need not be whole.
func Is(b []byte) bool { return bytes.HasPrefix(b, []byte(`{"seq":0,"header":{"format":"sansang.`)) }
