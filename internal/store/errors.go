package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/sansang/sansang/internal/lang"
)

// sqliteCode gives the primary result code of SQLite, -1 where the error is
// not of it.
func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return -1
}

// sqlState gives the SQLSTATE of PostgreSQL, "" where the error is not of it.
func sqlState(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// mayRepeat tells whether the engine undid a transaction only because of
// others, so that it may be tried again as it is.
func mayRepeat(err error) bool {
	switch sqliteCode(err) {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return true
	}
	switch sqlState(err) {
	case "40001", "40P01", "55P03": // serialization failure, deadlock, lock not available
		return true
	}
	return false
}

// Held tells whether an error says that others stood in the way for longer than
// a transaction is tried again.
func Held(err error) bool { return mayRepeat(err) }

// raced tells whether an error may come of others who make the same tables at
// the same time.
func raced(err error) bool {
	switch sqliteCode(err) {
	case lib.SQLITE_ERROR, lib.SQLITE_CONSTRAINT, lib.SQLITE_SCHEMA:
		return true
	}
	switch sqlState(err) {
	case "42P07", "42710", "23505": // duplicate table, object, key
		return true
	}
	return mayRepeat(err)
}

// Full tells whether an error says that a disk is full: that of the database, or
// that of the folder in which looks under way lie. Windows has two numbers for it,
// ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL.
func Full(err error) bool {
	if runtime.GOOS == "windows" && (errors.Is(err, syscall.Errno(112)) || errors.Is(err, syscall.Errno(39))) {
		return true
	}
	return sqliteCode(err) == lib.SQLITE_FULL || sqlState(err) == "53100" || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) ||
		sqliteCode(err) == lib.SQLITE_IOERR && strings.Contains(err.Error(), "no space")
}

// Away tells whether an error says that the database cannot be reached now:
// the server is down, is starting or stopping, or the line to it was cut. The
// transaction may have been kept all the same, if it was cut at its end.
func Away(err error) bool {
	var dial *pgconn.ConnectError
	var op *net.OpError
	switch s := sqlState(err); {
	case s != "":
		return strings.HasPrefix(s, "08") || strings.HasPrefix(s, "57P") || s == "53300" || s == "25P03" // connection, shutdown, too many connections, silent for too long
	case errors.As(err, &dial), errors.As(err, &op):
		return true
	}
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)
}

func missingTable(err error) bool {
	return sqlState(err) == "42P01" || sqliteCode(err) == lib.SQLITE_ERROR && strings.Contains(err.Error(), "no such table")
}

// told puts what an engine says into words of ours, where the user can do
// something about it.
func (db *DB) told(err error) error {
	var f *Fault
	if err == nil || errors.As(err, &f) || errors.Is(err, context.Canceled) {
		return err
	}
	switch code := sqliteCode(err); {
	case Full(err):
		return fault(err, "ổ đĩa của cơ sở dữ liệu %s đã đầy, không ghi tiếp được; việc đã xong không mất; giải phóng dung lượng rồi chạy lại", "the disk of the database %s is full, nothing more can be kept; what is done is not lost; free some space and run again", db.where)
	case code == lib.SQLITE_NOTADB || code == lib.SQLITE_CORRUPT:
		return fault(err, "tệp %s bị hỏng, hoặc không phải cơ sở dữ liệu SQLite; dùng bản đã sao lưu (sansang db import)", "the file %s is damaged, or no SQLite database; use a backup (sansang db import)", db.where)
	case code == lib.SQLITE_READONLY || code == lib.SQLITE_CANTOPEN || code == lib.SQLITE_PERM:
		return fault(err, "không ghi được vào %s (%v); xem quyền của tệp và của thư mục chứa nó", "%s cannot be written (%v); look at the permissions of the file and of its folder", db.where, err)
	case code == lib.SQLITE_BUSY:
		return fault(err, "%s đang bị một chương trình khác giữ lâu; đóng chương trình ấy rồi chạy lại", "%s is held by another program for long; close that and run again", db.where)
	case sqlState(err) == "28P01" || sqlState(err) == "28000":
		return fault(err, "%s không nhận người dùng hoặc mật khẩu (máy chủ nói: %s); sửa địa chỉ, hoặc đặt mật khẩu ở PGPASSWORD hay ~/.pgpass", "%s does not take the user or password (the server says: %s); mend the URL, or set the password in PGPASSWORD or ~/.pgpass", db.where, serverSays(err))
	case sqlState(err) == "3D000":
		return fault(err, "máy chủ không có cơ sở dữ liệu mà %s nêu; tạo bằng createdb", "the server has no database of the name in %s; make it with createdb", db.where)
	case sqlState(err) == "42501":
		return fault(err, "người dùng trong %s không có quyền (máy chủ nói: %s); cấp quyền CREATE trên lược đồ", "the user in %s may not do this (the server says: %s); grant CREATE on the schema", db.where, serverSays(err))
	case Away(err):
		why := unreached(err)
		return fault(err, "không kết nối được cơ sở dữ liệu %[1]s: %[2]s; xem máy chủ có đang chạy và cho phép máy này kết nối không", "the database %[1]s cannot be reached: %[3]s; see whether the server runs and lets this machine in", db.where, why.Vi, why.En)
	}
	return err
}

// unreached says in a few words why a server was not reached; what the library
// says has a line for each way that it tried.
func unreached(err error) lang.Text {
	var name *net.DNSError
	var late net.Error
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return lang.Tf("không tìm thấy tên máy %s", "there is no host of the name %s", name.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return lang.T("ở địa chỉ và cổng ấy không có chương trình nào nhận kết nối", "nothing takes connections at that address and port")
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return lang.T("từ máy này không có đường mạng tới đó", "there is no way there from this machine")
	case errors.As(err, &late) && late.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return lang.T("quá thời gian chờ mà không có trả lời", "there was no answer in time")
	}
	return lang.T(serverSays(err), serverSays(err))
}

// serverSays is what the server said, or else the error, in one line.
func serverSays(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Message
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
