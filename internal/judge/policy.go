package judge

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

// Policy is a list of requirements to judge a unit by.
type Policy struct {
	ID           string         `json:"id"`
	Version      string         `json:"version"`
	Title        lang.Text      `json:"title"`
	About        lang.Text      `json:"about"`
	From         inventory.Date `json:"from,omitzero"`
	Until        inventory.Date `json:"until,omitzero"`
	Known        []fact.Way     `json:"known,omitempty"`    // the ways of knowing that count; empty: all
	Accepted     bool           `json:"accepted,omitempty"` // a document counts only once an auditor accepted it
	Catalogue    int            `json:"catalogue,omitempty"`
	Supersedes   string         `json:"supersedes,omitempty"` // the policy that held before, by the name of its file
	Extends      string         `json:"extends,omitempty"`    // name or path of the policy that this tightens
	Tighten      []Tightening   `json:"tighten,omitempty"`
	Dates        []KeyDate      `json:"dates,omitempty"`
	Templates    []TemplateSet  `json:"templates,omitempty"`
	IDs          []string       `json:"requirements"`
	NotJudged    []NotJudged    `json:"not_judged,omitempty"`
	Requirements []*Requirement `json:"-"`

	schema fact.Schema
	sha256 string
	base   *Policy  // that it extends; nil: none
	bases  []string // IDs of the policies that it extends, the nearest first
}

// The JSON Schemas of the two kinds of policy file, for editors.
var (
	//go:embed policy.schema.json
	PolicySchema []byte
	//go:embed requirements.schema.json
	RequirementsSchema []byte

	policySchema       = sync.OnceValue(func() *yamldoc.Schema { return yamldoc.MustSchema("policy.schema.json", PolicySchema) })
	requirementsSchema = sync.OnceValue(func() *yamldoc.Schema {
		return yamldoc.MustSchema("requirements.schema.json", RequirementsSchema)
	})
)

// Load reads a policy file and type-checks every expression of it against the
// facts that there are. Requirements come from the library, and so do policies
// that it extends by name. What it gives is flat: each requirement as it is
// after all tightening.
func Load(src fs.FS, file string, lib *Library, schema fact.Schema) (*Policy, error) {
	return load(src, origin{lib.source(src), file}, lib, schema, nil)
}

// loading is a policy file on its way to being a Policy.
type loading struct {
	policy   *Policy
	doc      *yamldoc.Document
	lib      *Library
	problems yamldoc.Problems
}

func (l *loading) say(what, instead lang.Text, at ...any) {
	l.problems = append(l.problems, l.doc.Problem(at, what, instead))
}

// load is Load, with the policies that are being read because they extend this.
func load(src fs.FS, here origin, lib *Library, schema fact.Schema, below []origin) (*Policy, error) {
	file := here.file
	doc, err := parse(src, file, policySchema())
	if err != nil {
		return nil, err
	}
	p := &Policy{}
	if err := doc.Decode(p); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	l := &loading{policy: p, doc: doc, lib: lib}
	base, err := l.base(src, here, schema, below)
	if err != nil {
		return nil, err
	}
	if base != nil {
		schema = base.schema
	}
	p.schema = p.withTemplates(schema, l.say)
	env, err := newEnvs(p.schema)
	if err != nil {
		return nil, err
	}
	own := l.take(base)
	l.problems = append(l.problems, lib.compileAll(env, own, p.schema)...)
	l.notJudged(base)
	if base != nil {
		l.inherit(base)
	}
	l.tighten(env, base)
	l.keyDates(base)
	if p.Catalogue != 0 && (base == nil || p.Catalogue != base.Catalogue) && p.Catalogue != len(p.listed()) {
		l.say(lang.Tf("danh mục có %d yêu cầu nhưng ở đây có %d", "the catalogue has %d requirements but %d are here", p.Catalogue, len(p.listed())), lang.T("bổ sung mã còn thiếu vào requirements hoặc not_judged", "add the missing ones to requirements or not_judged"), "catalogue")
	}
	if _, err := fs.Stat(src, p.Supersedes+".yaml"); p.Supersedes != "" && err != nil {
		l.say(lang.Tf("không có chính sách %s để thay", "there is no policy %s to supersede", p.Supersedes), lang.T("viết tên một chính sách ở cùng thư mục", "name a policy of the same folder"), "supersedes")
	}
	if l.problems != nil {
		return nil, l.problems
	}
	p.IDs = nil
	for _, r := range p.Requirements {
		p.IDs = append(p.IDs, r.ID)
	}
	p.sha256, err = p.hash()
	return p, err
}

