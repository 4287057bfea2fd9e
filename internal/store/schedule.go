package store

import (
	"context"
	"encoding/json"
	"time"
)

// Schedule says when a list is looked at again.
type Schedule struct {
	ID       int64
	List     int64
	Settings json.RawMessage // of the runs that it plans; the store does not read it
	Every    string          // weekly, daily
	What     string          // all, open
	At       string          // the hour in Vietnam, such as 22:00, and for weekly the day before it
	Next     time.Time
	LastRun  int64 // 0: none yet
	Enabled  bool
}

const scheduleColumns = "list, settings, every, what, at, next, last_run, enabled"

// AddSchedule keeps a schedule and gives its number.
func (t *Tx) AddSchedule(ctx context.Context, s Schedule) (id int64, err error) {
	if len(s.Settings) == 0 {
		s.Settings = json.RawMessage("{}")
	}
	err = t.row(ctx, `INSERT INTO schedules (`+scheduleColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
		s.List, string(s.Settings), s.Every, s.What, s.At, micros(s.Next), s.LastRun, bit(s.Enabled)).Scan(&id)
	return id, err
}

// Planned tells that a schedule planned a run, and when it is due next. ok is
// false where another has done so since the caller read that it was due.
func (t *Tx) Planned(ctx context.Context, id int64, due time.Time, run int64, next time.Time) (ok bool, err error) {
	n, err := t.exec(ctx, `UPDATE schedules SET last_run = $3, next = $4 WHERE id = $1 AND next = $2`, id, micros(due), run, micros(next))
	return n == 1, err
}

// Enable turns a schedule on or off.
func (t *Tx) Enable(ctx context.Context, id int64, on bool) error {
	n, err := t.exec(ctx, `UPDATE schedules SET enabled = $2 WHERE id = $1`, id, bit(on))
	return noSchedule(n, err, id)
}

// DropSchedule removes a schedule; its runs stay.
func (t *Tx) DropSchedule(ctx context.Context, id int64) error {
	n, err := t.exec(ctx, `DELETE FROM schedules WHERE id = $1`, id)
	return noSchedule(n, err, id)
}

func noSchedule(n int64, err error, id int64) error {
	if err == nil && n == 0 {
		return fault(nil, "không có lịch số %d", "there is no schedule number %d", id)
	}
	return err
}

// Schedules gives all schedules.
func (r reader) Schedules(ctx context.Context) ([]Schedule, error) {
	rows, err := r.query(ctx, `SELECT id, `+scheduleColumns+` FROM schedules ORDER BY id`)
	return all(rows, err, scanSchedule)
}

// Due gives the schedules that are due at a moment.
func (r reader) Due(ctx context.Context, at time.Time) ([]Schedule, error) {
	rows, err := r.query(ctx, `SELECT id, `+scheduleColumns+` FROM schedules WHERE enabled = 1 AND next <= $1 ORDER BY next, id`, micros(at))
	return all(rows, err, scanSchedule)
}

func scanSchedule(scan func(...any) error) (s Schedule, err error) {
	var settings string
	var next, enabled int64
	err = scan(&s.ID, &s.List, &settings, &s.Every, &s.What, &s.At, &next, &s.LastRun, &enabled)
	s.Settings, s.Next, s.Enabled = json.RawMessage(settings), moment(next), enabled == 1
	return s, err
}
