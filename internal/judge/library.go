package judge

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"sync"
	"unicode"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

// Library holds requirements by ID, uncompiled: enough to explain one, and the
// laws that they rest on.
type Library struct {
	Requirements map[string]*Requirement
	Laws         Laws
	docs         map[string]*yamldoc.Document
	index        map[string]int
	sources      []fs.FS                     // where policies may lie that others extend
	undated      map[string]yamldoc.Problems // by requirement: what is wrong with the dates of its basis
}

func newLibrary(laws Laws, sources ...fs.FS) *Library {
	return &Library{map[string]*Requirement{}, laws, map[string]*yamldoc.Document{}, map[string]int{}, sources, map[string]yamldoc.Problems{}}
}

// ReadLibrary reads laws.yaml and requirements/*.yaml of each file system. The
// same ID twice, in one or in two of them, is a mistake: an ID means one thing.
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
	lib := newLibrary(nil, sources...)
	var problems yamldoc.Problems
	gather := func(err error) error {
		if ps, ok := err.(yamldoc.Problems); ok { //nolint:errorlint // yamldoc gives it unwrapped
			problems = append(problems, ps...)
			return nil
		}
		return err
	}
	var lawsErr error
	var readers sync.WaitGroup
	readers.Go(func() { lib.Laws, lawsErr = ReadLaws(sources...) })
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
			if err := gather(err); err != nil {
				return nil, err
			}
		}
	}
	readers.Wait()
	if err := gather(lawsErr); err != nil {
		return nil, err
	}
	lib.resolve()
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
	problems := slices.Clone(lib.undated[r.ID])
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

// Lint checks a file of requirements by itself, expressions included.
func Lint(file string, data []byte, schema fact.Schema, laws Laws) error {
	doc, err := yamldoc.Parse(file, data)
	if err != nil {
		return err
	}
	if err := requirementsSchema().Check(doc); err != nil {
		return err
	}
	lib := newLibrary(laws)
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
	lib.resolve()
	var problems yamldoc.Problems
	for _, r := range lib.Requirements {
		problems = append(problems, lib.compile(env, r, schema)...)
	}
	return problems.Err()
}
