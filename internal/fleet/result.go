package fleet

import (
	"fmt"
	"io"
	"time"

	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/store"
)

// result is what a look wrote.
type result struct {
	body   *store.Body
	begun  time.Time
	reader *record.Reader // that rec lives in; nil: given back, and rec with it
	rec    *record.Assessment
	said   map[string]bool
}

// read reads what was written, as anybody will who asks for it later.
func (r *result) read(t Task) error {
	if err := r.body.Close(); err != nil {
		return err
	}
	src, err := r.body.Open()
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }()
	heard := &said{by: map[string]bool{}}
	if r.rec, err = r.reader.Read(t.Unit.ID(), io.TeeReader(src, heard)); err != nil {
		return err
	}
	r.said = heard.by
	if got := r.rec.Header.Unit.Unit.ID; got != t.Unit.ID() {
		return fmt.Errorf("the look at %s wrote an assessment of %s", t.Unit.ID(), got)
	}
	return nil
}

// stopped tells whether the look did not come to its end.
func (r *result) stopped() bool { return r.rec.End == nil || r.rec.End.Stopped }

// landing is all that is kept of the result beside the judgement.
func (r *result) landing(t Task) store.Landing {
	l := store.Landing{
		TaskKey: store.TaskKey{Run: t.Run.ID, Unit: t.Unit.ID(), Vantage: t.Vantage.Zone}, Generation: t.Generation,
		Machine: r.rec.Header.Vantage.Name, Started: r.rec.Header.Started, Finished: r.rec.Finished(), Body: r.body, Places: places(t, r.rec, r.said),
	}
	if r.rec.End != nil {
		l.Connections = r.rec.End.Connections
	}
	return l
}

// free gives the reader back for another unit. The assessment is gone with it.
func (r *result) free(s *session) {
	if r.reader != nil {
		s.readers <- r.reader
		r.reader, r.rec = nil, nil
	}
}

// readStored reads an assessment that is kept.
func readStored(one store.Stored) (*record.Assessment, error) {
	src, err := one.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.Close() }()
	return record.Read(one.Unit, src)
}
