package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/fleet"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/report"
	"github.com/sansang/sansang/internal/store"
)

func (a *app) runs() *cobra.Command {
	var db, format string
	c := &cobra.Command{
		Use:   "runs",
		Short: a.t("Các đợt rà quét: xem, hủy, đi tiếp, xóa", "The runs: see, cancel, go on, delete"),
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return a.listRuns(c.Context(), db, format) },
	}
	a.databaseFlag(c.Flags(), &db)
	c.Flags().StringVar(&format, "format", "text", a.t("dạng kết quả: text, json", "format: text, json"))
	sub := func(use, vi, en string, do func(ctx context.Context, db string, run int64) error) *cobra.Command {
		var db string
		s := &cobra.Command{Use: use + a.t(" SỐ", " NUMBER"), Short: a.t(vi, en), Args: a.exactly(1, "số của đợt rà quét", "the number of a run"),
			RunE: func(c *cobra.Command, args []string) error {
				n, err := runNumber(args[0])
				if err != nil {
					return err
				}
				return do(c.Context(), db, n)
			}}
		a.databaseFlag(s.Flags(), &db)
		c.AddCommand(s)
		return s
	}
	sub("show", "Xem một đợt: đến đâu rồi, ai đang làm, lượt nào không làm được", "See a run: how far it is, who works it, which looks were given up", a.showRun)
	sub("cancel", "Hủy một đợt: điều đã thấy vẫn giữ, việc còn lại thôi làm", "Cancel a run: what was seen is kept, the rest is not done", a.cancelRun)
	o := resumeOptions{}
	r := sub("resume", "Đi tiếp một đợt dở dang, đã hủy, hoặc có lượt không làm được", "Go on with a run that is not done, was cancelled, or has looks that were given up",
		func(ctx context.Context, db string, run int64) error { return a.resumeRun(ctx, db, run, o) })
	a.ofRun(r, &o.lookOptions)
	a.templateFlags(r, &o.templates)
	a.workFlags(r, &o.work)
	c.AddCommand(a.deleteRuns())
	return c
}

// runLine is a run as JSON.
type runLine struct {
	ID          int64            `json:"id"`
	List        string           `json:"list"`
	Kind        store.RunKind    `json:"kind"`
	State       store.RunState   `json:"state"`
	Policy      record.Policy    `json:"policy"`
	Vantages    []inventory.Zone `json:"vantages"`
	Began       time.Time        `json:"began"`
	Ended       time.Time        `json:"ended,omitzero"`
	Units       int              `json:"units"`
	Verdicts    map[string]int   `json:"verdicts"`
	Unjudged    int              `json:"unjudged"`
	Tasks       map[string]int   `json:"tasks"`
	Connections int64            `json:"connections"`
}

func (a *app) listRuns(ctx context.Context, where, format string) error {
	if err := oneOf(format, "text", "json"); err != nil {
		return err
	}
	db, err := a.readDatabase(ctx, where)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	runs, err := db.Runs(ctx)
	if err != nil {
		return err
	}
	if len(runs) == 0 && format == "text" {
		a.print("chưa có đợt rà quét nào trong %s", "there is no run in %s", db.Where())
		return nil
	}
	for i, run := range runs {
		counts, err := db.Counts(ctx, run.ID)
		if err != nil {
			return err
		}
		l, err := db.List(ctx, run.List)
		if err != nil {
			return err
		}
		if format == "json" {
			if err := report.Compact(a.out, lineOf(run, l, counts), ""); err != nil {
				return err
			}
			continue
		}
		if i == 0 {
			a.print("%-4s %-10s %-16s %-24s %-11s %s", "%-4s %-10s %-16s %-24s %-11s %s", a.t("Đợt", "Run"), a.t("Trạng thái", "State"), a.t("Bắt đầu", "Began"), a.t("Danh sách", "List"), a.t("Đã xong", "Done"), a.t("Sẵn sàng", "Ready"))
		}
		_, _ = fmt.Fprintf(a.out, "%s %s %s %s %s %d\n", report.Fit(fmt.Sprint(run.ID), 4), report.Fit(run.State.Text().In(a.lang), 10), report.Fit(clock(run.Created), 16),
			report.Fit(report.Shown(l.Name), 24), report.Fit(fmt.Sprintf("%d/%d", counts.Tasks[store.TaskDone], counts.Units*len(run.Vantages)), 11), counts.Verdicts[judge.Ready.String()])
	}
	return nil
}

