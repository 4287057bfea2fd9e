package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/fleet"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/store"
	"github.com/sansang/sansang/internal/telemetry"
)

// workOptions are the flags of whatever works the tasks of runs.
type workOptions struct {
	most            int
	metrics, traces string
}

func (a *app) workFlags(c *cobra.Command, o *workOptions) {
	f := c.Flags()
	f.IntVar(&o.most, "most", 256, a.t("số đơn vị xem cùng lúc, nhiều nhất; tự giảm khi máy này không theo kịp", "units looked at at the same time, at most; fewer where this machine cannot keep up"))
	f.StringVar(&o.metrics, "metrics", "", a.t("trả lời Prometheus ở địa chỉ này, ví dụ 127.0.0.1:9464", "answer Prometheus at this address, such as 127.0.0.1:9464"))
	f.StringVar(&o.traces, "traces", "", a.t("gửi vết OpenTelemetry tới bộ thu OTLP này, ví dụ http://127.0.0.1:4318", "send OpenTelemetry traces to this OTLP collector, such as http://127.0.0.1:4318"))
}

// shift is one time of working: what is told of it, to people and to machines.
type shift struct {
	memory int64 // the limit before; 0: it was not moved
	growth int   // and by how much the heap might grow
	app    *app
	crew   *crew
	db     *store.DB
	work   *fleet.Worker
	board  *board // nil: nothing is shown
	told   *telemetry.Telemetry
	limit  atomic.Int64

	done atomic.Int64

	mu      sync.Mutex
	looks   map[string]*underway
	trouble time.Time // when it was last said
}

// underway is a look and what is told of it to machines.
type underway struct {
	*telemetry.Task
	looked func() // ends the phase
	landed func()
}

// newShift gets the worker ready. The caller closes the shift.
func (a *app) newShift(ctx context.Context, db *store.DB, c *crew, o workOptions) (*shift, error) {
	if o.most < 1 {
		return nil, faultf("--most phải từ 1", "--most must be 1 or more")
	}
	s := &shift{app: a, crew: c, db: db, looks: map[string]*underway{}}
	var err error
	s.told, err = telemetry.Start(ctx, telemetry.Options{Metrics: o.metrics, Traces: o.traces, Version: tool().Version, Zone: string(c.vantage.Zone),
		Limit: func() int { return int(s.limit.Load()) }, Retries: retried.Load, Log: a.log})
	if err != nil {
		return nil, err
	}
	if at := s.told.Address(); at != "" && !a.quiet {
		a.say(lang.Tf("số liệu cho Prometheus: http://%s/metrics", "metrics for Prometheus: http://%s/metrics", at))
	}
	if a.getenv("GOMEMLIMIT") == "" { // else the operator has said it
		s.memory = debug.SetMemoryLimit(workMemory)
		s.growth = debug.SetGCPercent(workGrowth)
	}
	s.work, err = fleet.New(fleet.Options{DB: db, Vantage: c.vantage, Version: tool().Version, Most: o.most, Memory: inUse(debug.SetMemoryLimit(-1)), Log: a.log,
		Look: c.look, Judge: s.judge, Accept: c.accept, Schedules: c.scheduled, Later: c.later,
		Hooks: fleet.Hooks{Began: s.began, Step: s.step, Kept: s.kept, Landed: s.landed, Failed: s.failed, Lost: s.lost, Trouble: s.troubled, Gate: s.gated, Refused: s.refuses, Planned: s.planned}})
	if err != nil {
		s.close(ctx)
		return nil, defect{err}
	}
	c.share = s.work.Share
	return s, nil
}

// workMemory is what a process that works may have of memory that the garbage
// collector knows of. Some 55 MB of the program's own text come to that, and the
// template worker: together they are to stay below 600 MB.
const workMemory = 250 << 20

// inUse is how much of a limit may be in use before no more units at once are
// tried. What is left is for garbage: with less room than half of what lives, a
// collection follows the other, and more units at once are done later.
func inUse(limit int64) uint64 {
	if limit == math.MaxInt64 { // the operator wants none
		limit = workMemory
	}
	return uint64(limit) / 3 * 2
}

// workGrowth is by how many per cent the heap may grow before that: about a quarter
// of it is alive, and to collect at each doubling would be to do so twice as
// often as there is room for.
const workGrowth = 300

// tells says each minute what was done, if anything was, until ctx ends.
func (s *shift) tells(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for last := int64(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		s.mu.Lock()
		at := len(s.looks)
		s.mu.Unlock()
		if n := s.done.Load(); n != last || at > 0 {
			s.app.say(lang.Tf("đã xong %d lượt từ lúc bắt đầu, đang xem %d đơn vị", "%d looks done since the start, %d units in work", n, at))
			last = n
		}
	}
}

func (s *shift) close(ctx context.Context) {
	if s.memory > 0 {
		debug.SetGCPercent(s.growth)
		debug.SetMemoryLimit(s.memory)
	}
	s.told.Close(ctx)
}

func keyOf(t fleet.Task) string {
	return fmt.Sprint(t.Run.ID, "/", t.Unit.ID(), "/", t.Vantage.Zone, "/", t.Generation)
}