// take finds the requirements that the file itself lists.
func (l *loading) take(base *Policy) []*Requirement {
	seen := map[string]bool{}
	var own []*Requirement
	for i, id := range l.policy.IDs {
		r := l.lib.Requirements[id]
		switch {
		case seen[id]:
			l.say(lang.Tf("mã %s viết hai lần", "%s is there twice", id), lang.T("giữ lại một", "keep one of them"), "requirements", i)
		case base != nil && base.requirement(id) != nil:
			l.say(lang.Tf("chính sách gốc %s đã có yêu cầu %s", "the policy %s, which this extends, has %s already", base.ID, id), lang.T("bỏ dòng này; muốn siết yêu cầu thì ghi ở mục tighten", "remove the line; to ask for more write it under tighten"), "requirements", i)
		case r == nil:
			l.say(lang.Tf("không có yêu cầu %s", "there is no requirement %s", id), nearestOf(id, slices.Collect(maps.Keys(l.lib.Requirements))), "requirements", i)
		default:
			own = append(own, r)
		}
		seen[id] = true
	}
	if _, has := l.doc.Value.(map[string]any)["requirements"]; !has && l.policy.Extends == "" {
		l.say(lang.T("thiếu mục \"requirements\"", "the key \"requirements\" is missing"), lang.T("thêm danh sách mã yêu cầu, hoặc extends: tên chính sách gốc", "add a list of requirements, or extends: the name of another policy"))
	}
	l.policy.Requirements = own
	return own
}

// notJudged checks what the file says that it does not judge.
func (l *loading) notJudged(base *Policy) {
	seen := map[string]bool{}
	for _, id := range l.policy.IDs {
		seen[id] = true
	}
	for i, n := range l.policy.NotJudged {
		switch {
		case seen[n.ID]:
			l.say(lang.Tf("mã %s viết hai lần", "%s is there twice", n.ID), lang.T("giữ lại một", "keep one of them"), "not_judged", i, "id")
		case base != nil && base.lists(n.ID):
			l.say(lang.Tf("không được bỏ %s, vì chính sách gốc %s có yêu cầu này", "%[1]s cannot be left out, for the policy %[2]s has it", n.ID, base.ID), lang.T("bỏ dòng này", "remove the line"), "not_judged", i, "id")
		}
		seen[n.ID] = true
	}
}

// requirement gives one that the policy judges, or nil.
func (p *Policy) requirement(id string) *Requirement {
	if i := slices.IndexFunc(p.Requirements, func(r *Requirement) bool { return r.ID == id }); i >= 0 {
		return p.Requirements[i]
	}
	return nil
}

func nearestOf(id string, ids []string) lang.Text {
	slices.Sort(ids)
	if near := lang.Nearest(id, ids); near != "" {
		return lang.Tf("có phải là %s?", "did you mean %s?", near)
	}
	return lang.T("xem: sansang list requirements", "see: sansang list requirements")
}

// hash covers the policy and every requirement it uses, in a form that does
// not change with layout or comments of the files.
func (p *Policy) hash() (string, error) {
	b, err := json.Marshal(struct {
		Policy       *Policy
		Requirements []*Requirement
	}{p, p.Requirements})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// Needs lists the checks that must run for the policy, by what its
// expressions read.
func (p *Policy) Needs() []string {
	var out []string
	for _, r := range p.Requirements {
		for _, id := range r.Reads() {
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	sort.Strings(out)
	return out
}

// Schema gives the type of every fact that the policy may read.
func (p *Policy) Schema() fact.Schema { return p.schema }

// Ref names the policy exactly.
func (p *Policy) Ref() PolicyRef {
	return PolicyRef{ID: p.ID, Version: p.Version, SHA256: p.sha256, Title: p.Title, About: p.About, Extends: p.bases}
}

// InForce tells whether the policy is meant for a moment.
func (p *Policy) InForce(at time.Time) bool {
	return Basis{From: p.From, Until: p.Until}.InForce(at)
}

// Names lists the policies of a file system by file name without ending.
func Names(src fs.FS) ([]string, error) {
	files, err := fs.Glob(src, "*.yaml")
	files = slices.DeleteFunc(files, func(f string) bool { return f == LawsFile })
	for i, f := range files {
		files[i] = f[:len(f)-len(path.Ext(f))]
	}
	return files, err
}
