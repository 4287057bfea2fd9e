package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

// Landing is the result of a task.
type Landing struct {
	TaskKey
	Generation  int64 // that Take gave
	Machine     string
	Started     time.Time
	Finished    time.Time
	Connections int
	Body        *Body // closed
	Places      []Place
}

// Place is one endpoint that was looked at.
type Place struct {
	Unit        string
	Vantage     inventory.Zone
	Endpoint    string
	Target      string
	Kind        string
	Cause       string // why nothing of it was seen; empty: it answered
	Detail      string
	Connections int
}

// Landed says what became of a landing.
type Landed struct {
	OK bool // false: the task is no longer the caller's, and nothing was kept
	In int  // assessments of the unit in this run, with this one
	Of int  // as many are to come
}

// Land keeps the result of a task, if it still is the caller's: the assessment
// with its place in the chain, what was looked at, and that the task is done. Of
// landings of one run only one goes on at a time, so that In counts those of
// other vantages that came before.
func (t *Tx) Land(ctx context.Context, l Landing) (Landed, error) {
	if err := l.Body.Close(); err != nil {
		return Landed{}, err
	}
	packed, err := l.Body.bytes()
	if err != nil {
		return Landed{}, err
	}
	now, err := t.Now(ctx)
	if err != nil {
		return Landed{}, err
	}
	n, err := t.exec(ctx, `UPDATE tasks SET state = 'done', ended = $5, worker = '', lease = 0, error = ''
		WHERE run = $1 AND unit = $2 AND vantage = $3 AND generation = $4 AND state = 'running'`, l.Run, l.Unit, string(l.Vantage), l.Generation, micros(now))
	if err != nil || n == 0 {
		return Landed{}, err
	}
	s := Stored{TaskKey: l.TaskKey, Generation: l.Generation, Machine: plain(l.Machine), Started: l.Started, Finished: l.Finished,
		Connections: l.Connections, Size: l.Body.Size(), SHA256: l.Body.SHA256(), body: packed}
	if err := t.append(ctx, s); err != nil {
		return Landed{}, err
	}
	places := make([][]any, 0, len(l.Places))
	for _, p := range l.Places {
		places = append(places, []any{l.Run, l.Unit, string(l.Vantage), plain(p.Endpoint), plain(p.Target), p.Kind, p.Cause, plain(p.Detail), int64(p.Connections)})
	}
	if err := t.insert(ctx, "places", placeColumns, "", places); err != nil {
		return Landed{}, err
	}
	in := Landed{OK: true}
	err = t.row(ctx, `SELECT (SELECT COUNT(*) FROM assessments WHERE run = $1 AND unit = $2), (SELECT COUNT(*) FROM tasks WHERE run = $1 AND unit = $2)`, l.Run, l.Unit).Scan(&in.In, &in.Of)
	return in, err
}

const placeColumns = "run, unit, vantage, endpoint, target, kind, cause, detail, connections"

// append puts an assessment at the end of the chain of its run. Whoever changes
// the row of the run has it alone until the transaction ends.
func (t *Tx) append(ctx context.Context, s Stored) error {
	err := t.row(ctx, `UPDATE runs SET landed = landed + 1 WHERE id = $1 RETURNING landed, chain`, s.Run).Scan(&s.Seq, &s.Prev)
	if err != nil {
		return err
	}
	if s.Chain, err = s.link(); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `UPDATE runs SET chain = $2 WHERE id = $1`, s.Run, s.Chain); err != nil {
		return err
	}
	return t.insert(ctx, "assessments", storedColumns+", body", "", [][]any{{s.Run, s.Seq, s.Unit, string(s.Vantage), s.Generation, s.Machine,
		micros(s.Started), micros(s.Finished), int64(s.Connections), s.Size, s.SHA256, s.Prev, s.Chain, s.body}})
}

// Stored is an assessment that is kept.
type Stored struct {
	ID int64
	TaskKey
	Seq         int64 // from 1, in the order in which those of the run came
	Generation  int64
	Machine     string
	Started     time.Time
	Finished    time.Time
	Connections int
	Size        int64  // bytes of the record
	SHA256      string // of those bytes
	Prev        string
	Chain       string

	body []byte
}

// Open reads the record, and no more of it than there was.
func (s Stored) Open() (io.ReadCloser, error) {
	r, err := unpack(bytes.NewReader(s.body))
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, min(s.Size, maxSize)), r}, nil
}

// link is what the chain is after an assessment: the SHA-256 over what it was
// before and all that is kept of this one.
func (s Stored) link() (string, error) {
	return digest(struct {
		Prev        string         `json:"prev"`
		Seq         int64          `json:"seq"`
		Unit        string         `json:"unit"`
		Vantage     inventory.Zone `json:"vantage"`
		Generation  int64          `json:"generation"`
		Machine     string         `json:"machine"`
		Started     int64          `json:"started"`
		Finished    int64          `json:"finished"`
		Connections int            `json:"connections"`
		Size        int64          `json:"size"`
		SHA256      string         `json:"sha256"`
	}{s.Prev, s.Seq, s.Unit, s.Vantage, s.Generation, s.Machine, micros(s.Started), micros(s.Finished), s.Connections, s.Size, s.SHA256})
}

const storedColumns = "run, seq, unit, vantage, generation, machine, started, finished, connections, size, sha256, prev, chain"

func scanStored(scan func(...any) error) (s Stored, err error) {
	var started, finished int64
	err = scan(&s.ID, &s.Run, &s.Seq, &s.Unit, &s.Vantage, &s.Generation, &s.Machine, &started, &finished, &s.Connections, &s.Size, &s.SHA256, &s.Prev, &s.Chain, &s.body)
	s.Started, s.Finished = moment(started), moment(finished)
	return s, err
}

// Assessments gives what is kept of a unit in a run, by vantage.
func (r reader) Assessments(ctx context.Context, run int64, unit string) ([]Stored, error) {
	rows, err := r.query(ctx, `SELECT id, `+storedColumns+`, body FROM assessments WHERE run = $1 AND unit = $2 ORDER BY vantage`, run, unit)
	return all(rows, err, scanStored)
}

// Assessment gives the result of one task; ok is false where it has none.
func (r reader) Assessment(ctx context.Context, k TaskKey) (s Stored, ok bool, err error) {
	s, err = scanStored(r.row(ctx, `SELECT id, `+storedColumns+`, body FROM assessments WHERE run = $1 AND unit = $2 AND vantage = $3`, k.Run, k.Unit, string(k.Vantage)).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return s, false, nil
	}
	return s, err == nil, err
}

// EachAssessment hands on what is kept of a run, in the order in which it came.
func (r reader) EachAssessment(ctx context.Context, run int64, f func(Stored) error) error {
	rows, err := r.query(ctx, `SELECT id, `+storedColumns+`, body FROM assessments WHERE run = $1 ORDER BY seq`, run)
	return each(rows, err, scanStored, f)
}
