package lab

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/lang"
)

// Data services, with a log-in and without: as much of their protocols as a
// stranger gets to see.
var dataServices = []Recipe{
	{Name: "redis-password", Kind: "tcp", Nature: Good, About: lang.T(
		"Redis đòi mật khẩu trước mọi lệnh.", "A Redis that wants a password before any command."),
		start: canned(redisSays("-NOAUTH Authentication required.\r\n"))},
	{Name: "redis-open", Kind: "tcp", Nature: Bad, About: lang.T(
		"Redis không có mật khẩu: ai cũng đọc và ghi được.", "A Redis without password: anybody reads and writes."),
		start: canned(redisSays("$56\r\n# Server\r\nredis_version:7.2.4\r\nredis_mode:standalone\r\n\r\n\r\n"))},
	{Name: "mongodb-password", Kind: "tcp", Nature: Good, About: lang.T(
		"MongoDB bật kiểm soát truy cập.", "A MongoDB with access control."),
		start: canned(mongoSays("\x01ok\x00" + "\x00\x00\x00\x00\x00\x00\x00\x00" + "\x10code\x00\x0d\x00\x00\x00"))},
	{Name: "mongodb-open", Kind: "tcp", Nature: Bad, About: lang.T(
		"MongoDB không bật kiểm soát truy cập.", "A MongoDB without access control."),
		start: canned(mongoSays("\x04databases\x00" + bson("\x030\x00"+bson("\x02name\x00\x06\x00\x00\x00admin\x00")) + "\x01ok\x00" + "\x00\x00\x00\x00\x00\x00\xf0\x3f"))},
	{Name: "elasticsearch-password", Kind: "tcp", Nature: Good, About: lang.T(
		"Elasticsearch đòi đăng nhập.", "An Elasticsearch that wants a log-in."),
		start: canned(func(string) string {
			return answer(401, "WWW-Authenticate: Basic realm=\"security\"\r\n", `{"error":{"type":"security_exception"},"status":401}`)
		})},
	{Name: "elasticsearch-open", Kind: "tcp", Nature: Bad, About: lang.T(
		"Elasticsearch không đòi đăng nhập.", "An Elasticsearch without log-in."),
		start: canned(func(asked string) string {
			if strings.Contains(asked, "/_cat/indices") {
				return answer(200, "", "green\nyellow\n")
			}
			return answer(200, "", `{"name":"x","cluster_name":"c","version":{"number":"7.10.2"},"tagline":"You Know, for Search"}`)
		})},
	{Name: "docker-open", Kind: "tcp", Nature: Bad, About: lang.T(
		"API của Docker mở qua TCP không cần chứng thư số: ai cũng có quyền root trên máy.", "Docker’s API over TCP without certificates: anybody is root on the machine."),
		start: canned(func(asked string) string {
			if strings.HasPrefix(asked, "GET /version") {
				return answer(200, "Api-Version: 1.43\r\n", `{"Version":"24.0.7","ApiVersion":"1.43"}`)
			}
			return answer(404, "Api-Version: 1.43\r\nServer: Docker/24.0.7 (linux)\r\n", `{"message":"page not found"}`)
		})},
	{Name: "vnc-open", Kind: "tcp", Nature: Bad, About: lang.T(
		"Màn hình từ xa VNC không có mật khẩu.", "A VNC desktop without password."),
		start: greeting("RFB 003.008\n", func(string) string { return "\x01\x01" })},
	{Name: "telnet", Kind: "tcp", Nature: Bad, About: lang.T(
		"Telnet: mọi thứ gõ vào, kể cả mật khẩu, đi không mã hóa.", "Telnet: all that is typed, passwords too, travels in clear."),
		start: greeting("\xff\xfd\x18\xff\xfd\x1f\r\nlogin: ", func(string) string { return "" })},
	{Name: "smb1", Kind: "tcp", Nature: Bad, About: lang.T(
		"Chia sẻ tệp SMB còn nhận phiên bản 1 và không bắt buộc ký.", "An SMB file share that still takes version 1 and requires no signatures."),
		start: canned(smbSays)},
	{Name: "rdp-without-nla", Kind: "tcp", Nature: Bad, About: lang.T(
		"Màn hình từ xa RDP có TLS nhưng không bắt buộc xác thực trước (NLA).", "An RDP desktop with TLS that wants no log-in beforehand (NLA)."),
		start: canned(rdpSays)},
}

