package judge

import (
	"cmp"
	"slices"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// gravest orders the states of a signature, so that of what several scans say
// of one file the same is told always, and not the best of it.
var gravest = []SignatureState{SignatureInvalid, SignatureUnknown, Unsigned, SignatureValid}

// signature gives the state of the signatures of the document attested.
func (c *Case) signature(a inventory.Attestation) *Signature {
	var out *Signature
	for _, doc := range c.documents[a.Document] {
		if doc.unknown == nil && doc.SHA256 == a.SHA256 && doc.Signature != nil && (out == nil || doc.Signature.before(out)) {
			out = doc.Signature
		}
	}
	return out
}

func (s *Signature) before(b *Signature) bool {
	rank := func(s *Signature) int { return slices.Index(gravest, s.State) }
	return cmp.Or(cmp.Compare(rank(s), rank(b)), cmp.Compare(s.Detail.En, b.Detail.En)) < 0
}

// warnOfSignature warns of a document whose digital signature does not hold.
// The verdict stays: that a file was changed or badly signed does not say that
// the requirement is not met.
func (f *Finding) warnOfSignature() {
	for _, p := range f.Papers {
		if p.Signature == nil || p.Signature.State != SignatureInvalid || p.State == PaperExpired {
			continue
		}
		why := p.Signature.Detail
		w := lang.Tf("chữ ký số của %[1]s không hợp lệ: %[2]s", "the digital signature of %[1]s is not valid: %[3]s", p.Document, why.Vi, why.En)
		if !slices.Contains(f.Warnings, w) {
			f.Warnings = append(f.Warnings, w)
		}
	}
}
