package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"github.com/sansang/sansang/internal/lang"
)

// mostFlaws bounds how many flaws are told.
const mostFlaws = 100

// Checked is what a check of the database found.
type Checked struct {
	Lists       int
	Runs        int
	Assessments int
	Bytes       int64       // of the records, as they were written
	Flaws       []lang.Text // the first of them
	More        int         // flaws beyond those
}

func (c *Checked) flaw(vi, en string, args ...any) {
	if len(c.Flaws) == mostFlaws {
		c.More++
		return
	}
	c.Flaws = append(c.Flaws, lang.Tf(vi, en, args...))
}

// Check holds all that is kept against its hashes: each list against its
// SHA-256, each assessment against its own, and the chain of each run from what
// the run is to its head. A row that was changed, dropped, moved or added by
// another way than Land is found. (Who rewrites the whole chain is not; for
// that the head must be known elsewhere.)
func (r reader) Check(ctx context.Context) (Checked, error) {
	var c Checked
	sums, err := r.checkLists(ctx, &c)
	if err != nil {
		return c, err
	}
	runs, err := r.Runs(ctx)
	for i := len(runs) - 1; i >= 0 && err == nil; i-- {
		c.Runs++
		err = r.checkRun(ctx, &c, runs[i], sums[runs[i].List])
	}
	if err == nil && r.engine == SQLite {
		var told string
		if err = r.row(ctx, "PRAGMA quick_check(1)").Scan(&told); err == nil && told != "ok" {
			c.flaw("tệp SQLite bị hỏng: %s", "the SQLite file is damaged: %s", told)
		}
	}
	return c, err
}

func (r reader) checkLists(ctx context.Context, c *Checked) (map[int64]string, error) {
	lists, err := r.Lists(ctx)
	if err != nil {
		return nil, err
	}
	sums := map[int64]string{}
	for _, l := range lists {
		c.Lists++
		sums[l.ID] = l.SHA256
		whole, err := r.List(ctx, l.ID)
		if err != nil {
			return nil, err
		}
		sum := newContent()
		rows, err := r.query(ctx, `SELECT `+unitColumns+` FROM list_units WHERE list = $1 ORDER BY pos`, l.ID)
		err = each(rows, err, func(scan func(...any) error) (u ListUnit, err error) {
			u, beside, err := scanBoth(scan)
			if u.Declared.Unit != beside {
				c.flaw("danh sách %d: các cột của đơn vị %s không khớp khai báo của nó", "list %d: the columns of the unit %s do not match what it declares", l.ID, beside.ID)
			}
			return u, err
		}, sum.unit)
		if err != nil {
			return nil, err
		}
		if got, err := sum.end(whole.Mergers); err != nil {
			return nil, err
		} else if got != l.SHA256 {
			c.flaw("danh sách %d: nội dung không khớp SHA-256 của nó", "list %d: its content does not match its SHA-256", l.ID)
		}
	}
	return sums, nil
}

func (r reader) checkRun(ctx context.Context, c *Checked, run Run, listSHA256 string) error {
	head, err := run.genesis(listSHA256)
	if err != nil {
		return err
	}
	seq := int64(0)
	err = r.EachAssessment(ctx, run.ID, func(s Stored) error {
		seq++
		c.Assessments++
		c.Bytes += s.Size
		link, err := s.link()
		if err != nil {
			return err
		}
		if s.Prev != head || s.Chain != link || s.Seq != seq {
			c.flaw("đợt %d, hồ sơ thứ %d (đơn vị %s): chuỗi băm đứt, hồ sơ này hoặc hồ sơ trước đã bị sửa, bớt hoặc đổi chỗ", "run %d, assessment %d (unit %s): the chain is broken, this assessment or the one before was changed, removed or moved", run.ID, s.Seq, s.Unit)
		}
		if seq, head = s.Seq, s.Chain; !s.whole() {
			c.flaw("đợt %d, đơn vị %s, nhìn từ %q: nội dung hồ sơ không khớp SHA-256 của nó", "run %d, unit %s, seen from %q: the record does not match its SHA-256", run.ID, s.Unit, s.Vantage)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if seq != run.Landed || head != run.Chain {
		c.flaw("đợt %d: chuỗi băm không kết thúc như đợt này ghi (%d hồ sơ, phải là %d), hoặc chính đợt này đã bị sửa", "run %d: the chain does not end as the run tells (%d assessments, there should be %d), or the run itself was changed", run.ID, seq, run.Landed)
	}
	return r.checkTasks(ctx, c, run.ID)
}

// checkTasks finds tasks that are done without a result, and results of tasks
// that are not done.
func (r reader) checkTasks(ctx context.Context, c *Checked, run int64) error {
	rows, err := r.query(ctx, `SELECT t.unit FROM tasks t LEFT JOIN assessments a ON a.run = t.run AND a.unit = t.unit AND a.vantage = t.vantage
		WHERE t.run = $1 AND (t.state = 'done' AND a.id IS NULL OR t.state <> 'done' AND a.id IS NOT NULL) ORDER BY t.unit`, run)
	return each(rows, err, scanText, func(unit string) error {
		c.flaw("đợt %d, đơn vị %s: lượt rà quét và hồ sơ không khớp nhau", "run %d, unit %s: task and assessment do not agree", run, unit)
		return nil
	})
}

// whole tells whether the record is as long as it was, and the same.
func (s Stored) whole() bool {
	in, err := unpack(bytes.NewReader(s.body))
	if err != nil {
		return false
	}
	defer func() { _ = in.Close() }()
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(in, min(s.Size, maxSize)+1))
	return err == nil && n == s.Size && hex.EncodeToString(sum.Sum(nil)) == s.SHA256
}

// Told is one sentence of what was looked at.
func (c Checked) Told() lang.Text {
	return lang.Tf("%d danh sách, %d đợt rà quét, %d hồ sơ (%s)", "%d lists, %d runs, %d assessments (%s)", c.Lists, c.Runs, c.Assessments, Size(c.Bytes))
}
