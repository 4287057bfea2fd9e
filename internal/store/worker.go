package store

import (
	"context"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

// Worker is a process that takes tasks.
type Worker struct {
	ID      string
	Vantage inventory.Zone
	Name    string // what the operator calls the place
	Host    string
	PID     int
	Version string
	Started time.Time
	Seen    time.Time
	Stopped time.Time // zero: it has not said so
}

// Join tells of a worker. Its times are those of the database.
func (t *Tx) Join(ctx context.Context, w Worker) error {
	now, err := t.Now(ctx)
	if err != nil {
		return err
	}
	return t.insert(ctx, "workers", "id, vantage, name, host, pid, version, started, seen", "",
		[][]any{{w.ID, string(w.Vantage), plain(w.Name), plain(w.Host), int64(w.PID), w.Version, micros(now), micros(now)}})
}

// Alive tells that a worker goes on.
func (t *Tx) Alive(ctx context.Context, id string) error {
	now, err := t.Now(ctx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE workers SET seen = $2 WHERE id = $1`, id, micros(now))
	return err
}

// Leave tells that a worker has ended, and drops what it holds of the rates.
func (t *Tx) Leave(ctx context.Context, id string) error {
	now, err := t.Now(ctx)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `UPDATE workers SET seen = $2, stopped = $2 WHERE id = $1`, id, micros(now)); err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM shares WHERE worker = $1`, id)
	return err
}

// Workers gives the workers that were seen since, and have not ended; those
// that ended too if ended says so.
func (r reader) Workers(ctx context.Context, since time.Time, ended bool) ([]Worker, error) {
	rows, err := r.query(ctx, `SELECT id, vantage, name, host, pid, version, started, seen, stopped FROM workers
		WHERE seen >= $1 AND (stopped = 0 OR CAST($2 AS BIGINT) = 1) ORDER BY started, id`, micros(since), bit(ended))
	return all(rows, err, func(scan func(...any) error) (w Worker, err error) {
		var started, seen, stopped int64
		err = scan(&w.ID, &w.Vantage, &w.Name, &w.Host, &w.PID, &w.Version, &started, &seen, &stopped)
		w.Started, w.Seen, w.Stopped = moment(started), moment(seen), moment(stopped)
		return w, err
	})
}

// Hold registers a worker as one that connects to some networks, or renews
// that, and gives how many workers, with this one, hold each of all that it
// holds. Keys are of the caller's making.
func (t *Tx) Hold(ctx context.Context, worker string, keys []string, lease time.Duration) (map[string]int, error) {
	now, err := t.Now(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([][]any, 0, len(keys))
	for _, k := range keys {
		rows = append(rows, []any{k, worker, micros(now.Add(lease))})
	}
	if err := t.insert(ctx, "shares", "key, worker, until", "ON CONFLICT (key, worker) DO UPDATE SET until = excluded.until", rows); err != nil {
		return nil, err
	}
	counted, err := t.query(ctx, `SELECT o.key, COUNT(*) FROM shares m JOIN shares o ON o.key = m.key
		WHERE m.worker = $1 AND m.until > $2 AND o.until > $2 GROUP BY o.key`, worker, micros(now))
	out := make(map[string]int, len(keys))
	type held struct {
		key string
		n   int
	}
	err = each(counted, err, func(scan func(...any) error) (h held, err error) { err = scan(&h.key, &h.n); return h, err },
		func(h held) error { out[h.key] = h.n; return nil })
	return out, err
}

// Release gives up what a worker holds; all of it where no key is named. What
// ran out of others, as of workers that were killed, goes too.
func (t *Tx) Release(ctx context.Context, worker string, keys ...string) error {
	now, err := t.Now(ctx)
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		_, err = t.exec(ctx, `DELETE FROM shares WHERE worker = $1`, worker)
	}
	for _, k := range keys {
		if err == nil {
			_, err = t.exec(ctx, `DELETE FROM shares WHERE worker = $1 AND key = $2`, worker, k)
		}
	}
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM shares WHERE until < $1`, micros(now.Add(-time.Minute)))
	return err
}
