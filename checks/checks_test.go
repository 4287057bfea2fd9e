package checks

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lab"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const cases = "../testdata/checks"

// TestChecks runs each check against the practice servers that its .txtar
// names. A file good/NAME, bad/NAME or hostile/NAME holds a part of the fact
// that the server NAME of internal/lab must give, as JSON: objects may leave
// fields out, lists must be whole, a number with a decimal point is meant give
// or take 2, and "<now" and ">now" are times in the past and to come. {"unknown": {"cause": …}} stands for no fact at all. The
// server "closed" is a port on which nobody listens.
func TestChecks(t *testing.T) {
	for _, c := range All() {
		if c.OfTemplates() {
			continue // held in checks/templates, and in template_test.go
		}
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			file := strings.ReplaceAll(c.ID, ".", "_") + ".txtar"
			archive, err := txtar.ParseFile(filepath.Join(cases, file))
			if err != nil {
				t.Fatalf("a check has cases in testdata: %v", err)
			}
			seen := map[string]bool{}
			for _, f := range archive.Files {
				nature, recipe, _ := strings.Cut(f.Name, "/")
				seen[nature] = true
				t.Run(f.Name, func(t *testing.T) {
					t.Parallel()
					checkCase(t, c, nature, recipe, f.Data)
				})
			}
			for _, nature := range []string{"good", "bad", "hostile"} {
				if !seen[nature] {
					t.Errorf("%s has no %s case", file, nature)
				}
				delete(seen, nature)
			}
			if len(seen) > 0 {
				t.Errorf("%s has cases of no nature: %v", file, seen)
			}
		})
	}
}

func checkCase(t *testing.T, c *Check, nature, recipe string, want []byte) {
	patience := 10 * time.Second // good and bad ones answer, however busy the machine
	if nature == "hostile" {
		patience = time.Second
	}
	obs := observe(t, c, endpointOf(t, c, recipe), patience)
	got := obs.Value
	if obs.Unknown != nil {
		got, _ = json.Marshal(map[string]any{"unknown": obs.Unknown})
	}
	if diff := differs("fact", decode(t, want), decode(t, got)); diff != "" {
		t.Errorf("%s\nwhole: %s", diff, got)
	}
}

// endpointOf starts the practice server, and the twin that it or its check
// needs, until the end of the test.
func endpointOf(t *testing.T, c *Check, recipe string) inventory.Endpoint {
	t.Helper()
	if c.Speaks == inventory.OverDNS {
		return domainOf(t, recipe)
	}
	if strings.HasPrefix(recipe, "udp-") {
		return udpHost(t, recipe)
	}
	if c.Speaks == inventory.OverHost {
		return hostOf(t, recipe)
	}
	e := inventory.Endpoint{ID: recipe, Zone: inventory.Internet}
	kinds := map[inventory.Protocol]inventory.Kind{
		inventory.OverTCP: inventory.TCP, inventory.OverTLS: inventory.HTTPS,
		inventory.OverHTTP: inventory.HTTP, inventory.OverSSH: inventory.SSH, inventory.OverStartTLS: inventory.SMTP,
	}
	if recipe == "closed" {
		s := start(t, "tcp-open")
		e.Target, e.Kind = s.AddrPort.String(), kinds[c.Speaks]
		_ = s.Close()
		return e
	}
	var options []lab.Option
	if isKind(recipe, "http") {
		options = append(options, lab.RedirectTo(start(t, "https-good").URL()))
	}
	s := start(t, recipe, options...)
	e.Target, e.Kind = s.URL(), inventory.Kind(s.Kind)
	if e.Kind == inventory.TCP {
		e.Kind = kinds[c.Speaks]
	}
	if e.Kind == inventory.HTTPS {
		e.Plain = start(t, "http-redirect", lab.RedirectTo("https://"+s.AddrPort.String()+"/")).URL()
	}
	return e
}

func isKind(recipe, kind string) bool {
	return slices.ContainsFunc(lab.Recipes(), func(r lab.Recipe) bool { return r.Name == recipe && r.Kind == kind })
}

func start(t *testing.T, recipe string, options ...lab.Option) *lab.Server {
	t.Helper()
	s, err := lab.Start(recipe, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// observe runs a check and before it those that it requires.
func observe(t *testing.T, c *Check, e inventory.Endpoint, patience time.Duration) fact.Observation {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(lab.CAPEM())
	s := Settings{Dial: dialLoopback, Roots: roots, Now: time.Now, Timeout: patience, Thorough: true, Log: zerolog.Nop()}
	s.Packet, s.Wide, s.Permits = packetsTo(e)
	if e.Kind == inventory.Domain {
		s = withNames(s, e)
	}
	seen := map[string]fact.Observation{}
	var run func(*Check) fact.Observation
	run = func(c *Check) fact.Observation {
		for _, need := range c.Before() {
			run(need)
		}
		o := c.Observe(context.Background(), NewProbe(s, e, seen))
		if err := o.Validate(); err != nil {
			t.Error(err)
		}
		seen[c.ID] = o
		return o
	}
	return run(c)
}

// dialLoopback stands for the dialer of a scan that may go nowhere else.
func dialLoopback(ctx context.Context, address string) (net.Conn, error) {
	host, _, _ := net.SplitHostPort(address)
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("dial %s: %w", address, fact.Because(fact.OutOfScope, host+" is not in the test's scope"))
	}
	return new(net.Dialer).DialContext(ctx, "tcp", address)
}

func decode(t *testing.T, b []byte) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %q", err, b)
	}
	return v
}

