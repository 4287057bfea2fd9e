package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/foreign"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/policies"
)

type observation = fact.Observation

// importer reads result files for one unit.
type importer struct {
	importOptions
	unit   *unitFile
	policy record.Policy
	zone   inventory.Zone
	at     time.Time
	known  func(requirement string) bool
	named  map[string]bool // vantages so far
	papers []observation
}

func newImporter(o importOptions) (*importer, error) {
	unit, err := readUnit(o.unit)
	if err != nil {
		return nil, err
	}
	i := &importer{importOptions: o, unit: unit, named: map[string]bool{}}
	if i.zone, err = zone(o.zone); err != nil {
		return nil, err
	}
	if i.at, err = parseAt(o.at); err != nil {
		return nil, err
	}
	if o.from != "" && !slices.Contains(foreign.Formats, o.from) {
		return nil, faultf("--from %q không có; viết %s", "there is no --from %q; write %s", o.from, strings.Join(foreign.Formats, ", "))
	}
	var ids []string
	for _, e := range unit.Places() {
		ids = append(ids, e.ID)
	}
	if o.endpoint != "" && !slices.Contains(ids, o.endpoint) {
		return nil, faultf("--endpoint: tệp đơn vị không có điểm kết nối %q; có: %s", "--endpoint: the unit file has no endpoint %q; there are: %s", o.endpoint, strings.Join(ids[:min(len(ids), 20)], ", "))
	}
	var systems []string
	for _, s := range unit.Systems {
		systems = append(systems, s.ID)
	}
	if o.system != "" && !slices.Contains(systems, o.system) {
		return nil, faultf("--system: tệp đơn vị không có hệ thống %q; có: %s", "--system: the unit file has no system %q; there are: %s", o.system, strings.Join(systems, ", "))
	}
	policy, err := loadPolicy(o.policy)
	if err != nil {
		return nil, err
	}
	i.policy = record.Policy{ID: policy.ID, Version: policy.Version, SHA256: policy.Ref().SHA256}
	lib, err := judge.ReadLibrary(policies.FS)
	if err != nil {
		return nil, err
	}
	i.known = func(id string) bool {
		return lib.Requirements[id] != nil || slices.ContainsFunc(policy.Requirements, func(r *judge.Requirement) bool { return r.ID == id })
	}
	i.papers = unit.documents(time.Now())
	return i, nil
}

var noRequirement = lang.T("bộ yêu cầu không có mã này", "the catalogue has no requirement of that ID")

// documents gives once what the unit's own documents hold now.
func (i *importer) documents() []observation {
	out := i.papers
	i.papers = nil
	return out
}

// imported is what came of one file.
type imported struct {
	header   record.Header
	facts    []observation
	paper    *observation // the file itself, where it attests something
	finished time.Time
}

func (one *imported) observations() []observation {
	if one.paper != nil {
		return append([]observation{*one.paper}, one.facts...)
	}
	return one.facts
}

func (i *importer) read(path string) (*imported, error) {
	data, err := readBounded(path)
	if err != nil {
		return nil, err
	}
	base, sum := filepath.Base(path), digest(data)
	r, err := foreign.Read(base, i.from, data)
	if err != nil {
		return nil, err
	}
	src := record.Imported{File: record.File{Name: base, SHA256: sum}, Format: r.Format, Tool: r.Tool, Version: r.Version, Produced: r.Produced, TimeBy: record.ByFile}
	if src.Produced.IsZero() {
		if src.Produced, src.TimeBy = i.at, record.ByOperator; i.at.IsZero() {
			return nil, faultf("%s không ghi công cụ chạy lúc nào; thêm --at với ngày chạy, ví dụ --at 2026-11-20", "%s does not say when the tool ran; add --at with the day, such as --at 2026-11-20", base)
		}
	}
	if future(src.Produced) {
		return nil, faultf("%s: thời điểm chạy %s chưa đến; kiểm tra đồng hồ của máy đã chạy công cụ, hoặc --at", "%s: the time at which it ran, %s, has not come; look at the clock of the machine that ran it, or at --at", base, src.Produced.In(inventory.Vietnam).Format(time.DateTime))
	}
	by := fact.Teller{Tool: r.Tool, Version: r.Version, File: base}
	facts, left, err := r.Observations(foreign.Place{Endpoints: i.unit.Places(), Only: i.endpoint, By: by, At: src.Produced})
	if err != nil {
		return nil, defect{err}
	}
	one := &imported{facts: facts, finished: src.Produced, header: record.Header{Tool: tool(), Policy: i.policy, UnitFile: i.unit.file, Unit: i.unit.Unit,
		Vantage: record.Vantage{Name: i.name(by, sum), Zone: i.zone}, Started: src.Produced}}
	for _, o := range facts {
		one.header.Plan = append(one.header.Plan, record.Pair{Endpoint: o.Endpoint, Check: o.Check})
		if o.At.Before(one.header.Started) {
			one.header.Started = o.At
		}
	}
	for _, l := range left {
		src.Left = append(src.Left, record.Left{What: l.What, Why: l.Why})
	}
	if err := i.attest(one, r.Claims, &src, int64(len(data))); err != nil {
		return nil, err
	}
	one.header.Imported = []record.Imported{src}
	return one, nil
}

// name is the name of the place that a file stands for; two files of one name
// are told apart by their content.
func (i *importer) name(by fact.Teller, sum string) string {
	name := by.String()
	if i.named[name] {
		name += " (" + sum[:8] + ")"
	}
	i.named[name] = true
	return name
}

// attest makes attestations of what an assessor says of requirements, with the
// file as their document.
func (i *importer) attest(one *imported, claims []foreign.Claim, src *record.Imported, size int64) error {
	if len(claims) == 0 {
		return nil
	}
	system := i.system
	if system == "" && len(i.unit.Systems) > 1 {
		return faultf("%s: kết quả OSCAL nói về hệ thống nào? Đơn vị khai %d hệ thống; thêm --system MÃ", "%s: which system are the OSCAL results about? The unit declares %d; add --system ID", src.Name, len(i.unit.Systems))
	}
	for _, c := range claims {
		if !i.known(c.Requirement) {
			src.Left = append(src.Left, record.Left{What: c.Requirement, Why: noRequirement})
			continue
		}
		if c.At.IsZero() {
			c.At = src.Produced
		}
		a := inventory.Attestation{Requirement: c.Requirement, System: system, Document: src.Name, SHA256: src.SHA256, Issued: c.Issued(), Until: c.End(), Signer: c.By, Result: inventory.Met}
		if !c.Met {
			a.Result = inventory.NotMet
		}
		one.header.Attested = append(one.header.Attested, a)
	}
	if len(one.header.Attested) > 0 {
		raw, err := json.Marshal(judge.Document{SHA256: src.SHA256, Bytes: size})
		if err != nil {
			return defect{err}
		}
		one.paper = &observation{Check: judge.DocumentCheck, Endpoint: src.Name, At: src.Produced, Value: raw}
	}
	return nil
}

// readBounded reads a file whole, and a byte more than is taken, so that one
// that is too large is known.
func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, foreign.MaxBytes+1))
}
