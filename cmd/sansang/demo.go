package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/report"
)

func (a *app) demo() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "demo",
		Short: a.t("Xem thử: ba đơn vị thực hành trên máy này", "Try it: three practice units on this machine"),
		Long: a.t("Chạy các máy chủ thực hành trên máy này, rà quét ba đơn vị (một sẵn sàng, một chưa\nđạt, một chưa đủ căn cứ), in kết luận và đường dẫn báo cáo HTML. Không gửi gì ra ngoài.",
			"Runs practice servers on this machine, scans three units (one ready, one not, one\nundetermined), prints the verdicts and the paths of the HTML reports. Sends nothing out."),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.runDemo(c.Context(), dir) },
	}
	c.Flags().StringVar(&dir, "dir", "sansang-demo", a.t("thư mục để ghi (nếu đã có thì thêm số)", "the folder to write (numbered when it exists)"))
	return c
}

func (a *app) runDemo(ctx context.Context, dir string) error {
	dir, err := freshDir(dir)
	if err != nil {
		return err
	}
	p, err := a.newPractice(ctx, dir)
	if err != nil {
		return err
	}
	defer p.close()
	for i, want := range []judge.UnitVerdict{judge.Ready, judge.NotReady, judge.Undetermined} {
		got, err := a.demoUnit(ctx, p, p.units[i])
		if err != nil {
			return err
		}
		if got != want {
			return defect{fmt.Errorf("%s: %v, the practice unit should be %v", p.units[i].File, got, want)}
		}
	}
	a.print("\nMở các tệp .html bằng trình duyệt. Tự thử bằng tay: sansang lab", "\nOpen the .html files in a browser. To try by hand: sansang lab")
	return nil
}

// demoUnit scans one practice unit, writes its report and prints its verdict.
func (a *app) demoUnit(ctx context.Context, p *practice, u practiceUnit) (judge.UnitVerdict, error) {
	path := filepath.Join(p.dir, u.File)
	stem := strings.TrimSuffix(path, ".yaml")
	quiet := *a
	quiet.quiet = true
	assessed, policy, err := quiet.assess(ctx, path, p.options(stem+".jsonl"))
	if err != nil {
		return 0, err
	}
	judged := policy.Judge(caseOf(assessed, time.Time{}))
	show, err := a.renderer(renderOptions{file: stem + ".html"})
	if err != nil {
		return 0, err
	}
	err = show(report.Document{Judged: judged, Assessment: assessed, Schema: checks.Schema()})
	t := judged.Tally
	_, _ = fmt.Fprintf(a.out, "%-16s %s\n  %s\n  %s\n", judged.Verdict.Text().In(a.lang), u.Name,
		lang.Tf("%d đạt, %d không đạt, %d chưa xác định, %d chờ tài liệu, %d miễn trừ trên %d yêu cầu quyết định",
			"%d pass, %d fail, %d inconclusive, %d awaiting evidence, %d waived of %d deciding requirements",
			t.Pass, t.Fail, t.Inconclusive, t.Manual, t.Waived, t.Deciding).In(a.lang), stem+".html")
	return judged.Verdict, err
}

func (p *practice) options(output string) scanOptions {
	return scanOptions{output: output, lookOptions: lookOptions{through: p.only, policy: defaultPolicy, zone: "admin", timeout: 1500 * time.Millisecond, budget: 30 * time.Second,
		pause: 500 * time.Millisecond, workers: 4 * runtime.NumCPU(), parallel: defaultParallel}}
}

// freshDir makes a folder that was not there: dir, or dir-2, dir-3, …
func freshDir(dir string) (string, error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	for n := 1; n < 1000; n++ {
		name := dir
		if n > 1 {
			name = fmt.Sprintf("%s-%d", dir, n)
		}
		err := os.Mkdir(name, 0o755)
		if !errors.Is(err, fs.ErrExist) {
			return name, err
		}
	}
	return "", faultf("có quá nhiều thư mục %s-…; xóa bớt hoặc dùng --dir", "there are too many folders %s-…; remove some or use --dir", dir)
}

func (a *app) lab() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "lab",
		Short: a.t("Để máy chủ thực hành chạy để tự thử", "Leave the practice servers running to try by hand"),
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			dir, err := freshDir(dir)
			if err != nil {
				return err
			}
			p, err := a.newPractice(c.Context(), dir)
			if err != nil {
				return err
			}
			defer p.close()
			a.print("Máy chủ thực hành đang chạy. Mở một cửa sổ lệnh khác và gõ:", "The practice servers are running. In another window type:")
			for _, u := range p.units {
				_, _ = fmt.Fprintf(a.out, "  sansang scan %s --vantage admin\n", filepath.Join(dir, u.File))
			}
			a.print("hoặc tất cả trong một đợt:", "or all in one run:")
			_, _ = fmt.Fprintf(a.out, "  sansang batch %s --vantage admin\n", dir)
			a.print("Nhấn Ctrl-C để dừng.", "Press Ctrl-C to stop.")
			<-c.Context().Done()
			return nil
		},
	}
	c.Flags().StringVar(&dir, "dir", "sansang-lab", a.t("thư mục để ghi tệp đơn vị (nếu đã có thì thêm số)", "the folder to write the unit files to (numbered when it exists)"))
	return c
}
