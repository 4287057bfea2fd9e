//go:build amd64

package scan

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/jobs"
	"github.com/sansang/sansang/internal/worker"
)

// Nothing leaves the scope and nothing runs, whatever a template or a server
// tries, though nobody vetted the templates: behind the wall, and, of what is
// tried here, without it.
func TestNothingLeavesTheScope(t *testing.T) {
	t.Run("walled", func(t *testing.T) { leaves(t, true) })
	t.Run("unwalled", func(t *testing.T) { leaves(t, false) })
}

// leaves runs the attacks where they can be seen from outside.
func leaves(t *testing.T, walled bool) {
	path := needWorker(t)
	if os.Getenv(apartMark) != "" {
		attackAll(t, walled)
		return
	}
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	t.Parallel()
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	here, there := os.NewFile(uintptr(pair[0]), "here"), os.NewFile(uintptr(pair[1]), "there")
	defer here.Close()
	cmd := apart(t)
	cmd.Dir = t.TempDir()
	cmd.ExtraFiles = []*os.File{there}
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Skip("no namespaces can be had here: ", err)
	}
	_ = there.Close()
	d := new(deeds)
	watched := make(chan error, 1)
	go func() { watched <- d.watch(here) }()
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, said.String())
	}
	if strings.Contains(said.String(), "--- SKIP") {
		t.Skip(said.String())
	}
	t.Log(said.String())
	if err := <-watched; err != nil {
		t.Fatal("the worker was not watched: ", err)
	}
	real, _ := filepath.EvalSymlinks(path)
	for _, x := range d.of(real, "/"+jobs.FolderPrefix) {
		t.Errorf("the worker did %s %s", x.call, x.path)
	}
	for program, n := range d.runs() {
		if program != path {
			t.Errorf("%s was run %d times", program, n)
		}
	}
	t.Logf("%d system calls that run programs or change files were looked at; programs run: %v", len(d.done), d.runs())
}

