package main

import (
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/report"
)

func (a *app) judge() *cobra.Command {
	var policy, at, unit string
	var o renderOptions
	c := &cobra.Command{
		Use:   a.t("judge HỒ-SƠ…", "judge ASSESSMENT…"),
		Short: a.t("Đánh giá lại hồ sơ, không gửi gói tin nào", "Judge assessments again, sending nothing"),
		Long: a.t(`Đánh giá lại các dữ kiện đã ghi, theo chính sách khác hoặc ngày khác. Với --unit,
tài liệu chứng minh và miễn trừ được lấy từ tệp đơn vị hiện nay.

Nhiều hồ sơ, hoặc thư mục có các tệp .jsonl, .zip: mỗi hồ sơ một dòng rồi đến bảng tổng hợp.
Hồ sơ hỏng được nêu tên và dòng, các hồ sơ khác vẫn được đánh giá. Mã thoát khi đó:
0 mọi đơn vị sẵn sàng · 1 có đơn vị chưa đạt · 3 có đơn vị chưa đủ căn cứ · 2 có hồ sơ
không dùng được.`,
			`Judges what was recorded by another policy or as of another day. With --unit,
attestations and waivers are taken from the unit file as it is now.

Several assessments, or folders with .jsonl or .zip files: a line for each, then the totals.
A damaged one is told by name and line, and does not stop the others. Exit codes are
then: 0 all units ready · 1 some not ready · 3 some undetermined · 2 some of the files
cannot be used.`),
		Example: "  sansang judge ho-so.jsonl --at 2027-01-01\n  sansang judge ho-so.jsonl --unit don-vi.yaml -o bao-cao.html\n  sansang judge ho-so/ --policy population-db --format csv -o tong-hop.csv",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return faultf("lệnh này cần ít nhất một hồ sơ đánh giá; xem: %s --help", "this command takes at least one assessment file; see: %s --help", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if info, err := os.Stat(args[0]); len(args) == 1 && o.format != "csv" && (err != nil || !info.IsDir()) {
				return a.runJudge(args[0], policy, at, unit, o, true)
			}
			if unit != "" {
				return faultf("--unit chỉ dùng với một hồ sơ", "--unit goes with one assessment only")
			}
			return a.judgeMany(c.Context(), args, policy, at, o)
		},
	}
	c.Flags().StringVar(&policy, "policy", "", a.t("chính sách: tên, hoặc đường dẫn tệp .yaml (mặc định: chính sách lúc rà quét, bản áp dụng vào ngày đánh giá)", "policy: a name, or the path of a .yaml file (default: that of the scan, as it holds on the day of judgement)"))
	c.Flags().StringVar(&at, "at", "", a.t("đánh giá theo ngày này (mặc định: lúc quét xong)", "judge as of this day (default: when the scan ended)"))
	c.Flags().StringVar(&unit, "unit", "", a.t("lấy tài liệu chứng minh và miễn trừ từ tệp đơn vị này", "take attestations and waivers from this unit file"))
	a.renderFlags(c.Flags(), &o, "output", "o")
	c.Flags().Lookup("format").Usage = a.t("dạng báo cáo: text, json, html; nhiều hồ sơ: text, json (mỗi dòng một hồ sơ), csv", "report format: text, json, html; of several assessments: text, json (one a line), csv")
	return c
}

// judgeMany judges assessments by the thousand.
func (a *app) judgeMany(ctx context.Context, args []string, policy, atText string, o renderOptions) error {
	if o.format == "" {
		o.format = "text"
	}
	if err := oneOf(o.format, "text", "json", "csv"); err != nil {
		return err
	}
	at, err := parseAt(atText)
	if err != nil {
		return err
	}
	paths, err := files(args)
	if err != nil {
		return err
	}
	var sum report.Sum
	m := &many{app: a, policy: policy, at: at}
	write := func(w io.Writer) error {
		list := report.NewList(w, o.format, report.Options{Lang: a.lang, Width: a.width()})
		if err := list.Head(); err != nil {
			return err
		}
		if err := m.run(paths, func(l report.Line) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if sum.Add(l); l.Error != nil {
				a.say(*l.Error)
			}
			return list.Add(l)
		}); err != nil {
			return err
		}
		return list.Foot(sum)
	}
	if o.file == "" {
		err = write(a.out)
	} else {
		err = writeWhole(o.file, write)
	}
	switch {
	case err != nil:
		return err
	case sum.Bad > 0:
		return faultf("%d trên %d hồ sơ không dùng được", "%d of %d assessments cannot be used", sum.Bad, sum.All)
	}
	return verdict(sum.Verdict())
}
