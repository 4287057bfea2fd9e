package roster

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/sheet"
	"github.com/sansang/sansang/internal/yamldoc"
)

// folder takes in every unit file of a folder and of those in it. Links that
// lead out of it are not followed.
func (r *reader) folder(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	names, err := r.files(root, dir)
	if err != nil {
		return err
	}
	found := make([]found, len(names))
	each(len(names), func(i int) { found[i] = r.look(root, dir, names[i]) })
	for _, f := range found {
		if f.problem != nil {
			r.list.Problems = append(r.list.Problems, *f.problem)
		}
		r.list.Problems = append(r.list.Problems, f.problems...)
		if f.draft.doc != nil {
			r.read = append(r.read, f.named)
			r.drafts = append(r.drafts, f.draft)
		}
	}
	return nil
}

// files lists the files in YAML, and notes the tables, which are not read.
func (r *reader) files(root *os.Root, dir string) ([]string, error) {
	var names []string
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir() && strings.Count(name, "/") >= maxDepth:
			r.list.Problems = append(r.list.Problems, Problem{File: filepath.Join(dir, name), What: lang.Tf("thư mục lồng sâu quá %d tầng nên không đọc", "folders are nested deeper than %d and are not read", maxDepth), Instead: lang.T("xếp lại cho gọn", "put them higher up")})
			return fs.SkipDir
		case d.IsDir():
		case sheet.Is(name):
			r.list.Notes = append(r.list.Notes, Problem{File: filepath.Join(dir, name), What: lang.T("bảng nằm trong thư mục không được đọc", "a table in the folder is not read"), Instead: lang.T("nêu thẳng tên bảng, hoặc viết một danh sách .yaml có mục file", "name the table itself, or write a list in .yaml with an entry file")})
		case slices.Contains([]string{".yaml", ".yml"}, strings.ToLower(filepath.Ext(name))):
			if len(names) == maxFiles {
				return Problems{{File: dir, What: lang.Tf("thư mục có hơn %d tệp", "the folder has more than %d files", maxFiles), Instead: lang.T("chia ra", "divide it")}}
			}
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

// found is what a file of a folder turned out to be.
type found struct {
	draft    draft
	named    File
	problem  *Problem
	problems []Problem
}

func (r *reader) look(root *os.Root, dir, name string) found {
	path := filepath.Join(dir, filepath.FromSlash(name))
	fault := func(what, instead lang.Text) found {
		return found{problem: &Problem{File: path, What: what, Instead: instead}}
	}
	info, err := root.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		return fault(lang.T("không phải một tệp thường", "this is no regular file"), lang.T("chuyển đi nơi khác", "move it elsewhere"))
	}
	var data []byte
	if err == nil {
		data, err = r.take(root.Open(name))
	}
	if err != nil {
		return fault(lang.Tf("không đọc được (%v)", "it cannot be read (%v)", faulty(path, err)), lang.T("cho phép đọc, hoặc chuyển đi nơi khác", "permit reading it, or move it elsewhere"))
	}
	doc, err := yamldoc.Parse(path, data)
	var ps yamldoc.Problems
	if errors.As(err, &ps) {
		return found{problems: ps}
	} else if err != nil {
		return fault(lang.Tf("không đọc được (%v)", "it cannot be read (%v)", err), lang.Text{})
	}
	top, isMap := doc.Value.(map[string]any)
	switch _, policy := top["requirements"]; {
	case !isMap, policy, top["extends"] != nil: // requirements, laws and policies may lie beside units
		return found{}
	case top["units"] != nil:
		return fault(lang.T("đây là một danh sách, không phải tệp đơn vị", "this is a list and no unit file"), lang.T("nêu thẳng tên danh sách, hoặc chuyển đi nơi khác", "name the list itself, or move it elsewhere"))
	case top["unit"] == nil:
		return fault(lang.T("không phải tệp đơn vị: không có mục unit", "this is no unit file: it has no unit"), lang.T("thêm mục unit, hoặc chuyển tệp đi nơi khác", "add unit, or move the file elsewhere"))
	}
	id, home := File{filepath.Base(path), digest(data)}, filepath.Dir(path)
	if real, err := filepath.EvalSymlinks(path); err == nil {
		home = filepath.Dir(real)
	}
	return found{named: File{filepath.ToSlash(name), id.SHA256}, draft: draft{doc: doc, unit: Unit{File: id, Dir: home, Place: lang.T(path, path)}}}
}
