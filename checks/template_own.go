package checks

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/templates"
)

// own are the templates that come with the tool, in one folder a set.
//
//go:embed templates/*/*.yaml templates/*/*.md templates/SHA256SUMS templates/SHA256SUMS.sig templates/sansang.pub
var own embed.FS

// The sets of our own templates, by folder.
var (
	TemplatesExposed     = ownSet("exposed", fact.Observed)     // what a web server should not give (WEB-07)
	TemplatesConsoles    = ownSet("consoles", fact.Observed)    // consoles of administration (EXP-07)
	TemplatesData        = ownSet("data", fact.Observed)        // data without authentication (EXP-05)
	TemplatesUnsupported = ownSet("unsupported", fact.Inferred) // software beyond its support (VULN-03)
	TemplatesHoles       = ownSet("holes", fact.Inferred)       // holes exploited in the wild (VULN-02)
)

// TemplatesGiven stands for the templates that a scan was given; without any
// nothing is known of them.
var TemplatesGiven = register(NewSet("templates.given", nil, []Refused{noneGiven}))

var noneGiven = Refused{ID: "(no --templates)"}

// ownSet registers the templates of a folder, and the set that they make. What
// follows from a version is inferred.
func ownSet(name string, known fact.Way) *Check {
	files, err := fs.Glob(own, "templates/"+name+"/*.yaml")
	if err != nil {
		panic(err)
	}
	var members []*Check
	for _, file := range files {
		members = append(members, register(ownTemplate(file, known)))
	}
	return register(newSet("templates."+name, known, members, nil))
}

// ownTemplate is the check of one file: templates/holes/http_cve_2023_22515.yaml
// is http.cve_2023_22515.
func ownTemplate(file string, known fact.Way) *Check {
	stem := strings.TrimSuffix(path.Base(file), ".yaml")
	kind, _, _ := strings.Cut(stem, "_")
	speaks, ok := map[string]inventory.Protocol{"http": inventory.OverHTTP, "tcp": inventory.OverTCP, "ssl": inventory.OverTLS, "dns": inventory.OverDNS}[kind]
	if !ok {
		panic(fmt.Sprintf("template %s: its name begins with http_, tcp_, ssl_ or dns_", file))
	}
	c := templateCheck(strings.Replace(stem, "_", ".", 1), speaks, known, sync.OnceValues(func() (*templates.Template, error) { return readOwn(file) }))
	c.docs = strings.TrimSuffix(file, ".yaml") + ".md"
	return c
}

func readOwn(file string) (*templates.Template, error) {
	if err := genuine(); err != nil {
		return nil, err
	}
	b, err := own.ReadFile(file)
	if err != nil {
		return nil, err
	}
	t, refused := templates.Read(file, b)
	if refused != nil {
		return nil, fmt.Errorf("%s:%d: %s", refused.File, refused.Line, refused.What.En)
	}
	return t, nil
}
