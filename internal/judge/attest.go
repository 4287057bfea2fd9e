package judge

import (
	"sort"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// DocumentCheck is the name under which it is recorded what a document file
// held when the scan read it: the fact is a Document, the "endpoint" its path.
const DocumentCheck = "document"

// Document is what was found in the place of a document.
type Document struct {
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// attested tells whether the newest attestation in force says that a
// requirement is met, or why there is none to go by. When its document cannot
// be read, an older attestation does not step in: losing a file must not turn
// "not met" into "met".
func (c *Case) attested(r *Requirement, s subject) (bool, *fact.Unknown) {
	var expired *fact.Unknown
	for _, a := range c.attestations(r, s) {
		if u := outside(a, r, s.level, c.At); u != nil {
			if expired == nil {
				expired = u
			}
			continue
		}
		if u := c.read(a); u != nil {
			return false, u
		}
		return a.Result != inventory.NotMet, nil
	}
	if expired != nil {
		return false, expired
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
// newest first; of one day, "not met" first.
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
		return a.Result == inventory.NotMet && b.Result != inventory.NotMet
	})
	return out
}

// concerns tells whether what is said of one (or, when empty, of all) is said
// of id.
func concerns(of, id string) bool { return of == "" || of == id }

// outside tells why an attestation is not in force at a moment, nil if it is.
func outside(a inventory.Attestation, r *Requirement, level int, at time.Time) *fact.Unknown {
	if at.Before(a.Issued.Time) {
		return fact.Because(fact.Expired, a.Document+" is valid from "+a.Issued.Format(time.DateOnly))
	}
	var end time.Time
	if !a.Until.IsZero() {
		end = a.Until.End()
	}
	if m := r.Evidence.months(level); m > 0 {
		if own := a.Issued.AddDate(0, m, 0); end.IsZero() || own.Before(end) {
			end = own
		}
	}
	if !end.IsZero() && !at.Before(end) {
		return fact.Because(fact.Expired, a.Document+" was valid before "+end.Format(time.DateOnly))
	}
	return nil
}
