package scan

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/templates"
)

// attack is a template that goes for what was not declared, or a plain one
// that a server may abuse.
type attack struct {
	name, kind, body string
	passes           bool // the vetter lets it by: it is as good as the server that it meets
}

const attackHead = "info:\n  name: x\n  author: lab\n  severity: low\n"

func (a attack) text() []byte { return []byte("id: " + a.name + "\n" + attackHead + a.body) }

// bare is the template as the engine would get it if nobody had vetted it.
func (a attack) bare() *templates.Template {
	return &templates.Template{ID: a.name, Protocols: []string{a.kind}, Steps: 1, Data: a.text()}
}

const strangerSays = "stranger-speaks"

var attackMatch = "    matchers:\n      - type: word\n        words: [\"" + strangerSays + "\"]\n"

// overHTTP are attacks that are tried on every server that speaks HTTP.
func overHTTP() (all []attack) {
	other := strangerHost + ":18080"
	get := func(path, more string) string {
		return "http:\n  - method: GET\n    path:\n      - \"" + path + "\"\n" + more + attackMatch
	}
	raw := func(lines, more string) string {
		return "http:\n  - raw:\n      - |\n        " + strings.ReplaceAll(lines, "\n", "\n        ") + "\n\n" + more + attackMatch
	}
	twice := "http:\n  - raw:\n      - |\n        GET /login HTTP/1.1\n        Host: {{Hostname}}\n\n      - |\n        GET /admin?t={{tok}} HTTP/1.1\n        Host: {{Hostname}}\n\n" +
		"    extractors:\n      - type: regex\n        name: tok\n        internal: true\n        part: body\n        group: 1\n        regex: ['token=\"(.+?)\"']\n" + attackMatch
	for _, a := range []attack{
		{"http-plain", "", get("{{BaseURL}}/", ""), true},
		{"http-stays", "", get("{{BaseURL}}/", "    host-redirects: true\n    max-redirects: 5\n"), true},
		{"http-two-steps", "", twice, true},
		{"http-cookies", "", strings.Replace(twice, "    extractors:", "    cookie-reuse: true\n    extractors:", 1), true},
		{"http-redirect", "", get("{{BaseURL}}/", "    redirects: true\n    max-redirects: 5\n"), false},
		{"http-absolute", "", get("http://"+other+"/", ""), false},
		{"http-far", "", get("http://"+farStranger+"/", ""), false},
		{"http-name", "", get("http://stranger.example/", ""), false},
		{"http-port", "", get("http://{{Host}}:18080/", ""), true},
		{"http-user", "", get("{{BaseURL}}@"+other+"/", ""), false},
		{"self-contained", "", "self-contained: true\n" + get("http://"+other+"/", ""), false},
		{"http-unsafe", "", raw("GET / HTTP/1.1\nHost: x", "    unsafe: true\n"), true},
		{"http-unsafe-absolute", "", raw("GET http://"+other+"/ HTTP/1.1\nHost: "+other, "    unsafe: true\n"), false},
		{"http-pipeline", "", raw("GET / HTTP/1.1\nHost: {{Hostname}}", "    pipeline: true\n    pipeline-concurrent-connections: 1\n    pipeline-requests-per-connection: 1\n    payloads:\n      a: [\"1\"]\n"), false},
		{"http-pipeline-at", "", raw("@Host: http://"+other+"\nGET / HTTP/1.1\nHost: x", "    pipeline: true\n    pipeline-concurrent-connections: 1\n    pipeline-requests-per-connection: 1\n    payloads:\n      a: [\"1\"]\n"), false},
		{"http-at", "", raw("@Host: http://"+other+"\nGET / HTTP/1.1\nHost: x", ""), false},
		{"http-at-sni", "", raw("@tls-sni: stranger.example\nGET / HTTP/1.1\nHost: {{Hostname}}", ""), false},
		{"http-race", "", raw("GET / HTTP/1.1\nHost: {{Hostname}}", "    race: true\n    race_count: 2\n"), false},
		{"http-digest", "", get("{{BaseURL}}/", "    digest-username: a\n    digest-password: b\n"), true},
		{"http-aws", "", get("{{BaseURL}}/", "    signature: AWS\n"), false},
		{"http-oast", "", get("{{BaseURL}}/?u={{interactsh-url}}", ""), false},
		{"http-file", "", raw("GET /{{a}} HTTP/1.1\nHost: {{Hostname}}", "    payloads:\n      a: "+os.Getenv("HOME")+"/trap.txt\n"), false},
		{"http-environment", "", get("{{BaseURL}}/{{SANSANG_PASSWORD}}/$SANSANG_PASSWORD/{{env('SANSANG_PASSWORD')}}", ""), true},
		{"http-fuzz", "", "http:\n  - method: GET\n    path: [\"{{BaseURL}}/\"]\n    fuzzing:\n      - part: query\n        type: replace\n        mode: single\n        fuzz: [\"http://" + other + "\"]\n" + attackMatch, false},
		{"variables-resolve", "", "variables:\n  a: \"{{resolve('stranger.example')}}\"\n" + get("{{BaseURL}}/{{a}}", ""), false},
		{"dsl-resolve", "", "http:\n  - method: GET\n    path: [\"{{BaseURL}}/\"]\n    matchers:\n      - type: dsl\n        dsl: ['resolve(\"stranger.example\") == \"1\"']\n", false},
		{"dsl-publicip", "", "http:\n  - method: GET\n    path: [\"{{BaseURL}}/\"]\n    matchers:\n      - type: dsl\n        dsl: ['public_ip() == \"1\"']\n", false},
		{"dsl-jarm", "", "http:\n  - method: GET\n    path: [\"{{BaseURL}}/{{jarm('" + other + "')}}\"]\n" + attackMatch, false},
		{"dsl-llm", "", "http:\n  - method: GET\n    path: [\"{{BaseURL}}/{{llm_prompt('x')}}\"]\n" + attackMatch, false},
	} {
		a.kind = "http"
		all = append(all, a)
	}
	return all
}

