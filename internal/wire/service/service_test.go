package service

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// practice is a server that says a greeting, and to each question what answer
// gives; "" hangs up.
func practice(t *testing.T, greeting string, answer func(string) string) *net.TCPAddr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				_ = c.SetDeadline(time.Now().Add(20 * time.Second))
				_, _ = io.WriteString(c, greeting)
				b := make([]byte, 4<<10)
				for {
					n, err := c.Read(b)
					if err != nil {
						return
					}
					said := answer(string(b[:n]))
					if _, err := io.WriteString(c, said); err != nil || said == "" || text(said, "HTTP/") {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr)
}

// look recognises the server as if it were at its usual port, and asks it.
func look(t *testing.T, at *net.TCPAddr, port int) (Service, Access, error) {
	t.Helper()
	return lookFor(t, at, port, 2*time.Second)
}

func lookFor(t *testing.T, at *net.TCPAddr, port int, wait time.Duration) (Service, Access, error) {
	t.Helper()
	toPort := func(_ context.Context, n int) (net.Conn, error) {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", n))
		if err == nil {
			err = c.SetDeadline(time.Now().Add(20 * time.Second))
		}
		return c, err
	}
	dial := func(ctx context.Context) (net.Conn, error) { return toPort(ctx, at.Port) }
	s, err := Recognise(t.Context(), dial, port, Patience{wait / 5, wait}, nil)
	if err != nil {
		return s, Access{}, err
	}
	a, err := Ask(t.Context(), Target{Dial: dial, DialPort: toPort, Host: "127.0.0.1", Port: port, Service: s, Wait: wait})
	return s, a, err
}