// canned answers each question by what it holds, and hangs up at others.
func canned(says func(asked string) string) starter { return greeting("", says) }

// greeting is canned, after a greeting.
func greeting(greet string, says func(asked string) string) starter {
	return raw(func(c *conn) {
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		if _, err := c.Write([]byte(greet)); err != nil {
			return
		}
		b := make([]byte, 4<<10)
		for {
			n, err := c.Read(b)
			if err != nil {
				return
			}
			said := says(string(b[:n]))
			if _, err := c.Write([]byte(said)); err != nil || strings.HasPrefix(said, "HTTP/") || said == "" && greet == "" {
				return
			}
		}
	})
}

func redisSays(info string) func(string) string {
	return func(asked string) string {
		switch {
		case strings.Contains(asked, "INFO"):
			return info
		case strings.Contains(asked, "PING") && info[0] == '$':
			return "+PONG\r\n"
		case strings.HasPrefix(asked, "GET / "):
			return "-ERR wrong number of arguments for 'get' command\r\n"
		}
		return info[:min(len(info), strings.Index(info, "\n")+1)]
	}
}

func bson(elements string) string {
	return string(binary.LittleEndian.AppendUint32(nil, uint32(len(elements)+5))) + elements + "\x00"
}

// mongoSays answers as before OP_MSG, by OP_REPLY.
func mongoSays(listed string) func(string) string {
	reply := func(document string) string {
		body := "\x08\x00\x00\x00" + strings.Repeat("\x00", 12) + "\x01\x00\x00\x00" + bson(document)
		return string(binary.LittleEndian.AppendUint32(nil, uint32(16+len(body)))) + "\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00" + body
	}
	return func(asked string) string {
		switch {
		case strings.Contains(asked, "isMaster"):
			return reply("\x08ismaster\x00\x01" + "\x10maxBsonObjectSize\x00\x00\x00\x00\x01" + "\x10maxWireVersion\x00\x00\x00\x00\x00")
		case strings.Contains(asked, "listDatabases"):
			return reply(listed)
		case strings.HasPrefix(asked, "GET "):
			return answer(200, "", "It looks like you are trying to access MongoDB over HTTP on the native driver port.\r\n")
		}
		return ""
	}
}

func answer(status int, fields, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d x\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s", status, fields, len(body), body)
}

// smbSays takes both kinds of negotiation: MS-CIFS 2.2.4.52.2, MS-SMB2 2.2.4.
func smbSays(asked string) string {
	frame := func(s string) string { return string([]byte{0, 0, byte(len(s) >> 8), byte(len(s))}) + s }
	switch {
	case strings.Contains(asked, "\xffSMB\x72"):
		return frame("\xffSMB\x72" + strings.Repeat("\x00", 27) + "\x11" + "\x00\x00" + strings.Repeat("\x00", 34))
	case strings.Contains(asked, "\xfeSMB"):
		return frame("\xfeSMB\x40\x00" + strings.Repeat("\x00", 58) + "\x41\x00" + "\x01\x00" + "\x02\x03" + strings.Repeat("\x00", 60))
	}
	return ""
}

// rdpSays chooses TLS, and refuses what is without it: MS-RDPBCGR 2.2.1.2.
func rdpSays(asked string) string {
	const confirm = "\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00"
	switch {
	case !strings.HasPrefix(asked, "\x03\x00\x00\x13") || len(asked) != 19:
		return ""
	case asked[15]&1 == 0:
		return confirm + "\x03\x00\x08\x00\x01\x00\x00\x00"
	}
	return confirm + "\x02\x00\x08\x00\x01\x00\x00\x00"
}
