package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/report"
	"github.com/sansang/sansang/internal/store"
)

func (a *app) db() *cobra.Command {
	c := &cobra.Command{
		Use:   "db",
		Short: a.t("Cơ sở dữ liệu của các đợt rà quét: xem, kiểm tra, sao lưu, khôi phục", "The database of runs: look, check, back up, restore"),
		Long: a.t(`Cơ sở dữ liệu giữ các danh sách đơn vị, các đợt rà quét và mọi hồ sơ: một tệp SQLite, hoặc
một cơ sở dữ liệu PostgreSQL (postgres://…). Không nêu thì lấy $SANSANG_DB, rồi sansang.db.`,
			`The database holds the lists of units, the runs and every assessment: an SQLite file, or
a PostgreSQL database (postgres://…). Where none is named it is $SANSANG_DB, then sansang.db.`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.dbInfo(), a.dbCheck(), a.dbExport(), a.dbImport())
	return c
}

// oneDB wants the name of a database, or none.
func (a *app) oneDB(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return faultf("lệnh này nhận nhiều nhất một cơ sở dữ liệu; xem: %s --help", "this command takes at most one database; see: %s --help", c.CommandPath())
	}
	return nil
}

// lookInto opens a database that is there, to read it. It is named by itself or,
// as everywhere else, by --db.
func (a *app) lookInto(ctx context.Context, args []string, named string) (*store.DB, error) {
	if len(args) > 0 && named != "" {
		return nil, faultf("cơ sở dữ liệu được nêu hai lần: %s và --db %s; bỏ một", "the database is named twice: %s and --db %s; leave one out", args[0], named)
	}
	return a.readDatabase(ctx, cmp.Or(append(args, named)...))
}

func (a *app) dbInfo() *cobra.Command {
	var format, where string
	c := &cobra.Command{
		Use:     a.t("info [CSDL]", "info [DATABASE]"),
		Short:   a.t("Cơ sở dữ liệu có gì", "What the database holds"),
		Example: "  sansang db info\n  sansang db info postgres://sansang@10.0.0.5/sansang",
		Args:    a.oneDB,
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf(format, "text", "json"); err != nil {
				return err
			}
			db, err := a.lookInto(c.Context(), args, where)
			if err != nil {
				return err
			}
			defer func() { _ = db.Close() }()
			i, err := db.Info(c.Context())
			if err != nil {
				return err
			}
			if format == "json" {
				return report.Compact(a.out, i, "  ")
			}
			a.tellInfo(i)
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "text", a.t("dạng kết quả: text, json", "format: text, json"))
	a.databaseFlag(c.Flags(), &where)
	return c
}

func (a *app) tellInfo(i store.Info) {
	a.print("%s: %s %s, lược đồ %d, %s", "%s: %s %s, schema %d, %s", i.Where, i.Engine, i.Version, i.Schema, store.Size(i.Bytes))
	a.print("danh sách: %d", "lists: %d", i.Lists)
	a.print("đợt rà quét: %d (%d đang mở)", "runs: %d (%d open)", i.Runs, i.Open)
	a.print("hồ sơ: %d, %s, nén còn %s", "assessments: %d, %s, compressed to %s", i.Assessments, store.Size(i.RecordBytes), store.Size(i.KeptBytes))
	a.print("lịch: %d", "schedules: %d", i.Schedules)
	a.print("máy quét chưa báo kết thúc: %d", "workers that have not ended: %d", i.Workers)
}

func (a *app) dbCheck() *cobra.Command {
	var where string
	c := &cobra.Command{
		Use:   a.t("check [CSDL]", "check [DATABASE]"),
		Short: a.t("Kiểm tra mọi hồ sơ còn nguyên vẹn", "Check that every assessment is as it was"),
		Long: a.t(`Tính lại SHA-256 của mọi hồ sơ và mọi danh sách, và chuỗi băm của mỗi đợt rà quét: hồ sơ
bị sửa, bớt, thêm hay đổi chỗ đều bị phát hiện. Chỉ đọc. Mã thoát: 0 nguyên vẹn; 1 không;
2 không đọc được.`,
			`Computes anew the SHA-256 of every assessment and list, and the hash chain of each run: an
assessment that was changed, removed, added or moved is found. Only reads. Exit codes:
0 all is as it was; 1 not so; 2 it cannot be read.`),
		Example: "  sansang db check dot-1.db",
		Args:    a.oneDB,
		RunE: func(c *cobra.Command, args []string) error {
			db, err := a.lookInto(c.Context(), args, where)
			if err != nil {
				return err
			}
			defer func() { _ = db.Close() }()
			return a.checkDB(c.Context(), db)
		},
	}
	a.databaseFlag(c.Flags(), &where)
	return c
}