func lineOf(run store.Run, l store.List, c store.Counts) runLine {
	out := runLine{ID: run.ID, List: l.Name, Kind: run.Kind, State: run.State, Policy: run.Policy, Vantages: run.Vantages, Began: run.Created, Ended: run.Ended,
		Units: c.Units, Verdicts: map[string]int{}, Unjudged: c.Verdicts[""], Tasks: map[string]int{}, Connections: c.Connections}
	for v, n := range c.Verdicts {
		if v != "" {
			out.Verdicts[v] = n
		}
	}
	for s, n := range c.Tasks {
		out.Tasks[string(s)] = n
	}
	return out
}

func (a *app) showRun(ctx context.Context, where string, id int64) error {
	db, err := a.readDatabase(ctx, where)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	run, err := db.Run(ctx, id)
	if err != nil {
		return err
	}
	l, err := db.List(ctx, run.List)
	if err != nil {
		return err
	}
	c, err := db.Counts(ctx, id)
	if err != nil {
		return err
	}
	a.print("Đợt %[1]d · %[2]s · bắt đầu %[4]s", "Run %[1]d · %[3]s · began %[4]s", run.ID, run.State.Text().Vi, run.State.Text().En, clock(run.Created))
	if !run.Ended.IsZero() {
		took := run.Ended.Sub(run.Created)
		a.print("  kết thúc      %[1]s (sau %[2]s)", "  ended         %[1]s (after %[3]s)", clock(run.Ended), roughly(took, lang.Vi), roughly(took, lang.En))
	}
	a.print("  danh sách     %s (%d đơn vị)", "  list          %s (%d units)", report.Shown(l.Name), c.Units)
	a.print("  chính sách    %s bản %s", "  policy        %s version %s", run.Policy.ID, run.Policy.Version)
	a.print("  nhìn từ       %[1]s", "  looked from   %[2]s", zoneNames(run.Vantages, lang.Vi), zoneNames(run.Vantages, lang.En))
	a.print("  lượt          %d xong · %d đang xem · %d chờ · %d không làm được · %d đã hủy", "  looks         %d done · %d under way · %d waiting · %d given up · %d cancelled",
		c.Tasks[store.TaskDone], c.Tasks[store.TaskRunning], c.Tasks[store.TaskPlanned], c.Tasks[store.TaskFailed], c.Tasks[store.TaskCancelled])
	for _, v := range run.Vantages {
		if n := c.ByZone[v]; n > 0 && len(run.Vantages) > 1 {
			a.print("                còn %[1]d lượt nhìn từ %[2]s", "                %[1]d looks left from %[3]s", n, zoneNames([]inventory.Zone{v}, lang.Vi), zoneNames([]inventory.Zone{v}, lang.En))
		}
	}
	if waits(run) && c.Tasks[store.TaskPlanned] > 0 {
		a.print("  giờ           mỗi đơn vị chờ tới giờ được phép rà quét (--wait)", "  hours         each unit waits for those in which it permits to be scanned (--wait)")
	}
	a.print("  kết luận      %d sẵn sàng · %d chưa đạt · %d chưa đủ căn cứ · %d chưa xét", "  verdicts      %d ready · %d not ready · %d undetermined · %d not judged yet",
		c.Verdicts[judge.Ready.String()], c.Verdicts[judge.NotReady.String()], c.Verdicts[judge.Undetermined.String()], c.Verdicts[""])
	a.print("  kết nối       %s", "  connections   %s", grouped(int(c.Connections), a.lang))
	if err := a.showWorkers(ctx, db); err != nil {
		return err
	}
	return a.showGivenUp(ctx, db, run, where)
}

