package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/report"
)

// board shows how a run goes: on a terminal one bar and the units in work under
// it, elsewhere a line from time to time. What is done is counted in the
// database, so that the work of other machines shows too; nothing here grows
// with the list.
type board struct {
	app   *app
	live  bool
	count func() (standing, error)

	progress *mpb.Progress
	stop     chan struct{}
	ended    sync.WaitGroup
	restore  func()

	mu    sync.Mutex
	now   standing
	pace  []sample // of the last minutes
	units map[string]*atWork
}

// standing is how far a run is.
type standing struct {
	done, total int // looks from here
	verdicts    map[judge.UnitVerdict]int
	failed      int // looks that were given up
	limit       int // units that may be in work now
}

type sample struct {
	at   time.Time
	done int
}

// atWork is a unit that is looked at.
type atWork struct {
	id, name    string
	since       time.Time
	done, total int
}

const (
	boardEvery = 2 * time.Second  // the database is asked
	boardTell  = 10 * time.Second // a line is written where there is no terminal
	boardUnits = 8                // units that are shown
	boardBar   = 26               // columns of the bar, so that a line is below 80
	boardPace  = 90               // samples that the rate is taken from: three minutes
)

// newBoard begins to show. Messages of the program go above the bar until close.
func (a *app) newBoard(count func() (standing, error)) *board {
	b := &board{app: a, live: terminal(a.err) && a.getenv("TERM") != "dumb" && !a.quiet, count: count, stop: make(chan struct{}), units: map[string]*atWork{}, restore: func() {}}
	b.ask()
	if b.live {
		b.draw()
	}
	b.ended.Go(b.watch)
	return b
}

// draw begins the bar. It is made anew for each width that the terminal has.
func (b *board) draw() {
	out, log := b.app.err, b.app.log
	b.progress = mpb.New(mpb.WithOutput(out), mpb.WithWidth(80), mpb.WithRefreshRate(redraw))
	said := decor.Any(func(decor.Statistics) string { return b.shown(b.counted) })
	left := decor.Any(func(decor.Statistics) string { return b.shown(b.left) })
	lines := []mpb.BarFiller{b.line(func() string { return b.verdicts(b.app.getenv("NO_COLOR") == "") })}
	for i := range boardUnits + 1 {
		lines = append(lines, b.line(func() string { return b.unit(i) }))
	}
	total := max(1, b.now.total)
	bar := b.progress.New(int64(total), mpb.BarStyle().Lbound("▕").Filler("█").Tip("█").Padding("░").Rbound("▏"),
		mpb.BarWidth(boardBar), mpb.PrependDecorators(said), mpb.AppendDecorators(left), mpb.BarBtmExtender(lines...))
	b.app.err = b.progress
	b.app.log = log.Output(zerolog.ConsoleWriter{Out: b.progress, NoColor: b.app.getenv("NO_COLOR") != "", TimeFormat: "15:04:05"})
	b.ended.Go(func() {
		for b.wait(redraw) {
			b.mu.Lock()
			done := b.now.done
			b.mu.Unlock()
			bar.SetCurrent(int64(min(done, total-1))) // the bar ends with the board
		}
	})
	b.restore = func() {
		bar.Abort(true)
		b.progress.Wait()
		b.app.err, b.app.log = out, log
	}
}

// line is a row under the bar; an empty one is left out.
func (b *board) line(text func() string) mpb.BarFiller {
	return mpb.BarFillerFunc(func(w io.Writer, _ decor.Statistics) error {
		if s := b.shown(text); s != "" {
			_, err := io.WriteString(w, s+"\n")
			return err
		}
		return nil
	})
}

func (b *board) shown(text func() string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return text()
}

// watch counts until close, and writes lines where there is no terminal.
func (b *board) watch() {
	var told time.Time
	for b.wait(boardEvery) {
		b.ask()
		if b.live || b.app.quiet || time.Since(told) < boardTell {
			continue
		}
		told = time.Now()
		b.tell()
	}
}

// wait sleeps; false: the board was closed.
func (b *board) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-b.stop:
		return false
	}
}

func (b *board) ask() {
	now, err := b.count()
	if err != nil {
		return // those who work tell of a database that is away
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = now
	if b.pace = append(b.pace, sample{time.Now(), now.done}); len(b.pace) > boardPace {
		b.pace = b.pace[1:]
	}
}

// tell writes one line.
func (b *board) tell() {
	_, _ = fmt.Fprintln(b.app.err, b.shown(func() string {
		line := b.counted() + "· " + b.verdicts(false)
		if left := b.left(); left != "" {
			line += " ·" + left
		}
		return line
	}))
}

// close ends the showing; where there is no terminal, with the last line.
func (b *board) close() {
	close(b.stop)
	b.ended.Wait()
	b.restore()
	b.ask()
	if !b.live && !b.app.quiet {
		b.tell()
	}
}

// began, step and over tell of the units in work.
func (b *board) began(key, id, name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.units[key] = &atWork{id: id, name: name, since: time.Now()}
}

func (b *board) step(key string, done, total int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if u := b.units[key]; u != nil {
		u.done, u.total = done, total
	}
}

func (b *board) over(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.units, key)
}

