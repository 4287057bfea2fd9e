package main

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/report"
	"github.com/sansang/sansang/internal/rollup"
	"github.com/sansang/sansang/internal/store"
)

// unitReporter makes the reports of single units from the assessments that are
// kept. Each hand holds one unit at a time, however long the list is.
type unitReporter struct {
	db     *store.DB
	run    store.Run
	policy *judge.Policy
	format report.Format
	opts   report.Options
	folder string
	ending string
}

// unitReports writes a report for each unit of which something was seen, side by
// side, and notes in the roll-up where it lies.
func (a *app) unitReports(ctx context.Context, db *store.DB, run store.Run, r *rollup.Rollup, format report.Format, o rollupOptions) error {
	u := unitReporter{db: db, run: run, format: format, opts: report.Options{Lang: a.lang, Width: 80}, folder: o.reports,
		ending: map[string]string{"text": ".txt"}[format.Name]}
	u.ending = cmp.Or(u.ending, "."+format.Name)
	var err error
	if u.policy, err = a.policyOfReports(run, o.policy); err != nil {
		return err
	}
	if err := folder(o.reports); err != nil {
		return err
	}
	if a.getenv("GOMEMLIMIT") == "" { // else the operator has said it
		defer debug.SetGCPercent(debug.SetGCPercent(500)) // nearly all of it is garbage of one unit
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(200 << 20))
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	work := make(chan *rollup.Line)
	var hands sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		hands.Go(func() {
			memory := judge.NewMemory()
			for line := range work {
				file, err := u.write(ctx, *line, memory)
				if err != nil {
					stop(err)
				} else if file != "" {
					line.Report = beside(file, cmp.Or(o.file, "."))
				}
			}
		})
	}
	for i := range r.Units {
		select {
		case work <- &r.Units[i]:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
	}
	close(work)
	hands.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	written := 0
	for _, line := range r.Units {
		if line.Report != "" {
			written++
		}
	}
	if !a.quiet {
		a.say(lang.Tf("đã ghi báo cáo của %d trên %d đơn vị vào %s", "wrote the reports of %d of %d units into %s", written, len(r.Units), o.reports))
	}
	return nil
}

// policyOfReports is the policy that was named, or else that of the run; where
// that cannot be had as it was, it is said.
func (a *app) policyOfReports(run store.Run, name string) (*judge.Policy, error) {
	if name != "" {
		return loadPolicy(name)
	}
	p, same := policyOfRun(run)
	switch {
	case p == nil:
		return nil, faultf("đợt rà quét theo chính sách %[1]q, không có trên máy này; dùng --policy với đường dẫn tệp của nó", "the run was made for the policy %[1]q, which this machine does not have; give its file with --policy", run.Policy.ID)
	case !same && !a.quiet:
		a.say(lang.Tf("chính sách %s đã thay đổi từ đợt rà quét; báo cáo từng đơn vị theo bản hiện nay (%s) và có thể khác bảng tổng hợp", "the policy %s has changed since the run; the units' reports go by the one of today (%s) and may differ from the roll-up", p.ID, p.Version))
	}
	return p, nil
}

// write makes the report of one unit; it gives no file where nothing of the unit
// has been seen yet.
func (u unitReporter) write(ctx context.Context, line rollup.Line, memory *judge.Memory) (file string, err error) {
	name := line.ID + u.ending
	if !filepath.IsLocal(name) || strings.ContainsAny(line.ID, `/\:`) { // what others put into a database names no file elsewhere
		return "", faultf("mã đơn vị %q không dùng làm tên tệp được; sửa danh sách", "the unit code %q cannot be the name of a file; mend the list", line.ID)
	}
	assessed, whole, err := u.assessment(ctx, line.ID)
	if err != nil || assessed == nil {
		return "", err
	}
	c := caseOf(assessed, line.At)
	c.Incomplete = c.Incomplete || !whole
	c.Memory = memory
	c.Observations = u.policy.Disown(c.Observations, chosenTemplates(assessed))
	d := report.Document{Judged: u.policy.Judge(c), Assessment: assessed, Schema: u.policy.Schema()}
	file = filepath.Join(u.folder, name)
	return file, writeWhole(file, func(w io.Writer) error { return u.format.Render(w, d, u.opts) })
}

// assessment reads what is kept of a unit, joined where there are several
// vantages; nil: nothing. Whole tells whether all vantages are in it.
func (u unitReporter) assessment(ctx context.Context, unit string) (of *record.Assessment, whole bool, err error) {
	kept, err := u.db.Assessments(ctx, u.run.ID, unit)
	if err != nil {
		return nil, false, err
	}
	whole = len(kept) >= len(u.run.Vantages)
	var in []record.Input
	for _, s := range kept {
		name := strings.TrimRight(unit+"-"+string(s.Vantage), "-") + ".jsonl"
		assessed, err := readStored(name, s)
		if err != nil {
			return nil, false, err
		}
		in = append(in, record.Input{Name: name, Assessment: assessed})
	}
	switch len(in) {
	case 0:
		return nil, whole, nil
	case 1:
		return in[0].Assessment, whole, nil
	}
	joined, err := record.Merge(in, true)
	if err != nil {
		return nil, false, err
	}
	var b bytes.Buffer
	if err := joined.Write(&b, tool()); err != nil {
		return nil, false, err
	}
	of, err = record.Read(unit+".jsonl", &b) // as sansang merge leaves it, with its hash
	return of, whole, err
}

func readStored(name string, s store.Stored) (*record.Assessment, error) {
	r, err := s.Open()
	if err != nil {
		return nil, err
	}
	a, err := record.Read(name, r)
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	return a, err
}

// beside is the path of a file as a page beside or above it names it.
func beside(file, page string) string {
	dir, err := filepath.Abs(filepath.Dir(page))
	if err == nil {
		if file, err = filepath.Abs(file); err == nil {
			if rel, err := filepath.Rel(dir, file); err == nil {
				file = rel
			}
		}
	}
	return filepath.ToSlash(file)
}

// folder makes a folder that only its owner may read, if there is none.
func folder(path string) error {
	err := os.MkdirAll(path, 0o700)
	if info, serr := os.Stat(path); serr == nil && !info.IsDir() {
		return faultf("%s là tệp; --reports cần một thư mục", "%s is a file; --reports wants a folder", path)
	}
	return err
}
