package store

import (
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresConns bounds the connections of one process; a server takes 100 in
// its default settings, for all.
const postgresConns = 12

// silence is how long a server bears a client of which nothing is heard, in
// seconds but for the milliseconds of the first and the last. One whose line was
// cut in the middle of a transaction keeps what it locked, such as the row of a
// run, and all others wait for it: for two hours, if the server has its way.
var silence = map[string]string{
	"idle_in_transaction_session_timeout": "5000",
	"tcp_keepalives_idle":                 "10",
	"tcp_keepalives_interval":             "5",
	"tcp_keepalives_count":                "3",
	"tcp_user_timeout":                    "20000",
}

func (db *DB) openPostgres(where string) error {
	c, err := pgx.ParseConfig(where)
	if err != nil {
		return fault(err, "địa chỉ cơ sở dữ liệu không đọc được; viết postgres://người-dùng@máy:5432/tên", "the database URL cannot be read; write postgres://user@host:5432/name")
	}
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "sansang"
	}
	for name, value := range silence {
		if c.RuntimeParams[name] == "" {
			c.RuntimeParams[name] = value
		}
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 10 * time.Second
	}
	if db.o.ReadOnly {
		c.RuntimeParams["default_transaction_read_only"] = "on"
	}
	if c.TLSConfig == nil && c.Host != "localhost" && !strings.HasPrefix(c.Host, "127.") && c.Host != "::1" && !strings.HasPrefix(c.Host, "/") {
		db.o.Log.Warn().Str("host", c.Host).Msg("the connection to the database is not encrypted; add sslmode=verify-full to its URL")
	}
	db.write = stdlib.OpenDB(*c)
	db.write.SetMaxOpenConns(postgresConns)
	db.write.SetMaxIdleConns(postgresConns)
	db.write.SetConnMaxIdleTime(5 * time.Minute)
	db.pool = db.write
	return nil
}

// Shown is a path or URL as it may be shown to anybody: without a password.
func Shown(where string) string {
	if EngineOf(where) != PostgreSQL && !strings.Contains(where, "://") {
		return where
	}
	u, err := url.Parse(where)
	if err != nil || u.User == nil && strings.Contains(where, "@") { // "u:12#3@h": a mark in a password that is not escaped
		return "postgres://…"
	}
	q := u.Query()
	q.Del("password")
	q.Del("sslpassword")
	u.RawQuery = q.Encode()
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	return u.String()
}
