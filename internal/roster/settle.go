package roster

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

// each does something for every number below n, on all processors.
func each(n int, do func(int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	all.Wait()
}

// settle looks the drafts through, and keeps those that are units.
func (r *reader) settle() {
	if n := len(r.drafts); n > maxUnits {
		r.list.Problems = append(r.list.Problems, Problem{File: r.path, What: lang.Tf("danh sách có %d đơn vị, nhiều hơn %d", "the list has %d units, more than %d", n, maxUnits), Instead: lang.T("chia thành nhiều danh sách", "divide it")})
		return
	}
	each(len(r.drafts), func(i int) {
		d := &r.drafts[i]
		if d.settle(r.options.Docs); r.wrong.Add(int64(len(d.wrong))) > maxProblems && len(d.wrong) > 1 {
			d.wrong = slices.Clone(d.wrong[:1])
		}
	})
	for _, d := range r.drafts {
		r.list.Problems = append(r.list.Problems, d.wrong...)
		if d.wrong == nil {
			r.list.Units = append(r.list.Units, d.unit)
		}
	}
	r.unique()
	r.parents()
	r.merged()
}

func (d *draft) settle(docs bool) {
	u, err := inventory.Read(d.doc)
	var ps yamldoc.Problems
	before := d.wrong // by the rows themselves
	switch {
	case errors.As(err, &ps):
		for _, p := range ps {
			p = d.unit.Tell(p)
			if !slices.ContainsFunc(before, func(o Problem) bool {
				return o.File == p.File && o.Line == p.Line && o.Column == p.Column && p.Column > 0
			}) {
				d.wrong = append(d.wrong, p)
			}
		}
	case err != nil:
		d.wrong = append(d.wrong, Problem{File: d.doc.File, What: lang.Tf("%v", "%v", err)})
	}
	if u.Authorisation == nil && d.permission != nil {
		a := *d.permission
		u.Authorisation = &a
	} else {
		d.unit.permitted = ""
	}
	d.unit.Unit = u
	d.unit.idAt = d.doc.Problem([]any{"unit", "id"}, lang.Text{}, lang.Text{})
	d.unit.parentAt = d.doc.Problem([]any{"unit", "parent"}, lang.Text{}, lang.Text{})
	if docs {
		d.unit.Doc = d.doc
	} else {
		d.doc = nil
	}
}
