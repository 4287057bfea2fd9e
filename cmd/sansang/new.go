package main

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/inventory"
)

//go:embed starter
var starter embed.FS

func (a *app) new() *cobra.Command {
	c := &cobra.Command{
		Use:   "new",
		Short: a.t("Tạo tệp đơn vị, danh sách, chính sách, lược đồ hoặc phép kiểm tra mới", "Write a new unit file, list, policy, schema or check"),
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.newListCommand(), a.newPolicyCommand(), a.newSchemaCommand())
	c.AddCommand(&cobra.Command{
		Use:   a.t("unit TỆP", "unit FILE"),
		Short: a.t("Tạo tệp khai báo đơn vị, có chú thích", "Write a unit file with comments"),
		Args:  a.exactly(1, "tên tệp", "a file name"),
		RunE:  func(_ *cobra.Command, args []string) error { return a.newUnit(args[0]) },
	}, &cobra.Command{
		Use:   a.t("check MÃ", "check ID"),
		Short: a.t("Tạo ba tệp của một phép kiểm tra mới (chạy ở thư mục mã nguồn)", "Write the three files of a new check (run in the source folder)"),
		Args:  a.exactly(1, "mã như smtp.banner", "an ID such as smtp.banner"),
		RunE:  func(_ *cobra.Command, args []string) error { return a.newCheck(args[0]) },
	})
	return c
}

// newUnit writes a starter unit file and the schema that editors check it by.
func (a *app) newUnit(path string) error {
	today := time.Now().In(inventory.Vietnam)
	err := a.starterInto(path, "starter/unit.yaml.tmpl", map[string]string{
		"Today": today.Format(time.DateOnly), "Until": today.AddDate(0, 0, 30).Format(time.DateOnly)})
	if err != nil {
		return err
	}
	if err := a.writeSchemas(filepath.Dir(path), "unit.schema.json"); err != nil {
		return err
	}
	a.print("đã tạo %s; sửa nội dung rồi chạy: sansang lint %s", "wrote %s; edit it, then run: sansang lint %s", path, typedPath(path))
	return nil
}

var checkID = regexp.MustCompile(`^[a-z][a-z0-9]*\.[a-z][a-z0-9]*$`)

// newCheck writes the three files of a check. What is left to write is marked
// REPLACE, and the tests fail while any of it remains.
func (a *app) newCheck(id string) error {
	if !checkID.MatchString(id) {
		return faultf("%q không phải mã phép kiểm tra; viết hai phần chữ thường như smtp.banner", "%q is no check ID; write two lower-case parts such as smtp.banner", id)
	}
	if _, err := os.Stat("checks/check.go"); err != nil {
		return faultf("không thấy checks/check.go; chạy lệnh này ở thư mục mã nguồn của sansang", "there is no checks/check.go; run this in the source folder of sansang")
	}
	protocol, what, _ := strings.Cut(id, ".")
	stem := protocol + "_" + what
	data := map[string]string{"ID": id, "Name": strings.ToUpper(protocol) + strings.ToUpper(what[:1]) + what[1:]}
	for _, f := range []struct{ path, from string }{
		{"checks/" + stem + ".go", "starter/check.go.tmpl"},
		{"checks/" + stem + ".md", "starter/check.md.tmpl"},
		{"testdata/checks/" + stem + ".txtar", "starter/check.txtar.tmpl"},
	} {
		if err := a.starterInto(f.path, f.from, data); err != nil {
			return err
		}
		_, _ = fmt.Fprintln(a.out, f.path)
	}
	return nil
}

// starterInto fills a starter into a file that is not there yet.
func (a *app) starterInto(path, from string, data any) error {
	t, err := template.ParseFS(starter, from)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	err = t.Execute(f, data)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