// overOthers are attacks for which one server will do.
func overOthers() (all []attack) {
	other := strangerHost + ":18080"
	all = append(all, []attack{
		{"tcp-absolute", "tcp", "tcp:\n  - host: [\"" + other + "\"]\n    inputs:\n      - data: \"GET / HTTP/1.0\\r\\n\\r\\n\"\n" + attackMatch, false},
		{"tcp-tls", "tcp", "tcp:\n  - host: [\"tls://" + other + "\"]\n    inputs:\n      - data: \"x\"\n" + attackMatch, false},
		{"tcp-port", "tcp", "tcp:\n  - host: [\"{{Hostname}}\"]\n    port: \"18080\"\n    inputs:\n      - data: \"GET / HTTP/1.0\\r\\n\\r\\n\"\n" + attackMatch, true},
		{"tcp-host-port", "tcp", "tcp:\n  - host: [\"{{Host}}:18080\"]\n    inputs:\n      - data: \"x\"\n" + attackMatch, true},
		{"tcp-name", "tcp", "tcp:\n  - host: [\"stranger.example:80\"]\n    inputs:\n      - data: \"x\"\n" + attackMatch, false},
		{"ssl-auto", "ssl", "ssl:\n  - address: \"" + other + "\"\n" + attackMatch, false},
		{"ssl-openssl", "ssl", "ssl:\n  - address: \"" + other + "\"\n    scan_mode: openssl\n" + attackMatch, false},
		{"ssl-ztls", "ssl", "ssl:\n  - address: \"" + other + "\"\n    scan_mode: ztls\n" + attackMatch, false},
		{"ssl-enum", "ssl", "ssl:\n  - address: \"{{Host}}:{{Port}}\"\n    tls_version_enum: true\n    tls_cipher_enum: true\n" + attackMatch, true},
		{"ssl-own", "ssl", "ssl:\n  - address: \"{{Host}}:{{Port}}\"\n" + attackMatch, true},
		{"ws", "http", "websocket:\n  - address: \"ws://" + other + "/\"\n    inputs:\n      - data: x\n" + attackMatch, false},
		{"whois", "http", "whois:\n  - query: \"stranger.example\"\n    server: " + strangerHost + "\n" + attackMatch, false},
		{"code", "http", "code:\n  - engine: [sh, bash, python3]\n    source: |\n      echo > /tmp/code-ran\n" + attackMatch, false},
		{"headless", "http", "headless:\n  - steps:\n      - action: navigate\n        args:\n          url: \"http://" + other + "\"\n" + attackMatch, false},
		{"file", "http", "file:\n  - extensions: [all]\n    matchers:\n      - type: regex\n        regex: [\".*\"]\n", false},
		{"workflow", "http", "workflows:\n  - template: /tmp/x.yaml\n", false},
		{"flow", "http", "flow: |\n  const net = require('nuclei/net'); net.Open('tcp', '" + other + "'); http(1)\nhttp:\n  - method: GET\n    path: [\"{{BaseURL}}/\"]\n" + attackMatch, false},
	}...)
	for name, code := range scriptAttacks(strangerHost, "18080") {
		all = append(all, attack{"js-" + name, "javascript", javascript(code), !barred.MatchString(code)})
	}
	for name, code := range scriptAttacks(farStranger, "389") {
		all = append(all, attack{"far-" + name, "javascript", javascript(code), !barred.MatchString(code)})
	}
	for name, code := range map[string]string{
		"init":         "  - init: |\n      const c = require('nuclei/net').Open('tcp', '" + other + "');\n    code: Export('x')\n",
		"precondition": "  - pre-condition: |\n      isPortOpen('" + strangerHost + "', '18080')\n    code: Export('x')\n",
	} {
		all = append(all, attack{name: "js-" + name, kind: "javascript", passes: name == "precondition", body: "javascript:\n" + code + "    args:\n      Host: \"{{Host}}\"\n      Port: \"22\"\n" + attackMatch})
	}
	return all
}

