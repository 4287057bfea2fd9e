package worker

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/templates"
)

// hostile are templates that go for another address, and those that a server
// may send there.
func hostile(other string) map[string]*templates.Template {
	host, port, _ := net.SplitHostPort(other)
	all := map[string]*templates.Template{}
	for name, body := range map[string]string{
		"plain":    `http: [{method: GET, path: ["{{BaseURL}}/x"], matchers: [{type: word, words: [needle]}]}]`,
		"follows":  `http: [{method: GET, path: ["{{BaseURL}}/x"], redirects: true, max-redirects: 3, matchers: [{type: word, words: [needle]}]}]`,
		"stays":    `http: [{method: GET, path: ["{{BaseURL}}/x"], host-redirects: true, max-redirects: 3, matchers: [{type: word, words: [needle]}]}]`,
		"absolute": `http: [{method: GET, path: ["http://` + other + `/"], matchers: [{type: word, words: [needle]}]}]`,
		"raw":      "http:\n  - raw: [\"@Host: http://" + other + "\\nGET / HTTP/1.1\\nHost: x\\n\\n\"]\n    matchers: [{type: word, words: [needle]}]",
		"unsafe":   "http:\n  - unsafe: true\n    raw: [\"@Host: http://" + other + "\\nGET / HTTP/1.1\\nHost: x\\n\\n\"]\n    matchers: [{type: word, words: [needle]}]",
		"pipeline": "http:\n  - pipeline: true\n    raw: [\"GET / HTTP/1.1\\nHost: " + other + "\\n\\n\"]\n    matchers: [{type: word, words: [needle]}]",
		"tcp":      `tcp: [{host: ["` + other + `"], inputs: [{data: "x"}], matchers: [{type: word, words: [needle]}]}]`,
		"ssl":      `ssl: [{address: "` + other + `", matchers: [{type: dsl, dsl: ["true"]}]}]`,
		"net":      script(`Export(require('nuclei/net').Open('tcp', '` + other + `').RecvString(64))`),
		"redis":    script(`Export(require('nuclei/redis').GetServerInfo('` + host + `', ` + port + `))`),
		"ssh":      script(`Export(require('nuclei/ssh').SSHClient().ConnectSSHInfoMode('` + host + `', ` + port + `))`),
		"mysql":    script(`const m = require('nuclei/mysql'); const c = new m.MySQLClient(); Export(c.ExecuteQuery('` + host + `', ` + port + `, 'root', '', 'select 1'))`),
		"pg":       script(`const m = require('nuclei/postgres'); const c = new m.PGClient(); Export(c.ExecuteQuery('` + host + `', ` + port + `, 'root', '', 'postgres', 'select 1'))`),
	} {
		protocol, _, _ := strings.Cut(body, ":")
		all[name] = text("far-"+name, body, protocol)
	}
	return all
}

// A hostile server or template does not lead the scanner anywhere.
func TestRealNothingElseIsMet(t *testing.T) {
	for _, walled := range []bool{true, false} {
		t.Run(fmt.Sprintf("walled %v", walled), func(t *testing.T) {
			if !walled {
				unwall(t)
			}
			p := engine(t)
			var met atomic.Int32
			other := peer(t, "127.0.0.2:0", func(c net.Conn) { met.Add(1); fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nneedle") }).String()
			for as, answer := range map[string]string{
				"redirect": "HTTP/1.1 302 Found\r\nLocation: http://%s/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
				"garbage":  "garbage http://%s/\r\n\r\n",
				"HTTP/2":   "HTTP/2.0 302 Found\r\nLocation: http://%s/\r\n\r\n",
				"upgrade":  "HTTP/1.1 101 Switching\r\nLocation: http://%s/\r\n\r\nPRI * HTTP/2.0",
			} {
				at := peer(t, "127.0.0.1:0", func(c net.Conn) {
					if request(c) {
						fmt.Fprintf(c, answer, other)
					}
				})
				s := p.Open(to(t, "http", at), direct)
				for name, tpl := range hostile(other) {
					a, err := s.Run(t.Context(), tpl)
					if a.Found || met.Load() > 0 {
						t.Fatalf("%s, %s: %+v, %v; met %d times", as, name, a, err, met.Load())
					}
					t.Logf("%s, %s: %v", as, name, err)
				}
				s.Close()
			}
			if name, _ := p.Wall(); (name != "") != walled {
				t.Errorf("the wall is %q", name)
			}
		})
	}
}

// unwall takes the walls away for one test.
func unwall(t testing.TB) {
	was := walls
	walls = nil
	t.Cleanup(func() { walls = was })
}

// While the guard gives no connection, not one packet is sent by anybody.
func TestRealNoPacket(t *testing.T) {
	p := engine(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := p.Open(to(t, "http", l.Addr()), Hooks{Dial: func(context.Context, string) (net.Conn, error) {
		return nil, fact.Because(fact.OutOfScope, "no")
	}})
	before := packets(t)
	for _, other := range []string{"127.0.0.2:80", "192.0.2.1:80", l.Addr().String()} {
		for name, tpl := range hostile(other) {
			if a, err := s.Run(t.Context(), tpl); err == nil {
				t.Errorf("%s: %+v", name, a)
			}
		}
	}
	if now := packets(t); now != before {
		t.Errorf("%d packets", now-before)
	}
	if c, err := net.Dial("tcp", l.Addr().String()); err != nil || packets(t) == before {
		t.Error("packets are not counted", err)
	} else {
		c.Close()
	}
}

// packets counts those of this network namespace.
func packets(t *testing.T) (n int) {
	t.Helper()
	b, err := os.ReadFile("/proc/net/dev")
	if err != nil {
		t.Skip(err)
	}
	for _, line := range strings.Split(string(b), "\n") {
		if _, counts, ok := strings.Cut(line, ":"); ok {
			sent, _ := strconv.Atoi(strings.Fields(counts)[9])
			n += sent
		}
	}
	return n
}
