package store

import (
	"context"

	"github.com/sansang/sansang/internal/inventory"
)

// Lists gives the lists without their units, the newest first.
func (r reader) Lists(ctx context.Context) ([]List, error) {
	rows, err := r.query(ctx, `SELECT id, name, sha256, created, problems FROM lists ORDER BY id DESC`)
	return all(rows, err, scanList)
}

// List gives a list and what was merged, without its units.
func (r reader) List(ctx context.Context, id int64) (List, error) {
	l, err := scanList(r.row(ctx, `SELECT id, name, sha256, created, problems FROM lists WHERE id = $1`, id).Scan)
	if err != nil {
		return l, r.none(err, "danh sách số", "list number", id)
	}
	rows, err := r.query(ctx, `SELECT old, new, day FROM mergers WHERE list = $1 ORDER BY old`, id)
	l.Mergers, err = all(rows, err, func(scan func(...any) error) (m Merger, err error) {
		var day string
		if err = scan(&m.Old, &m.New, &day); err == nil && day != "" {
			m.Day, err = inventory.ParseDate(day)
		}
		return m, err
	})
	return l, err
}

func scanList(scan func(...any) error) (l List, err error) {
	var created int64
	var problems string
	if err = scan(&l.ID, &l.Name, &l.SHA256, &created, &problems); err != nil {
		return l, err
	}
	l.Created = moment(created)
	return l, decode("problems", problems, &l.Problems)
}

// ListUnit gives one unit of a list.
func (r reader) ListUnit(ctx context.Context, list int64, unit string) (ListUnit, error) {
	u, err := scanUnit(r.row(ctx, `SELECT `+unitColumns+` FROM list_units WHERE list = $1 AND unit = $2`, list, unit).Scan)
	return u, r.none(err, "đơn vị", "unit", unit)
}

// EachListUnit hands on the units of a list, in its order. In a transaction f
// must not use that.
func (r reader) EachListUnit(ctx context.Context, list int64, f func(ListUnit) error) error {
	rows, err := r.query(ctx, `SELECT `+unitColumns+` FROM list_units WHERE list = $1 ORDER BY pos`, list)
	return each(rows, err, scanUnit, f)
}
