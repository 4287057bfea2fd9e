package main

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/policies"
)

// unitFile is a unit file and what it refers to.
type unitFile struct {
	inventory.Unit
	file record.File
	dir  string

	elsewhere map[string]string // folders of documents that are not in dir
}

func readUnit(path string) (*unitFile, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if record.Is(b) {
		return nil, faultf("%s là hồ sơ đánh giá, không phải tệp đơn vị; viết tệp .yaml của đơn vị", "%s is an assessment, not a unit file; write the unit's .yaml file", path)
	}
	u, err := inventory.Load(path, b)
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil { // documents lie beside the file, not beside a link to it
		path = real
	}
	return &unitFile{Unit: u, file: record.File{Name: filepath.Base(path), SHA256: digest(b)}, dir: filepath.Dir(path)}, nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// documents reads every document that the unit file names and records what it
// found: the SHA-256 of the file, or that there is none.
func (u *unitFile) documents(now time.Time) []fact.Observation {
	var out []fact.Observation
	roots, _, _ := u.roots(nil) // which cannot be read is told where the scan needs them
	for _, name := range u.documentNames() {
		out = append(out, u.observe(name, roots, now))
	}
	return out
}

// observe tells what is found in the place of one document.
func (u *unitFile) observe(name string, roots *x509.CertPool, now time.Time) fact.Observation {
	o := fact.Observation{Check: judge.DocumentCheck, Endpoint: name, At: now}
	if d, err := u.document(name); err != nil {
		o.Unknown = fact.Because(fact.NoEvidence, "cannot read the file: "+cause(err))
	} else {
		d.Signature = u.signature(name, roots, now)
		o.Value, _ = json.Marshal(d)
	}
	return o
}

// documentNames lists the documents that the unit file names, each once.
func (u *unitFile) documentNames() []string {
	var names []string
	if u.Authorisation != nil {
		names = append(names, u.Authorisation.Document)
	}
	for _, a := range u.Attestations {
		if a.Document != "" {
			names = append(names, a.Document)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// cause gives an error without the path of this machine: records travel.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// hashFile reads a file of any size without holding it.
func hashFile(path string) (judge.Document, error) {
	f, err := os.Open(path)
	if err != nil {
		return judge.Document{}, err
	}
	defer func() { _ = f.Close() }()
	return hashOf(f)
}

// hashOf reads to the end without holding what it reads.
func hashOf(r io.Reader) (judge.Document, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	return judge.Document{SHA256: hex.EncodeToString(h.Sum(nil)), Bytes: n}, err
}

// roots reads the CAs that the unit declares, and those named on the command
// line.
func (u *unitFile) roots(more []string) (*x509.CertPool, []record.File, error) {
	var paths []string
	for _, name := range u.TrustedCAs {
		paths = append(paths, filepath.Join(u.dir, local(name)))
	}
	paths = append(paths, more...)
	if len(paths) == 0 {
		return nil, nil, nil
	}
	pool := x509.NewCertPool()
	var files []record.File
	for _, path := range paths {
		b, err := readPEM(path)
		if err != nil {
			return nil, nil, err
		}
		if !pool.AppendCertsFromPEM(b) {
			return nil, nil, faultf("%s không có chứng thư số dạng PEM nào", "%s holds no PEM certificate", path)
		}
		files = append(files, record.File{Name: filepath.Base(path), SHA256: digest(b)})
	}
	return pool, files, nil
}

// maxFile bounds what a unit file or a database names to be read whole. All
// public CAs together take 0.25 MB, a policy less.
const maxFile = 16 << 20

// readPEM reads a file of certificates that a unit file may name: a device or a
// pipe might never end.
func readPEM(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, faultf("%s không phải một tệp thường", "%s is no regular file", path)
	case info.Size() > maxFile:
		return nil, faultf("%s lớn quá %d MB, không phải tệp chứng thư số", "%s is larger than %d MB, and no file of certificates", path, maxFile>>20)
	}
	return os.ReadFile(path)
}

// builtIn loads every policy that comes with the tool.
func builtIn() ([]*judge.Policy, error) {
	names, err := judge.Names(policies.FS)
	if err != nil {
		return nil, err
	}
	lib, err := judge.ReadLibrary(policies.FS)
	if err != nil {
		return nil, err
	}
	var out []*judge.Policy
	for _, name := range names {
		p, err := judge.Load(policies.FS, name+".yaml", lib, checks.Schema())
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// loadPolicy loads a policy by the name of a built-in one or by the path of a
// file, beside which a folder requirements may add requirements.
func loadPolicy(name string) (*judge.Policy, error) {
	if !strings.ContainsAny(name, "/\\.") {
		return loadBuiltIn(name)
	}
	if info, err := os.Stat(name); err == nil && (!info.Mode().IsRegular() || info.Size() > maxFile) { // a database may name it, and a device never ends
		return nil, faultf("%s không phải tệp chính sách", "%s is no policy file", name)
	}
	dir := os.DirFS(filepath.Dir(name))
	lib, err := judge.ReadLibrary(policies.FS, dir)
	if err != nil {
		return nil, err
	}
	return judge.Load(dir, filepath.Base(name), lib, checks.Schema())
}

// loadBuiltIn loads a policy that comes with the tool.
func loadBuiltIn(name string) (*judge.Policy, error) {
	names, err := judge.Names(policies.FS)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(names, name) {
		return nil, faultf("không có chính sách %q; có: %s; hoặc viết đường dẫn tệp .yaml", "there is no policy %q; there are: %s; or write the path of a .yaml file", name, strings.Join(names, ", "))
	}
	text, err := policies.FS.ReadFile(name + ".yaml")
	if err != nil {
		return nil, err
	}
	bases, err := judge.BasesOf(text, policies.FS)
	if err != nil {
		return nil, err
	}
	lib, err := judge.ReadLibraryOf(append(bases, text...), policies.FS)
	if err != nil {
		return nil, err
	}
	return judge.Load(policies.FS, name+".yaml", lib, checks.Schema())
}

var editions = sync.OnceValues(func() ([]judge.Edition, error) { return judge.Editions(policies.FS, policies.Default) })

// edition names the policy to judge by at a moment where none was named: of
// those that took the place of each other the one that held then.
func edition(name string, at time.Time) (string, error) {
	all, err := editions()
	if err != nil || !slices.ContainsFunc(all, func(e judge.Edition) bool { return e.Name == name }) {
		return name, err
	}
	return judge.EditionAt(all, at), nil
}

// caseOf makes what there is to judge from an assessment. A zero at means the
// moment the scan ended, so that judging again gives the same.
func caseOf(a *record.Assessment, at time.Time) judge.Case {
	if at.IsZero() {
		at = a.Finished()
	}
	unit := a.Header.Unit
	unit.Attestations = slices.Concat(unit.Attestations, a.Header.Attested)
	unanswered := a.Unanswered()
	return judge.Case{
		Unit:         unit,
		Observations: append(slices.Clip(a.Observations), unanswered...),
		Zone:         a.Header.Vantage.Zone,
		Vantages:     vantages(a),
		Incomplete:   a.End == nil || a.End.Stopped || len(unanswered) > 0,
		At:           at,
	}
}

// vantages lists the places of a joined record, with what was planned at each.
func vantages(a *record.Assessment) []judge.Vantage {
	if len(a.Header.Joined) == 0 {
		return nil
	}
	var out []judge.Vantage
	for _, v := range a.Vantages() {
		plan := map[judge.Look]bool{}
		for _, p := range a.Header.Plan {
			if p.Vantage == v.Name && p.Zone == v.Zone {
				plan[judge.Look{Endpoint: p.Endpoint, Check: p.Check}] = true
			}
		}
		out = append(out, judge.Vantage{Name: v.Name, Zone: v.Zone, Plan: plan, Told: a.Told(v)})
	}
	return out
}

// parseAt reads a moment to judge at: a day in Vietnam, or a full time.
func parseAt(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if d, err := inventory.ParseDate(s); err == nil {
		return d.Time, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, faultf("--at %q không phải ngày; viết như 2027-01-01", "--at %q is no date; write it as 2027-01-01", s)
	}
	return t, nil
}

// zone reads where the scan looks from.
func zone(s string) (inventory.Zone, error) {
	switch z := inventory.Zone(s); z {
	case "", inventory.Internet, inventory.WAN, inventory.Internal, inventory.Admin:
		return z, nil
	}
	return "", fault{lang.Tf("--vantage %q không có; viết internet, wan (TSLCD), internal hoặc admin", "there is no --vantage %q; write internet, wan (TSLCD), internal or admin", s)}
}

// withDocuments puts what documents hold now in the place of what they held.
func withDocuments(obs, now []fact.Observation) []fact.Observation {
	fresh := map[string]bool{}
	for _, o := range now {
		fresh[o.Endpoint] = true
	}
	out := now
	for _, o := range obs {
		if o.Check != judge.DocumentCheck || !fresh[o.Endpoint] {
			out = append(out, o)
		}
	}
	return out
}
