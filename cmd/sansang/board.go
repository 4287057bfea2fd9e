package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/sansang/sansang/internal/judge"
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
	boardEvery    = 2 * time.Second  // the database is asked
	boardTell     = 10 * time.Second // a line is written where there is no terminal
	boardPatience = 5 * time.Second  // for the database to answer
	boardUnits    = 8                // units that are shown
	boardBar      = 26               // columns of the bar, so that a line is below 80
	boardPace     = 90               // samples that the rate is taken from: three minutes
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
	lines := []mpb.BarFiller{b.line(b.verdicts)}
	for i := range boardUnits + 1 {
		lines = append(lines, b.line(func(bool) string { return b.unit(i) }))
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

// line is a row under the bar; an empty one is left out, and one that is longer
// than the terminal is cut.
func (b *board) line(text func(colour bool) string) mpb.BarFiller {
	plain := b.app.getenv("NO_COLOR") != ""
	return mpb.BarFillerFunc(func(w io.Writer, at decor.Statistics) error {
		narrow := at.AvailableWidth < 80
		s := b.shown(func() string { return text(!plain && !narrow) })
		if s == "" {
			return nil
		}
		if narrow {
			s = report.Fit(s, at.AvailableWidth)
		}
		_, err := io.WriteString(w, s+"\n")
		return err
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
