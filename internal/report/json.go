package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/record"
)

// ResultFormat names the shape of a report in JSON.
const ResultFormat = "sansang.result/1"

// result is the whole of a report in JSON. It holds both languages, so it is
// the same whichever the reader asks for.
type result struct {
	Format     string       `json:"format"`
	Judged     judge.Report `json:"judged"`
	Provenance provenance   `json:"provenance"`
}

// provenance says where the facts come from. Policy is the one that chose what
// to look at; the one that judged is in the judgement.
type provenance struct {
	Tool        record.Tool     `json:"tool"`
	Policy      record.Policy   `json:"policy"`
	Vantage     record.Vantage  `json:"vantage"`
	Joined      []record.Source `json:"joined_from,omitempty"` // the vantage and limits are then those of each
	Started     time.Time       `json:"started"`
	Finished    time.Time       `json:"finished"`
	Complete    bool            `json:"complete"` // ran to its end and was not stopped
	Looked      looked          `json:"looked"`
	Connections *int            `json:"connections,omitempty"` // unknown of a scan cut short
	ByEndpoint  map[string]int  `json:"connections_by_endpoint,omitempty"`
	Reached     []string        `json:"addresses_reached"`
	Limits      record.Limits   `json:"limits"`
	UnitFile    record.File     `json:"unit_file"`
	Evidence    *record.File    `json:"evidence_from,omitempty"` // the unit file that documents and waivers were taken from
	TrustedCAs  []record.File   `json:"trusted_cas,omitempty"`
	Assessment  string          `json:"assessment_sha256"`

	Templates []record.TemplateSet `json:"templates,omitempty"`
	Worker    *record.Worker       `json:"template_worker,omitempty"`

	Imported []record.Imported `json:"imported,omitempty"`
}

func renderJSON(d Document, _ Options) ([]byte, error) {
	a, h := d.Assessment, d.Assessment.Header
	p := provenance{Tool: h.Tool, Policy: h.Policy, Vantage: h.Vantage, Joined: h.Joined, Started: h.Started, Finished: a.Finished(),
		Complete: a.End != nil && !a.End.Stopped, Looked: look(a), Reached: peers(a), Limits: h.Limits,
		ByEndpoint: a.Connections(), UnitFile: h.UnitFile, Evidence: d.Evidence, TrustedCAs: h.CAs, Assessment: a.SHA256, Templates: h.Templates, Imported: h.Imported}
	if p.Reached == nil {
		p.Reached = []string{}
	}
	if a.End != nil {
		p.Connections, p.Worker = &a.End.Connections, a.End.Worker
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(result{ResultFormat, d.Judged, p}); err != nil {
		return nil, err
	}
	return visible(b.Bytes()), nil
}

// visible writes as \u escapes what encoding/json leaves as it is and a
// terminal or an editor would obey: C1 controls, bidirectional overrides,
// zero-width characters. The values stay the same, since in JSON such
// characters can only stand inside strings.
func visible(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		switch {
		case r < 0x7f || unicode.IsPrint(r):
			out = append(out, b[i:i+size]...)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		i += size
	}
	return out
}
