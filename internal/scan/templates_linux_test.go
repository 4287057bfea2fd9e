package scan

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/templates"
	"github.com/sansang/sansang/internal/worker"
)

const loneMark = "SANSANG_SCAN_APART"

// onLoopback runs the test once more in a network namespace that has only a
// loopback, and tells whether this is that run.
func onLoopback(t *testing.T) bool {
	t.Helper()
	if os.Getenv(loneMark) != "" {
		if err := raiseLoopback(); err != nil {
			t.Fatal(err)
		}
		return true
	}
	for _, flags := range []uintptr{syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET, syscall.CLONE_NEWNET} {
		c := exec.Command("/proc/self/exe", "-test.run", "^"+t.Name()+"$", "-test.v", "-test.timeout", "9m")
		c.Env = append(os.Environ(), loneMark+"=1")
		c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags, Pdeathsig: syscall.SIGKILL}
		if flags&syscall.CLONE_NEWUSER != 0 {
			c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
			c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
		}
		said, err := c.CombinedOutput()
		if c.ProcessState == nil {
			continue // not started: this kind cannot be had
		}
		if t.Logf("%s", said); err != nil {
			t.Error(err)
		}
		return false
	}
	t.Skip("no network namespace can be had for this test")
	return false
}

func raiseLoopback() error {
	s, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer func() { _ = syscall.Close(s) }()
	req := struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP}
	copy(req.name[:], "lo")
	if _, _, no := syscall.Syscall(syscall.SYS_IOCTL, uintptr(s), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&req))); no != 0 {
		return no
	}
	return nil
}

// place is an endpoint of the field, and what each answer of it may be.
type place struct {
	serve  func(net.Conn) // nil: nobody listens
	causes []fact.Cause   // that an Unknown may have; none: nothing is to be Unknown
	finds  bool           // whether what is there is found
	never  bool           // whether each answer is to be Unknown
}

const mostTemplates = 30

// generated are templates of several kinds; found tells of number i whether it
// finds something where something is to be found.
func generated(t *testing.T) (all []*templates.Template) {
	t.Helper()
	for i := range mostTemplates {
		ask := fmt.Sprintf("  - method: GET\n    path: [\"{{BaseURL}}/p/%d\"]\n", i)
		switch i % 5 {
		case 1:
			ask = fmt.Sprintf("  - method: GET\n    path: [\"{{BaseURL}}/q/%d\", \"{{BaseURL}}/p/%d\"]\n", i, i)
		case 2:
			ask = fmt.Sprintf("  - raw:\n      - |\n        GET /p/%d HTTP/1.1\n        Host: {{Hostname}}\n\n", i)
		case 3:
			ask = fmt.Sprintf("  - method: GET\n    path: [\"{{BaseURL}}/p/{{num}}\"]\n    payloads: {num: [\"%d\", \"%d0\"]}\n", i, i)
		case 4:
			ask = fmt.Sprintf("  - method: POST\n    body: x=1\n    path: [\"{{BaseURL}}/p/%d\"]\n", i)
		}
		text := fmt.Sprintf("id: gen-%02d\ninfo: {name: Generated %d, author: test, severity: high}\nhttp:\n%s    matchers-condition: and\n    matchers:\n      - {type: status, status: [200]}\n      - {type: word, part: body, words: [\"mark-%d;\"]}\n", i, i, ask, i)
		read, refused := templates.Read(fmt.Sprintf("gen-%02d.yaml", i), []byte(text))
		if refused != nil {
			t.Fatal(refused)
		}
		all = append(all, read)
	}
	return all
}

func finds(i int) bool { return i%7 == 0 }

func page(status int, body string, head ...string) string {
	return fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n%s\r\n%s", status, http.StatusText(status), len(body), strings.Join(append(head, ""), "\r\n"), body)
}

// speaks answers requests over HTTP.
func speaks(answer func(*http.Request) string) func(net.Conn) {
	return func(c net.Conn) {
		for in := bufio.NewReader(c); ; {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
			if _, err := io.WriteString(c, answer(r)); err != nil {
				return
			}
		}
	}
}

const none = "<html><head><title>404</title></head><body><h1>No such page</h1></body></html>"

