package main

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sansang/sansang/internal/report"
	"github.com/sansang/sansang/policies"
)

const defaultPolicy = policies.Default

// renderOptions say how a report is shown, and where.
type renderOptions struct{ format, file string }

func (a *app) renderFlags(f *pflag.FlagSet, o *renderOptions, file, short string) {
	f.StringVar(&o.format, "format", "", a.t("dạng báo cáo: text, json, html (mặc định theo đuôi tệp báo cáo, rồi text)", "report format: text, json, html (default: by the report file's ending, then text)"))
	f.StringVarP(&o.file, file, short, "", a.t("ghi báo cáo vào tệp này thay vì màn hình", "write the report to this file instead of the screen"))
}

// renderer finds the format before any work is done for it. A report file
// appears whole or not at all.
func (a *app) renderer(o renderOptions) (func(report.Document) error, error) {
	if o.format == "" {
		o.format = map[string]string{".html": "html", ".htm": "html", ".json": "json"}[strings.ToLower(filepath.Ext(o.file))]
	}
	format, err := report.Find(cmp.Or(o.format, "text"))
	if err != nil {
		return nil, err
	}
	if o.file == "" {
		opts := report.Options{Lang: a.lang, Width: a.width(), Colour: a.colour()}
		return func(d report.Document) error { return format.Render(a.out, d, opts) }, nil
	}
	return func(d report.Document) error {
		return writeWhole(o.file, func(w io.Writer) error {
			return format.Render(w, d, report.Options{Lang: a.lang, Width: 80})
		})
	}, nil
}

// writeWhole writes a file beside its place and then moves it there. Only its
// owner may read it: a report says where a unit is weak.
func writeWhole(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if errors.Is(err, fs.ErrNotExist) {
		return faultf("không có thư mục %s để ghi %s; tạo thư mục ấy, hoặc ghi vào nơi khác", "there is no folder %s to write %s into; make it, or write elsewhere", filepath.Dir(path), filepath.Base(path))
	}
	if err != nil {
		return &fs.PathError{Op: "write", Path: path, Err: bare(err)} // nobody knows the other name
	}
	defer func() { _ = os.Remove(f.Name()) }() // when it was moved there is nothing to remove
	err = write(f)
	if serr := f.Sync(); err == nil {
		err = serr
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// bare is what went wrong with a file, without its name.
func bare(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// width is the terminal's width as the shell tells it, at most 100 so that
// lines stay readable, else 80.
func (a *app) width() int {
	if n, err := strconv.Atoi(a.getenv("COLUMNS")); err == nil && n >= 40 && terminal(a.out) {
		return min(n, 100)
	}
	return 80
}

// exactly wants n arguments and names what they are.
func (a *app) exactly(n int, vi, en string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return faultf("lệnh này cần đúng một %[1]s; xem: %[3]s --help", "this command takes exactly one argument: %[2]s; see: %[3]s --help", vi, en, c.CommandPath())
	}
}

func (a *app) report() *cobra.Command {
	var policy, at string
	var o renderOptions
	c := &cobra.Command{
		Use:     a.t("report HỒ-SƠ", "report ASSESSMENT"),
		Short:   a.t("In báo cáo của một hồ sơ đánh giá", "Print the report of an assessment"),
		Example: "  sansang report ho-so.jsonl -o bao-cao.html",
		Long: a.t("In báo cáo; mã thoát luôn là 0 khi in được. Để lấy kết luận qua mã thoát, dùng: sansang judge.",
			"Prints the report; the exit code is 0 when that worked. For the verdict as an exit code use: sansang judge."),
		Args: a.exactly(1, "hồ sơ đánh giá", "an assessment file"),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.runJudge(args[0], policy, at, "", o, false)
		},
	}
	c.Flags().StringVar(&policy, "policy", "", a.t("chính sách: tên, hoặc đường dẫn tệp .yaml (mặc định: chính sách lúc rà quét, bản áp dụng vào ngày đánh giá)", "policy: a name, or the path of a .yaml file (default: that of the scan, as it holds on the day of judgement)"))
	c.Flags().StringVar(&at, "at", "", a.t("đánh giá theo ngày này (mặc định: lúc quét xong)", "judge as of this day (default: when the scan ended)"))
	a.renderFlags(c.Flags(), &o, "output", "o")
	return c
}

func (a *app) runJudge(path, policyName, atText, unitPath string, o renderOptions, byCode bool) error {
	show, err := a.renderer(o)
	if err != nil {
		return err
	}
	at, err := parseAt(atText)
	if err != nil {
		return err
	}
	s, err := a.stored(path, policyName, unitPath, at)
	if err != nil {
		return err
	}
	a.sayLater(s.Case, s.Header.Started)
	judged := s.policy.Judge(s.owned())
	if err := show(report.Document{Judged: judged, Assessment: s.Assessment, Evidence: s.evidence, Schema: s.policy.Schema()}); err != nil {
		return err
	}
	if byCode {
		return verdict(judged.Verdict)
	}
	return nil
}
