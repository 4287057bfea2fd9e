package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// errOutside says that a path of a unit file leads out of its folder. What it
// names would be read, and packed for others.
var errOutside = errors.New("the path leaves the folder of the unit file")

// errIrregular says that what should be a document is a folder, a device or a
// pipe, which might never end.
var errIrregular = errors.New("it is no regular file")

// open opens a document that the unit file names. Neither the path nor a
// symbolic link on it may lead out of the unit file's folder.
func (u *unitFile) open(name string) (*os.File, error) {
	if !inventory.Inside(name) {
		return nil, errOutside
	}
	root, err := os.OpenRoot(u.dirOf(name))
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	path := local(name)
	info, err := root.Stat(path)
	if err != nil {
		if outside, lerr := u.leaves(name); lerr == nil && outside {
			return nil, errOutside
		}
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errIrregular
	}
	return root.Open(path)
}

// dirOf is the folder in which a document is to be.
func (u *unitFile) dirOf(name string) string {
	if dir, ok := u.elsewhere[name]; ok {
		return dir
	}
	return u.dir
}

// local is a path of a unit file as this system writes it: files written on
// Windows are read elsewhere too.
func local(name string) string { return filepath.FromSlash(strings.ReplaceAll(name, `\`, "/")) }

// leaves tells whether a path leads out of the folder by symbolic links.
func (u *unitFile) leaves(name string) (bool, error) {
	dir, err := filepath.EvalSymlinks(u.dirOf(name))
	if err != nil {
		return false, err
	}
	path, err := filepath.EvalSymlinks(filepath.Join(dir, local(name)))
	if err != nil {
		return false, err
	}
	rel, err := filepath.Rel(dir, path)
	return err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)), nil
}

// document tells what stands in the place of a document.
func (u *unitFile) document(name string) (judge.Document, error) {
	f, err := u.open(name)
	if err != nil {
		return judge.Document{}, err
	}
	defer func() { _ = f.Close() }()
	return hashOf(f)
}

// why says in both languages why a document could not be read, and what to do.
func why(name string, err error) (what, instead lang.Text) {
	switch {
	case errors.Is(err, errOutside):
		return lang.Tf("%s nằm ngoài thư mục của tệp đơn vị", "%s is outside the folder of the unit file", name),
			lang.T("chép tài liệu vào thư mục đó (sansang evidence add tự chép vào tai-lieu/), rồi viết đường dẫn tính từ đó", "copy the document into it (sansang evidence add copies into tai-lieu/) and write the path from there")
	case errors.Is(err, errIrregular):
		return lang.Tf("%s không phải một tệp thường", "%s is no regular file", name), lang.T("viết đường dẫn của tệp văn bản", "write the path of the document")
	case errors.Is(err, fs.ErrNotExist):
		return lang.Tf("không đọc được tệp %s (không có tệp này)", "cannot read the file %s (there is no such file)", name),
			lang.T("sửa đường dẫn, tính từ thư mục của tệp đơn vị", "correct the path, which begins at the unit file's folder")
	}
	because := reason(err)
	instead = lang.T("sửa đường dẫn, tính từ thư mục của tệp đơn vị", "correct the path, which begins at the unit file's folder")
	if errors.Is(err, fs.ErrPermission) {
		instead = lang.T("cấp quyền đọc cho người chạy lệnh này", "let whoever runs this command read it")
	}
	return lang.Tf("không đọc được tệp %[1]s (%[2]s)", "cannot read the file %[1]s (%[3]s)", name, because.Vi, because.En), instead
}
