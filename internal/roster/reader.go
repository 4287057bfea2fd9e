package roster

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/sheet"
	"github.com/sansang/sansang/internal/yamldoc"
)

// Bounds on what a list may cost.
const (
	maxUnits    = 50_000
	maxFiles    = 50_000    // that are read
	maxBytes    = 256 << 20 // of all of them
	maxRows     = 200_000   // of all tables together
	maxDepth    = 8         // of folders
	maxProblems = 100_000   // after so many, one a unit is kept
)

// reader gathers drafts of units from wherever the list leads.
type reader struct {
	path    string
	options Options
	list    *List
	drafts  []draft
	mergers []merging
	read    []File // all that was read

	bytes atomic.Int64 // of it
	rows  int          // of tables
	wrong atomic.Int64 // mistakes of units
}

// draft is a unit that is not looked through yet.
type draft struct {
	doc   *yamldoc.Document
	unit  Unit // but for the unit itself
	wrong []Problem

	permission *inventory.Authorisation // the list's, for want of its own
}

// open reads what stands at a path.
func (r *reader) open(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return r.folder(path)
	}
	if !info.Mode().IsRegular() { // a pipe might never end
		return Problems{{File: path, What: lang.T("không phải một tệp thường", "this is no regular file"), Instead: lang.T("nêu tên tệp hoặc thư mục", "name a file or a folder")}}
	}
	data, err := r.take(os.Open(path))
	if err != nil {
		return faulty(path, err)
	}
	dir := filepath.Dir(path)
	if real, err := filepath.EvalSymlinks(path); err == nil { // documents lie beside the file, not beside a link to it
		dir = filepath.Dir(real)
	}
	return r.file(path, dir, data, true)
}

var (
	errBig  = errors.New("too big")
	errMany = errors.New("too many files")
)

// take reads a file, of which and of all together there is no more than any list
// may have.
func (r *reader) take(f io.ReadCloser, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, sheet.MaxBytes+1))
	if len(data) > sheet.MaxBytes {
		return nil, errBig
	}
	if r.bytes.Add(int64(len(data))) > maxBytes {
		return nil, errMany
	}
	return data, err
}

func faulty(file string, err error) error {
	if errors.Is(err, errBig) {
		return Problems{{File: file, What: lang.Tf("tệp lớn quá %d MB", "the file is larger than %d MB", sheet.MaxBytes>>20), Instead: lang.T("chia thành nhiều tệp", "divide it")}}
	}
	if errors.Is(err, errMany) {
		return Problems{{File: file, What: lang.Tf("với tệp này danh sách lớn quá %d MB", "with this file the list is larger than %d MB", maxBytes>>20), Instead: lang.T("chia thành nhiều danh sách", "divide it into several lists")}}
	}
	return err
}

// file takes in a file: a table, a list, if that is allowed here, or a unit.
func (r *reader) file(path, dir string, data []byte, lists bool) error {
	id := File{filepath.Base(path), digest(data)}
	r.read = append(r.read, id)
	if sheet.Is(path) || bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return r.table(path, dir, id, data)
	}
	doc, err := yamldoc.Parse(path, data)
	var ps yamldoc.Problems
	if errors.As(err, &ps) {
		return Problems(ps)
	} else if err != nil {
		return err
	}
	top, _ := doc.Value.(map[string]any)
	switch {
	case top["units"] != nil && lists:
		return r.inYAML(doc, dir, id)
	case top["unit"] == nil && lists:
		return Problems{doc.Problem(nil, lang.T("không phải danh sách hay tệp đơn vị: không có mục units, cũng không có mục unit", "this is no list and no unit file: it has neither units nor unit"), lang.T("bắt đầu bằng: sansang new list danh-sach.yaml", "begin with: sansang new list list.yaml"))}
	}
	r.drafts = append(r.drafts, draft{doc: doc, unit: Unit{File: id, Dir: dir, Place: lang.T(path, path)}})
	return nil
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// sum is the SHA-256 of the list: that of its file, or of the names and SHA-256
// of all files, if there are several.
func (r *reader) sum() string {
	if len(r.read) == 1 {
		return r.read[0].SHA256
	}
	lines := make([]string, len(r.read))
	for i, f := range r.read {
		lines[i] = f.SHA256 + "  " + f.Name + "\n"
	}
	slices.Sort(lines)
	return digest([]byte(strings.Join(lines, "")))
}

// table takes in the units of a table.
func (r *reader) table(path, dir string, id File, data []byte) error {
	t, err := readTable(path, data)
	if err != nil {
		return err
	}
	r.list.Notes = append(r.list.Notes, t.notes...)
	r.list.Problems = append(r.list.Problems, t.wrong...)
	if r.rows += t.count; r.rows > maxRows {
		return Problems{{File: path, What: lang.Tf("với bảng này danh sách có hơn %d dòng", "with this table the list has more than %d rows", maxRows), Instead: lang.T("chia thành nhiều danh sách", "divide it into several lists")}}
	}
	for _, u := range t.units {
		r.drafts = append(r.drafts, draft{doc: yamldoc.Made(path, u.value, u.at), wrong: u.wrong,
			unit: Unit{File: id, Dir: dir, Place: t.place(u), tell: u.told(t)}})
		r.mergers = append(r.mergers, u.old...)
	}
	if len(r.mergers) > maxUnits {
		return manyMergers(path)
	}
	return nil
}

func manyMergers(file string) error {
	return Problems{{File: file, What: lang.Tf("danh sách có hơn %d mã cũ đã sáp nhập", "the list has more than %d merged codes of old", maxUnits), Instead: lang.T("chỉ ghi những mã cần so sánh", "write those only that are to be compared")}}
}