func site(r *http.Request) string {
	if r.URL.Path == "/" {
		return page(200, "<html><head><title>Front</title></head><body><p>Front</p></body></html>")
	}
	var i int
	if n, _ := fmt.Sscanf(r.URL.Path, "/p/%d", &i); n == 1 && finds(i) {
		return page(200, fmt.Sprintf("mark-%d;", i))
	}
	return page(404, none)
}

// turning is the site without finds, until it was asked for some templates'
// paths; from then on everything is answered with one page.
func turning(answer string) func(net.Conn) {
	var asked atomic.Int32
	return speaks(func(r *http.Request) string {
		of := strings.HasPrefix(r.URL.Path, "/p/") || strings.HasPrefix(r.URL.Path, "/q/")
		if of {
			asked.Add(1)
		}
		if asked.Load() > 10 {
			return answer
		}
		if of {
			return page(404, none)
		}
		return site(r)
	})
}

// dying is the site until it was asked for some templates' paths; from then on
// it says nothing.
func dying() func(net.Conn) {
	var asked atomic.Int32
	return func(c net.Conn) {
		for in := bufio.NewReader(c); ; {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
			if strings.HasPrefix(r.URL.Path, "/p/") && asked.Add(1) > 10 || asked.Load() > 10 {
				_, _ = io.Copy(io.Discard, c)
				return
			}
			_, _ = io.WriteString(c, site(r))
		}
	}
}

func always(answer string) func(net.Conn) {
	return speaks(func(*http.Request) string { return answer })
}

func fieldOfTemplates() map[string]place {
	challenge := "<html><head><title>Just a moment</title></head><body><div>Checking your browser</div></body></html>"
	return map[string]place{
		"site":      {serve: speaks(site), finds: true},
		"slow":      {serve: speaks(func(r *http.Request) string { time.Sleep(200 * time.Millisecond); return site(r) }), finds: true},
		"closed":    {never: true, causes: []fact.Cause{fact.Unreachable}},
		"mute":      {serve: func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, never: true, causes: []fact.Cause{fact.Timeout}},
		"resets":    {serve: func(c net.Conn) { _, _ = c.Read(make([]byte, 1)); _ = c.(*net.TCPConn).SetLinger(0) }, never: true, causes: []fact.Cause{fact.Reset}},
		"hangs up":  {serve: func(c net.Conn) { _, _ = http.ReadRequest(bufio.NewReader(c)) }, never: true, causes: []fact.Cause{fact.Reset}},
		"403":       {serve: always(page(403, "no")), never: true, causes: []fact.Cause{fact.Blocked}},
		"429":       {serve: always(page(429, "slow down")), never: true, causes: []fact.Cause{fact.Blocked}},
		"503":       {serve: always(page(503, "busy")), never: true, causes: []fact.Cause{fact.Blocked, fact.Unanswered}},
		"challenge": {serve: always(page(200, challenge)), never: true, causes: []fact.Cause{fact.Blocked}},
		"elsewhere": {serve: always(page(302, "", "Location: http://guard.example/")), never: true, causes: []fact.Cause{fact.Blocked, fact.Unreachable}},
		"goes mute": {serve: dying(), finds: true, causes: []fact.Cause{fact.Timeout}},
		"turns 403": {serve: turning(page(403, "no")), causes: []fact.Cause{fact.Blocked}},
		"turns 200": {serve: turning(page(200, challenge)), causes: []fact.Cause{fact.Blocked}},
		"turns 302": {serve: turning(page(302, "", "Location: /blocked")), causes: []fact.Cause{fact.Blocked}},
		"plain to TLS": {serve: func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1))
			_, _ = io.WriteString(c, page(400, "<html><body>The plain HTTP request was sent to HTTPS port</body></html>", "Connection: close"))
		}, never: true, causes: []fact.Cause{fact.Blocked, fact.Unanswered}},
		"no POST": {serve: speaks(func(r *http.Request) string {
			if r.Method == http.MethodPost {
				return page(403, "no")
			}
			return site(r)
		}), finds: true, causes: []fact.Cause{fact.Blocked}},
	}
}

