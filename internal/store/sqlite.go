package store

import (
	"bytes"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// readers bounds the connections that read an SQLite file side by side.
const readers = 4

// openSQLite opens a file by two pools: one connection that writes, so that no
// writer of this process waits for another, and some that only read, so that
// reading never waits for a transaction.
func (db *DB) openSQLite(path string) error {
	if err := makeFile(path, db.o.ReadOnly); err != nil {
		return err
	}
	db.folder = filepath.Dir(path)
	var err error
	if db.pool, err = sql.Open("sqlite", dsn(path, "mode=ro", "_pragma=busy_timeout(10000)", "_pragma=trusted_schema(0)", "_pragma=query_only(1)")); err != nil {
		return err
	}
	db.pool.SetMaxOpenConns(readers)
	if db.o.ReadOnly {
		db.write = db.pool
		return nil
	}
	// trusted_schema(0): a file that somebody else made may not have functions
	// called by its views and triggers that reach beyond it.
	// synchronous(NORMAL): a power failure may undo the last transactions, whole
	// and in order, never a part of one. recursive_triggers: REPLACE, too, meets
	// the triggers that forbid to delete.
	db.write, err = sql.Open("sqlite", dsn(path, "mode=rw", "_pragma=busy_timeout(10000)", "_pragma=trusted_schema(0)", "_pragma=journal_mode(WAL)", "_pragma=synchronous(NORMAL)",
		"_pragma=foreign_keys(1)", "_pragma=recursive_triggers(1)", "_txlock=immediate"))
	if err != nil {
		return err
	}
	db.write.SetMaxOpenConns(1)
	return nil
}

// dsn names a file to the driver. The path is escaped, for a "?" in it would
// begin the parameters.
func dsn(path string, params ...string) string {
	p := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	if filepath.VolumeName(path) != "" {
		p = "/" + p
	}
	return "file:" + p + "?" + strings.Join(params, "&")
}

// makeFile makes a file that only its owner may read, and looks that one which
// is there is a database.
func makeFile(path string, mustBe bool) error {
	if path == "" || strings.HasPrefix(path, ":") {
		return fault(nil, "đường dẫn cơ sở dữ liệu %q không dùng được; viết tên một tệp, như sansang.db", "the database path %q cannot be used; write the name of a file, such as sansang.db", path)
	}
	if i := strings.Index(path, "://"); i > 0 {
		return fault(nil, "không có loại cơ sở dữ liệu %q; viết tên một tệp, hoặc postgres://máy/tên", "there is no kind of database %q; write the name of a file, or postgres://host/name", path[:i])
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fault(nil, "%s là thư mục; viết tên một tệp, như sansang.db", "%s is a folder; write the name of a file, such as sansang.db", path)
	} else if err == nil && !info.Mode().IsRegular() { // a pipe might never be opened
		return fault(nil, "%s không phải một tệp thường; viết tên một tệp, như sansang.db", "%s is no regular file; write the name of a file, such as sansang.db", path)
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && !mustBe {
		if f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); errors.Is(err, fs.ErrExist) { // another made it meanwhile
			f, err = os.Open(path)
		}
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, 16)
	switch n, err := io.ReadFull(f, head); {
	case errors.Is(err, io.EOF) && n == 0 && !mustBe:
		return nil
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF):
		return err
	case !bytes.Equal(head, []byte("SQLite format 3\x00")):
		return fault(nil, "%s không phải cơ sở dữ liệu SQLite; viết tên một tệp khác, hoặc nhập tệp đã xuất bằng sansang db import", "%s is no SQLite database; write the name of another file, or take in an export with sansang db import", path)
	}
	return nil
}
