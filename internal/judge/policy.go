package judge

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
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
	Templates    []TemplateSet  `json:"templates,omitempty"`
	IDs          []string       `json:"requirements"`
	NotJudged    []NotJudged    `json:"not_judged,omitempty"`
	Requirements []*Requirement `json:"-"`

	schema fact.Schema
	sha256 string
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
// facts that there are. Requirements come from the library.
func Load(src fs.FS, file string, lib *Library, schema fact.Schema) (*Policy, error) {
	doc, err := parse(src, file, policySchema())
	if err != nil {
		return nil, err
	}
	p := &Policy{}
	if err := doc.Decode(p); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var problems yamldoc.Problems
	say := func(what, instead lang.Text, at ...any) { problems = append(problems, doc.Problem(at, what, instead)) }
	schema = p.withTemplates(schema, say)
	p.schema = schema
	env, err := newEnvs(schema)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	once := func(id string, at ...any) {
		if seen[id] {
			say(lang.Tf("mã %s viết hai lần", "%s is there twice", id), lang.T("giữ lại một", "keep one of them"), at...)
		}
		seen[id] = true
	}
	for i, id := range p.IDs {
		once(id, "requirements", i)
		r := lib.Requirements[id]
		if r == nil {
			say(lang.Tf("không có yêu cầu %s", "there is no requirement %s", id), nearest(id, lib), "requirements", i)
			continue
		}
		if !slices.Contains(p.Requirements, r) { // twice is told above
			p.Requirements = append(p.Requirements, r)
		}
	}
	problems = append(problems, lib.compileAll(env, p.Requirements, schema)...)
	for i, n := range p.NotJudged {
		once(n.ID, "not_judged", i, "id")
	}
	if p.Catalogue != 0 && p.Catalogue != len(seen) {
		say(lang.Tf("danh mục có %d yêu cầu nhưng ở đây có %d", "the catalogue has %d requirements but %d are here", p.Catalogue, len(seen)), lang.T("bổ sung mã còn thiếu vào requirements hoặc not_judged", "add the missing ones to requirements or not_judged"), "catalogue")
	}
	if problems != nil {
		return nil, problems
	}
	p.sha256, err = p.hash()
	return p, err
}

func nearest(id string, lib *Library) lang.Text {
	ids := make([]string, 0, len(lib.Requirements))
	for have := range lib.Requirements {
		ids = append(ids, have)
	}
	sort.Strings(ids)
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
	return PolicyRef{ID: p.ID, Version: p.Version, SHA256: p.sha256, Title: p.Title, About: p.About}
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
