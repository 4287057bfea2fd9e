package templates_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sansang/sansang/internal/templates"
)

// form is what a template says of itself.
type form struct {
	stem         string
	scheme       string // http, or nothing
	undetermined bool
	template     *templates.Template
}

// header is what every template of ours has.
type header struct {
	ID   string
	Info struct {
		Name, Author, Severity, Description, Tags string
		Reference                                 []string
		Metadata                                  map[string]any
	}
	HTTP []operators
	TCP  []operators
}

type operators struct {
	Matchers   []struct{ Type, Name string }
	Extractors []any
}

var (
	severities = []string{"info", "low", "medium", "high", "critical"}
	stemForm   = regexp.MustCompile(`^(?:http|tcp|ssl|dns)_[a-z0-9]+(?:_[a-z0-9]+)*$`)
	dayForm    = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	grounds    = []any{"verified", "paraphrase", "unverified"}
)

// readForm reads a template and holds it and the text beside it to our form.
func readForm(t *testing.T, file string, text []byte) form {
	t.Helper()
	var h header
	if err := yaml.Unmarshal(text, &h); err != nil {
		t.Fatal(err)
	}
	vetted, refused := templates.Read(file, text)
	if refused != nil {
		t.Fatalf("line %d is refused: %s %s", refused.Line, refused.What.En, refused.Instead.En)
	}
	f := form{stem: strings.TrimSuffix(filepath.Base(file), ".yaml"), template: vetted}
	if slices.Contains(vetted.Protocols, "http") {
		f.scheme = "http"
	}
	hold := func(ok bool, says string) {
		if !ok {
			t.Error(says)
		}
	}
	in := h.Info
	hold(stemForm.MatchString(f.stem), "its file is to be called PROTOCOL_NAME")
	hold(h.ID == strings.ReplaceAll(f.stem, "_", "-"), "its id is to be that of its file with - for _")
	hold(in.Author == "sansang", "author is to be sansang")
	hold(slices.Contains(severities, in.Severity), "severity is one of "+strings.Join(severities, ", "))
	hold(in.Name != "" && in.Description != "" && in.Tags != "" && len(in.Reference) > 0, "info needs name, description, reference and tags")
	vi, _ := in.Metadata["vi"].(string)
	hold(vi != "" && vi != in.Name, "metadata.vi is its name in Vietnamese")
	if filepath.Dir(file) == "unsupported" {
		until, _ := in.Metadata["until"].(string)
		hold(dayForm.MatchString(until), "metadata.until is the quoted day on which support ended")
	}
	if status, said := in.Metadata["status"]; said {
		hold(slices.Contains(grounds, status), "metadata.status is verified, paraphrase or unverified")
	}
	secret, _ := in.Metadata["secret"].(bool) // what is found is nobody's business, and not to be kept
	for _, o := range slices.Concat(h.HTTP, h.TCP) {
		hold(!secret || len(o.Extractors) == 0, "nothing is extracted of a secret")
		for _, m := range o.Matchers {
			hold(m.Type != "status" || len(o.Matchers) > 1, "a status alone shows nothing")
			f.undetermined = f.undetermined || m.Name == undetermined
		}
	}
	doc, err := os.ReadFile(strings.TrimSuffix(file, ".yaml") + ".md")
	if err != nil {
		t.Fatalf("a template has a text beside it: %v", err)
	}
	holdDoc(t, string(doc))
	return f
}

var docHeadings = []string{"Thấy gì / Sees", "Không thấy gì / Cannot see", "Gửi gì / Sends", "Khắc phục / Fix"}

// holdDoc holds the text to the form of those of the checks.
func holdDoc(t *testing.T, doc string) {
	t.Helper()
	parts := strings.Split(doc, "\n## ")
	if vi, en, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(parts[0]), "# "), " / "); !ok || vi == "" || en == "" || strings.Contains(en, "\n") {
		t.Errorf("its text begins with %q, not with a title in two languages", parts[0])
	}
	var names []string
	for _, p := range parts[1:] {
		name, body, _ := strings.Cut(p, "\n")
		names = append(names, name)
		vi, en, ok := strings.Cut(body, "\nen:\n")
		if vi = strings.TrimPrefix(strings.TrimSpace(vi), "vi:"); !ok || strings.TrimSpace(vi) == "" || strings.TrimSpace(en) == "" {
			t.Errorf("%q lacks a language", name)
		}
	}
	if !slices.Equal(names, docHeadings) {
		t.Errorf("its text has the headings %q, not %q", names, docHeadings)
	}
}