func (a *app) checkDB(ctx context.Context, db *store.DB) error {
	found, err := db.Check(ctx)
	if err != nil {
		return err
	}
	for _, f := range found.Flaws {
		a.print("%[1]s", "%[2]s", f.Vi, f.En)
	}
	told := found.Told()
	if len(found.Flaws) == 0 {
		a.print("nguyên vẹn: %[1]s", "all is as it was: %[2]s", told.Vi, told.En)
		return nil
	}
	if found.More > 0 {
		a.print("và %d chỗ khác", "and %d more", found.More)
	}
	a.print("KHÔNG nguyên vẹn, trong %[1]s", "NOT as it was, of %[2]s", told.Vi, told.En)
	return verdict(judge.NotReady)
}

func (a *app) dbExport() *cobra.Command {
	var output, where string
	c := &cobra.Command{
		Use:   a.t("export [CSDL] -o TỆP.jsonl", "export [DATABASE] -o FILE.jsonl"),
		Short: a.t("Sao lưu toàn bộ ra một tệp, loại cơ sở dữ liệu nào cũng nhập lại được", "Back up all into one file that either kind of database takes in"),
		Long: a.t(`Ghi mọi danh sách, đợt rà quét, hồ sơ và kết quả, như ở cùng một thời điểm, ra một tệp
JSON từng dòng; dòng cuối ghi số dòng và SHA-256. Đợt đang chạy không phải dừng. Tệp chứa
địa chỉ và cấu hình của các đơn vị: bảo quản như tài liệu nội bộ.`,
			`Writes all lists, runs, assessments and results, as they are at one moment, into a file of
JSON lines; the last line holds the number of rows and the SHA-256. A run under way need
not stop. The file holds addresses and settings of the units: keep it as an internal
document.`),
		Example: "  sansang db export sansang.db -o sao-luu.jsonl",
		Args:    a.oneDB,
		RunE:    func(c *cobra.Command, args []string) error { return a.exportDB(c.Context(), args, where, output) },
	}
	c.Flags().StringVarP(&output, "output", "o", "", a.t("ghi vào tệp này", "write here"))
	a.databaseFlag(c.Flags(), &where)
	return c
}

func (a *app) dbImport() *cobra.Command {
	var where string
	c := &cobra.Command{
		Use:   a.t("import TỆP.jsonl --db CSDL-MỚI", "import FILE.jsonl --db NEW-DATABASE"),
		Short: a.t("Khôi phục bản sao lưu vào một cơ sở dữ liệu mới", "Restore a backup into a new database"),
		Long: a.t(`Nhập tệp do sansang db export ghi vào một cơ sở dữ liệu chưa có gì, rồi kiểm tra như
sansang db check. Tệp bị cắt hay bị sửa thì không nhập gì cả. Lượt đang chạy dở lúc sao
lưu được lên kế hoạch lại: sansang runs resume.`,
			`Takes a file that sansang db export wrote into a database that holds nothing yet, then
checks it as sansang db check does. Of a file that was cut or edited nothing is taken in.
What was under way at the backup is planned again: sansang runs resume.`),
		Example: "  sansang db import sao-luu.jsonl --db moi.db\n  sansang db import sao-luu.jsonl --db postgres://sansang@10.0.0.5/sansang",
		Args:    a.exactly(1, "tệp đã xuất", "an exported file"),
		RunE:    func(c *cobra.Command, args []string) error { return a.importDB(c.Context(), args[0], where) },
	}
	c.Flags().StringVar(&where, "db", "", a.t("cơ sở dữ liệu mới: tên tệp SQLite, hoặc postgres://…", "the new database: the name of an SQLite file, or postgres://…"))
	return c
}

// toldRows counts the rows that were written out or taken in.
func toldRows(n map[string]int) lang.Text {
	return lang.Tf("%d danh sách, %d đợt rà quét, %d hồ sơ, %d kết quả", "%d lists, %d runs, %d assessments, %d findings", n["lists"], n["runs"], n["assessments"], n["findings"])
}

// absent tells whether there is nothing of this name.
func absent(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}
