// Package templates reads templates in nuclei's format and vets them: what
// could leave the target, run something here or strain the target is refused
// with one sentence, before an engine sees a byte of it.
package templates

import "github.com/sansang/sansang/internal/lang"

// Template is one vetted template.
type Template struct {
	ID         string
	Name       string
	Severity   string // info, low, medium, high, critical or unknown
	Tags       []string
	CVEs       []string
	References []string // addresses of what the template rests on
	Classes    []string // that an authorisation must name before the template may run, sorted
	Protocols  []string // http, tcp, ssl, dns, javascript; in the order of the file, each once
	Ports      []int    // that tcp and javascript parts insist on; nil: that of the endpoint
	Secret     bool     // what it finds is itself a secret, by its metadata
	Steps      int      // requests, as far as the text tells; at least 1
	File       string
	Data       []byte // what the engine is given: the vetted text, written anew
	SHA256     string // of the file as it was
}

// Refusal says why a template is not used.
type Refusal struct {
	File     string
	Line     int
	ID       string // empty where it could not be read
	Severity string // the same
	Rule     string // short stable name of what was broken
	What     lang.Text
	Instead  lang.Text
}

// Classes of templates that do more than look. An authorisation that does not
// name the class does not cover them.
const (
	BruteForce   = "brute-force"
	DefaultLogin = "default-login"
	Dos          = "dos"
	Fuzz         = "fuzz"
	Intrusive    = "intrusive"
)