// on answers the first question that has the key in it.
func on(pairs ...string) func(string) string {
	return func(asked string) string {
		for i := 0; i < len(pairs); i += 2 {
			if strings.Contains(asked, pairs[i]) {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func web200(body string) string { return webSays(200, "", body) }

func webSays(status int, fields, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d x\r\n%sContent-Length: %d\r\n\r\n%s", status, fields, len(body), body)
}

func rpcSays(words ...uint32) string {
	b := binary.BigEndian.AppendUint32(nil, 0)
	for _, w := range append([]uint32{0x53414e53, 1, 0, 0, 0, 0}, words...) {
		b = binary.BigEndian.AppendUint32(b, w)
	}
	binary.BigEndian.PutUint32(b, 1<<31|uint32(len(b)-4))
	return string(b)
}

func cql(op byte, body string) string {
	return "\x83\x00\x00\x00" + string([]byte{op, 0, 0, 0, byte(len(body))}) + body
}

func amqpStart(mechanisms string) string {
	return "\x01\x00\x00\x00\x00\x00\x40" + "\x00\x0a\x00\x0a\x00\x09" + "\x00\x00\x00\x0a" + "\x00RabbitMQ\x00" +
		"\x00\x00\x00" + string([]byte{byte(len(mechanisms))}) + mechanisms + "\x00\x00\x00\x05en_US\xce"
}

func kafkaSays(body string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(4+len(body)))) + "SANS" + body
}

const tdsSays = "\x04\x01\x00\x20\x00\x00\x01\x00" + "\x00\x00\x0b\x00\x06" + "\x01\x00\x11\x00\x01" + "\xff" + "\x0f\x00\x07\xd0\x00\x00" + "\x03" + "\x00\x00\x00\x00\x00\x00"

// TestDoors holds every question to servers that answer by the document of
// their protocol, with a log-in and without.
func TestDoors(t *testing.T) {
	for name, c := range map[string]struct {
		port              int
		greeting          string
		answer            func(string) string
		protocol, product string
		door              Door
		proof             string
	}{
		"redis of before 6":     {6379, "", on("INFO", "-ERR operation not permitted\r\n", "PING", "-ERR operation not permitted\r\n"), "redis", "Redis", Shut, "not permitted"},
		"redis in halves":       {6379, "", on("INFO", "$5000\r\n# Ser", "PING", "+PONG\r\n"), "redis", "Redis", Untold, ""},
		"redis with limits":     {6379, "", on("INFO", "-NOPERM this user has no permissions\r\n", "PING", "+PONG\r\n"), "redis", "Redis", Untold, ""},
		"memcached with SASL":   {11211, "", on("stats", "CLIENT_ERROR unauthenticated\r\n", "version", "CLIENT_ERROR unauthenticated\r\n"), "memcache", "memcached", Shut, "unauthenticated"},
		"OpenSearch shut":       {9200, "", on("GET", webSays(401, "WWW-Authenticate: Basic realm=\"OpenSearch Security\"\r\n", "Unauthorized")), "http", "OpenSearch", Shut, "GET /: 401"},
		"Elasticsearch half":    {9200, "", on("_cat", webSays(403, "", "{}"), "GET / ", web200(`{"cluster_name":"c","version":{"number":"8.1.0"},"tagline":"You Know, for Search"}`)), "http", "Elasticsearch", Shut, "_cat/indices?h=status: 403"},
		"Elasticsearch strange": {9200, "", on("_cat", webSays(500, "", "{}"), "GET / ", web200(`{"cluster_name":"c","version":{"number":"8.1.0"},"tagline":"You Know, for Search"}`)), "http", "Elasticsearch", Untold, ""},
		"Kubernetes shut":       {6443, "", on("GET", webSays(403, "", `{"kind":"Status","apiVersion":"v1","reason":"Forbidden"}`)), "http", "", Shut, "403"},
		"Kubernetes open":       {6443, "", on("namespaces", web200(`{"kind":"NamespaceList","apiVersion":"v1"}`), "GET / ", web200(`{"paths":["/.well-known/openid-configuration"]}`)), "http", "Kubernetes", Open, "namespaces"},
		"kubelet open":          {10250, "", on("/pods", web200(`{"kind":"PodList"}`), "GET / ", webSays(404, "", "404 page not found\n")), "http", "Go", Open, "kubelet"},
		"kubelet shut":          {10250, "", on("/pods", webSays(401, "", "Unauthorized"), "GET / ", webSays(404, "", "404 page not found\n")), "http", "Go", Shut, "kubelet"},
		"etcd open":             {2379, "", on("/v3/kv/range", web200(`{"header":{"revision":"1"},"count":"0"}`), "/version", web200(`{"etcdserver":"3.5.9"}`), "GET / ", webSays(404, "", "404 page not found\n")), "http", "Go", Open, "etcd"},
		"etcd shut":             {2379, "", on("/v3/kv/range", webSays(400, "", `{"error":"etcdserver: user name is empty","code":3}`), "/version", web200(`{"etcdserver":"3.5.9"}`), "GET / ", webSays(404, "", "404 page not found\n")), "http", "Go", Shut, "etcd"},
		"etcd elsewhere":        {8000, "", on("/v3/kv/range", web200(`{"header":{"revision":"1"}}`), "/version", web200(`{"etcdserver":"3.5.9"}`), "GET /", webSays(404, "", "404 page not found\n")), "http", "Go", Open, "etcd"},
		"CouchDB open":          {5984, "", on("_all_dbs", web200(`["_users"]`), "GET / ", web200(`{"couchdb":"Welcome","version":"3.3.2"}`)), "http", "CouchDB", Open, "_all_dbs"},
		"CouchDB shut":          {5984, "", on("_all_dbs", webSays(401, "", `{"error":"unauthorized"}`), "GET / ", web200(`{"couchdb":"Welcome","version":"3.3.2"}`)), "http", "CouchDB", Shut, "401"},
		"InfluxDB open":         {8086, "", on("/query", web200(`{"results":[{}]}`), "GET / ", webSays(404, "X-Influxdb-Version: 1.8.10\r\n", "404 page not found\n")), "http", "InfluxDB", Open, "SHOW"},
		"InfluxDB shut":         {8086, "", on("/query", webSays(401, "", `{"error":"unable to parse authentication credentials"}`), "GET / ", webSays(404, "X-Influxdb-Version: 1.8.10\r\n", "404 page not found\n")), "http", "InfluxDB", Shut, "401"},
		"ClickHouse open":       {8123, "", on("query=", web200("1\n"), "GET / ", web200("Ok.\n")), "http", "ClickHouse", Open, "SELECT"},
		"ClickHouse shut":       {8123, "", on("query=", webSays(516, "", "Code: 516. DB::Exception: default: Authentication failed"), "GET / ", web200("Ok.\n")), "http", "ClickHouse", Shut, "516"},
		"Docker shut":           {2375, "", on("GET", webSays(403, "Server: Docker/24.0.7 (linux)\r\n", `{"message":"authorization denied"}`)), "http", "Docker", Shut, "403"},
		"a web server at 9200":  {9200, "", on("GET", web200("<html>Xin chào</html>")), "http", "", Untold, ""},
		"a web server":          {80, "", on("GET", webSays(200, "Server: nginx/1.22.1\r\n", "")), "http", "nginx", Untold, ""},
		"a web server at 5984":  {5984, "", on("GET", web200("<script>a[0]=1</script>")), "http", "", Untold, ""},
		"a web server at 8123":  {8123, "", on("GET", web200("<p>Nhà 1\n</p>")), "http", "", Untold, ""},
		"gateway that explains": {80, "", on("", webSays(503, "", "Unable to connect to the server")), "http", "", Untold, ""},
		"no proxy":              {8080, "", on("GET", web200("Xin chào"), "CONNECT", webSays(405, "", "")), "http", "", Untold, ""},
		"no proxy that agrees":  {8080, "", on("", web200("Xin chào")), "http", "", Untold, ""},
		"gateway to nothing":    {80, "", on("", webSays(502, "", "")), "http", "", Untold, ""},
		"a proxy on port 80":    {80, "", on("http://", webSays(502, "", ""), "", web200("")), "http", "", Open, "looked for it"},
		"Apache that proxies":   {80, "", on("http://", webSays(502, "", "DNS lookup failure for: scan.invalid"), "", webSays(200, "Server: Apache/2.4\r\n", "")), "http", "Apache", Open, "looked for it"},
		"Squid open":            {3128, "", on("CONNECT", webSays(403, "X-Squid-Error: ERR_ACCESS_DENIED 0\r\n", ""), "GET http", webSays(503, "X-Squid-Error: ERR_DNS_FAIL 0\r\n", ""), "GET /", webSays(400, "Server: squid/5.7\r\n", "")), "http-proxy", "Squid", Open, "looked for it"},
		"Squid shut":            {3128, "", on("CONNECT", webSays(403, "X-Squid-Error: ERR_ACCESS_DENIED 0\r\n", ""), "GET http", webSays(403, "X-Squid-Error: ERR_ACCESS_DENIED 0\r\n", ""), "GET /", webSays(400, "Server: squid/5.7\r\n", "")), "http-proxy", "Squid", Shut, "403"},
		"SOCKS with log-in":     {1080, "", on("\x05\x01\x00", "\x05\xff"), "socks", "", Shut, "log-in"},
		"SOCKS that forbids": {1080, "", func(s string) string {
			return map[bool]string{true: "\x05\x00", false: "\x05\x02\x00\x01"}[len(s) == 3]
		}, "socks", "", Untold, ""},
		"SOCKS open": {1080, "", func(s string) string {
			return map[bool]string{true: "\x05\x00", false: "\x05\x00\x00\x01"}[len(s) == 3]
		}, "socks", "", Open, "connected"},
		"Cassandra open":         {9042, "", on("CQL_VERSION", cql(2, ""), "\x05", cql(6, "\x00\x00")), "cql", "Cassandra", Open, "READY"},
		"Cassandra shut":         {9042, "", on("CQL_VERSION", cql(3, "\x00\x04Pass"), "\x05", cql(6, "\x00\x00")), "cql", "Cassandra", Shut, "Pass"},
		"SQL Server":             {1433, "", on("\x12\x01", tdsSays), "ms-sql-s", "Microsoft SQL Server", Untold, ""},
		"MySQL that lets not in": {3306, "\x47\x00\x00\x00\xff\x6a\x04Host '127.0.0.1' is not allowed to connect to this MariaDB server...", nil, "mysql", "MariaDB", Shut, "not allowed"},
		"portmapper alone":       {111, "", on("\x00\x00\x00\x02\x00\x00\x00\x04", rpcSays(1, 100000, 2, 6, 111, 0), "", rpcSays()), "sunrpc", "", Shut, "neither"},
		"NFS without mountd":     {111, "", on("\x00\x00\x00\x02\x00\x00\x00\x04", rpcSays(1, 100003, 4, 6, 2049, 0), "", rpcSays()), "sunrpc", "", Untold, ""},
		"NFS":                    {2049, "", on("", rpcSays()), "nfs", "", Untold, ""},
		"a device that asks":     {23, "\r\nSwitch\r\nUsername: ", on("", ""), "telnet", "", Untold, ""},
		"AMQP":                   {5672, "", on("AMQP", amqpStart("PLAIN AMQPLAIN")), "amqp", "RabbitMQ", Shut, "PLAIN"},
		"AMQP anonymous":         {5672, "", on("AMQP", amqpStart("ANONYMOUS PLAIN")), "amqp", "RabbitMQ", Untold, ""},
		"Kafka open":             {9092, "", on("\x00\x12\x00\x00", kafkaSays("\x00\x00\x00\x00\x00\x00"), "PLAIN", kafkaSays("\x00\x22\x00\x00\x00\x00"), "\x00\x03\x00\x01", kafkaSays("\x00\x00\x00\x01")), "kafka", "Kafka", Open, "Metadata"},
		"Kafka shut":             {9092, "", on("\x00\x12\x00\x00", kafkaSays("\x00\x00\x00\x00\x00\x00"), "PLAIN", kafkaSays("\x00\x00\x00\x00\x00\x01\x00\x05PLAIN")), "kafka", "Kafka", Shut, "SaslHandshake"},
		"ZooKeeper":              {2181, "", on("srvr", "Zookeeper version: 3.8.0-5a02a05, built on x\nMode: standalone\n"), "zookeeper", "ZooKeeper", Untold, ""},
		"ZooKeeper that is mum":  {2181, "", on("srvr", "srvr is not executed because it is not in the whitelist.\n"), "zookeeper", "ZooKeeper", Untold, ""},
		"a debugger of Java":     {5005, "", on("JDWP", "JDWP-Handshake"), "jdwp", "", Open, "Handshake"},
		"AJP":                    {8009, "", on("\x12\x34", "AB\x00\x01\x09"), "ajp13", "", Untold, ""},
		"camera open":            {554, "", on("OPTIONS", "RTSP/1.0 200 OK\r\nServer: Cam/1.2\r\n\r\n", "DESCRIBE", "RTSP/1.0 200 OK\r\n\r\n"), "rtsp", "Cam", Open, "200"},
		"camera shut":            {554, "", on("OPTIONS", "RTSP/1.0 200 OK\r\n\r\n", "DESCRIBE", "RTSP/1.0 401 Unauthorized\r\n\r\n"), "rtsp", "", Shut, "401"},
		"X11 shut":               {6000, "", on("l\x00\x0b", "\x00\x02\x0b\x00\x00\x00\x01\x00no\x00\x00"), "x11", "", Shut, "no"},
		"VNC 3.3 open":           {5900, "RFB 003.003\n", on("RFB", "\x00\x00\x00\x01"), "rfb", "", Open, "None"},
		"VNC 3.3 shut":           {5900, "RFB 003.003\n", on("RFB", "\x00\x00\x00\x02"), "rfb", "", Shut, "2"},
		"VNC open inside TLS":    {5900, "RFB 003.008\n", on("RFB", "\x02\x02\x13", "\x13", "\x00\x02", "\x00\x02", "\x00\x02\x00\x00\x01\x02\x00\x00\x01\x01"), "rfb", "", Open, "None inside TLS"},
		"VNC shut inside TLS":    {5900, "RFB 003.008\n", on("RFB", "\x02\x02\x13", "\x13", "\x00\x02", "\x00\x02", "\x00\x01\x00\x00\x01\x02"), "rfb", "", Shut, "258"},
		"VNC that had enough":    {5900, "RFB 003.008\n", on("RFB", "\x00\x00\x00\x08too many"), "rfb", "", Untold, ""},
		"VNC of unknown kind":    {5900, "RFB 003.008\n", on("RFB", "\x02\x02\x10"), "rfb", "", Untold, ""},
		"FTP open":               {21, "220 FTP\r\n", on("USER", "230 welcome\r\n"), "ftp", "", Open, "230"},
		"FTP that greets mum":    {21, "220 hello\r\n", on("FEAT", "211-Features:\r\n211 End\r\n", "USER", "331 password\r\n"), "ftp", "", Untold, ""},
		"MQTT busy":              {1883, "", on("MQTT", "\x20\x02\x00\x03"), "mqtt", "", Untold, ""},
		"LDAP shut":              {389, "", on("\x60", "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x31\x04\x00\x04\x00"), "ldap", "", Shut, "49"},
		"LDAP that wants TLS":    {389, "", on("\x60", "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x0d\x04\x00\x04\x00"), "ldap", "", Untold, ""},
		"LDAP busy":              {389, "", on("\x60", "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x33\x04\x00\x04\x00"), "ldap", "", Untold, ""},
		"PostgreSQL for others":  {5432, "", on("user\x00", "E\x00\x00\x00\x20SFATAL\x00C28000\x00Mno entry\x00\x00\x00", "\x04\xd2\x16\x2f", "N"), "postgresql", "PostgreSQL", Untold, ""},
		"PostgreSQL strange":     {5432, "", on("user\x00", "E\x00\x00\x00\x20SFATAL\x00C53300\x00Mtoo many\x00\x00\x00", "\x04\xd2\x16\x2f", "N"), "postgresql", "PostgreSQL", Untold, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, a, err := look(t, practice(t, c.greeting, orNothing(c.answer)), c.port)
			if s.Protocol != c.protocol || c.product != "" && s.Product != c.product {
				t.Fatalf("recognised as %+v (%v)", s, err)
			}
			if a.Door != c.door || !strings.Contains(a.Proof, c.proof) || (err == nil) != (c.door != Untold) {
				t.Errorf("door %d, proof %q, error %v", a.Door, a.Proof, err)
			}
		})
	}
}

func orNothing(f func(string) string) func(string) string {
	if f == nil {
		return func(string) string { return "" }
	}
	return f
}

// TestNFS reads the list of mountd.
func TestNFS(t *testing.T) {
	name := func(s string) []uint32 {
		b := []byte(s + "\x00\x00\x00")
		out := []uint32{uint32(len(s))}
		for i := 0; i < len(s); i += 4 {
			out = append(out, binary.BigEndian.Uint32(b[i:]))
		}
		return out
	}
	list := func(groups ...string) string {
		words := append([]uint32{1}, name("/srv/data")...)
		for _, g := range groups {
			words = append(append(words, 1), name(g)...)
		}
		return rpcSays(append(words, 0, 0)...)
	}
	for want, groups := range map[Door][]string{Open: {"*"}, Shut: {"10.0.0.0/24", "10.1.0.1"}} {
		mountd := practice(t, "", on("", list(groups...)))
		at := practice(t, "", func(s string) string {
			if strings.Contains(s, "\x00\x00\x00\x02\x00\x00\x00\x04") {
				return rpcSays(1, 100003, 3, 6, 2049, 1, 100005, 3, 17, 9, 1, 100005, 3, 6, uint32(mountd.Port), 0)
			}
			return rpcSays()
		})
		if s, a, err := look(t, at, 111); s.Protocol != "sunrpc" || a.Door != want {
			t.Errorf("groups %q: %+v %+v %v", groups, s, a, err)
		}
	}
	if _, everybody, ok := exports(list()[28:]); everybody != 1 || !ok {
		t.Error("an export without groups is for everybody")
	}
}

// TestTraits reads what is told beside the door.
func TestTraits(t *testing.T) {
	rdpSays := func(kind, value string) string {
		return "\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00" + kind + "\x00\x08\x00" + value + "\x00\x00\x00"
	}
	smb2 := netbios("\xfeSMB\x40\x00" + strings.Repeat("\x00", 58) + "\x41\x00\x03\x00\x02\x03" + strings.Repeat("\x00", 60))
	for name, c := range map[string]struct {
		port   int
		answer func(string) string
		want   map[string]bool
	}{
		"RDP with NLA":       {3389, on("", rdpSays("\x03", "\x05")), map[string]bool{RDPWithNLA: true, RDPPlain: false}},
		"RDP with TLS":       {3389, on("\x08\x00\x01", rdpSays("\x02", "\x01"), "", rdpSays("\x03", "\x01")), map[string]bool{RDPWithNLA: false, RDPPlain: false}},
		"RDP of before TLS":  {3389, on("", "\x03\x00\x00\x0b\x06\xd0\x00\x00\x12\x34\x00"), map[string]bool{RDPWithNLA: false, RDPPlain: true}},
		"RDP that is broken": {3389, on("", rdpSays("\x03", "\x04")), map[string]bool{}},
		"SMB that hangs up":  {445, on("\xfeSMB", smb2), map[string]bool{SMBSigning: true, SMB1: false}},
		"SMB that shuts us out": {445, func() func(string) string {
			var gone atomic.Bool
			return func(s string) string {
				if gone.Load() || strings.Contains(s, "\xffSMB") {
					gone.Store(true)
					return ""
				}
				return on("\xfeSMB", smb2)(s)
			}
		}(), map[string]bool{SMBSigning: true}},
		"SMB that is cut short": {445, on("\xfeSMB", smb2[:60], "\xffSMB", "\x00\x00"), nil},
		"SQL Server":            {1433, on("\x12\x01", tdsSays), map[string]bool{TDSEncrypted: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, a, _ := look(t, practice(t, "", c.answer), c.port)
			if !maps.Equal(a.Traits, c.want) || a.Door != Untold {
				t.Errorf("%+v %+v, want %v", s, a, c.want)
			}
		})
	}
}

// TestNotRecognised tells a port that says nothing from one that says nonsense,
// and sends printers nothing.
func TestNotRecognised(t *testing.T) {
	for name, c := range map[string]struct {
		port     int
		greeting string
		answer   func(string) string
		want     error
	}{
		"strange":      {12345, "hello\n", on("", "hello\n"), ErrStrange},
		"closes":       {12345, "", func(string) string { return "" }, ErrStrange},
		"line printer": {515, "", func(s string) string { t.Errorf("a printer was sent %q", s); return "" }, ErrNoTouch},
		"printer":      {9100, "", func(s string) string { t.Errorf("a printer was sent %q", s); return "" }, ErrNoTouch},
	} {
		t.Run(name, func(t *testing.T) {
			if s, _, err := lookFor(t, practice(t, c.greeting, c.answer), c.port, 400*time.Millisecond); !errors.Is(err, c.want) {
				t.Errorf("%+v %v", s, err)
			}
		})
	}
	mute := practice(t, "", func(string) string { time.Sleep(2 * time.Second); return "" })
	if s, _, err := lookFor(t, mute, 12345, 400*time.Millisecond); !errors.Is(err, ErrMute) {
		t.Errorf("%+v %v", s, err)
	}
}

// TestOtherProtocolTheSecondTime asks a server that changes with every
// connection: whatever it is taken for, its door stays untold.
func TestOtherProtocolTheSecondTime(t *testing.T) {
	n := 0
	at := practice(t, "", func(string) string {
		if n++; n == 1 {
			return "+PONG\r\n"
		}
		return "SSH-2.0-x\r\n"
	})
	if s, a, err := look(t, at, 6379); s.Protocol != "redis" || a.Door != Untold || err == nil {
		t.Errorf("%+v %+v %v", s, a, err)
	}
}

// TestLyingLengths reads documents of MongoDB whose length cannot be.
func TestLyingLengths(t *testing.T) {
	for n := range byte(5) {
		if readBSON(string([]byte{n, 0, 0, 0, 0, 0}), func(string, any) {}) {
			t.Errorf("a document of %d bytes", n)
		}
	}
}

// TestAgreesToAnything is a web server that says 200 to every method, CONNECT
// too, and serves the next request on the same connection.
func TestAgreesToAnything(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				b := make([]byte, 4<<10)
				for {
					if _, err := c.Read(b); err != nil {
						return
					}
					if _, err := io.WriteString(c, web200("")); err != nil {
						return
					}
				}
			}()
		}
	}()
	if _, a, _ := lookFor(t, l.Addr().(*net.TCPAddr), 8080, 400*time.Millisecond); a.Door == Open {
		t.Errorf("an open proxy: %s", a.Proof)
	}
}

