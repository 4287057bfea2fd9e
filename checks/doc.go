package checks

import (
	"embed"
	"fmt"
	"strings"

	"github.com/sansang/sansang/internal/lang"
)

//go:embed *.md
var docs embed.FS

// Doc is what a person must know of a check: what its fact shows, what it
// cannot show, what it sends to get it, and how to mend what is found.
type Doc struct{ Title, Sees, CannotSee, Sends, Fix lang.Text }

// Doc reads the check's .md file, checks/tls_versions.md for tls.versions. The
// tests hold that it is whole; what is not there is empty.
func (c *Check) Doc() Doc {
	from, name := c.docFile()
	file, err := from.ReadFile(name)
	if err != nil {
		return Doc{}
	}
	d, _ := parseDoc(string(file))
	return d
}

func (c *Check) docFile() (embed.FS, string) {
	if c.docs != "" {
		return own, c.docs
	}
	return docs, strings.ReplaceAll(c.ID, ".", "_") + ".md"
}

// The headings of a doc file, and the place of each in a Doc.
var headings = []struct {
	name string
	of   func(*Doc) *lang.Text
}{
	{"Thấy gì / Sees", func(d *Doc) *lang.Text { return &d.Sees }},
	{"Không thấy gì / Cannot see", func(d *Doc) *lang.Text { return &d.CannotSee }},
	{"Gửi gì / Sends", func(d *Doc) *lang.Text { return &d.Sends }},
	{"Khắc phục / Fix", func(d *Doc) *lang.Text { return &d.Fix }},
}

// parseDoc reads a doc file. Its first line is "# " and the title in both
// languages with " / " between. Under each heading a line "vi:" begins the
// Vietnamese text and a line "en:" the English one; either may have several
// paragraphs. The error names all that is missing or unknown.
func parseDoc(file string) (Doc, error) {
	var d Doc
	var wrong []string
	first, rest, _ := strings.Cut(file, "\n")
	vi, en, _ := strings.Cut(strings.TrimPrefix(first, "# "), " / ")
	if d.Title = lang.T(strings.TrimSpace(vi), strings.TrimSpace(en)); !strings.HasPrefix(first, "# ") {
		d.Title = lang.Text{}
	}
	texts := map[string]*lang.Text{"title": &d.Title}
	for _, h := range headings {
		texts[h.name] = h.of(&d)
	}
	for _, section := range strings.Split("\n"+rest, "\n## ")[1:] {
		name, body, _ := strings.Cut(section, "\n")
		if t := texts[strings.TrimSpace(name)]; t != nil {
			*t = parseTexts(body)
		} else {
			wrong = append(wrong, fmt.Sprintf("unknown heading %q", name))
		}
	}
	for name, t := range texts {
		for _, l := range lang.All {
			if t.In(l) == "" {
				wrong = append(wrong, fmt.Sprintf("%q has no %s", name, l))
			}
		}
	}
	if len(wrong) > 0 {
		return d, fmt.Errorf("doc: %s", strings.Join(wrong, "; "))
	}
	return d, nil
}

// parseTexts reads what stands under one heading.
func parseTexts(body string) lang.Text {
	var t lang.Text
	var to *string
	for line := range strings.Lines(body) {
		switch strings.TrimSpace(line) {
		case "vi:":
			to = &t.Vi
		case "en:":
			to = &t.En
		default:
			if to != nil {
				*to += line
			}
		}
	}
	return lang.T(strings.TrimSpace(t.Vi), strings.TrimSpace(t.En))
}
