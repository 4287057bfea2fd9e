package pdfsig

import (
	"bytes"
	"encoding/hex"
	"time"

	"github.com/sansang/sansang/internal/lang"
)

// ranges are the bytes that a signature covers: all from the beginning to its
// end but the signature itself.
type ranges struct{ gap, resume, end int64 }

// covered reads ByteRange and holds it to what makes a signature one of the
// file (ISO 32000-2 §12.8.1): two ranges from the first byte on, apart by
// nothing but Contents. Anything else leaves room to put something unsigned
// into a signed file.
func (d dict) covered(data []byte) (r ranges, state State, why lang.Text) {
	if d.byteRange.kind != array {
		return r, Unknown, lang.T("chữ ký không ghi trực tiếp phạm vi đã ký (ByteRange)", "the signature does not say itself what it covers (ByteRange)")
	}
	n, ok := integers(data, d.byteRange)
	if !ok || len(n) != 4 {
		return r, Invalid, lang.T("phạm vi đã ký (ByteRange) không phải bốn số nguyên", "what is signed (ByteRange) is not four whole numbers")
	}
	for _, v := range n {
		if v < 0 {
			return r, Invalid, lang.T("phạm vi đã ký (ByteRange) có số âm", "what is signed (ByteRange) has a negative number")
		}
		if v > int64(len(data)) {
			return r, Invalid, beyondFile
		}
	}
	r = ranges{gap: n[1], resume: n[2], end: n[2] + n[3]}
	switch {
	case n[0] != 0:
		return r, Invalid, lang.T("phạm vi đã ký không bắt đầu từ đầu tệp", "what is signed does not begin at the beginning of the file")
	case r.end > int64(len(data)):
		return r, Invalid, beyondFile
	case r.gap >= r.resume:
		return r, Invalid, lang.T("hai phần đã ký chồng lên nhau", "the two parts that are signed overlap")
	case d.contents.kind == none:
		return r, Invalid, lang.T("chữ ký không có nội dung (Contents)", "the signature has no content (Contents)")
	case r.gap < int64(d.contents.start) || r.resume > int64(d.contents.end):
		return r, Invalid, lang.T("phần không ký rộng hơn chỗ của chữ ký: có thể đã chèn nội dung vào", "what is left out of signing is more than the signature: something may have been put there")
	}
	return r, Valid, lang.Text{}
}

var beyondFile = lang.T("phạm vi đã ký dài hơn tệp: tệp bị cắt bớt", "what is signed reaches beyond the file: the file was cut")

// parts gives the bytes that are signed.
func (r ranges) parts(data []byte) [][]byte { return [][]byte{data[:r.gap], data[r.resume:r.end]} }

// whole tells whether nothing but blanks follows what is signed.
func (r ranges) whole(data []byte) bool {
	return len(bytes.TrimLeft(data[r.end:], "\x00\t\n\f\r ")) == 0
}

// cms gives the bytes of Contents.
func (d dict) cms(data []byte) ([]byte, bool) {
	if d.contents.kind != hexadec {
		return nil, false
	}
	digits := make([]byte, 0, d.contents.end-d.contents.start)
	for _, c := range data[d.contents.start+1 : d.contents.end-1] {
		if !blank(c) {
			digits = append(digits, c)
		}
	}
	if len(digits)%2 == 1 {
		digits = append(digits, '0') // §7.3.4.3
	}
	n, err := hex.Decode(digits, digits)
	return digits[:n], err == nil
}

// claimed reads the time of signing from the dictionary (§7.9.4), zero where
// there is none that can be read.
func (d dict) claimed(data []byte) time.Time {
	if d.when.kind != literal || d.when.end-d.when.start > 40 {
		return time.Time{}
	}
	s := string(bytes.ReplaceAll(data[d.when.start+1:d.when.end-1], []byte("'"), nil))
	for _, layout := range []string{"D:20060102150405-0700", "D:20060102150405Z0000", "D:20060102150405Z", "D:20060102150405"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}
