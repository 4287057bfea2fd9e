package judge

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

// Law is a text that requirements rest on, with the days that it holds.
type Law struct {
	ID       string         `json:"id"`
	Title    lang.Text      `json:"title"`
	Kind     LawKind        `json:"kind,omitempty"`
	From     inventory.Date `json:"from"`
	Until    inventory.Date `json:"until,omitzero"`
	Replaces []string       `json:"replaces,omitempty"`
	Legacy   bool           `json:"legacy,omitempty"` // legacy clauses of requirements are of this text
	Status   Status         `json:"status"`           // how sure the dates are
	Note     lang.Text      `json:"note,omitzero"`

	file string
	line int
}

// LawKind tells what a text is; the zero value is a law.
type LawKind string

// The kinds beside laws.
const (
	Standard  LawKind = "standard"
	Reference LawKind = "reference" // a guideline, binding on nobody here
)

// LawsFile is the file of laws in a folder of policies.
const LawsFile = "laws.yaml"

// LawsSchema is the JSON Schema of LawsFile, for editors.
//
//go:embed laws.schema.json
var LawsSchema []byte

var lawsSchema = sync.OnceValue(func() *yamldoc.Schema { return yamldoc.MustSchema("laws.schema.json", LawsSchema) })

// Laws are texts by ID.
type Laws map[string]*Law

// ReadLaws reads the laws of each file system; one without any is none the
// worse. The same ID twice is a mistake.
func ReadLaws(sources ...fs.FS) (Laws, error) {
	laws := Laws{}
	var problems yamldoc.Problems
	for _, src := range sources {
		data, err := fs.ReadFile(src, LawsFile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = laws.read(LawsFile, data)
		}
		if ps, ok := err.(yamldoc.Problems); ok { //nolint:errorlint // yamldoc gives it unwrapped
			problems = append(problems, ps...)
		} else if err != nil {
			return nil, err
		}
	}
	return laws, problems.Err()
}

// Lint checks a file of laws that is to stand beside these.
func (laws Laws) Lint(file string, data []byte) error { return maps.Clone(laws).read(file, data) }

func (laws Laws) read(file string, data []byte) error {
	doc, err := yamldoc.Parse(file, data)
	if err != nil {
		return err
	}
	if err := lawsSchema().Check(doc); err != nil {
		return err
	}
	var list []*Law
	if err := doc.Decode(&list); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	var problems yamldoc.Problems
	say := func(what, instead lang.Text, at ...any) { problems = append(problems, doc.Problem(at, what, instead)) }
	here := map[string]bool{}
	for i, law := range list {
		law.file, law.line = file, doc.Line(i, "id")
		if have := laws[law.ID]; have != nil && (here[law.ID] || !law.same(have)) {
			say(lang.Tf("văn bản %s đã có ở %s:%d", "%s is already at %s:%d", law.ID, have.file, have.line), lang.T("giữ lại một", "keep one of them"), i, "id")
			continue
		}
		if !law.Until.IsZero() && law.Until.Before(law.From.Time) {
			say(lang.Tf("%s hết hiệu lực trước khi có hiệu lực", "%s ends before it begins", law.ID), lang.T("sửa from hoặc until", "correct from or until"), i, "until")
		}
		laws[law.ID], here[law.ID] = law, true
	}
	for i, law := range list {
		for n, id := range law.Replaces {
			if laws[id] == nil {
				say(lang.Tf("không có văn bản %s", "there is no law %s", id), laws.nearest(id), i, "replaces", n)
			}
		}
	}
	return problems.Err()
}

// same tells whether two files say the same of a text, such as one and its copy.
func (l Law) same(other *Law) bool {
	l.file, l.line = other.file, other.line
	return reflect.DeepEqual(l, *other)
}

func (laws Laws) nearest(id string) lang.Text {
	if near := lang.Nearest(id, slices.Sorted(maps.Keys(laws))); near != "" {
		return lang.Tf("có phải là %q? nếu không thì thêm văn bản vào laws.yaml hoặc ghi ngày from", "did you mean %q? if not, add the text to laws.yaml or write its day from", near)
	}
	return lang.T("thêm văn bản vào laws.yaml, hoặc ghi ngày from của căn cứ", "add the text to laws.yaml, or write the day from of this basis")
}

// date gives a basis the days on which both its law and it itself hold, or
// says what is wrong with it.
func (laws Laws) date(b *Basis, say func(what, instead lang.Text, field string)) {
	own := *b
	switch law := laws[b.Law]; {
	case law != nil:
		if b.From.Before(law.From.Time) {
			b.From = law.From
		}
		if !law.Until.IsZero() && (b.Until.IsZero() || law.Until.Before(b.Until.Time)) {
			b.Until = law.Until
		}
	case b.From.IsZero():
		say(lang.Tf("không có văn bản %s, căn cứ không có ngày hiệu lực", "there is no law %s, and the basis has no date", b.Law), laws.nearest(b.Law), "law")
		return
	}
	if b.Until.IsZero() || !b.Until.Before(b.From.Time) {
		return
	}
	field := "from"
	if own.From.IsZero() {
		field = "until"
	}
	say(lang.Tf("căn cứ %s không có ngày nào có hiệu lực: từ %s đến %s", "the basis %s holds on no day: from %s until %s", b.Law, b.From.Format(dayForm), b.Until.Format(dayForm)), lang.T("sửa from hoặc until của căn cứ", "correct from or until of the basis"), field)
}

const dayForm = "2006-01-02"

// oldStandard is what legacy clauses are of.
const oldStandard = "TCVN 11930:2017"

// legacy makes a basis of the clause of the old standard that a requirement
// gives, unless the requirement cites that text itself.
func (laws Laws) legacy(r *Requirement) *Basis {
	if r.Legacy == "" {
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(laws)) {
		law := laws[id]
		if !law.Legacy || slices.ContainsFunc(r.Basis, func(b Basis) bool { return b.Law == id }) {
			continue
		}
		return &Basis{Law: id, Article: "Phụ lục III (" + oldStandard + " " + r.Legacy + ")", Status: law.Status, From: law.From, Until: law.Until}
	}
	return nil
}

// resolve dates every basis of the library. What is wrong with one is told when
// its requirement is wanted.
func (lib *Library) resolve() {
	for id, r := range lib.Requirements {
		for n := range r.Basis {
			lib.Laws.date(&r.Basis[n], func(what, instead lang.Text, field string) {
				lib.undated[id] = append(lib.undated[id], lib.docs[id].Problem([]any{lib.index[id], "basis", n, field}, what, instead))
			})
		}
		r.before = lib.Laws.legacy(r)
	}
}