// TestMuteIsAskedTheSameBesideEachOther asks a port that says nothing, and one
// that answers late in the row, in turn and beside each other: what is asked
// and found is the same, and never more.
func TestMuteIsAskedTheSameBesideEachOther(t *testing.T) {
	beside := func(n int, do func(int)) {
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() { do(i) })
		}
		all.Wait()
	}
	quiet := func(string) string { time.Sleep(2 * time.Second); return "" }
	for name, c := range map[string]struct {
		answer   func(string) string
		protocol string
		err      error
	}{
		"mute": {quiet, "", ErrMute},
		"memcached": {func(s string) string {
			if text(s, "version") {
				return "VERSION 1.6\r\n"
			}
			return quiet(s)
		}, "memcache", nil},
	} {
		var asked [2][]string
		for i, b := range []Beside{nil, beside} {
			var mu sync.Mutex
			at := practice(t, "", func(s string) string {
				mu.Lock()
				asked[i] = append(asked[i], s[:4])
				mu.Unlock()
				return c.answer(s)
			})
			dial := func(context.Context) (net.Conn, error) { return net.Dial("tcp", at.String()) }
			s, err := Recognise(t.Context(), dial, 12345, Patience{80 * time.Millisecond, 400 * time.Millisecond}, b)
			if s.Protocol != c.protocol || !errors.Is(err, c.err) {
				t.Errorf("%s: %+v, %v", name, s, err)
			}
			mu.Lock()
			slices.Sort(asked[i])
			mu.Unlock()
		}
		if c.err != nil && !slices.Equal(asked[0], asked[1]) {
			t.Errorf("%s: asked %q, beside each other %q", name, asked[0], asked[1])
		}
	}
}

// TestConsole is a web console that shows data: it is not said to be guarded.
func TestConsole(t *testing.T) {
	at := practice(t, "", on("CONNECT", webSays(405, "", ""), "GET", webSays(200, "kbn-name: kibana\r\n", "")))
	s, _, err := lookFor(t, at, 5601, 400*time.Millisecond)
	if s.Product != "Kibana" || !DataService(s, 5601) || !errors.Is(err, ErrNeedsLogin) {
		t.Errorf("%+v %v", s, err)
	}
}
