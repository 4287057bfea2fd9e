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

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/sheet"
	"github.com/sansang/sansang/internal/yamldoc"
)

// Bounds on what a list may cost.
const (
	maxUnits = 50_000
	maxFiles = 50_000 // that are read
	maxDepth = 8      // of folders
)

// reader gathers drafts of units from wherever the list leads.
type reader struct {
	path    string
	options Options
	list    *List
	drafts  []draft
	mergers []merging
	read    []File // all that was read
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
	data, err := readFile(os.Open(path))
	if err != nil {
		return faulty(path, err)
	}
	dir := filepath.Dir(path)
	if real, err := filepath.EvalSymlinks(path); err == nil { // documents lie beside the file, not beside a link to it
		dir = filepath.Dir(real)
	}
	return r.file(path, dir, data, true)
}

var errBig = errors.New("too big")

// readFile reads no more than any list may have.
func readFile(f io.ReadCloser, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, sheet.MaxBytes+1))
	if len(data) > sheet.MaxBytes {
		return nil, errBig
	}
	return data, err
}

func faulty(file string, err error) error {
	if errors.Is(err, errBig) {
		return Problems{{File: file, What: lang.Tf("tệp lớn quá %d MB", "the file is larger than %d MB", sheet.MaxBytes>>20), Instead: lang.T("chia thành nhiều tệp", "divide it")}}
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
	for _, u := range t.units {
		r.drafts = append(r.drafts, draft{doc: yamldoc.Made(path, u.value, u.at), wrong: u.wrong,
			unit: Unit{File: id, Dir: dir, Place: t.place(u), tell: t.said}})
		r.mergers = append(r.mergers, u.old...)
	}
	return nil
}
