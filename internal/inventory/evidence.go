package inventory

import "strings"

// Attestation is a person's word, with a document, that a requirement is met
// or is not. It counts from Issued until Until or until the requirement's own
// validity runs out, whichever is first. That a requirement is not met needs
// no document, but a name in By.
type Attestation struct {
	Requirement string `json:"requirement"`
	System      string `json:"system,omitempty"`   // empty: every system
	Endpoint    string `json:"endpoint,omitempty"` // empty: every endpoint
	Result      Result `json:"result,omitempty"`   // met when left out
	Document    string `json:"document,omitempty"` // a file, relative to the unit file's folder
	SHA256      string `json:"sha256,omitempty"`
	Issuer      string `json:"issuer,omitempty"` // the body whose document it is
	Issued      Date   `json:"issued"`
	Until       Date   `json:"until,omitzero"`
	Signer      string `json:"signer,omitempty"` // who signed the document
	By          string `json:"by,omitempty"`     // who attests; the signer when left out
	Note        string `json:"note,omitempty"`   // what else there is to say, such as what is lacking
}

// Attester names who vouches for an attestation.
func (a Attestation) Attester() string {
	if a.By != "" {
		return a.By
	}
	return a.Signer
}

// Result is what an attestation says.
type Result string

// The results of an attestation.
const (
	Met    Result = "met"
	NotMet Result = "not-met"
)

// Review is what an auditor says of one document as evidence for one
// requirement. The document is known by its content: a review of a file does
// not pass on to the file that takes its place.
type Review struct {
	Requirement string     `json:"requirement"`
	Document    string     `json:"document"`
	SHA256      string     `json:"sha256"`
	Result      Acceptance `json:"result"`
	Reason      string     `json:"reason,omitempty"` // of a refusal always
	By          string     `json:"by"`
	On          Date       `json:"on"`
}

// Acceptance is the result of a review.
type Acceptance string

// The results of a review.
const (
	Accepted Acceptance = "accepted"
	Refused  Acceptance = "refused"
)

// Of tells whether the review is about the document of an attestation.
func (r Review) Of(a Attestation) bool {
	return r.Requirement == a.Requirement && a.SHA256 != "" && strings.EqualFold(r.SHA256, a.SHA256)
}
