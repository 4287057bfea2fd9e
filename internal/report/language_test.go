package report

import (
	"cmp"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/sansang/sansang/internal/lang"
)

// ownTexts reads every text of this package from its source: lang.T and
// lang.Tf in Go, t in the templates.
func ownTexts(t *testing.T) []lang.Text {
	t.Helper()
	var out []lang.Text
	files, _ := filepath.Glob("*.go")
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && (sel.Sel.Name == "T" || sel.Sel.Name == "Tf") {
				vi, okVi := literal(call.Args[0])
				en, okEn := literal(call.Args[1])
				if okVi && okEn {
					out = append(out, lang.T(vi, en))
				}
			}
			return true
		})
	}
	templates, _ := filepath.Glob("page/*.tmpl")
	call := regexp.MustCompile(`\bt ("(?:[^"\\]|\\.)*") ("(?:[^"\\]|\\.)*")`)
	for _, file := range templates {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(b), -1) {
			vi, _ := strconv.Unquote(m[1])
			en, _ := strconv.Unquote(m[2])
			if vi != "vi" { // the one that asks which language it is
				out = append(out, lang.T(vi, en))
			}
		}
	}
	if len(out) < 150 {
		t.Fatalf("found only %d texts", len(out))
	}
	return out
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// TestTextsAreWhole: no half of a text is missing or left in the other
// language. An English half may be empty only where Vietnamese needs a word
// more, as "mức cao" for "high".
func TestTextsAreWhole(t *testing.T) {
	for _, x := range ownTexts(t) {
		if x.Vi == "" || x.En == "" && x.Vi != "mức " {
			t.Errorf("half a text: %+v", x)
		}
		if s := vietnamese(x.En); s != "" {
			t.Errorf("the English of %+v holds %q", x, s)
		}
	}
}

// vietnamese finds the first word with a letter that English does not have.
func vietnamese(s string) string {
	for _, word := range strings.Fields(s) {
		for _, r := range word {
			if r > 0x7f && unicode.IsLetter(r) {
				return word
			}
		}
	}
	return ""
}

// data gathers every string of a document that is in no language of ours: it
// comes from the unit, from servers, from the law.
func data(t *testing.T, d Document) (strs []string, texts []lang.Text) {
	t.Helper()
	var walk func(x any)
	walk = func(x any) {
		switch x := x.(type) {
		case string:
			strs = append(strs, x, clean(x))
		case []any:
			for _, e := range x {
				walk(e)
			}
		case map[string]any:
			vi, okVi := x["vi"].(string)
			en, okEn := x["en"].(string)
			if len(x) == 2 && okVi && okEn {
				texts = append(texts, lang.T(vi, en))
				return
			}
			for _, e := range x {
				walk(e)
			}
		}
	}
	strs = append(strs, clean(hostile))
	seen := []any{}
	for _, o := range d.Assessment.Observations {
		seen = append(seen, o.Check, o.Peers, o.Unknown)
		for _, e := range o.Evidence {
			seen = append(seen, e.Ended)
		}
	}
	for _, part := range []any{d.Judged, d.Assessment.Header, seen} {
		b, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		var x any
		if err := json.Unmarshal(b, &x); err != nil {
			t.Fatal(err)
		}
		walk(x)
	}
	slices.SortFunc(strs, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(strs), texts
}

var anyTag = regexp.MustCompile(`(?s)<style>.*?</style>|<pre.*?</pre>|<[^>]*>`)

// words gives the words of a report, without markup, line breaks and data.
func words(t *testing.T, format string, d Document, l lang.Lang, strs []string) string {
	got := string(render(t, format, d, Options{Lang: l, Width: 4000}))
	if format == "html" {
		got = html.UnescapeString(anyTag.ReplaceAllString(got, " "))
	}
	for _, s := range strs {
		if len(s) > 3 {
			got = strings.ReplaceAll(got, s, " ")
		}
	}
	return strings.Join(strings.Fields(got), " ")
}

var english = strings.Fields("the is are was of with from not this that which no for by and or to in on at seen where fix none yes")

// englishWord finds the first of the commonest English words.
func englishWord(s string) string {
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r != '-' && !unicode.IsLetter(r) }) {
		if slices.Contains(english, w) {
			return w
		}
	}
	return ""
}

// TestOneLanguage: a report in one language holds nothing in the other but
// names, technical terms and what others wrote.
func TestOneLanguage(t *testing.T) {
	own := ownTexts(t)
	for name, d := range documents() {
		strs, texts := data(t, d)
		for _, format := range []string{"text", "html"} {
			if s := vietnamese(words(t, format, d, lang.En, strs)); s != "" {
				t.Errorf("%s %s in English holds %q", name, format, s)
			}
			vi := words(t, format, d, lang.Vi, strs)
			if s := englishWord(vi); s != "" {
				i := strings.Index(strings.ToLower(vi), " "+s+" ")
				t.Errorf("%s %s in Vietnamese holds %q: …%s…", name, format, s, vi[max(0, i-40):min(len(vi), max(i, 0)+40)])
			}
			for _, x := range append(own, texts...) {
				if en := strings.TrimSpace(x.En); strings.Count(en, " ") > 1 && !strings.Contains(x.Vi, en) && !strings.Contains(en, "%") && strings.Contains(vi, en) {
					t.Errorf("%s %s in Vietnamese holds %q", name, format, en)
				}
			}
		}
	}
}
