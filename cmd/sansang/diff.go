package main

import (
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/change"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/report"
)

// diffOptions are the flags of diff.
type diffOptions struct{ policy, policyA, policyB, at, unit, format string }

func (a *app) diff() *cobra.Command {
	var o diffOptions
	c := &cobra.Command{
		Use:   a.t("diff HỒ-SƠ-A [HỒ-SƠ-B]", "diff ASSESSMENT-A [ASSESSMENT-B]"),
		Short: a.t("Kết quả nào thay đổi và vì sao, giữa hai hồ sơ hoặc một hồ sơ đánh giá hai cách", "Which findings changed and why, between two assessments or one judged in two ways"),
		Long: a.t(`So sánh hai hồ sơ đánh giá của một đơn vị, hoặc một hồ sơ theo hai chính sách, hai
ngày. Mỗi kết quả thay đổi kèm nguyên nhân: máy chủ, chính sách, công cụ, nơi nhìn, tệp
đơn vị, tài liệu, miễn trừ hay ngày tháng. Nguyên nhân tìm được bằng cách đánh giá lại:
dữ kiện cũ theo chính sách mới, dữ kiện mới theo chính sách cũ, và các tổ hợp khác.

Mã thoát: 0 không có gì xấu đi · 1 có điều xấu đi (yêu cầu bắt buộc nay không đạt) ·
3 không xấu đi nhưng có điều bắt buộc nay không còn xác định được`,
			`Compares two assessments of one unit, or one by two policies or as of two days. Each
finding that changed is told with its cause: the target, the policy, the tool, the
place looked from, the unit file, documents, waivers or the date. Causes are found by
judging: old facts by the new policy, new facts by the old, and the other mixtures.

Exit codes: 0 nothing got worse · 1 something did (a mandatory requirement fails now) ·
3 nothing did, but something mandatory can no longer be told`),
		Example: "  sansang diff thang-10.jsonl thang-11.jsonl\n  sansang diff ho-so.jsonl --at 2027-07-01\n  sansang diff ho-so.jsonl --policy-b population-db-strict",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 && len(args) != 2 {
				return faultf("lệnh này cần một hoặc hai hồ sơ đánh giá; xem: sansang diff --help", "this command takes one or two assessment files; see: sansang diff --help")
			}
			return a.runDiff(args, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.policy, "policy", "", a.t("chính sách cho cả hai bên (mặc định: chính sách lúc rà quét)", "policy of both sides (default: that of the scan)"))
	f.StringVar(&o.policyA, "policy-a", "", a.t("chính sách của bên trước", "policy of the side before"))
	f.StringVar(&o.policyB, "policy-b", "", a.t("chính sách của bên sau", "policy of the side now"))
	f.StringVar(&o.at, "at", "", a.t("ngày đánh giá: của cả hai hồ sơ; với một hồ sơ, của bên sau", "day to judge as of: of both assessments; of one, the side now"))
	f.StringVar(&o.unit, "unit", "", a.t("bên sau lấy tài liệu chứng minh và miễn trừ từ tệp đơn vị này", "the side now takes attestations and waivers from this unit file"))
	f.StringVar(&o.format, "format", "text", a.t("dạng kết quả: text, json", "format: text, json"))
	return c
}

// got worse and cannot be told any more are the "verdicts" of a difference.
var courses = map[change.Course]error{change.NotWorse: nil, change.Unclear: verdict(judge.Undetermined), change.Worse: verdict(judge.NotReady)}

func (a *app) runDiff(paths []string, o diffOptions) error {
	if err := oneOf(o.format, "text", "json"); err != nil {
		return err
	}
	at, err := parseAt(o.at)
	if err != nil {
		return err
	}
	if len(paths) == 1 && o.policyA == o.policyB && o.at == "" && o.unit == "" {
		return faultf("một hồ sơ thì phải nói điều gì khác: --at, --policy-b hoặc --unit", "of one assessment say what is to differ: --at, --policy-b or --unit")
	}
	var sides [2]change.Side
	for i := range sides {
		name, when := [2]string{o.policyA, o.policyB}[i], at
		if name == "" {
			name = o.policy
		}
		if len(paths) == 1 && i == 0 {
			when = time.Time{}
		}
		if sides[i], err = a.side(paths[min(i, len(paths)-1)], name, [2]string{"", o.unit}[i], when); err != nil {
			return err
		}
	}
	if x, y := sides[0].Case.Unit.Unit.ID, sides[1].Case.Unit.Unit.ID; x != y {
		return fault{lang.Tf("%s là của đơn vị %s, %s là của %s; chỉ so sánh hồ sơ của cùng một đơn vị", "%s is of the unit %s, %s is of %s; compare only assessments of one unit", sides[0].Name, x, sides[1].Name, y)}
	}
	d := change.Between(sides[0], sides[1])
	if o.format == "json" {
		err = report.Compact(a.out, d, "  ")
	} else {
		err = report.Diff(a.out, d, sides[1].Policy.Schema(), report.Options{Lang: a.lang, Width: a.width(), Colour: a.colour()})
	}
	if err != nil {
		return err
	}
	if o.format != "json" {
		a.next("sansang plan", paths[len(paths)-1])
	}
	return courses[d.Course()]
}

func (a *app) side(path, policyName, unitPath string, at time.Time) (change.Side, error) {
	in, err := a.stored(path, policyName, unitPath, at)
	if err != nil {
		return change.Side{}, err
	}
	s := change.Side{Name: filepath.Base(path), Policy: in.policy, Case: in.Case, Chosen: chosenTemplates(in.Assessment), Tools: []record.Tool{in.Header.Tool}}
	if len(in.Header.Joined) > 0 { // whoever joined them looked at nothing
		s.Tools = nil
		for _, src := range in.Header.Joined {
			s.Tools = append(s.Tools, src.Tool)
		}
	}
	return s, nil
}

// oneOf wants a format to be one of those that a command knows.
func oneOf(format string, known ...string) error {
	for _, k := range known {
		if k == format {
			return nil
		}
	}
	return &report.UnknownFormat{Name: format, Known: known}
}
