package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/ask"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

// askOptions are the flags of ask.
type askOptions struct{ assessment, policy, system string }

func (a *app) ask() *cobra.Command {
	var o askOptions
	c := &cobra.Command{
		Use:   a.t("ask TỆP-ĐƠN-VỊ", "ask UNIT-FILE"),
		Short: a.t("Hỏi từng việc mà máy không thấy được, ghi câu trả lời vào tệp đơn vị", "Ask for what no machine can see, and keep the answers in the unit file"),
		Long: a.t(`Hỏi lần lượt những yêu cầu còn chờ tài liệu chứng minh, nghiêm trọng nhất trước: yêu
cầu gì, cần tài liệu nào, theo văn bản nào, có giá trị bao lâu. Mỗi câu trả lời được
ghi ngay vào tệp đơn vị (giữ nguyên chú thích); dừng lúc nào cũng được, lần sau hỏi
tiếp những việc còn lại. Tài liệu nằm nơi khác được chép vào tai-lieu/ cạnh tệp đơn vị.
Không gửi gì đi đâu. Với --assessment, chỉ hỏi điều mà hồ sơ rà quét còn thiếu.`,
			`Asks one after the other for the documents that requirements wait for, the gravest
first: what is required, which document, by which law, how long it counts. Each answer
is kept at once in the unit file, comments and all; stop at any time, and what is left
is asked the next time. A document from elsewhere is copied into tai-lieu/ beside the
unit file. Nothing is sent anywhere. With --assessment only what the scan lacks is asked.`),
		Example: "  sansang ask don-vi.yaml\n  sansang ask don-vi.yaml --assessment ho-so.jsonl --system mot-cua",
		Args:    a.exactly(1, "tệp đơn vị", "a unit file"),
		RunE:    func(c *cobra.Command, args []string) error { return a.runAsk(c.Context(), args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.assessment, "assessment", "", a.t("hồ sơ đánh giá; không có thì chỉ xét tệp đơn vị", "the assessment; without one the unit file alone is judged"))
	f.StringVar(&o.policy, "policy", "", a.t("chính sách: tên, hoặc đường dẫn tệp .yaml", "policy: a name, or the path of a .yaml file"))
	f.StringVar(&o.system, "system", "", a.t("chỉ hỏi về hệ thống có mã này", "ask about the system with this id only"))
	return c
}

func (a *app) runAsk(ctx context.Context, path string, o askOptions) error {
	now := time.Now()
	desk, c, err := a.askOf(path, o, now)
	if err != nil {
		return err
	}
	qs := ask.Questions(desk.policy, c)
	if o.system != "" {
		if err := hasSystem(desk.Unit, o.system); err != nil {
			return err
		}
		qs = slices.DeleteFunc(qs, func(q ask.Question) bool { return q.System == nil || q.System.ID != o.system })
	}
	if len(qs) == 0 {
		a.print("không có việc nào cần người trả lời", "there is nothing for a person to answer")
		return nil
	}
	a.print("Có %d việc cần người trả lời. Mỗi câu trả lời được ghi ngay vào %s;\ndừng lúc nào cũng được.", "There are %d things for a person to answer. Each answer is kept at once in\n%s; stop at any time.", len(qs), path)
	s := ask.Run(ctx, a.in, a.out, qs, desk, ask.Options{Lang: a.lang, Width: a.width(), Today: today(now), Echo: !terminal(a.in)})
	a.sumUp(path, o, s, now)
	return nil
}

// askOf opens the unit file, and makes what there is to judge of it now.
func (a *app) askOf(path string, o askOptions, now time.Time) (*askDesk, judge.Case, error) {
	d, err := openDossier(path, dossierFlags{policy: o.policy})
	if err != nil {
		return nil, judge.Case{}, err
	}
	c := judge.Case{Unit: d.Unit, Observations: d.documents(now), Incomplete: true, At: now}
	if o.assessment != "" {
		s, err := a.stored(o.assessment, o.policy, path, now)
		if err != nil {
			return nil, c, err
		}
		d.policy, c = s.policy, s.owned()
	}
	roots, _, err := d.roots(nil)
	return &askDesk{dossier: d, app: a, roots: roots}, c, err
}

func hasSystem(u inventory.Unit, id string) error {
	var ids []string
	for _, s := range u.Systems {
		ids = append(ids, s.ID)
	}
	if !slices.Contains(ids, id) {
		return faultf("--system: tệp đơn vị không có hệ thống %q; có: %s", "--system: the unit file has no system %q; there are: %s", id, strings.Join(ids, ", "))
	}
	return nil
}

func today(now time.Time) inventory.Date {
	y, m, d := now.In(inventory.Vietnam).Date()
	return inventory.Date{Time: time.Date(y, m, d, 0, 0, 0, 0, inventory.Vietnam)}
}

// sumUp tells what was answered and what to type next.
func (a *app) sumUp(path string, o askOptions, s ask.Summary, now time.Time) {
	a.print("\nĐã trả lời %d, bỏ qua %d, còn lại %d (trong %d việc).", "\nAnswered %d, skipped %d, still open %d (of %d).", s.Answered, s.Skipped, s.Open(), s.Asked)
	args := []string{"sansang ask", path}
	for _, f := range [][2]string{{"--assessment", o.assessment}, {"--policy", o.policy}, {"--system", o.system}} {
		if f[1] != "" {
			args = append(args, f[0], f[1])
		}
	}
	if s.Answered < s.Asked {
		a.print("Hỏi tiếp:  %s", "Go on:  %s", typed(args))
	}
	next := []string{"sansang scan", path, "--vantage", "internal", "-o", cmp.Or(o.assessment, "ho-so.jsonl")}
	if o.assessment != "" {
		next = []string{"sansang judge", o.assessment, "--unit", path, "--at", today(now).Format(time.DateOnly)}
	}
	if o.policy != "" {
		next = append(next, "--policy", o.policy)
	}
	a.print("Tiếp theo: %s", "Next:  %s", typed(next))
}

// next suggests what to type now, beside the result and not in it.
func (a *app) next(args ...string) {
	if !a.quiet {
		_, _ = fmt.Fprintln(a.err, a.t("Tiếp theo: ", "Next: ")+typed(args))
	}
}

// typedPath is a path as it is to be typed.
func typedPath(path string) string { return strings.TrimPrefix(typed([]string{"", path}), " ") }

// typed is a command as it is to be typed, with quotes where a path has blanks.
func typed(args []string) string {
	out := args[:1:1]
	for _, arg := range args[1:] {
		if strings.ContainsAny(arg, " '()&;") {
			arg = `"` + arg + `"`
		}
		out = append(out, arg)
	}
	return strings.Join(out, " ")
}
