package judge

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// ReportFormat names the shape of a Report in JSON.
const ReportFormat = "sansang.report/1"

// Report is a judgement with every reason. The same facts, policy and moment
// give the same Report to the byte.
type Report struct {
	Format       string             `json:"format"`
	Unit         inventory.Identity `json:"unit"`
	RunByOthers  []inventory.System `json:"run_by_others,omitempty"` // systems that the unit only uses
	Policy       PolicyRef          `json:"policy"`
	At           time.Time          `json:"at"`
	Verdict      UnitVerdict        `json:"verdict"`
	Because      []lang.Text        `json:"because,omitempty"` // why it is undetermined; of any verdict, that the scan was cut short
	Dates        []KeyDate          `json:"dates,omitempty"`   // days to keep in mind, with how far off they are
	Tally        Tally              `json:"tally"`
	Requirements []Result           `json:"requirements"`
	NotJudged    []NotJudged        `json:"not_judged,omitempty"`
	Waivers      []WaiverNote       `json:"waivers,omitempty"`
}

// PolicyRef names a policy exactly.
type PolicyRef struct {
	ID      string    `json:"id"`
	Version string    `json:"version"`
	SHA256  string    `json:"sha256"` // over the policy and all requirements it uses
	Title   lang.Text `json:"title"`
	About   lang.Text `json:"about"`
	Extends []string  `json:"extends,omitempty"` // the policies that it tightens, the nearest first
}

// Tally counts the requirements that decide the unit, by verdict. Catalogue is
// how many requirements there are, Judged how many this policy can judge.
type Tally struct {
	Catalogue    int `json:"catalogue"`
	Judged       int `json:"judged"`
	Deciding     int `json:"deciding"`
	Pass         int `json:"pass"`
	Waived       int `json:"waived"`
	Fail         int `json:"fail"`
	Inconclusive int `json:"inconclusive"`
	Manual       int `json:"manual"`
}

// Result is the judgement of one requirement over all it concerns.
type Result struct {
	ID       string        `json:"id"`
	Title    lang.Text     `json:"title"`
	Need     lang.Text     `json:"need"`
	Basis    []Basis       `json:"basis"` // those in force
	Legacy   string        `json:"legacy,omitempty"`
	Strength Strength      `json:"strength"`
	Severity Severity      `json:"severity"`
	Decides  bool          `json:"decides"` // counts towards the unit's verdict
	Verdict  Verdict       `json:"verdict"`
	Findings []Finding     `json:"findings"`
	Evidence *EvidenceRule `json:"evidence,omitempty"`
	Note     lang.Text     `json:"note,omitzero"`
	Lapsed   bool          `json:"lapsed,omitempty"` // it would decide, were a text in force
	Fix      lang.Text     `json:"fix"`
}

// Finding is the verdict of one rule about one subject.
type Finding struct {
	Scope    Scope             `json:"scope"`
	System   string            `json:"system,omitempty"`
	Endpoint string            `json:"endpoint,omitempty"`
	Target   string            `json:"target,omitempty"`
	Level    int               `json:"level,omitempty"`
	Force    Force             `json:"force,omitempty"`
	Decides  bool              `json:"decides"`
	Verdict  Verdict           `json:"verdict"`
	Saw      []Saw             `json:"saw,omitempty"`
	Missing  []Missing         `json:"missing,omitempty"`
	Warnings []lang.Text       `json:"warnings,omitempty"`
	Papers   []Paper           `json:"papers,omitempty"` // what is attested, the newest first; the first that counts is gone by
	Waiver   *inventory.Waiver `json:"waiver,omitempty"`
}

// Saw is a fact that the verdict rests on.
type Saw struct {
	Path  string    `json:"path"` // "tls.versions.tls10"
	Label lang.Text `json:"label"`
	Value any       `json:"value"`
	At    time.Time `json:"at"`
	Known fact.Way  `json:"known,omitempty"`

	ToldBy *fact.Teller `json:"told_by,omitempty"` // of what another tool reported

	Zone inventory.Zone `json:"zone,omitempty"` // that it was seen from; empty: not said

	closed bool // the fact says that its port is not open
	aside  bool // told beside what the verdict rests on
}

// answered tells whether a check saw something answer: neither a person's word
// nor a closed port is the sight of a system. What is seen of whole hosts is
// mostly that, so it does not count.
func (s Saw) answered() bool {
	_, seen := factOf(s.Path)
	return seen && !s.closed && !s.aside && !strings.HasPrefix(s.Path, "host.")
}

// Missing is a fact that the verdict lacked, and why.
type Missing struct {
	Path   string     `json:"path"`
	Label  lang.Text  `json:"label"`
	Cause  fact.Cause `json:"cause"`
	Detail string     `json:"detail,omitempty"`

	Zone inventory.Zone   `json:"zone,omitempty"` // that it was looked from in vain
	From []inventory.Zone `json:"from,omitempty"` // any of which it is to be looked from
}

// NotJudged is a requirement of the catalogue that the policy cannot judge.
type NotJudged struct {
	ID  string    `json:"id"`
	Why lang.Text `json:"why"`
}

// WaiverNote tells of a waiver that does nothing.
type WaiverNote struct {
	Waiver  inventory.Waiver `json:"waiver"`
	Expired bool             `json:"expired"` // else unused
}

// FixFirst lists the failed requirements in the order to fix them: those that
// decide first, then the gravest, then those that fail in most places.
func (r Report) FixFirst() []Result { return r.sorted(Fail) }

// SupplyFirst lists what must still be seen or supplied, in the same order.
func (r Report) SupplyFirst() []Result { return r.sorted(Inconclusive, Manual) }

func (r Report) sorted(vs ...Verdict) []Result {
	var out []Result
	for _, res := range r.Requirements {
		if slices.Contains(vs, res.Verdict) {
			out = append(out, res)
		}
	}
	rank := func(s Severity) int { return slices.Index(Severities, s) }
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.Decides != b.Decides {
			return a.Decides
		}
		if a.Severity != b.Severity {
			return rank(a.Severity) < rank(b.Severity)
		}
		return a.Places(vs...) > b.Places(vs...)
	})
	return out
}

// Places counts the findings with one of the verdicts.
func (res Result) Places(vs ...Verdict) int {
	n := 0
	for _, f := range res.Findings {
		if slices.Contains(vs, f.Verdict) {
			n++
		}
	}
	return n
}
