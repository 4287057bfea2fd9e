package roster

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

// ListSchema is the JSON Schema of lists in YAML, for editors.
//
//go:embed list.schema.json
var ListSchema []byte

var schema = sync.OnceValue(func() *yamldoc.Schema { return yamldoc.MustSchema("list.schema.json", ListSchema) })

// inYAML takes in a list in YAML.
func (r *reader) inYAML(doc *yamldoc.Document, dir string, id File) error {
	if err := problemsOf(schema().Check(doc)); err != nil {
		return err
	}
	permission, err := inventory.ReadAuthorisation(doc)
	if err := problemsOf(err); err != nil {
		return err
	}
	top, _ := doc.Value.(map[string]any)
	if name, ok := top["name"].(string); ok {
		r.list.Name = name
	}
	units, _ := top["units"].([]any)
	for i, v := range units {
		item, _ := v.(map[string]any)
		from := len(r.drafts)
		if name, is := item["file"]; is {
			r.named(doc, dir, i, item, fmt.Sprint(name))
		} else {
			line := doc.Line("units", i)
			r.drafts = append(r.drafts, draft{doc: doc.Part("units", i), unit: Unit{File: id, Dir: dir, Place: lang.Tf("%s, dòng %d", "%s, line %d", filepath.Base(doc.File), line)}})
		}
		for j := range r.drafts[from:] {
			r.drafts[from+j].permission, r.drafts[from+j].unit.permitted = permission, dir
		}
	}
	merged, _ := top["merged"].([]any)
	if len(r.mergers)+len(merged) > maxUnits {
		return manyMergers(doc.File)
	}
	for i, v := range merged {
		m, _ := v.(map[string]any)
		on, _ := m["on"].(string)
		day, _ := inventory.ParseDate(on) // the schema has looked at it
		if on == "" {
			day = inventory.Date{}
		}
		r.mergers = append(r.mergers, merging{Merger{asID(fmt.Sprint(m["old"])), asID(fmt.Sprint(m["new"])), day}, doc.Problem([]any{"merged", i, "old"}, lang.Text{}, lang.Text{})})
	}
	return nil
}

// problemsOf gives the mistakes of a file as those of a list.
func problemsOf(err error) error {
	var ps yamldoc.Problems
	if errors.As(err, &ps) {
		return Problems(ps)
	}
	return err
}

// named takes in a file that a list names. It lies in the list's folder, so
// that a list cannot have any file of the machine read.
func (r *reader) named(doc *yamldoc.Document, dir string, i int, item map[string]any, name string) {
	say := func(what, instead lang.Text) {
		r.list.Problems = append(r.list.Problems, doc.Problem([]any{"units", i, "file"}, what, instead))
	}
	if len(item) > 1 {
		say(lang.T("bên cạnh file: không ghi mục nào khác", "beside file: nothing else is written"), lang.T("ghi các mục ấy trong tệp được nêu", "write it in the file that is named"))
		return
	}
	if !inventory.Inside(name) {
		say(lang.Tf("%s nằm ngoài thư mục của danh sách", "%s is outside the folder of the list", name), lang.T("chép tệp vào thư mục đó, viết đường dẫn tính từ đó", "copy the file into it and write the path from there"))
		return
	}
	name = filepath.FromSlash(strings.ReplaceAll(name, `\`, "/"))
	root, err := os.OpenRoot(dir)
	if err != nil {
		say(lang.Tf("không mở được thư mục của danh sách (%v)", "the list's folder cannot be opened (%v)", err), lang.Text{})
		return
	}
	defer func() { _ = root.Close() }()
	info, err := root.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		say(lang.Tf("%s không phải một tệp thường", "%s is no regular file", name), lang.T("nêu tên tệp đơn vị hoặc bảng", "name a unit file or a table"))
		return
	}
	var data []byte
	if err == nil {
		data, err = r.take(root.Open(name))
	}
	path := filepath.Join(filepath.Dir(doc.File), name)
	if err == nil {
		err = r.file(path, filepath.Join(dir, filepath.Dir(name)), data, false)
	}
	var ps Problems
	switch {
	case err == nil:
	case errors.As(err, &ps):
		r.list.Problems = append(r.list.Problems, ps...)
	case errors.Is(err, fs.ErrNotExist):
		say(lang.Tf("không có tệp %s", "there is no file %s", name), lang.T("sửa đường dẫn, tính từ thư mục của danh sách", "correct the path, which begins at the list's folder"))
	default:
		say(lang.Tf("không đọc được tệp %s (%v)", "the file %s cannot be read (%v)", name, faulty(name, err)), lang.Text{})
	}
}
