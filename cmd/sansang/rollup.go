package main

import (
	"context"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/report"
	"github.com/sansang/sansang/internal/rollup"
	"github.com/sansang/sansang/internal/store"
)

// rollupOptions are the flags of rollup.
type rollupOptions struct {
	db, since, format, table, file string
	reports, reportFormat, policy  string
}

func (a *app) rollup() *cobra.Command {
	var o rollupOptions
	c := &cobra.Command{
		Use:   a.t("rollup [ĐỢT]", "rollup [RUN]"),
		Short: a.t("Tổng hợp một đợt rà quét: đơn vị nào sẵn sàng, thiếu gì, đổi gì", "Roll up a run: who is ready, what is missing, what changed"),
		Long: a.t(`Tổng hợp một đợt rà quét của sansang batch (mặc định: đợt mới nhất): theo loại đơn vị,
theo tỉnh, yêu cầu không đạt và còn thiếu nhiều nhất, điểm kết nối không trả lời, thay đổi
so với đợt trước. Mẫu số luôn được ghi. Đơn vị chưa nhìn đủ mọi vùng mạng không được tính
là đã kiểm tra. Đợt đang chạy cũng tổng hợp được. Không gửi gói tin nào.

Mã thoát là 0 khi in được.`,
			`Rolls up a run of sansang batch (default: the newest): by kind of unit, by province, what
fails and what is missing most, which endpoints did not answer, and what changed since
the run before. Denominators are always told. A unit that not every vantage has looked at
does not count as checked. A run that is still open can be told too. Nothing is sent.

The exit code is 0 when that worked.`),
		Example: "  sansang rollup\n  sansang rollup 3 --since 1 -o tong-hop.xlsx\n  sansang rollup -o tong-hop/index.html --reports tong-hop/don-vi\n  sansang rollup --format csv --table provinces",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return argMistake(c, args)
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			run := int64(0)
			if len(args) == 1 {
				n, err := runNumber(args[0])
				if err != nil {
					return err
				}
				run = n
			}
			return a.runRollup(c.Context(), run, o)
		},
	}
	f := c.Flags()
	a.databaseFlag(f, &o.db)
	f.StringVar(&o.since, "since", "", a.t("so sánh với đợt này; none: không so sánh (mặc định: đợt trước cùng danh sách)", "compare with this run; none: with none (default: the run before over the same list)"))
	f.StringVar(&o.format, "format", "", a.t("dạng: text, html, xlsx, csv, json (mặc định theo đuôi tệp, rồi text)", "format: text, html, xlsx, csv, json (default: by the file's ending, then text)"))
	f.StringVar(&o.table, "table", "", a.t("bảng nào, với --format csv: ", "which table, with --format csv: ")+strings.Join(report.RollupTables(), ", ")+a.t(" (mặc định units)", " (default units)"))
	f.StringVarP(&o.file, "output", "o", "", a.t("ghi vào tệp này thay vì màn hình", "write to this file instead of the screen"))
	f.StringVar(&o.reports, "reports", "", a.t("ghi báo cáo của từng đơn vị vào thư mục này; bản HTML dẫn đến chúng", "write each unit's own report into this folder; the HTML page links to them"))
	f.StringVar(&o.reportFormat, "reports-format", "html", a.t("dạng báo cáo của từng đơn vị: html, json, text", "format of the units' own reports: html, json, text"))
	f.StringVar(&o.policy, "policy", "", a.t("với --reports: đánh giá lại theo chính sách này (mặc định: chính sách của đợt)", "with --reports: judge by this policy (default: that of the run)"))
	return c
}

// runNumber reads the number of a run.
func runNumber(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 {
		return 0, faultf("%q không phải số của đợt rà quét; xem số bằng: sansang runs", "%q is no number of a run; see the numbers with: sansang runs", s)
	}
	return n, nil
}