func (s *shift) began(t fleet.Task) {
	u := &underway{Task: s.told.Begin(t.Run.ID, t.Unit.ID(), string(t.Vantage.Zone), t.Attempt), landed: func() {}}
	u.looked = u.Phase("look")
	s.mu.Lock()
	s.looks[keyOf(t)] = u
	s.mu.Unlock()
	if s.board != nil {
		s.board.began(keyOf(t), t.Unit.ID(), t.Unit.Declared.Unit.Name)
	}
}

func (s *shift) step(t fleet.Task, done, total int) {
	if s.board != nil {
		s.board.step(keyOf(t), done, total)
	}
}

// judge is fleet's Judge, timed.
func (s *shift) judge(t fleet.Task, records []*record.Assessment) (store.Judgement, error) {
	s.mu.Lock()
	u := s.looks[keyOf(t)]
	s.mu.Unlock()
	if u == nil {
		return s.crew.judge(t, records)
	}
	u.looked()
	u.looked = func() {}
	end := u.Phase("judge")
	j, err := s.crew.judge(t, records)
	end()
	u.landed = u.Phase("land")
	return j, err
}

// over ends what is told of a look.
func (s *shift) over(t fleet.Task, outcome, verdict string, err error) {
	s.mu.Lock()
	u := s.looks[keyOf(t)]
	delete(s.looks, keyOf(t))
	s.mu.Unlock()
	if s.board != nil {
		s.board.over(keyOf(t))
	}
	if u == nil {
		return
	}
	u.looked()
	u.landed()
	u.End(outcome, verdict, err)
}

// kept tells of the places that were looked at, and of the connections made.
func (s *shift) kept(t fleet.Task, l store.Landing) {
	s.mu.Lock()
	u := s.looks[keyOf(t)]
	s.mu.Unlock()
	if u == nil {
		return
	}
	for _, p := range l.Places {
		u.Place(p.Cause)
	}
	u.Connections(l.Connections)
}

func (s *shift) landed(t fleet.Task, j store.Judgement, _ time.Duration) {
	s.done.Add(1)
	s.over(t, telemetry.Landed, j.Verdict.String(), nil)
}

func (s *shift) failed(t fleet.Task, err error) { s.over(t, telemetry.Failed, "", err) }

func (s *shift) lost(t fleet.Task, why error) { s.over(t, telemetry.Stopped, "", why) }

// troubled says at most twice a minute that the database is asked again.
func (s *shift) troubled(err error) {
	s.mu.Lock()
	again := time.Since(s.trouble) < 30*time.Second
	if !again {
		s.trouble = time.Now()
	}
	s.mu.Unlock()
	if !again {
		why := said(err)
		s.app.say(lang.Tf("cơ sở dữ liệu chưa trả lời, sẽ thử lại: %[1]s", "the database does not answer and is asked again: %[2]s", why.Vi, why.En))
	}
}

func (s *shift) gated(limit, _ int) {
	s.limit.Store(int64(limit))
}

// refuses says why a run is not worked here; fleet tells it once.
func (s *shift) refuses(_ store.Run, why error) { s.app.say(said(why)) }

func (s *shift) planned(_ store.Schedule, run store.Run) {
	if !s.app.quiet {
		s.app.say(lang.Tf("đến lịch: bắt đầu đợt %d", "a schedule is due: run %d begins", run.ID))
	}
}

// run works one run in this process, and shows how it goes. Again is the command
// that goes on with it.
func (s *shift) run(ctx context.Context, run store.Run, again []string) error {
	if err := s.crew.accept(run); err != nil {
		return err
	}
	s.board = s.app.newBoard(func() (standing, error) {
		return standingOf(ctx, s.db, run, s.crew.vantage, int(s.limit.Load()))
	})
	told := make(chan struct{})
	unlink := context.AfterFunc(ctx, func() {
		defer close(told)
		s.app.say(lang.T("đang dừng: các lượt đang xem được trả lại, chờ giây lát…", "stopping: looks under way are given back, a moment…"))
	})
	err := s.work.Work(ctx, run.ID)
	if !unlink() {
		<-told
	}
	s.board.close()
	s.board = nil
	return s.app.ended(err, again)
}

// ended tells what the end of work means, and how to go on.
func (a *app) ended(err error, again []string) error {
	switch {
	case err == nil:
		return nil
	case store.Full(err):
		why := said(err) // which disk
		return faultf("%[1]s. Đi tiếp bằng: %[3]s", "%[2]s. Go on with: %[3]s", why.Vi, why.En, typed(again))
	case errors.Is(err, context.Canceled):
		a.say(lang.Tf("đã dừng; những gì đã xong vẫn còn. Đi tiếp bằng: %s", "stopped; what is done is kept. Go on with: %s", typed(again)))
		return verdict(judge.Undetermined)
	}
	return err
}

// standingOf asks the database how far a run is, as seen from a vantage.
func standingOf(ctx context.Context, db *store.DB, run store.Run, v record.Vantage, limit int) (standing, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), boardPatience)
	defer cancel()
	c, err := db.Counts(ctx, run.ID)
	if err != nil {
		return standing{}, err
	}
	s := standing{done: c.Units - c.ByZone[v.Zone], total: c.Units, failed: c.Tasks[store.TaskFailed], limit: limit, verdicts: map[judge.UnitVerdict]int{}}
	for _, u := range []judge.UnitVerdict{judge.Ready, judge.NotReady, judge.Undetermined} {
		s.verdicts[u] = c.Verdicts[u.String()]
	}
	return s, nil
}
