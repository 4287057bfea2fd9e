package judge

import (
	"encoding/json"
	"testing"

	"github.com/sansang/sansang/internal/lang"
)

// What several scans say of one file is told alike, whatever their order, and
// the worst of it.
func TestSignatureOfSeveralScans(t *testing.T) {
	all := []Signature{
		{State: SignatureInvalid, Detail: lang.T("a", "a")}, {State: SignatureInvalid, Detail: lang.T("b", "b")},
		{State: SignatureUnknown}, {State: Unsigned}, {State: SignatureValid},
	}
	for i := range all {
		for j := range all {
			if got := all[i].before(&all[j]); got != (i < j) {
				t.Errorf("%+v before %+v: %v", all[i], all[j], got)
			}
		}
	}
}

// A record of before, which says nothing of signatures, reads as such.
func TestDocumentOfBefore(t *testing.T) {
	var d Document
	if err := json.Unmarshal([]byte(`{"sha256":"00","bytes":1}`), &d); err != nil || d.Signature != nil {
		t.Errorf("%v %+v", err, d)
	}
	if b, err := json.Marshal(d); err != nil || string(b) != `{"sha256":"00","bytes":1}` {
		t.Errorf("%v %s", err, b)
	}
}

func TestInvalidSignatureWarns(t *testing.T) {
	bad := Signature{State: SignatureInvalid, Detail: lang.T("nội dung đã đổi", "it was changed")}
	f := Finding{Verdict: Pass, Papers: []Paper{{State: PaperInForce, Signature: &bad}, {State: PaperInForce, Signature: &bad}, {State: PaperInForce, Signature: &Signature{State: SignatureUnknown}}, {State: PaperInForce}}}
	f.Papers[0].Document, f.Papers[1].Document = "a.pdf", "a.pdf"
	f.warnOfSignature()
	if f.Verdict != Pass || len(f.Warnings) != 1 || f.Warnings[0].Vi != "chữ ký số của a.pdf không hợp lệ: nội dung đã đổi" || f.Warnings[0].En != "the digital signature of a.pdf is not valid: it was changed" {
		t.Errorf("%+v", f)
	}
}
