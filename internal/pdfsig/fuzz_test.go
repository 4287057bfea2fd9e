package pdfsig

import (
	"bytes"
	"testing"
)

// FuzzRead: whatever the file holds there is an answer, and a file is not
// called valid unless a signature in it is and covers it.
func FuzzRead(f *testing.F) {
	f.Add(body())
	f.Add([]byte("%PDF-1.7\n9 0 obj << /Type /Sig /ByteRange [0 60 70 9] /Contents <3080> >> endobj"))
	f.Add([]byte("%PDF-1.7\n<< /Length 3 >>stream\n\x00\x01\x02\nendstream <</Type/Sig/Contents(\\)>>"))
	f.Add([]byte("%PDF-1.7\n<</#42yteRange[0 -1 99999999999999999999 1]/Contents<>>>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := Read(bytes.NewReader(b), int64(len(b)), nil, at)
		if r == nil {
			return
		}
		if r.State == Valid && (len(r.Signatures) == 0 || !r.Signatures[len(r.Signatures)-1].Whole) || r.State != Valid && r.State != Unsigned && !r.Why.Whole() {
			t.Errorf("%+v", r)
		}
	})
}

// FuzzCMS: the reader of what is inside a signature.
func FuzzCMS(f *testing.F) {
	f.Add([]byte{0x30, 0x80, 0, 0})
	f.Fuzz(func(_ *testing.T, b []byte) {
		sd, err := readCMS(b)
		if err != nil {
			return
		}
		for _, si := range sd.SignerInfos {
			_ = sd.signer(si)
			_, _ = si.signedAttributes()
			_, _ = algorithmOf(si.SignatureAlgorithm, 0)
		}
	})
}
