//go:build unix

package store

import (
	"errors"
	"os"
	"sync"
	"testing"

	"github.com/sansang/sansang/internal/lab"
)

// server is the PostgreSQL of all tests, started by the first that asks for it.
var server struct {
	once sync.Once
	dir  string
	pg   *lab.Postgres
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if server.pg != nil {
		_ = server.pg.Kill()
	}
	_ = os.RemoveAll(server.dir)
	os.Exit(code)
}

func emptyPostgres(t *testing.T) string {
	s := &server
	s.once.Do(func() {
		if s.dir, s.err = os.MkdirTemp("", "store"); s.err == nil {
			s.pg, s.err = lab.StartPostgres(ctx, s.dir)
		}
	})
	if errors.Is(s.err, lab.ErrNoPostgres) {
		t.Skip(s.err)
	}
	must(t, s.err)
	where, err := s.pg.NewURL(ctx)
	must(t, err)
	return where
}
