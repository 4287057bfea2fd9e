// Package foreign reads result files of other tools. What such a file says
// definitely becomes a fact of ours that is known as reported; what it leaves
// open stays Unknown, and its silence says nothing. The files are not trusted:
// every reader is bounded, and a file that cannot be read is one clear sentence.
package foreign

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// Bounds of a file. An ARF of OpenSCAP with its whole benchmark is 20 MB.
const (
	MaxBytes   = 64 << 20
	maxResults = 10_000 // of targets, rules, findings or events
	maxText    = 300    // runes of a text that is kept
)

// Formats are the names of what can be read.
var Formats = []string{"testssl", "sslyze", "ssh-audit", "nuclei", "xccdf", "oscal"}

// Result is what one file says.
type Result struct {
	Format, Tool string
	Version      string    // empty: not told
	Produced     time.Time // when the tool ran; zero: not told
	Told         []Told
	Claims       []Claim
	Left         []Left
}

// Told is what the file says of one target, as far as one check would.
type Told struct {
	Target Target
	At     time.Time // zero: when the tool ran
	Check  string
	Fields map[string]any // values by the names of the fact's fields, or *fact.Unknown; what is not here was not told
	// Of fields that depend on what the unit file says of the endpoint; may be nil.
	Of func(inventory.Endpoint) map[string]any
}

// Target is what the tool was pointed at. Without a port it is the host, or
// the one service there that the check is for.
type Target struct {
	Names []string // names and addresses of one host
	Port  int
}

func (t Target) String() string {
	name := strings.Join(t.Names, ", ")
	if t.Port != 0 {
		name += fmt.Sprintf(":%d", t.Port)
	}
	return name
}

// Claim is somebody's word that a requirement is met or is not.
type Claim struct {
	Requirement string
	Met         bool
	At, Until   time.Time // Until zero: without end
	By          string
}

// Left is something in the file that did not become a fact.
type Left struct {
	What string
	Why  lang.Text
}

// Problem is a file that cannot be used; Line is 0 where none is to blame.
type Problem struct {
	File          string
	Line          int
	What, Instead lang.Text
}

// In says it in one language.
func (p *Problem) In(l lang.Lang) string {
	at := p.File
	if p.Line > 0 {
		at += fmt.Sprintf(":%d", p.Line)
	}
	return at + ": " + p.What.In(l) + "; " + p.Instead.In(l)
}

func (p *Problem) Error() string { return p.In(lang.En) }

var readers = map[string]func([]byte) (*Result, error){
	"testssl": readTestSSL, "sslyze": readSSLyze, "ssh-audit": readSSHAudit, "nuclei": readNuclei, "xccdf": readXCCDF, "oscal": readOSCAL,
}

// Read reads a file of a format; "" finds out which it is.
func Read(file, format string, data []byte) (*Result, error) {
	if len(data) > MaxBytes {
		return nil, &Problem{File: file, What: lang.Tf("tệp lớn hơn %d MB", "the file is larger than %d MB", MaxBytes>>20),
			Instead: lang.T("tách thành nhiều tệp, mỗi tệp ít máy hơn", "split it into files of fewer hosts")}
	}
	if format = cmp.Or(format, detect(data)); readers[format] == nil {
		return nil, &Problem{File: file, What: lang.T("không nhận ra đây là kết quả của công cụ nào", "it is not plain which tool made this"),
			Instead: lang.Tf("nêu bằng --from một trong: %s", "say it with --from, one of: %s", strings.Join(Formats, ", "))}
	}
	r, err := readers[format](bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if err != nil {
		return nil, problem(file, format, data, err)
	}
	r.Format = format
	if len(r.Told)+len(r.Claims)+len(r.Left) == 0 {
		return nil, &Problem{File: file, What: lang.Tf("tệp không có kết quả nào dùng được (đọc theo dạng %s)", "the file holds no result that could be used (read as %s)", format),
			Instead: lang.T("kiểm tra lại tệp, hoặc nêu dạng khác bằng --from", "look at the file again, or say another form with --from")}
	}
	return r, nil
}

// wrong is a flaw that a reader found, told in both languages.
type wrong struct{ lang.Text }

func (w wrong) Error() string { return w.En }

func wrongf(vi, en string, args ...any) error { return wrong{lang.Tf(vi, en, args...)} }

// problem tells what is wrong with a file, and on which line where that is known.
func problem(file, format string, data []byte, err error) error {
	p := &Problem{File: file, Instead: lang.Tf("dùng nguyên tệp do công cụ (%s) ghi ra", "use the file as the tool (%s) wrote it", format)}
	var w wrong
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var line *lineError
	if errors.As(err, &line) {
		p.Line = line.line
	}
	switch {
	case errors.As(err, &w):
		p.What = w.Text
	case errors.As(err, &syntax):
		p.Line = max(p.Line, lineAt(data, syntax.Offset))
		p.What = lang.Tf("không phải JSON trọn vẹn: %v", "this is no whole JSON: %v", short(syntax.Error()))
	case errors.As(err, &kind):
		p.What = lang.Tf("trường %q không đúng kiểu (%s)", "the field %q has another type (%s)", short(kind.Field), short(kind.Value))
	default:
		p.What = lang.Tf("không đọc được: %s", "it cannot be read: %s", short(err.Error()))
	}
	return p
}

func lineAt(data []byte, offset int64) int {
	return 1 + bytes.Count(data[:min(max(offset, 0), int64(len(data)))], []byte("\n"))
}

// short keeps a text of the file on one line and within a bound, without what a
// terminal would obey.
func short(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || unicode.IsSpace(r) {
			return r
		}
		return '?'
	}, strings.ToValidUTF8(s, "?"))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxText {
		return string(r[:maxText]) + "…"
	}
	return s
}

// notCovered is why a field is open of which the file does not speak.
func notCovered() *fact.Unknown { return fact.Because(fact.Skipped, "not covered by the import") }

// indefinite is why a field is open of which the tool gave no plain answer.
func indefinite(tool, said string) *fact.Unknown {
	return fact.Because(fact.Unanswered, tool+" gives no definite answer: "+short(said))
}

// onlyAlive takes "no" to every version for no answer: a server that is there
// speaks one of them, and these tools say "no" of one that was silent too.
func onlyAlive(tool string, versions map[string]any) map[string]any {
	for _, v := range versions {
		if v == true {
			return versions
		}
	}
	for field, v := range versions {
		if v == false {
			versions[field] = indefinite(tool, "no version was seen to be offered")
		}
	}
	return versions
}