// attackAll runs every attack on every server, in the namespaces.
func attackAll(t *testing.T, walled bool) {
	home, tmp := settle(t)
	if !walled {
		forbidNetworks(t)
	}
	packets := listenIn(t)
	serveStranger(t)
	serveHostile(t, firstTarget)
	serveHostile(t, secondTarget)
	resolver, names := serveNames(t)
	proveSight(t, packets)
	path := needWorker(t)
	version := versionOf(t, path)
	beWatched(t, os.NewFile(3, "there"))

	unit := authorised([]string{"web.unit.example", "www.unit.example", "unit.example"}, firstTarget+"/32", secondTarget+"/32")
	declared := map[string]bool{"tcp " + resolver.String(): true, "udp " + resolver.String(): true}
	endpoint := func(scheme, host string, port int) inventory.Endpoint {
		e := inventory.Endpoint{ID: fmt.Sprint(host, port), Target: fmt.Sprintf("%s:%d", host, port), Kind: inventory.TCP}
		if scheme != "" {
			e.Target, e.Kind = scheme+"://"+e.Target+"/", inventory.Kind(scheme)
		}
		if strings.HasSuffix(host, ".unit.example") {
			host = firstTarget
		}
		declared[fmt.Sprintf("tcp %s:%d", host, port)] = true
		unit.Endpoints = append(unit.Endpoints, e)
		return e
	}
	plan := map[string][]inventory.Endpoint{}
	for port := range leads {
		plan["http"] = append(plan["http"], endpoint("http", firstTarget, port))
	}
	plan["http"] = append(plan["http"], endpoint("http", secondTarget, fine), endpoint("https", secondTarget, fineTLS), endpoint("http", "web.unit.example", 8001), endpoint("http", "www.unit.example", 8001))
	plan["other"] = []inventory.Endpoint{endpoint("http", firstTarget, fine), endpoint("", firstTarget, 6379), endpoint("", firstTarget, fineTLS)}
	plan["dns"] = []inventory.Endpoint{{ID: "domain", Target: "unit.example", Kind: inventory.Domain}}
	scripts := map[string]inventory.Endpoint{}
	for name, s := range own {
		scripts[name] = endpoint("", secondTarget, s.port)
	}
	scope, err := NewScope(unit)
	if err != nil {
		t.Fatal(err)
	}
	guard := NewGuard(scope, NewThrottle(Rates{}), time.Second, func() time.Time { return noon })
	guard.UseResolver(resolver)
	pool := worker.New(worker.Options{Path: path, Version: version, Timeout: time.Second, Log: zerolog.Nop(), Agent: "sansang-test"})
	defer pool.Close()
	if err := pool.Start(); err != nil {
		t.Fatal(err)
	}
	if wall, why := pool.Wall(); (wall != "") != walled {
		t.Fatalf("the wall is %q: %s", wall, why)
	}
	for _, at := range knowsNothing(t, path) {
		declared[at] = true
	}

	open := guard.Engine(pool)
	total := 0
	run := func(a attack, places []inventory.Endpoint) {
		var wg sync.WaitGroup
		turn := make(chan struct{}, 10)
		for _, e := range places {
			total++
			turn <- struct{}{}
			wg.Go(func() {
				defer func() { <-turn }()
				session := open(e, guard.Dial)
				defer session.Close()
				ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
				defer cancel()
				answer, _ := session.Run(ctx, a.bare())
				if answer.Found {
					t.Errorf("%s on %s found %s: %q", a.name, e.Target, answer.At, answer.Response)
				}
			})
		}
		wg.Wait()
		flows, secrets := packets.take()
		if secrets > 0 {
			t.Errorf("%s: %d packets hold a secret", a.name, secrets)
		}
		for to, n := range strays(flows, declared) {
			t.Errorf("%s: %d packets to or from %s", a.name, n, to)
		}
		names.Range(func(name, _ any) bool {
			if names.Delete(name); !strings.HasSuffix("."+name.(string), ".unit.example.") {
				t.Errorf("%s: the resolver is asked for %s", a.name, name)
			}
			return true
		})
		if files, err := os.ReadDir(tmp); err == nil && len(files) > 1 {
			t.Errorf("%s: files in $TMPDIR: %v", a.name, files)
		}
	}
	for _, a := range overHTTP() {
		run(a, plan["http"])
	}
	for _, a := range overOthers() {
		run(a, plan["other"])
	}
	for _, a := range overDNS() {
		run(a, plan["dns"])
	}
	for name, s := range own {
		run(attack{name: "own-" + name, kind: "javascript", body: javascript(s.code)}, []inventory.Endpoint{scripts[name]})
	}
	pool.Close()
	if n := packets.lost(); n > 0 {
		t.Errorf("%d packets were not seen", n)
	}
	t.Logf("%d runs; %d connections by the guard", total, guard.Made())
	leftNothing(t, home, tmp)
}

// proveSight shows that what would leave is seen.
func proveSight(t *testing.T, c *capture) {
	t.Helper()
	for _, to := range []string{farStranger + ":9", "[2001:db8::9]:9"} {
		if d, err := net.DialTimeout("tcp", to, 50*time.Millisecond); err == nil {
			_ = d.Close()
		}
		if u, err := net.Dial("udp", to); err == nil {
			_, _ = u.Write([]byte(secretOfFile))
			_ = u.Close()
		}
	}
	flows, secrets := c.take()
	left := strays(flows, nil)
	if secrets == 0 {
		t.Fatal("a secret that is sent is not seen")
	}
	for _, want := range []string{"tcp " + farStranger + ":9", "udp " + farStranger + ":9", "tcp [2001:db8::9]:9", "udp [2001:db8::9]:9"} {
		if left[want] == 0 {
			t.Fatalf("%s is not seen: %v", want, left)
		}
	}
}