// barred are the modules that the vetter refuses in a script. Whom the others
// are asked to meet, only the walls can tell.
var barred = regexp.MustCompile(`nuclei/fs|child_process`)

func javascript(code string) string {
	return "javascript:\n  - code: |\n      " + code + "\n    args:\n      Host: \"{{Host}}\"\n      Port: \"22\"\n" + attackMatch
}

// scriptAttacks go for one address by each module that can.
func scriptAttacks(host, port string) map[string]string {
	at := "'" + host + "', " + port
	return map[string]string{
		"net":           "const c = require('nuclei/net').Open('tcp', '" + host + ":" + port + "'); c.Send('GET / HTTP/1.0\\r\\n\\r\\n'); Export(c.RecvString(100))",
		"net-tls":       "const c = require('nuclei/net').OpenTLS('tcp', '" + host + ":" + port + "'); Export(c.RecvString(100))",
		"net-udp":       "const c = require('nuclei/net').Open('udp', '" + host + ":" + port + "'); c.Send('x'); Export(c.RecvString(100))",
		"port":          "Export(isPortOpen('" + host + "', '" + port + "'))",
		"port-udp":      "Export(isUDPPortOpen('" + host + "', '" + port + "'))",
		"ssh":           "const ssh = require('nuclei/ssh'); const c = new ssh.SSHClient(); c.ConnectSSHInfoMode(" + at + ")",
		"ssh-login":     "const ssh = require('nuclei/ssh'); const c = new ssh.SSHClient(); c.Connect(" + at + ", 'a', 'b')",
		"ldap":          "const ldap = require('nuclei/ldap'); const c = new ldap.Client('ldap://" + host + ":" + port + "', 'x.local')",
		"smb":           "const smb = require('nuclei/smb'); const c = new smb.SMBClient(); c.ConnectSMBInfoMode(" + at + ")",
		"smb-shares":    "const smb = require('nuclei/smb'); const c = new smb.SMBClient(); c.ListShares(" + at + ", 'a', 'b')",
		"mysql":         "const m = require('nuclei/mysql'); const c = new m.MySQLClient(); c.Connect(" + at + ", 'root', '')",
		"mysql-dsn":     "const m = require('nuclei/mysql'); const c = new m.MySQLClient(); c.ExecuteQueryWithOpts({Host: '" + host + "', Port: " + port + ", Username: 'root', Protocol: 'tcp'}, 'select 1')",
		"pg":            "const m = require('nuclei/postgres'); const c = new m.PGClient(); c.ConnectWithDB(" + at + ", 'root', '', 'x')",
		"pg-query":      "const m = require('nuclei/postgres'); const c = new m.PGClient(); c.ExecuteQuery(" + at + ", 'root', '', 'x', 'select 1')",
		"mssql":         "const m = require('nuclei/mssql'); const c = new m.MSSQLClient(); c.Connect(" + at + ", 'root', 'x')",
		"redis":         "require('nuclei/redis').GetServerInfo(" + at + ")",
		"redis-lua":     "require('nuclei/redis').RunLuaScript(" + at + ", 'x', 'return 1')",
		"kerberos":      "const m = require('nuclei/kerberos'); const c = new m.Client('x.local', '" + host + ":" + port + "'); c.EnumerateUser('a')",
		"kerberos-name": "const m = require('nuclei/kerberos'); const c = new m.Client('stranger.example'); c.EnumerateUser('a')",
		"vnc":           "require('nuclei/vnc').IsVNC(" + at + ")",
		"rdp":           "require('nuclei/rdp').IsRDP(" + at + ")",
		"telnet":        "require('nuclei/telnet').IsTelnet(" + at + ")",
		"smtp":          "const m = require('nuclei/smtp'); const c = new m.Client('" + host + "', '" + port + "'); c.IsSMTP()",
		"pop3":          "require('nuclei/pop3').IsPOP3(" + at + ")",
		"rsync":         "require('nuclei/rsync').IsRsync(" + at + ")",
		"oracle":        "require('nuclei/oracle').IsOracle(" + at + ")",
		"ikev2":         "const m = require('nuclei/ikev2'); const c = new m.IKEMessage(); Export(c)",
		"fs":            "Export(require('nuclei/fs').ReadFileAsString('" + os.Getenv("HOME") + "/trap.txt'))",
		"fs-passwd":     "const c = require('nuclei/net').Open('tcp', Host+':'+Port); c.Send(require('nuclei/fs').ReadFileAsString('" + os.Getenv("HOME") + "/trap.txt')); Export('x')",
		"fs-list":       "Export(require('nuclei/fs').ListDir('/', ''))",
		"process":       "Export(typeof process + typeof require('child_process'))",
	}
}

