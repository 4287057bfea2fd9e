package main

import (
	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/plan"
	"github.com/sansang/sansang/internal/report"
)

func (a *app) plan() *cobra.Command {
	var policy, at, unit, format string
	c := &cobra.Command{
		Use:   a.t("plan HỒ-SƠ", "plan ASSESSMENT"),
		Short: a.t("Việc cần làm trước: khắc phục, bổ sung, và điều sắp hết hạn", "What to do first: fix, supply, and what is about to run out"),
		Long: a.t(`Từ một hồ sơ đánh giá, lập danh sách việc cần làm: yêu cầu bắt buộc không đạt, theo mức
nghiêm trọng, gộp những yêu cầu cùng sửa ở một nơi; tài liệu còn thiếu; điều còn chưa nhìn
thấy; và những gì hết hạn trong 30, 60, 90 ngày tới (tài liệu, miễn trừ, chứng thư, văn bản
cho phép rà quét, hiệu lực của luật, tuổi của dữ kiện) kèm kết quả nào sẽ đổi. Mã thoát là 0.`,
			`Draws up what to do, from an assessment: mandatory requirements that fail, by severity,
put together where they are mended in one place; documents that are wanting; what was not
seen; and what runs out in 30, 60, 90 days (documents, waivers, certificates, the
authorisation to scan, dates of the law, the age of facts), with what comes of it. Exits
with 0.`),
		Example: "  sansang plan ho-so.jsonl\n  sansang plan ho-so.jsonl --at 2026-12-31 --format json",
		Args:    a.exactly(1, "hồ sơ đánh giá", "an assessment file"),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.runPlan(args[0], policy, at, unit, format)
		},
	}
	c.Flags().StringVar(&policy, "policy", "", a.t("chính sách: tên, hoặc đường dẫn tệp .yaml (mặc định: chính sách lúc rà quét)", "policy: a name, or the path of a .yaml file (default: that of the scan)"))
	c.Flags().StringVar(&at, "at", "", a.t("lập kế hoạch từ ngày này (mặc định: lúc quét xong)", "plan from this day on (default: when the scan ended)"))
	c.Flags().StringVar(&unit, "unit", "", a.t("lấy tài liệu chứng minh và miễn trừ từ tệp đơn vị này", "take attestations and waivers from this unit file"))
	c.Flags().StringVar(&format, "format", "text", a.t("dạng kết quả: text, json", "format: text, json"))
	return c
}

func (a *app) runPlan(path, policyName, atText, unitPath, format string) error {
	if err := oneOf(format, "text", "json"); err != nil {
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
	p := plan.Make(s.policy, s.owned())
	if format == "json" {
		return report.Compact(a.out, p, "  ")
	}
	if err := report.Plan(a.out, p, report.Options{Lang: a.lang, Width: a.width(), Colour: a.colour()}); err != nil {
		return err
	}
	if unitPath != "" {
		a.next("sansang ask", unitPath, "--assessment", path)
	} else {
		a.next("sansang report", path, "-o", "bao-cao.html")
	}
	return nil
}
