package service

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// mysql greets with a packet: MySQL Client/Server Protocol, Connection Phase.
var mysql = protocol{name: "mysql", ports: []int{3306, 33060}, first: true, knows: func(_ bool, h string) (Service, bool) {
	if len(h) < 7 || h[3] != 0 || h[2] != 0 {
		return Service{}, false
	}
	n := int(h[0]) | int(h[1])<<8
	switch {
	case h[4] == 0xff && n == len(h)-4 && (has(h[5:], "is not allowed to connect", "is blocked because of", "Too many connections")):
		return Service{Product: mysqlProduct(h), Banner: h[7:]}, true
	case h[4] == 10 && n >= 20:
		v, _, ok := strings.Cut(h[5:], "\x00")
		if !ok || shown(v, 200) != v || v == "" {
			return Service{}, false
		}
		return Service{Product: mysqlProduct(v), Version: strings.TrimPrefix(v, "5.5.5-"), Banner: v}, true
	}
	return Service{}, false
}}

func mysqlProduct(s string) string {
	if has(s, "MariaDB") {
		return "MariaDB"
	}
	return "MySQL"
}

// askMySQL listens: a server that greets is not open, since only a log-in would
// tell whether there is an account without password.
func askMySQL(ctx context.Context, t Target) (a Access, err error) {
	err = t.speak(ctx, func(k *talk) error {
		said, err := k.hear(func(s string) bool { _, ok := mysql.knows(false, s); return ok })
		if _, ok := mysql.knows(false, said); !ok {
			return strange(said, err)
		}
		if said[4] == 0xff && has(said, "is not allowed to connect") {
			a = shut("%s", said[7:])
			return nil
		}
		return ErrNeedsLogin
	})
	return a, err
}

// postgresSSL asks for TLS: PostgreSQL, Message Formats, SSLRequest. The answer
// is one letter.
const postgresSSL = "\x00\x00\x00\x08\x04\xd2\x16\x2f"

var postgres = protocol{name: "postgresql", ports: []int{5432, 5433, 6432}, hello: postgresSSL, knows: func(asked bool, h string) (Service, bool) {
	return Service{Product: "PostgreSQL", Banner: "SSLRequest: " + h[:1]}, asked && (h == "S" || h == "N" || text(h, "E\x00\x00") && has(h, "SFATAL", "FATAL"))
}}

// askPostgres begins a session as a user of nobody's name. Whoever needs no
// password is told AuthenticationOk before it is looked whether the user
// exists. TLS is used where there is any, for rules may be for TLS alone.
func askPostgres(ctx context.Context, t Target) (a Access, err error) {
	err = t.speak(ctx, func(k *talk) error {
		said, err := k.ask(postgresSSL, atLeast(1))
		switch {
		case said == "S":
			c := tls.Client(k.conn, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10})
			if err := c.HandshakeContext(ctx); err != nil {
				return err
			}
			k = newTalk(c, t.Wait)
		case said != "N":
			return strange(said, err)
		}
		const parameters = "\x00\x03\x00\x00" + "user\x00sansang\x00database\x00postgres\x00\x00"
		start := string(binary.BigEndian.AppendUint32(nil, uint32(len(parameters)+4))) + parameters
		said, err = k.ask(start, func(s string) bool { return len(s) >= 5 && len(s) > int(binary.BigEndian.Uint32([]byte(s[1:]))) })
		if text(said, "E") && has(said, "\x00C28000\x00") {
			return fmt.Errorf("%w: no entry in pg_hba.conf is for user sansang and database postgres, and other names are not guessed", ErrNeedsLogin)
		}
		var ok bool
		if a, ok = postgresDoor(said); !ok {
			return strange(said, err)
		}
		_ = k.say("X\x00\x00\x00\x04") // Terminate
		return nil
	})
	return a, err
}

func postgresDoor(said string) (Access, bool) {
	if text(said, "R") && len(said) >= 9 {
		n := binary.BigEndian.Uint32([]byte(said[5:]))
		if n == 0 {
			return open("StartupMessage user=sansang: AuthenticationOk without password"), true
		}
		ways := map[uint32]string{2: "Kerberos", 3: "password in clear", 5: "MD5 password", 7: "GSSAPI", 9: "SSPI", 10: "SASL"}
		return shut("StartupMessage: wants %s", or(ways[n], strconv.Itoa(int(n)))), true
	}
	return Access{}, false
}

// tdsPrelogin is MS-TDS 2.2.6.5: VERSION and ENCRYPTION (on offer, not on).
const tdsPrelogin = "\x12\x01\x00\x1a\x00\x00\x01\x00" +
	"\x00\x00\x0b\x00\x06" + "\x01\x00\x11\x00\x01" + "\xff" + "\x11\x00\x00\x00\x00\x00" + "\x00"

var mssql = protocol{name: "ms-sql-s", ports: []int{1433, 1434}, hello: tdsPrelogin, rare: true, knows: func(asked bool, h string) (Service, bool) {
	v, _, ok := tdsOptions(h)
	return Service{Product: "Microsoft SQL Server", Version: v, Banner: "PRELOGIN"}, asked && ok
}}

// tdsOptions reads version and encryption of an answer.
func tdsOptions(h string) (version string, encryption byte, ok bool) {
	if len(h) < 14 || h[0] != 4 || h[1] != 1 {
		return "", 0, false
	}
	b := h[8:]
	for i := 0; i+5 <= len(b) && b[i] != 0xff; i += 5 {
		at, n := int(b[i+1])<<8|int(b[i+2]), int(b[i+3])<<8|int(b[i+4])
		if at+n > len(b) {
			return "", 0, false
		}
		switch {
		case b[i] == 0 && n == 6:
			version = strconv.Itoa(int(b[at])) + "." + strconv.Itoa(int(b[at+1])) + "." + strconv.Itoa(int(b[at+2])<<8|int(b[at+3]))
			ok = true
		case b[i] == 1 && n >= 1:
			encryption = b[at]
		}
	}
	return version, encryption, ok
}

func askMSSQL(ctx context.Context, t Target) (a Access, err error) {
	err = t.speak(ctx, func(k *talk) error {
		said, err := k.ask(tdsPrelogin, func(s string) bool { _, _, ok := tdsOptions(s); return ok })
		_, encryption, ok := tdsOptions(said)
		if !ok {
			return strange(said, err)
		}
		a.Traits = map[string]bool{TDSEncrypted: encryption == 3}
		return ErrNeedsLogin
	})
	return a, err
}
