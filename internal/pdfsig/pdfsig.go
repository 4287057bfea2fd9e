// Package pdfsig tells the state of the digital signatures of a PDF: whether
// the bytes that were signed are still the same, under the certificate that the
// signature brings along (ISO 32000-2 §12.8, CMS of RFC 5652, PAdES of
// ETSI EN 319 142-1). It asks nobody: whether a certificate was revoked is not
// known here, and the time of signing is what the signer claims.
//
// The reader of CMS is our own, on encoding/asn1: what a PDF holds is a small,
// strict part of CMS (DER, one signer, detached), and general libraries answer
// with an error where this must part "does not verify" from "cannot be told".
package pdfsig

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/sansang/sansang/internal/lang"
)

// Bounds on what a file may cost. A scanned decision is a few MB; what is
// larger than MaxBytes is not looked at.
const (
	MaxBytes      = 32 << 20
	maxSignatures = 16
	maxCMS        = 4 << 20 // hexadecimal digits of a signature; with lists of revoked certificates it has some 100,000
)

// State is what is known of a signature, or of all of a file.
type State string

// The states. Valid says that the bytes are those that were signed, by the key
// of the certificate shown; it does not say that the signer may be trusted.
const (
	Unsigned State = "unsigned"
	Valid    State = "valid"
	Invalid  State = "invalid"
	Unknown  State = "unknown"
)

// Chain tells whether a certificate leads to a root that was given.
type Chain string

// The states of a chain.
const (
	ChainNotChecked Chain = "not-checked" // no root was given
	ChainTrusted    Chain = "trusted"
	ChainUntrusted  Chain = "untrusted"
)

// Result is the state of a file: that of its worst signature, and Unknown when
// something was added after the last one.
type Result struct {
	State      State       `json:"state"`
	Why        lang.Text   `json:"why,omitzero"`
	Signatures []Signature `json:"signatures,omitempty"` // in the order of signing
}

// Signature is one signature of a file.
type Signature struct {
	State     State     `json:"state"`
	Why       lang.Text `json:"why,omitzero"` // empty when Valid
	Signer    Name      `json:"signer,omitzero"`
	Issuer    Name      `json:"issuer,omitzero"`
	Signed    time.Time `json:"signed,omitzero"`    // as claimed; of a timestamp: as its authority says
	Timestamp bool      `json:"timestamp,omitzero"` // by a timestamp authority, not by a person
	Digest    string    `json:"digest,omitempty"`   // "SHA-256"
	Whole     bool      `json:"whole"`              // nothing but blanks follows what was signed
	Chain     Chain     `json:"chain,omitempty"`
	ChainWhy  string    `json:"chain_why,omitempty"` // of an untrusted chain, in English

	end int64 // first byte after what was signed
}

// Name is of the subject or issuer of a certificate.
type Name struct {
	Common       string `json:"common,omitempty"`
	Organisation string `json:"organisation,omitempty"`
}

// Is tells by the first 1024 bytes of a file whether it is a PDF: ISO 32000-2
// §7.5.2, and where readers look for that.
func Is(head []byte) bool { return bytes.Contains(head, []byte("%PDF-")) }

// Read tells the state of the signatures of a PDF of size bytes; nil for a file
// that is no PDF. roots may be nil. at is the moment to judge a chain by where
// the signature claims none.
func Read(r io.ReaderAt, size int64, roots *x509.CertPool, at time.Time) *Result {
	head := make([]byte, min(max(size, 0), 1024))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil // whoever reads the file itself tells why
	}
	if !Is(head) {
		return nil
	}
	if size > MaxBytes {
		return &Result{State: Unknown, Why: lang.Tf("tệp lớn hơn %d MB nên chưa xét chữ ký số", "the file is larger than %d MB, its signatures were not looked at", MaxBytes>>20)}
	}
	data, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return &Result{State: Unknown, Why: lang.T("không đọc được hết tệp", "the file cannot be read whole")}
	}
	w := walk(data)
	switch {
	case w.beyond:
		return &Result{State: Unknown, Why: lang.Tf("tệp có hơn %d chữ ký số", "the file has more than %d signatures", maxSignatures)}
	case len(w.found) == 0 && !w.clean && bytes.Contains(data, []byte("/ByteRange")):
		return &Result{State: Unknown, Why: lang.T("cấu trúc tệp PDF bị hỏng, không tìm ra chữ ký số trong đó", "the structure of the PDF is damaged, the signature in it cannot be found")}
	case len(w.found) == 0:
		return &Result{State: Unsigned}
	}
	res := &Result{}
	for _, d := range w.found {
		res.Signatures = append(res.Signatures, d.read(data, roots, at))
	}
	slices.SortStableFunc(res.Signatures, func(a, b Signature) int { return int(a.end - b.end) })
	res.sum()
	return res
}

// sum tells the state of the file by those of its signatures.
func (r *Result) sum() {
	for _, bad := range []State{Invalid, Unknown} {
		for i, s := range r.Signatures {
			if s.State != bad {
				continue
			}
			if r.State, r.Why = bad, s.Why; len(r.Signatures) > 1 {
				r.Why = lang.Text{Vi: fmt.Sprintf("chữ ký %d/%d: %s", i+1, len(r.Signatures), s.Why.Vi), En: fmt.Sprintf("signature %d of %d: %s", i+1, len(r.Signatures), s.Why.En)}
			}
			return
		}
	}
	if r.State = Valid; !r.Signatures[len(r.Signatures)-1].Whole {
		r.State, r.Why = Unknown, lang.T("phần đã ký còn nguyên, nhưng tệp được ghi thêm sau chữ ký cuối, nên nội dung hiện ra có thể khác nội dung đã ký",
			"what was signed is intact, but something was added after the last signature, and what is shown may differ from what was signed")
	}
}

// Last gives the last signature of a person, nil if there is none.
func (r *Result) Last() *Signature {
	for i := len(r.Signatures) - 1; i >= 0; i-- {
		if !r.Signatures[i].Timestamp {
			return &r.Signatures[i]
		}
	}
	return nil
}