// differs tells where got is not what want says, or "".
func differs(path string, want, got any) string {
	switch w := want.(type) {
	case map[string]any:
		g, _ := got.(map[string]any)
		for name, part := range w {
			if _, ok := g[name]; !ok {
				return fmt.Sprintf("%s.%s is not there", path, name)
			}
			if d := differs(path+"."+name, part, g[name]); d != "" {
				return d
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s is %v, want %v", path, got, want)
		}
		for i := range w {
			if d := differs(fmt.Sprintf("%s[%d]", path, i), w[i], g[i]); d != "" {
				return d
			}
		}
		return ""
	case string:
		if g, ok := got.(string); ok && (w == "<now" || w == ">now") {
			if at, err := time.Parse(time.RFC3339, g); err == nil && at.Before(time.Now()) == (w == "<now") {
				return ""
			}
		}
	case json.Number:
		g, ok := got.(json.Number)
		if a, err := w.Float64(); ok && err == nil && strings.Contains(w.String(), ".") {
			if b, err := g.Float64(); err == nil && math.Abs(a-b) <= 2 {
				return ""
			}
		}
	}
	if !reflect.DeepEqual(want, got) {
		return fmt.Sprintf("%s is %v, want %v", path, got, want)
	}
	return ""
}

// TestHostileEndpointsYieldNoFacts points every check at every hostile server
// that does not speak its protocol. None may be read as good or bad, and none
// may look like a defect of ours.
func TestHostileEndpointsYieldNoFacts(t *testing.T) {
	// What a hostile server does say properly is a fact like any other.
	says := map[string][]string{
		"tls.versions":    {"dies-midway"},
		"tls.certificate": {"dies-midway"},
		"tls.revocation":  {"dies-midway"},
		"tls.lint":        {"dies-midway"},
		"tls.holes":       {"dies-midway"},
		// dies-midway answers plain HTTP with a 400, as TLS servers do.
		"http.answer":         {"redirect-outside", "gzip-bomb", "endless-body", "dies-midway"},
		"http.redirect":       {"redirect-outside", "redirect-endless", "gzip-bomb", "endless-body", "dies-midway"},
		"http.headers":        {"redirect-outside", "gzip-bomb", "endless-body", "dies-midway"},
		"http.cookies":        {"redirect-outside", "gzip-bomb", "endless-body", "dies-midway"},
		"http.disclosure":     {"redirect-outside", "gzip-bomb", "endless-body", "dies-midway"},
		"http.entries":        {"redirect-outside", "redirect-endless", "gzip-bomb", "endless-body", "dies-midway"},
		"http.cors":           {"redirect-outside", "gzip-bomb", "endless-body", "dies-midway"},
		"http.methods":        {"redirect-outside", "gzip-bomb", "endless-body", "dies-midway"},
		"http.anonymous_data": {"redirect-outside", "redirect-endless", "gzip-bomb", "endless-body", "dies-midway"},
		"http.page":           {"endless-body"},
		"clock.skew":          {"redirect-outside", "redirect-endless", "gzip-bomb"},
	}
	maps.Copy(says, sshSays)
	for _, c := range All() {
		if c.OfTemplates() {
			continue // there is no worker here
		}
		for _, r := range lab.Recipes() {
			if strings.HasPrefix(r.Name, "dns-") != (c.Speaks == inventory.OverDNS) {
				continue // silent to all others, as never-answers is; and over UDP those are closed
			}
			if r.Nature != lab.Hostile || c == TCPOpen || c.Speaks == inventory.OverHost || slices.Contains(says[c.ID], r.Name) || answersHellos[r.Name] != "" && restsOnVersions(c) {
				continue
			}
			t.Run(c.ID+"/"+r.Name, func(t *testing.T) {
				t.Parallel()
				e := endpointOf(t, c, r.Name)
				begun := time.Now()
				obs := observe(t, c, e, time.Second/2)
				if obs.Unknown == nil {
					t.Fatalf("gives the fact %s", obs.Value)
				}
				if obs.Unknown.Cause == fact.Broken || len(obs.Unknown.Detail) > 1000 {
					t.Errorf("unknown because %v", obs.Unknown)
				}
				if took := time.Since(begun); took > 10*time.Second {
					t.Errorf("took %v", took)
				}
				t.Log(obs.Unknown)
			})
		}
	}
}

// TestDocs holds that every check explains itself in both languages, and that
// no .md or .txtar is left without its check.
func TestDocs(t *testing.T) {
	stems := map[string]bool{}
	for _, c := range All() {
		stem := strings.ReplaceAll(c.ID, ".", "_")
		stems[stem] = true
		from, name := c.docFile()
		file, err := from.ReadFile(name)
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		if _, err := parseDoc(string(file)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(stem + ".go"); err != nil && !c.OfTemplates() {
			t.Errorf("%s: %v", c.ID, err)
		}
		if !c.Known.Exists() {
			t.Errorf("%s does not say how its fact is known", c.ID)
		}
		if len(c.Sources()) == 0 && !strings.HasPrefix(c.ID, "templates.") {
			t.Errorf("%s names no source", c.ID)
		}
	}
	for _, pattern := range []string{"*.md", filepath.Join(cases, "*.txtar")} {
		files, _ := filepath.Glob(pattern) // the patterns are well-formed
		for _, f := range files {
			if stem := strings.TrimSuffix(filepath.Base(f), filepath.Ext(f)); !stems[stem] {
				t.Errorf("%s belongs to no check", f)
			}
		}
	}
}
