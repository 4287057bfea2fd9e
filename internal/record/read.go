package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/lang"
)

// maxLine bounds one line: an observation with all the evidence it may keep
// is below 1 MB, a header of 5,000 endpoints about 4 MB.
const maxLine = 64 << 20

// Damage is a record that does not say what was written.
type Damage struct {
	File string
	Line int
	What lang.Text
}

// In says the damage in one language.
func (d *Damage) In(l lang.Lang) string {
	instead := lang.T("dùng bản gốc của hồ sơ, hoặc rà quét lại", "use the original file, or scan again")
	return fmt.Sprintf("%s:%d: %s; %s", d.File, d.Line, d.What.In(l), instead.In(l))
}

func (d *Damage) Error() string { return d.In(lang.En) }

// Open reads an assessment file.
func Open(path string) (*Assessment, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return Read(path, f)
}

// Read reads an assessment. A last line without its newline was cut by a crash
// and is passed over; any other flaw is Damage.
func Read(name string, r io.Reader) (*Assessment, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	a := &Assessment{}
	prev := ""
	var b []byte // of one line after the other; take keeps none of it
	for n := 0; ; n++ {
		var err error
		b, err = readLine(in, b[:0])
		if errors.Is(err, io.EOF) {
			if n == 0 {
				return nil, &Damage{name, 1, lang.T("không phải hồ sơ đánh giá của sansang", "this is no assessment file of sansang")}
			}
			a.SHA256 = prev
			return a, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n+1, err)
		}
		if what := a.take(n, b, prev); !what.Empty() {
			return nil, &Damage{name, n + 1, what}
		}
		prev = digest(b)
	}
}

// readLine appends a whole line without its newline; a torn one is io.EOF.
func readLine(in *bufio.Reader, out []byte) ([]byte, error) {
	for {
		part, err := in.ReadSlice('\n')
		if len(out)+len(part) > maxLine {
			return nil, fmt.Errorf("line longer than %d MB", maxLine>>20)
		}
		out = append(out, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return bytes.TrimSuffix(out, []byte("\n")), nil
	}
}

func (a *Assessment) take(n int, b []byte, prev string) lang.Text {
	var l line
	if err := json.Unmarshal(b, &l); err != nil {
		if n == 0 {
			return lang.T("không phải hồ sơ đánh giá của sansang", "this is no assessment file of sansang")
		}
		return lang.T("dòng này bị hỏng", "this line is damaged")
	}
	switch {
	case n == 0 && (l.Header == nil || l.Header.Format != Format && l.Header.Format != JoinedFormat):
		return lang.Tf("không phải hồ sơ đánh giá dạng %s hay %s", "this is no assessment of the form %s or %s", Format, JoinedFormat)
	case n == 0 && (l.Header.Format == JoinedFormat) != (len(l.Header.Joined) > 0):
		return lang.T("dòng đầu không nói đúng hồ sơ được ghép từ những hồ sơ nào", "the first line does not say from which assessments this was joined")
	case l.Seq != n || l.Prev != prev:
		return lang.T("dòng này hoặc dòng trước đã bị sửa, bớt hoặc đổi chỗ", "this line or the one before was changed, removed or moved")
	case a.End != nil:
		return lang.T("có thêm nội dung sau dòng kết thúc", "something follows the end")
	}
	switch {
	case l.Header != nil && n == 0:
		a.Header = *l.Header
		if what := a.strangers(); !what.Empty() {
			return what
		}
	case l.Observation != nil:
		if err := l.Observation.Validate(); err != nil {
			return lang.T("kết quả ghi trong dòng này không hợp lệ: "+err.Error(), "the observation of this line is invalid: "+err.Error())
		}
		if !a.knows(l.Observation.Vantage, l.Observation.Zone) {
			return stranger
		}
		a.Observations = append(a.Observations, *l.Observation)
	case l.Event != nil:
		if !a.knows(l.Event.Vantage, string(l.Event.Zone)) {
			return stranger
		}
		a.Events = append(a.Events, *l.Event)
	case l.End != nil:
		a.End = l.End
	default:
		return lang.T("dòng này không có nội dung mà phiên bản này hiểu", "this line holds nothing that this version knows")
	}
	return lang.Text{}
}

var stranger = lang.T("có kết quả nhìn từ một nơi mà dòng đầu không nêu", "something was seen from a place that the first line does not name")

// knows tells whether something may have been seen from a place: in a joined
// record it is one of those named in its header.
func (a *Assessment) knows(name, zone string) bool {
	return len(a.Header.Joined) == 0 || slices.ContainsFunc(a.Header.Joined, func(s Source) bool { return s.Vantage.Name == name && string(s.Vantage.Zone) == zone })
}

// strangers finds a plan for a place that the header does not name.
func (a *Assessment) strangers() lang.Text {
	for _, p := range a.Header.Plan {
		if !a.knows(p.Vantage, string(p.Zone)) {
			return stranger
		}
	}
	return lang.Text{}
}

// Unanswered makes the Unknowns for what was planned and is not in the file.
func (a *Assessment) Unanswered() []fact.Observation {
	var out []fact.Observation
	for _, p := range a.Missing() {
		out = append(out, fact.Observation{Check: p.Check, Endpoint: p.Endpoint, Vantage: p.Vantage, Zone: string(p.Zone), At: a.Finished(),
			Unknown: fact.Because(fact.Broken, "the scan ended before this was looked at")})
	}
	return out
}