// TestTemplatesOverAField runs a scan with the real worker over endpoints of
// many moods: each pair has one observation, nothing is found that is not there,
// and nothing is absent without the 404 that says so.
func TestTemplatesOverAField(t *testing.T) {
	program := os.Getenv("SANSANG_NUCLEI")
	if program == "" {
		t.Skip("set SANSANG_NUCLEI to a built sansang-nuclei (make test does)")
	}
	if !onLoopback(t) {
		return
	}
	field := fieldOfTemplates()
	u := inventory.Unit{Systems: []inventory.System{{ID: "s", Level: 3}}}
	for name, p := range field {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		u.Endpoints = append(u.Endpoints, inventory.Endpoint{ID: name, System: "s", Target: "http://" + l.Addr().String(), Kind: inventory.HTTP, Zone: inventory.Internal})
		if p.serve == nil {
			_ = l.Close()
			continue
		}
		t.Cleanup(func() { _ = l.Close() })
		go each(l, func(c net.Conn) { defer func() { _ = c.Close() }(); p.serve(c) })
	}
	var own []*checks.Check
	for _, x := range generated(t) {
		own = append(own, checks.FromTemplate("template:"+x.ID, x))
	}
	own = append(own, checks.NewSet("templates.given", own, nil))
	scope, err := NewScope(u)
	if err != nil {
		t.Fatal(err)
	}
	const patience = 2 * time.Second
	guard := NewGuard(scope, NewThrottle(Rates{}), patience, time.Now)
	pool := worker.New(worker.Options{Path: program, Version: "dev", Timeout: patience, Memory: 900 << 20, Log: zerolog.Nop()})
	defer pool.Close()
	seen := map[string]map[string]fact.Observation{}
	s := &Scan{Tasks: Plan(u, []string{"templates.given"}, own...), Dial: guard.Dial, Engine: guard.Engine(pool), Workers: len(field), Parallel: 6, Timeout: patience,
		Endpoint: 5 * time.Minute, Pause: 100 * time.Millisecond, Now: time.Now, Log: zerolog.Nop(), Happened: func(e Event) error {
			if e.What == "looked-at" && e.Made > mostTemplates && e.Endpoint != "goes mute" { // which is tried one by one
				t.Errorf("%s took %d connections", e.Endpoint, e.Made)
			}
			return nil
		},
		Observed: func(o fact.Observation) error {
			if seen[o.Endpoint] == nil {
				seen[o.Endpoint] = map[string]fact.Observation{}
			}
			if _, twice := seen[o.Endpoint][o.Check]; twice {
				t.Errorf("%s on %s twice", o.Check, o.Endpoint)
			}
			seen[o.Endpoint][o.Check] = o
			return nil
		}}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, p := range field {
		t.Run(name, func(t *testing.T) { holdPlace(t, p, seen[name]) })
	}
}

func holdPlace(t *testing.T, p place, seen map[string]fact.Observation) {
	count := map[string]int{}
	for i := range mostTemplates {
		id := fmt.Sprintf("template:gen-%02d", i)
		o, is := seen[id]
		if !is {
			t.Fatalf("%s has no observation", id)
		}
		if err := o.Validate(); err != nil {
			t.Error(err)
		}
		if o.Unknown != nil {
			count[string(o.Unknown.Cause)+": "+o.Unknown.Detail]++
			if !holds(p.causes, o.Unknown.Cause) {
				t.Errorf("%s: %v", id, o.Unknown)
			}
			continue
		}
		var m checks.Match
		if err := json.Unmarshal(o.Value, &m); err != nil {
			t.Fatal(err)
		}
		count[fmt.Sprint("found ", m.Found)]++
		switch {
		case p.never:
			t.Errorf("%s is known: %+v", id, m)
		case m.Found != (p.finds && finds(i)):
			t.Errorf("%s: found %v", id, m.Found)
		case !m.Found && !strings.HasPrefix(m.Response, "HTTP/1.1 404"):
			t.Errorf("%s is absent by %q", id, m.Response)
		case m.Found && !strings.Contains(m.Response, fmt.Sprintf("mark-%d;", i)):
			t.Errorf("%s is found by %q", id, m.Response)
		}
	}
	t.Log(count)
	var set checks.Findings
	o := seen["templates.given"]
	if o.Unknown == nil {
		if err := json.Unmarshal(o.Value, &set); err != nil {
			t.Fatal(err)
		}
	}
	if list, u := set.Found.Get(); o.Unknown == nil && u == nil && len(list) == 0 {
		t.Error("the set says that nothing was found")
	}
}

func holds(causes []fact.Cause, c fact.Cause) bool {
	for _, x := range causes {
		if x == c {
			return true
		}
	}
	return false
}
