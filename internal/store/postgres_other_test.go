//go:build !unix

package store

import "testing"

func emptyPostgres(t *testing.T) string {
	t.Skip("a PostgreSQL is started on Unix alone")
	return ""
}
