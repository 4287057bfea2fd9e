package main

import (
	"context"
	"sync/atomic"

	"github.com/sansang/sansang/internal/fleet"
	"github.com/sansang/sansang/internal/store"
)

// retried counts transactions that were tried again.
var retried atomic.Int64

// openDB opens the database that --db names, to change it. With must a file that is not there
// is a mistake, and is not made.
func (a *app) openDB(ctx context.Context, where string, must bool) (*store.DB, error) {
	where = a.databaseAt(where)
	if must {
		if err := there(where); err != nil {
			return nil, err
		}
	}
	return store.Open(ctx, where, store.Options{Log: a.log, Migrate: fleet.Migrate, Retried: func(error) { retried.Add(1) }})
}