// own are scripts that talk to the target as they should, by modules whose
// servers may ask for more: a file, or another server.
var own = map[string]struct {
	port int
	code string
}{
	"mysql":  {3306, "const m = require('nuclei/mysql'); const c = new m.MySQLClient(); Export(c.ExecuteQuery(Host, parseInt(Port), 'root', '', 'select 1'))"},
	"mssql":  {1433, "const m = require('nuclei/mssql'); const c = new m.MSSQLClient(); Export(c.Connect(Host, parseInt(Port), 'sa', 'x'))"},
	"redis":  {6379, "Export(require('nuclei/redis').GetServerInfo(Host, parseInt(Port)))"},
	"ldap":   {389, "const ldap = require('nuclei/ldap'); const c = new ldap.Client('ldap://'+Host+':'+Port, 'x.local'); Export(c.CollectMetadata())"},
	"ftp":    {21, "const c = require('nuclei/net').Open('tcp', Host+':'+Port); c.Send('PASV\\r\\n'); Export(c.RecvString(200))"},
	"oracle": {1521, "Export(require('nuclei/oracle').IsOracle(Host, parseInt(Port)))"},
	"smb":    {445, "const smb = require('nuclei/smb'); const c = new smb.SMBClient(); Export(c.ConnectSMBInfoMode(Host, parseInt(Port)))"},
	"rdp":    {3389, "Export(require('nuclei/rdp').IsRDP(Host, parseInt(Port)))"},
	"smtp":   {25, "const m = require('nuclei/smtp'); const c = new m.Client(Host, Port); Export(c.IsSMTP())"},
}

// overDNS are attacks that are tried on a domain.
func overDNS() (all []attack) {
	name := func(name, more string) string {
		return "dns:\n  - name: \"" + name + "\"\n    type: A\n" + more + attackMatch
	}
	all = append(all, []attack{
		{"dns-plain", "dns", name("{{FQDN}}", ""), true},
		{"dns-recursion", "dns", name("{{FQDN}}", "    recursion: true\n    retries: 3\n"), true},
		{"dns-resolvers", "dns", name("{{FQDN}}", "    resolvers: [\""+strangerHost+":53\"]\n"), false},
		{"dns-resolvers-far", "dns", name("{{FQDN}}", "    resolvers: [\"8.8.8.8:53\", \"tcp:"+farStranger+":53\", \"doh:"+farStranger+"\", \"dot:"+farStranger+":853\"]\n"), false},
		{"dns-trace", "dns", name("{{FQDN}}", "    trace: true\n    trace-max-recursion: 10\n"), false},
		{"dns-other", "dns", name("stranger.example", ""), false},
		{"dns-glued", "dns", name("stranger{{FQDN}}", ""), false},
		{"dns-beside", "dns", name("stranger.{{TLD}}", ""), false},
		{"dns-env", "dns", name("{{SANSANG_PASSWORD}}.{{FQDN}}", ""), true},
	}...)
	return all
}

// The vetter refuses what goes elsewhere, before any of the walls is needed,
// and says where it says so.
func TestAttacksAreRefused(t *testing.T) {
	refused, passed := 0, 0
	for _, a := range slices.Concat(overHTTP(), overOthers(), overDNS()) {
		tpl, r := templates.Read(a.name+".yaml", a.text())
		switch {
		case (tpl != nil) != a.passes:
			t.Errorf("%s passes: %v, %+v", a.name, tpl != nil, r)
		case r != nil && (r.Line == 0 || r.File != a.name+".yaml" || !r.What.Whole() || !r.Instead.Whole()):
			t.Errorf("%s is refused without a place or a word: %+v", a.name, r)
		case r != nil:
			refused++
			t.Logf("%s:%d: %s", r.File, r.Line, r.What.En)
		default:
			passed++
		}
	}
	t.Logf("%d refused, %d passed", refused, passed)
}
