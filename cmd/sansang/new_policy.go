package main

import (
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/roster"
	"github.com/sansang/sansang/internal/trial"
)

// schemas are the JSON Schemas of the files that people write, for editors.
var schemas = map[string][]byte{
	"unit.schema.json":         inventory.UnitSchema,
	"list.schema.json":         roster.ListSchema,
	"policy.schema.json":       judge.PolicySchema,
	"laws.schema.json":         judge.LawsSchema,
	"cases.schema.json":        trial.Schema,
	"requirements.schema.json": judge.RequirementsSchema,
}

func (a *app) newPolicyCommand() *cobra.Command {
	return &cobra.Command{
		Use:     a.t("policy TỆP", "policy FILE"),
		Example: "  sansang new policy chinh-sach.yaml\n  sansang lint chinh-sach.yaml --test",
		Short:   a.t("Tạo chính sách mở rộng và yêu cầu riêng đầu tiên, có chú thích", "Write a policy that extends another, and its first requirement, with comments"),
		Args:    a.exactly(1, "tên tệp", "a file name"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.newPolicy(args[0]) },
	}
}

func (a *app) newSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:     a.t("schema THƯ-MỤC", "schema FOLDER"),
		Example: "  sansang new schema schema",
		Short:   a.t("Ghi các lược đồ JSON cho trình soạn thảo vào thư mục", "Write the JSON Schemas for editors into a folder"),
		Args:    a.exactly(1, "thư mục", "a folder"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := a.writeSchemas(args[0]); err != nil {
				return err
			}
			a.print("đã ghi %d lược đồ vào %s", "wrote %d schemas into %s", len(schemas), args[0])
			return nil
		},
	}
}

// newPolicy writes a starter policy, beside it a requirement of its own with
// the cases that try it, and the schemas that editors check them by.
func (a *app) newPolicy(path string) error {
	dir := filepath.Dir(path)
	today := time.Now().In(inventory.Vietnam)
	data := map[string]string{"Today": today.Format(time.DateOnly), "Year": today.Format("2006")}
	own := filepath.Join(dir, "requirements", "rieng.yaml")
	for _, f := range []struct{ path, from string }{
		{path, "starter/policy.yaml.tmpl"},
		{own, "starter/requirements.yaml.tmpl"},
		{filepath.Join(dir, "cases", "rieng.yaml"), "starter/cases.yaml.tmpl"},
	} {
		if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
			return err
		}
		if err := a.starterInto(f.path, f.from, data); err != nil {
			return err
		}
	}
	if err := a.writeSchemas(dir, "policy.schema.json", "requirements.schema.json", "laws.schema.json", "cases.schema.json"); err != nil {
		return err
	}
	a.print("đã tạo %[1]s và %[2]s; sửa nội dung rồi chạy: sansang lint %[3]s --test", "wrote %[1]s and %[2]s; edit them, then run: sansang lint %[3]s --test", path, own, typedPath(path))
	return nil
}

// writeSchemas writes the schemas with these names, or all of them.
func (a *app) writeSchemas(dir string, names ...string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, schema := range schemas {
		if len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), schema, 0o644); err != nil {
			return err
		}
	}
	return nil
}
