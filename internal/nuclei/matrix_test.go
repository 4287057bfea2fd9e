package nuclei

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/jobs"
)

var overOthers = map[string]string{
	"tcp": `
tcp:
  - host: ["{{Hostname}}"]
    inputs: [{data: "info\r\n\r\n"}]
    read-size: 2048
    matchers: [{type: word, words: ["redis_version"]}]
`,
	"banner": `
tcp:
  - host: ["{{Hostname}}"]
    read-size: 256
    matchers: [{type: regex, regex: ["redis_version:[0-9]"]}]
`,
	"ssl": `
ssl:
  - address: "{{Host}}:{{Port}}"
    matchers: [{type: dsl, dsl: ["expired == true"]}]
`,
	"enum": `
ssl:
  - address: "{{Host}}:{{Port}}"
    tls_version_enum: true
    matchers: [{type: dsl, dsl: ["contains(to_string(version_enum), 'tls10')"]}]
`,
	"js": `
javascript:
  - code: |
      const c = require('nuclei/net').Open('tcp', Host + ':' + Port);
      c.Send('PING\r\n\r\n');
      Export(c.RecvString(64))
    args: {Host: "{{Host}}", Port: "6379"}
    matchers: [{type: word, words: [redis_version]}]
`,
	"caught": `
javascript:
  - code: |
      let r = "";
      try {
        const c = require('nuclei/net').Open('tcp', Host + ':' + Port);
        c.SetTimeout(2);
        c.Send('PING\r\n\r\n');
        r = c.RecvString(64);
      } catch (e) {}
      Export(r);
    args: {Host: "{{Host}}", Port: "6379"}
    matchers: [{type: word, words: [redis_version]}]
`,
	"gated": `
javascript:
  - pre-condition: isPortOpen(Host, Port);
    code: |
      const c = require('nuclei/net').Open('tcp', Host + ':' + Port);
      c.Send('PING\r\n\r\n');
      Export(c.RecvString(64))
    args: {Host: "{{Host}}", Port: "6379"}
    matchers: [{type: word, words: [redis_version]}]
`,
}

const matrixOthers = `
             tcp          banner       ssl          enum         js           gated        caught
hit          found        found        unanswered   unanswered   found        found        found
in-pieces    found        found        unanswered   unanswered   -            -            -
miss         not          not          unanswered   unanswered   not          not          not
expired      -            -            found        not          -            -            -
fine         -            -            not          not          -            -            -
old          -            -            not          found        -            -            -
refused      unreachable  unreachable  unreachable  unreachable  unreachable  unreachable  unreachable
mute         timeout      timeout      timeout      timeout      timeout      timeout      timeout
reset        reset        reset        reset        reset        reset        reset        reset
outside      out-of-scope out-of-scope out-of-scope out-of-scope out-of-scope out-of-scope out-of-scope
`

func TestMatrixOthers(t *testing.T) {
	before := holdings()
	year := 365 * 24 * time.Hour
	check(t, matrixOthers, overOthers, func(t *testing.T) map[string]jobs.Target {
		greets := func(parts ...string) string {
			return tcp(t, func(c net.Conn) {
				defer func() { _ = c.Close() }()
				for _, p := range parts {
					_, _ = io.WriteString(c, p)
					time.Sleep(50 * time.Millisecond)
				}
				_ = c.SetReadDeadline(time.Now().Add(time.Second))
				_, _ = io.Copy(io.Discard, c)
			})
		}
		over := func(until time.Duration, least, most uint16) string {
			return webTLS(t, app("x"), &tls.Config{Certificates: []tls.Certificate{certificate(t, time.Now().Add(until))}, MinVersion: least, MaxVersion: most})[8:]
		}
		out := map[string]jobs.Target{}
		for name, s := range map[string]string{
			"hit": greets("redis_version:1"), "in-pieces": greets("redis_", "version:", "1"), "miss": greets("SSH-2.0-x\r\n"),
			"expired": over(-year, tls.VersionTLS12, tls.VersionTLS13), "fine": over(year, tls.VersionTLS12, tls.VersionTLS13),
			"old": over(year, tls.VersionTLS10, tls.VersionTLS12), "refused": closedPort(t), "mute": tcp(t, mute), "reset": tcp(t, abort),
			"outside": "127.0.0.2:18080",
		} {
			out[name] = at(t, s)
		}
		return out
	})
	nothingIsHeld(t, before)
}