func (a *app) runRollup(ctx context.Context, number int64, o rollupOptions) error {
	if o.format == "" {
		o.format = map[string]string{".html": "html", ".htm": "html", ".json": "json", ".csv": "csv", ".xlsx": "xlsx"}[strings.ToLower(filepath.Ext(o.file))]
	}
	if o.format == "" {
		o.format = "text"
	}
	if _, err := report.FindRollup(o.format); err != nil {
		return err
	}
	if _, err := report.Find(o.reportFormat); err != nil {
		return err
	}
	switch {
	case o.table != "" && o.format != "csv":
		return faultf("--table chỉ dùng với --format csv; các dạng khác có mọi bảng", "--table goes with --format csv; the other formats hold every table")
	case o.policy != "" && o.reports == "":
		return faultf("--policy chỉ dùng với --reports; kết luận trong bảng tổng hợp là của đợt rà quét", "--policy goes with --reports only; the verdicts of the roll-up are those of the run")
	case o.format == "xlsx" && o.file == "" && terminal(a.out):
		return faultf("sổ tính không hiện được trên màn hình; thêm -o tong-hop.xlsx", "a workbook cannot be shown on the screen; add -o roll-up.xlsx")
	}
	if o.table != "" {
		if err := report.RollupTable(o.table); err != nil {
			return err
		}
	}
	db, err := a.readDatabase(ctx, o.db)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	run, err := chooseRun(ctx, db, number)
	if err != nil {
		return err
	}
	return a.rollUp(ctx, db, run, o)
}

// rollUp tells a run in the format that the options name.
func (a *app) rollUp(ctx context.Context, db *store.DB, run store.Run, o rollupOptions) error {
	format, err := report.FindRollup(o.format)
	if err != nil {
		return err
	}
	own, err := report.Find(o.reportFormat)
	if err != nil {
		return err
	}
	before, err := chooseBefore(ctx, db, run, o.since)
	if err != nil {
		return err
	}
	r, err := a.rollupOf(ctx, db, run, before)
	if err != nil {
		return err
	}
	if o.reports != "" {
		if err := a.unitReports(ctx, db, run, &r, own, o); err != nil {
			return err
		}
	}
	return a.showRollup(r, format, o)
}

func (a *app) showRollup(r rollup.Rollup, format report.RollupFormat, o rollupOptions) error {
	if o.file == "" {
		return format.Render(a.out, r, report.RollupOptions{Options: report.Options{Lang: a.lang, Width: a.width(), Colour: a.colour()}, Table: o.table})
	}
	return writeWhole(o.file, func(w io.Writer) error {
		return format.Render(w, r, report.RollupOptions{Options: report.Options{Lang: a.lang, Width: 80}, Table: o.table})
	})
}

// tellRun prints what a run comes to as text.
func (a *app) tellRun(ctx context.Context, db *store.DB, run store.Run) error {
	return a.rollUp(ctx, db, run, rollupOptions{format: "text", reportFormat: "html"})
}

// chooseRun gives the run of a number, or the newest; a file without any is told.
func chooseRun(ctx context.Context, db *store.DB, number int64) (store.Run, error) {
	if number > 0 {
		return db.Run(ctx, number)
	}
	runs, err := db.Runs(ctx)
	if err == nil && len(runs) == 0 {
		err = faultf("%s chưa có đợt rà quét nào; chạy: sansang batch", "%s has no run yet; begin one with: sansang batch", db.Where())
	}
	if err != nil {
		return store.Run{}, err
	}
	return runs[0], nil
}

// chooseBefore gives the run to compare with; nil: none.
func chooseBefore(ctx context.Context, db *store.DB, run store.Run, since string) (*store.Run, error) {
	var before store.Run
	var err error
	ok := true
	switch since {
	case "none":
		return nil, nil
	case "":
		before, ok, err = db.Before(ctx, run)
	default:
		var n int64
		if n, err = runNumber(since); err != nil {
			return nil, err
		}
		if n == run.ID {
			return nil, faultf("--since %d là chính đợt đang xem; viết số của đợt khác", "--since %d is the run itself; write the number of another", n)
		}
		before, err = db.Run(ctx, n)
	}
	if err != nil || !ok {
		return nil, err
	}
	return &before, nil
}
