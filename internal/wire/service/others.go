package service

import "context"

const jdwpHello = "JDWP-Handshake" // Java Debug Wire Protocol, Handshake

// jdwp is asked on its usual ports only: the debugger's place is taken while we
// are there.
var jdwp = protocol{name: "jdwp", ports: []int{5005, 8787, 1044, 9009}, hello: jdwpHello, rare: true, knows: func(_ bool, h string) (Service, bool) {
	return Service{Banner: jdwpHello}, text(h, jdwpHello)
}}

// askJDWP shakes hands: there is no log-in after it.
func askJDWP(ctx context.Context, t Target) (Access, error) {
	return one(ctx, t, jdwpHello, atLeast(len(jdwpHello)), func(s string) (Access, bool) {
		return open("JDWP-Handshake: answered, and there is no log-in after it"), text(s, jdwpHello)
	})
}

// ajp is CPing and CPong of AJP 1.3 as Apache Tomcat's connectors document it.
var ajp = protocol{name: "ajp13", ports: []int{8009}, hello: "\x12\x34\x00\x01\x0a", rare: true, knows: func(_ bool, h string) (Service, bool) {
	return Service{Banner: "CPong"}, h == "AB\x00\x01\x09"
}}

// rtsp is RFC 7826 §13.1 in the version that cameras speak.
var rtsp = protocol{name: "rtsp", ports: []int{554, 8554}, hello: "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n", rare: true, knows: func(_ bool, h string) (Service, bool) {
	m := serverField.FindStringSubmatch(h)
	if m == nil {
		m = make([]string, 3)
	}
	return Service{Product: m[1], Version: m[2]}, text(h, "RTSP/1.0 ", "RTSP/2.0 ")
}}

// askRTSP asks for the description of the stream at the root, not for a stream.
func askRTSP(ctx context.Context, t Target) (Access, error) {
	return one(ctx, t, "DESCRIBE rtsp://"+t.hostPort()+"/ RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n", func(s string) bool { return has(s, "\r\n\r\n") }, func(s string) (Access, bool) {
		switch {
		case text(s, "RTSP/1.0 200"):
			return open("DESCRIBE: 200"), true
		case text(s, "RTSP/1.0 401", "RTSP/1.0 403"):
			return shut("DESCRIBE: %s", firstLine(s)), true
		}
		return Access{}, false
	})
}

// oracle is a ping of Oracle's listener: a TNS CONNECT whose data is a command
// that opens no session. What it answers, even a refusal, is TNS.
const oraclePing = "(CONNECT_DATA=(COMMAND=ping))"

var oracle = protocol{name: "oracle-tns", ports: []int{1521, 1526}, rare: true,
	hello: "\x00\x57\x00\x00\x01\x00\x00\x00" + "\x01\x36\x01\x2c\x00\x00\x08\x00\x7f\xff\x7f\x08\x00\x00\x00\x01" + "\x00\x1d\x00\x3a" +
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" + oraclePing,
	knows: func(asked bool, h string) (Service, bool) {
		if !asked || len(h) < 8 || int(h[0])<<8|int(h[1]) != len(h) || h[4] != 2 && h[4] != 4 && h[4] != 5 {
			return Service{}, false
		}
		return Service{Product: "Oracle listener", Banner: between(h, "(DESCRIPTION=", "\x00")}, true
	}}
