package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/sansang/sansang/internal/judge"
)

// papersDir is the folder beside the unit file that documents are copied into.
const papersDir = "tai-lieu"

// placed is a document and where it stands, or is to stand, beside the unit
// file.
type placed struct {
	judge.Document
	name string // relative to the unit file, with slashes
	from string // to be copied from here; empty: it is there already
	mode fs.FileMode
}

// place finds out where a document stands. One from elsewhere is to be copied
// into a folder beside the unit file.
func (d *dossier) place(source string) (*placed, error) {
	info, err := os.Stat(source)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, faultf("%s không phải một tệp thường; nêu tệp văn bản", "%s is no regular file; name the document", source)
	}
	sum, err := hashFile(source)
	if err != nil {
		return nil, err
	}
	if name, ok := d.inside(source); ok {
		if _, err := d.document(name); err != nil {
			what, instead := why(name, err)
			return nil, faultf("%[1]s; %[3]s", "%[2]s; %[4]s", what.Vi, what.En, instead.Vi, instead.En)
		}
		return &placed{Document: sum, name: name}, nil
	}
	base := filepath.Base(source)
	if strings.ContainsFunc(base, unicode.IsControl) {
		return nil, faultf("tên tệp %q có ký tự điều khiển; đổi tên tệp rồi thêm lại", "the file name %q holds control characters; rename the file and add it again", base)
	}
	p := &placed{sum, path.Join(papersDir, base), source, info.Mode().Perm()}
	switch have, err := d.document(p.name); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		what, instead := why(p.name, err)
		return nil, faultf("%[1]s; %[3]s", "%[2]s; %[4]s", what.Vi, what.En, instead.Vi, instead.En)
	case have.SHA256 != sum.SHA256:
		return nil, faultf("%s đã có và là một tệp khác, sẽ không ghi đè; đổi tên tệp mới rồi thêm lại", "%s is there and is another file, which is not overwritten; rename the new file and add it again", p.name)
	default:
		p.from = "" // the same file
	}
	return p, nil
}

// inside gives the path of a file from the unit file's folder, if it lies there
// by its name.
func (d *dossier) inside(source string) (string, bool) {
	dir, err := filepath.Abs(d.dir)
	if err != nil {
		return "", false
	}
	file, err := filepath.Abs(source)
	if err != nil {
		return "", false
	}
	rel, err := filepath.Rel(dir, file)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

// copyIn copies a document to its place, whole or not at all, and never over
// another.
func (d *dossier) copyIn(p *placed) error {
	if p.from == "" {
		return nil
	}
	root, err := os.OpenRoot(d.dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if err := root.Mkdir(papersDir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	in, err := os.Open(p.from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	name := filepath.FromSlash(p.name)
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, p.mode|0o200)
	if err != nil {
		return err
	}
	sum, err := hashOf(io.TeeReader(in, out))
	if serr := out.Sync(); err == nil {
		err = serr
	}
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err == nil && sum.SHA256 != p.SHA256 {
		err = faultf("%s thay đổi trong lúc chép; chạy lại lệnh này", "%s changed while it was copied; run this again", p.from)
	}
	if err != nil {
		_ = root.Remove(name) // half a document is none
	}
	return err
}

// takeBack removes what copyIn copied, when the unit file could not be written.
func (d *dossier) takeBack(p *placed) {
	if p != nil && p.from != "" {
		_ = os.Remove(filepath.Join(d.dir, filepath.FromSlash(p.name)))
	}
}
