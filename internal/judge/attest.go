package judge

import (
	"sort"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// DocumentCheck is the name under which it is recorded what a document file
// held when the scan read it: the fact is a Document, the "endpoint" its path.
const DocumentCheck = "document"

// Document is what was found in the place of a document.
type Document struct {
	SHA256    string     `json:"sha256"`
	Bytes     int64      `json:"bytes"`
	Signature *Signature `json:"signature,omitempty"` // nil: nobody looked
}

// Signature is the state of the signatures inside a document. It is shown and
// changes no verdict: a document counts by what it says and who answers for it.
type Signature struct {
	State  SignatureState `json:"state"`
	Signer string         `json:"signer,omitempty"`
	Signed time.Time      `json:"signed,omitzero"` // as claimed by the signer
	Detail lang.Text      `json:"detail,omitzero"`
}

// SignatureState tells whether a signature holds.
type SignatureState string

// The states of a signature.
const (
	Unsigned         SignatureState = "unsigned"
	SignatureValid   SignatureState = "valid"
	SignatureInvalid SignatureState = "invalid"
	SignatureUnknown SignatureState = "unknown"
)

// attested tells whether the newest attestation in force says that a
// requirement is met, or why there is none to go by. An older one steps in only
// for one that has run out and was good to its end: neither a file that is
// lost, nor a refusal, nor the end of a "not met" may turn into "met".
func (c *Case) attested(p *Policy, r *Requirement, s subject) (bool, *fact.Unknown) {
	if c.deaf {
		return false, fact.Because(fact.NoEvidence, "nobody is heard")
	}
	var past *fact.Unknown
	for _, a := range c.attestations(r, s) {
		pa := c.paper(p, r, a, s.level)
		switch {
		case pa.outside != nil:
			if past == nil {
				past = pa.outside
			}
			if pa.State != PaperFuture && (a.Result == inventory.NotMet || pa.flaw != nil) {
				return false, pa.outside
			}
		case pa.flaw != nil:
			return false, pa.flaw
		default:
			return a.Result != inventory.NotMet, nil
		}
	}
	if past != nil {
		return false, past
	}
	return false, fact.Because(fact.NoEvidence, "nothing attests "+r.ID)
}

// read tells why nobody read the document of an attestation, nil if somebody
// did. Scans from several places each read the files that lie beside their own
// unit file; one that found the document attested is enough.
func (c *Case) read(a inventory.Attestation) *fact.Unknown {
	why := fact.Because(fact.NoEvidence, a.Document+" was not read")
	known := false
	for _, doc := range c.documents[a.Document] {
		switch {
		case doc.unknown == nil && doc.SHA256 == a.SHA256:
			return nil
		case doc.unknown == nil:
			why, known = fact.Because(fact.Changed, a.Document+" is another file than the one attested"), true
		case !known:
			why, known = doc.unknown, true
		case why.Cause != fact.Changed && doc.unknown.Error() < why.Error(): // whichever is read first
			why = doc.unknown
		}
	}
	return why
}

// attestations lists what concerns the requirement and the subject, the
// newest first; of one day, "not met" first and what was refused or is not as
// it was last, so that a better copy of a document may take its place.
func (c *Case) attestations(r *Requirement, s subject) []inventory.Attestation {
	var out []inventory.Attestation
	if auth := c.Unit.Authorisation; auth != nil && r.Evidence != nil && r.Evidence.From == "authorisation" {
		out = append(out, inventory.Attestation{Requirement: r.ID, Document: auth.Document, SHA256: auth.SHA256, Issued: auth.From, Until: auth.Until, Signer: auth.By})
	}
	for _, a := range c.Unit.Attestations {
		if a.Requirement == r.ID && concerns(a.System, s.system.ID) && concerns(a.Endpoint, s.endpoint.ID) {
			out = append(out, a)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if !a.Issued.Equal(b.Issued.Time) {
			return a.Issued.After(b.Issued.Time)
		}
		if a.Result == inventory.NotMet || b.Result == inventory.NotMet {
			return a.Result == inventory.NotMet && b.Result != inventory.NotMet
		}
		return !c.spoilt(a) && c.spoilt(b)
	})
	return out
}

// concerns tells whether what is said of one (or, when empty, of all) is said
// of id.
func concerns(of, id string) bool { return of == "" || of == id }
