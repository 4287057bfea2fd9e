package lab

import (
	"strings"
	"testing"
)

// answersWith proves that a server answers a question with something that holds so.
func answersWith(question, want string) func(*testing.T, *Server) {
	return func(t *testing.T, s *Server) {
		c := dial(t, s)
		send(t, c, []byte(question))
		b := make([]byte, 4<<10)
		var got string
		for !strings.Contains(got, want) {
			n, err := c.Read(b)
			got += string(b[:n])
			if err != nil {
				t.Fatalf("says %q, then %v", got, err)
			}
		}
	}
}

var dataProofs = map[string]func(*testing.T, *Server){
	"redis-password":         answersWith("*1\r\n$4\r\nPING\r\n", "-NOAUTH"),
	"redis-open":             answersWith("*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n", "redis_version"),
	"mongodb-password":       answersWith("listDatabases", "code"),
	"mongodb-open":           answersWith("listDatabases", "admin"),
	"elasticsearch-password": answersWith(request, "401"),
	"elasticsearch-open":     answersWith(request, "You Know"),
	"docker-open":            answersWith("GET /version HTTP/1.1\r\n\r\n", "ApiVersion"),
	"vnc-open":               answersWith("RFB 003.008\n", "\x01\x01"),
	"telnet":                 answersWith("", "\xff\xfd\x18"),
	"smb1":                   answersWith("\xffSMB\x72", "\xffSMB\x72"),
	"rdp-without-nla":        answersWith("\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x01\x00\x00\x00", "\xd0"),
}