const matrixDNS = `
           txt
hit        found
miss       not
nothing    not
failing    unanswered
half       unanswered
mute       timeout
address    unanswered
`

func TestMatrixDNS(t *testing.T) {
	zone(t)
	check(t, matrixDNS, map[string]string{"txt": `
dns:
  - name: "{{FQDN}}"
    type: TXT
    matchers: [{type: word, words: ["v=spf1 +all"]}]
`}, func(*testing.T) map[string]jobs.Target {
		return map[string]jobs.Target{
			"hit": {Host: "host.lab"}, "miss": {Host: "plain.lab"}, "nothing": {Host: "none.lab"},
			"failing": {Host: "fail.lab"}, "half": {Host: "half.lab"}, "mute": {Host: "mute.lab"}, "address": {Host: "127.0.0.1"},
		}
	})
}

// atOnce bounds the cells that run side by side, so that a busy machine does
// not make a timeout of what is only big.
const atOnce = 32

// check runs each template of a matrix on each server, an engine for each
// server as in use, and holds the answers against the table.
func check(t *testing.T, matrix string, templates map[string]string, servers func(*testing.T) map[string]jobs.Target) {
	t.Run("cells", func(t *testing.T) {
		targets := servers(t)
		lines := strings.Split(strings.TrimSpace(matrix), "\n")
		keys := strings.Fields(lines[0])
		var all sync.WaitGroup
		turns := make(chan struct{}, atOnce)
		for _, line := range lines[1:] {
			cells := strings.Fields(line)
			target, ok := targets[cells[0]]
			if !ok {
				t.Fatalf("there is no server %s", cells[0])
			}
			e := engine(t, Config{})
			for i, want := range cells[1:] {
				if want == "-" {
					continue
				}
				load(t, e, keys[i], templates[keys[i]])
				turns <- struct{}{}
				all.Go(func() {
					defer func() { <-turns }()
					a := e.Run(context.Background(), target, keys[i])
					if got := verdict(a); !slices.Contains(strings.Split(want, "/"), got) {
						t.Errorf("%s of %s: %s, want %s\n  %s", keys[i], cells[0], got, want, show(a))
					}
					if !a.Found && a.Cause == "" && (a.Answers == 0 || len(a.Request) == 0 || len(a.Response) == 0) {
						t.Errorf("%s of %s: not found, without the exchange that shows it\n  %s", keys[i], cells[0], show(a))
					}
				})
			}
		}
		all.Wait()
	})
}

func verdict(a jobs.Answer) string {
	switch {
	case a.Found && a.Cause == "":
		return "found"
	case a.Found:
		return "found and " + a.Cause
	case a.Cause == "":
		return "not"
	}
	return a.Cause
}

// holdings counts what this process holds: goroutines and files.
func holdings() [2]int {
	files, _ := os.ReadDir("/proc/self/fd")
	return [2]int{runtime.NumGoroutine(), len(files)}
}

// nothingIsHeld waits for the engines to have let go of everything.
func nothingIsHeld(t *testing.T, before [2]int) {
	t.Helper()
	var now [2]int
	for range 100 {
		runtime.GC() // what fastdialer forgets over TLS is closed with it
		if now = holdings(); now[0] <= before[0] && now[1] <= before[1] {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	stacks := make([]byte, 1<<20)
	t.Errorf("goroutines and files were %d, and are %d after all is closed\n%s", before, now, stacks[:runtime.Stack(stacks, true)])
}
