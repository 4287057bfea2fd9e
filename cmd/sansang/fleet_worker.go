package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/store"
)

// workerOptions are the flags of worker.
type workerOptions struct {
	lookOptions
	work workOptions
	db   string
	once bool
}

func (a *app) worker() *cobra.Command {
	o := workerOptions{}
	c := &cobra.Command{
		Use:   "worker",
		Short: a.t("Cùng làm các đợt rà quét từ máy này", "Join the runs of a database from this machine"),
		Long: a.t(`Nhận những lượt rà quét của vùng mạng mà máy này đặt ở đó, từ mọi đợt đang mở trong cơ
sở dữ liệu chung, và làm cho tới khi bị dừng. Cách rà quét (chính sách, giới hạn tốc độ,
thời gian chờ) theo đúng thiết lập của từng đợt; máy có chính sách hoặc bản sansang khác
thì không nhận. Lịch (sansang schedule) do worker thực hiện.`,
			`Takes the looks of the zone that this machine stands in, of every open run in the shared
database, until it is stopped. How is looked (policy, rates, time-outs) is as each run is
set; with another policy or release of sansang nothing is taken. Schedules (sansang
schedule) are kept by workers.`),
		Example: "  sansang worker --db postgres://… --vantage internal",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.runWorker(c.Context(), o)
		},
	}
	f := c.Flags()
	a.databaseFlag(c.Flags(), &o.db)
	a.ofRun(c, &o.lookOptions)
	a.templateFlags(c, &o.templates)
	a.workFlags(c, &o.work)
	f.BoolVar(&o.once, "once", false, a.t("làm xong mọi lượt đang có rồi thôi", "end when nothing is left to do"))
	return c
}

func (a *app) runWorker(ctx context.Context, o workerOptions) error {
	if o.workers < 1 {
		return faultf("--workers phải từ 1", "--workers must be 1 or more")
	}
	c, err := a.newCrew(o.lookOptions)
	if err != nil {
		return err
	}
	defer c.close()
	db, err := a.openDB(ctx, o.db, true)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	s, err := a.newShift(ctx, db, c, o.work)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	again := withDatabase([]string{"sansang", "worker"}, o.db)
	if o.once {
		return s.once(ctx, append(again, "--once"))
	}
	if !a.quiet {
		a.say(lang.Tf("chờ việc từ %[1]s, nhìn từ %[2]s; dừng bằng Ctrl-C", "waiting for work of %[1]s, looking from %[3]s; Ctrl-C to stop",
			db.Where(), zoneNames([]inventory.Zone{c.vantage.Zone}, lang.Vi), zoneNames([]inventory.Zone{c.vantage.Zone}, lang.En)))
		go s.tells(ctx)
	}
	err = s.work.Work(ctx, 0)
	if errors.Is(err, context.Canceled) {
		a.say(lang.T("đã dừng; việc dở dang được trả lại cho máy khác", "stopped; what was under way is given back to others"))
		return nil
	}
	return a.ended(err, again)
}

// once works each open run until none has a task left for this vantage. A
// run that cannot be worked here is said and left.
func (s *shift) once(ctx context.Context, again []string) error {
	runs, err := s.db.Runs(ctx)
	if err != nil {
		return err
	}
	worked, refused := 0, error(nil)
	slices.Reverse(runs)
	slices.SortStableFunc(runs, func(x, y store.Run) int { // the oldest first, but none behind one that may wait for days
		switch {
		case waits(x) == waits(y):
			return 0
		case waits(x):
			return 1
		}
		return -1
	})
	for _, run := range runs {
		if run.State != store.RunOpen {
			continue
		}
		left, err := s.db.Left(ctx, run.ID, s.crew.vantage.Zone)
		if err != nil {
			return err
		}
		if left == 0 {
			continue
		}
		if err := s.crew.accept(run); err != nil {
			if refused != nil {
				s.app.say(said(refused))
			}
			refused = err
			continue
		}
		worked++
		if err := s.run(ctx, run, again); err != nil {
			return err
		}
	}
	if refused == nil && worked == 0 && !s.app.quiet {
		from := []inventory.Zone{s.crew.vantage.Zone}
		s.app.say(lang.Tf("không có lượt nào cần nhìn từ %[1]s", "no look is wanted from %[2]s", zoneNames(from, lang.Vi), zoneNames(from, lang.En)))
	}
	return refused
}