func (b *board) in(vi, en string, args ...any) string { return lang.Tf(vi, en, args...).In(b.app.lang) }

// counted is "1.024/3.377 " and the share.
func (b *board) counted() string {
	share := 100
	if b.now.total > 0 {
		share = 100 * b.now.done / b.now.total
	}
	return fmt.Sprintf("%s/%s %3d%% ", grouped(b.now.done, b.app.lang), grouped(b.now.total, b.app.lang), share)
}

// left is the rate, and when it will have done all that is left.
func (b *board) left() string {
	if len(b.pace) < 2 {
		return ""
	}
	first, last := b.pace[0], b.pace[len(b.pace)-1]
	if last.at.Sub(first.at) < boardEvery {
		return ""
	}
	perMinute := float64(last.done-first.done) / last.at.Sub(first.at).Minutes()
	if perMinute <= 0 {
		return ""
	}
	out := b.in(" %s/phút", " %s/min", decimal(perMinute, b.app.lang))
	if rest := b.now.total - b.now.done; rest > 0 {
		out += b.in(" · còn %s", " · %s left", roughly(time.Duration(float64(rest)/perMinute*float64(time.Minute)), b.app.lang))
	}
	return out
}

// verdicts counts the units that were judged.
func (b *board) verdicts(colour bool) string {
	var parts []string
	for _, v := range []struct {
		verdict judge.UnitVerdict
		colour  int
		text    lang.Text
	}{{judge.Ready, 32, lang.T("sẵn sàng", "ready")}, {judge.NotReady, 31, lang.T("chưa đạt", "not ready")}, {judge.Undetermined, 33, lang.T("chưa đủ căn cứ", "undetermined")}} {
		s := v.text.In(b.app.lang) + " " + grouped(b.now.verdicts[v.verdict], b.app.lang)
		if colour {
			s = fmt.Sprintf("\x1b[%dm%s\x1b[0m", v.colour, s)
		}
		parts = append(parts, s)
	}
	if b.now.failed > 0 {
		parts = append(parts, b.in("không làm được %d", "given up %d", b.now.failed))
	}
	if n := len(b.units); n > 0 && b.now.limit > 0 {
		parts = append(parts, b.in("đang xem %d (nhiều nhất %d)", "in work %d (at most %d)", n, b.now.limit))
	}
	return strings.Join(parts, " · ")
}

// unit is the row of one unit in work, those that take longest first; the one
// after the last tells how many more there are.
func (b *board) unit(i int) string {
	if i >= len(b.units) {
		return ""
	}
	if i == boardUnits {
		return b.in("  … và %d đơn vị khác", "  … and %d more", len(b.units)-boardUnits)
	}
	all := make([]*atWork, 0, len(b.units))
	for _, u := range b.units {
		all = append(all, u)
	}
	slices.SortFunc(all, func(x, y *atWork) int { return x.since.Compare(y.since) })
	u := all[i]
	checks := ""
	if u.total > 0 {
		checks = strconv.Itoa(u.done) + "/" + strconv.Itoa(u.total)
	}
	return fmt.Sprintf("  %s %s %9s %s", report.Fit(report.Shown(u.id), 14), report.Fit(report.Shown(u.name), 38), checks, roughly(time.Since(u.since), b.app.lang))
}

// roughly tells a time in the words that fit it.
func roughly(d time.Duration, l lang.Lang) string {
	switch {
	case d < time.Minute:
		return lang.Tf("%d giây", "%d s", int(d.Seconds())).In(l)
	case d < time.Hour:
		return lang.Tf("%d phút", "%d min", int(d.Round(time.Minute).Minutes())).In(l)
	}
	d = d.Round(time.Minute)
	return lang.Tf("%d giờ %02d phút", "%d h %02d min", int(d.Hours()), int(d.Minutes())%60).In(l)
}

// grouped writes a number with a mark for thousands.
func grouped(n int, l lang.Lang) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + lang.T(".", ",").In(l) + s[i:]
	}
	return s
}

// decimal writes a number with one digit behind the mark, and none above ten.
func decimal(f float64, l lang.Lang) string {
	if f >= 10 {
		return grouped(int(f+0.5), l)
	}
	return strings.Replace(strconv.FormatFloat(f, 'f', 1, 64), ".", lang.T(",", ".").In(l), 1)
}
