package judge

import (
	"bytes"
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
	"unicode"

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
	Known        []fact.Way     `json:"known,omitempty"` // the ways of knowing that count; empty: all
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

// Library holds requirements by ID, uncompiled: enough to explain one.
type Library struct {
	Requirements map[string]*Requirement
	docs         map[string]*yamldoc.Document
	index        map[string]int
}

// ReadLibrary reads requirements/*.yaml of each file system. The same ID
// twice, in one or in two of them, is a mistake: an ID means one thing.
func ReadLibrary(sources ...fs.FS) (*Library, error) {
	return readLibrary(func([]byte) bool { return true }, sources)
}

// ReadLibraryOf reads those files of requirements alone that have one of which
// text speaks, such as a policy file: reading YAML is most of what it takes to
// judge again.
func ReadLibraryOf(text []byte, src fs.FS) (*Library, error) {
	words := map[string]bool{}
	for _, w := range bytes.FieldsFunc(text, func(r rune) bool { return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		words[string(w)] = true
	}
	return readLibrary(func(file []byte) bool {
		for line := range bytes.Lines(file) {
			if id, ok := bytes.CutPrefix(line, []byte("- id: ")); ok && words[string(bytes.TrimSpace(id))] {
				return true
			}
		}
		return false
	}, []fs.FS{src})
}

func readLibrary(wanted func(file []byte) bool, sources []fs.FS) (*Library, error) {
	lib := &Library{map[string]*Requirement{}, map[string]*yamldoc.Document{}, map[string]int{}}
	var problems yamldoc.Problems
	for _, src := range sources {
		files, err := fs.Glob(src, "requirements/*.yaml")
		if err != nil {
			return nil, err
		}
		sort.Strings(files)
		files = slices.DeleteFunc(files, func(file string) bool {
			b, err := fs.ReadFile(src, file)
			return err == nil && !wanted(b)
		})
		for i, read := range readAll(src, files) {
			err := read.err
			if err == nil {
				err = lib.take(files[i], read.doc, read.rs)
			}
			if ps, ok := err.(yamldoc.Problems); ok { //nolint:errorlint // yamldoc gives it unwrapped
				problems = append(problems, ps...)
			} else if err != nil {
				return nil, err
			}
		}
	}
	return lib, problems.Err()
}

// reading is what came of one file of requirements.
type reading struct {
	doc *yamldoc.Document
	rs  []*Requirement
	err error
}

// readAll reads files side by side.
func readAll(src fs.FS, files []string) []reading {
	all := make([]reading, len(files))
	var readers sync.WaitGroup
	for i, file := range files {
		readers.Go(func() {
			doc, err := parse(src, file, requirementsSchema())
			if err != nil {
				all[i].err = err
				return
			}
			all[i] = decode(file, doc)
		})
	}
	readers.Wait()
	return all
}

func decode(file string, doc *yamldoc.Document) reading {
	r := reading{doc: doc}
	if err := doc.Decode(&r.rs); err != nil {
		r.err = fmt.Errorf("%s: %w", file, err)
	}
	return r
}

// take adds the requirements of one file.
func (lib *Library) take(file string, doc *yamldoc.Document, rs []*Requirement) error {
	var problems yamldoc.Problems
	for i, r := range rs {
		if have := lib.Requirements[r.ID]; have != nil {
			problems = append(problems, doc.Problem([]any{i, "id"}, lang.Tf("mã %s đã có ở %s:%d", "%s is already at %s:%d", r.ID, have.file, have.line), lang.T("đặt mã khác", "give it another id")))
			continue
		}
		r.file, r.line = file, doc.Line(i, "id")
		lib.Requirements[r.ID], lib.docs[r.ID], lib.index[r.ID] = r, doc, i
	}
	return problems.Err()
}

func parse(src fs.FS, file string, schema *yamldoc.Schema) (*yamldoc.Document, error) {
	b, err := fs.ReadFile(src, file)
	if err != nil {
		return nil, err
	}
	doc, err := yamldoc.Parse(file, b)
	if err != nil {
		return nil, err
	}
	return doc, schema.Check(doc)
}

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

// compileAll compiles requirements side by side; problems come in their order.
func (lib *Library) compileAll(env *envs, rs []*Requirement, schema fact.Schema) yamldoc.Problems {
	found := make([]yamldoc.Problems, len(rs))
	var compilers sync.WaitGroup
	for i, r := range rs {
		compilers.Go(func() { found[i] = lib.compile(env, r, schema) })
	}
	compilers.Wait()
	return slices.Concat(found...)
}

func (lib *Library) compile(env *envs, r *Requirement, schema fact.Schema) yamldoc.Problems {
	var problems yamldoc.Problems
	r.rules = nil
	for n, rule := range append([]Rule{r.Rule}, r.Also...) {
		compiled, bad := env.rule(rule)
		if bad == nil {
			bad = r.never(compiled, schema)
		}
		if bad == nil {
			r.rules = append(r.rules, compiled)
			continue
		}
		at := []any{lib.index[r.ID], bad.field}
		if n > 0 {
			at = []any{lib.index[r.ID], "also", n - 1, bad.field}
		}
		what := lang.T(r.ID+": "+bad.what.Vi, r.ID+": "+bad.what.En)
		problems = append(problems, lib.docs[r.ID].Problem(at, what, bad.instead))
	}
	return problems
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
	for i, f := range files {
		files[i] = f[:len(f)-len(path.Ext(f))]
	}
	return files, err
}

// Lint checks a file of requirements by itself, expressions included.
func Lint(file string, data []byte, schema fact.Schema) error {
	doc, err := yamldoc.Parse(file, data)
	if err != nil {
		return err
	}
	if err := requirementsSchema().Check(doc); err != nil {
		return err
	}
	lib := &Library{map[string]*Requirement{}, map[string]*yamldoc.Document{}, map[string]int{}}
	read := decode(file, doc)
	if read.err != nil {
		return read.err
	}
	if err := lib.take(file, doc, read.rs); err != nil {
		return err
	}
	env, err := newEnvs(schema)
	if err != nil {
		return err
	}
	var problems yamldoc.Problems
	for _, r := range lib.Requirements {
		problems = append(problems, lib.compile(env, r, schema)...)
	}
	return problems.Err()
}