// showWorkers lists who was heard of in the last minutes.
func (a *app) showWorkers(ctx context.Context, db *store.DB) error {
	now, err := db.Now(ctx)
	if err != nil {
		return err
	}
	workers, err := db.Workers(ctx, now.Add(-2*time.Minute), false)
	for _, w := range workers {
		a.print("  máy           %[1]s (%[2]s), nhìn từ %[3]s, nghe lần cuối %[5]s trước", "  machine       %[1]s (%[2]s), looks from %[4]s, last heard of %[6]s ago",
			report.Shown(w.Name), report.Shown(firstWord(w.Host)), zoneNames([]inventory.Zone{w.Vantage}, lang.Vi), zoneNames([]inventory.Zone{w.Vantage}, lang.En), roughly(now.Sub(w.Seen), lang.Vi), roughly(now.Sub(w.Seen), lang.En))
	}
	return err
}

// showGivenUp lists the looks that were given up, and why.
func (a *app) showGivenUp(ctx context.Context, db *store.DB, run store.Run, where string) error {
	failed, err := db.Tasks(ctx, run.ID, store.TaskFailed)
	for i, t := range failed {
		if i == mostTold {
			a.print("  … và %d lượt khác", "  … and %d more", len(failed)-mostTold)
			break
		}
		a.print("  không làm được %s: %s", "  given up       %s: %s", t.Unit, report.Shown(t.Error))
	}
	if len(failed) > 0 {
		a.next(a.resuming(run, where)...)
	}
	return err
}

// resuming is the command that goes on with a run. In which zone the machine
// stands that will is for whoever types it to say.
func (a *app) resuming(run store.Run, where string) []string {
	words := withDatabase([]string{"sansang", "runs", "resume", fmt.Sprint(run.ID)}, where)
	if len(zoneList(run.Vantages)) > 0 {
		words = append(words, "--vantage", a.t("VÙNG", "ZONE"))
	}
	return words
}

func (a *app) cancelRun(ctx context.Context, where string, id int64) error {
	db, err := a.openDB(ctx, where, true)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if err := fleet.Cancel(ctx, db, id); err != nil {
		return err
	}
	run, err := db.Run(ctx, id)
	if err != nil {
		return err
	}
	if !a.quiet {
		a.say(lang.Tf("đã hủy đợt %[1]d; máy đang xem sẽ dừng trong vài giây. Đi tiếp bằng: %[2]s", "run %[1]d is cancelled; machines that look stop within seconds. To go on: %[2]s", id,
			typed(a.resuming(run, where))))
	}
	return nil
}

// resumeOptions are the flags of runs resume.
type resumeOptions struct {
	lookOptions
	work workOptions
}

func (a *app) resumeRun(ctx context.Context, where string, id int64, o resumeOptions) error {
	if o.workers < 1 {
		return faultf("--workers phải từ 1", "--workers must be 1 or more")
	}
	db, err := a.openDB(ctx, where, true)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	run, err := db.Run(ctx, id)
	if err != nil {
		return err
	}
	if err := standsIn(run, o.zone); err != nil {
		return err
	}
	c, err := a.newCrew(o.lookOptions)
	if err != nil {
		return err
	}
	defer c.close()
	if err := c.accept(run); err != nil {
		return err
	}
	shift, err := a.newShift(ctx, db, c, o.work)
	if err != nil {
		return err
	}
	defer shift.close(ctx)
	if _, err := fleet.Resume(ctx, db, id); err != nil {
		return err
	}
	n, err := db.Left(ctx, id, c.vantage.Zone) // with what a killed process still has
	if err != nil {
		return err
	}
	if !a.quiet {
		a.say(lang.Tf("đi tiếp đợt %d: còn %d lượt", "going on with run %d: %d looks left", id, n))
	}
	if run, err = db.Run(ctx, id); err != nil {
		return err
	}
	if n > 0 {
		if err := shift.run(ctx, run, append(withDatabase([]string{"sansang", "runs", "resume", fmt.Sprint(id)}, where), o.words()...)); err != nil {
			return err
		}
	}
	return a.concluded(ctx, db, run, where, "")
}

// clock is a moment as people in Vietnam tell it.
func clock(t time.Time) string { return t.In(inventory.Vietnam).Format("02/01/2006 15:04") }

// firstWord is the name of a machine without what tells its boots apart.
func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}
