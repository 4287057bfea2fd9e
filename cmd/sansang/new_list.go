package main

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/roster"
)

func (a *app) newListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     a.t("list TỆP", "list FILE"),
		Example: "  sansang new list danh-sach.xlsx\n  sansang new list danh-sach.yaml",
		Short:   a.t("Tạo mẫu danh sách nhiều đơn vị: bảng .xlsx, .csv, hoặc .yaml", "Write a template of a list of units: a table (.xlsx, .csv), or .yaml"),
		Args:    a.exactly(1, "tên tệp", "a file name"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.newList(args[0]) },
	}
}

// newList writes a list to be filled in, in the form that the name says.
func (a *app) newList(path string) error {
	var data []byte
	var err error
	switch strings.ToLower(filepath.Ext(path)) {
	case ".xlsx":
		data, err = roster.Template(a.lang).XLSX()
	case ".csv":
		data, err = roster.Template(a.lang).CSV()
	case ".yaml", ".yml":
		return a.newListYAML(path)
	default:
		return faultf("không biết viết danh sách dạng nào vào %s; đặt tên tệp kết thúc bằng .xlsx, .csv hoặc .yaml", "the form of the list %s is not known; let the file name end in .xlsx, .csv or .yaml", path)
	}
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	a.wrote(path)
	return nil
}

func (a *app) newListYAML(path string) error {
	today := time.Now().In(inventory.Vietnam)
	err := a.starterInto(path, "starter/list.yaml.tmpl", map[string]string{
		"Today": today.Format(time.DateOnly), "Until": today.AddDate(0, 0, 30).Format(time.DateOnly)})
	if err != nil {
		return err
	}
	if err := a.writeSchemas(filepath.Dir(path), "list.schema.json"); err != nil {
		return err
	}
	a.wrote(path)
	return nil
}

func (a *app) wrote(path string) {
	a.print("đã tạo %s; sửa nội dung rồi chạy: sansang lint %s", "wrote %s; edit it, then run: sansang lint %s", path, typedPath(path))
}
