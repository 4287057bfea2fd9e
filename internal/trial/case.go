// Package trial tries policies by cases that jurists write as data: what was
// seen, and what it must come to. Of each case it makes others in which a part
// is hidden, and it tells which conditions of the policy no case has tried.
package trial

import (
	_ "embed"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

// Case is what was seen of one endpoint, host and domain, and what a
// requirement must come to by it. Each fact is of those places that its check
// applies to.
type Case struct {
	Requirement string                     `json:"requirement"`
	Name        string                     `json:"case"`
	Policy      string                     `json:"policy"` // the one that it is for; empty: any that has the requirement as the library does
	Level       int                        `json:"level"`
	Kind        inventory.UnitKind         `json:"kind"`
	Connects    *bool                      `json:"connects"`
	Endpoint    inventory.Endpoint         `json:"endpoint"`
	Host        *inventory.HostRange       `json:"host"`
	Domain      *inventory.DomainName      `json:"domain"`
	Vantage     inventory.Zone             `json:"vantage"`
	At          time.Time                  `json:"at"`
	Facts       map[string]json.RawMessage `json:"facts"`
	Views       []View                     `json:"views"` // in the place of vantage and facts
	Attest      inventory.Result           `json:"attest"`
	Want        judge.Verdict              `json:"want"`

	doc   *yamldoc.Document
	index int
}

// View is what was seen from one zone.
type View struct {
	Vantage inventory.Zone             `json:"vantage"`
	Facts   map[string]json.RawMessage `json:"facts"`
}

// Schema is the JSON Schema of a file of cases, for editors.
//
//go:embed trial.schema.json
var Schema []byte

var schema = sync.OnceValue(func() *yamldoc.Schema { return yamldoc.MustSchema("trial.schema.json", Schema) })

// Known is what cases may speak of.
type Known struct {
	Facts        fact.Schema
	Requirements []string
}

// Read reads one file of cases. Its mistakes are yamldoc.Problems: a
// requirement or check that does not exist, a fact that is not of its check's
// type.
func Read(file string, data []byte, known Known) ([]Case, error) {
	doc, err := yamldoc.Parse(file, data)
	if err != nil {
		return nil, err
	}
	r := reader{doc: doc, known: known}
	if err := schema().Check(doc); err != nil && !errors.As(err, &r.problems) {
		return nil, err
	}
	list, _ := doc.Value.([]any)
	for i, v := range list {
		if raw, ok := v.(map[string]any); ok {
			r.check(i, raw)
		}
	}
	if r.problems != nil {
		return nil, r.problems
	}
	var cases []Case
	if err := doc.Decode(&cases); err != nil {
		return nil, yamldoc.Problems{doc.Problem(nil, lang.Tf("không đọc được trường hợp: %v", "a case cannot be read: %v", err), lang.Text{})}
	}
	for i := range cases {
		cases[i].doc, cases[i].index = doc, i
	}
	return cases, nil
}

type reader struct {
	doc      *yamldoc.Document
	known    Known
	problems yamldoc.Problems
}

func (r *reader) say(at []any, what, instead lang.Text) {
	r.problems = append(r.problems, r.doc.Problem(at, what, instead))
}

// check finds what the schema does not know.
func (r *reader) check(i int, raw map[string]any) {
	if id, ok := raw["requirement"].(string); ok && !slices.Contains(r.known.Requirements, id) {
		r.say([]any{i, "requirement"}, lang.Tf("chính sách không có yêu cầu %s", "the policy has no requirement %s", id), nearest(id, r.known.Requirements))
	}
	views, several := raw["views"].([]any)
	if several && (raw["vantage"] != nil || raw["facts"] != nil) {
		r.say([]any{i, "views"}, lang.T("views thay cho vantage và facts", "views stand in the place of vantage and facts"), lang.T("giữ một trong hai cách", "keep one of the two ways"))
	}
	r.facts(raw["facts"], i, "facts")
	for n, v := range views {
		view, _ := v.(map[string]any)
		r.facts(view["facts"], i, "views", n, "facts")
	}
}

func nearest(wrote string, have []string) lang.Text {
	if near := lang.Nearest(wrote, have); near != "" {
		return lang.Tf("có phải là %s?", "did you mean %s?", near)
	}
	return lang.Text{}
}
