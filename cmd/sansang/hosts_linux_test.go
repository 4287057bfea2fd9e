package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/record"
)

// sweepBench is a folder with a unit that is a range of hosts, and a policy
// that asks for their ports alone.
type sweepBench struct{ dir, tool, network string }

const sweepUnit = `unit: {id: H99.10, name: Đơn vị thử quét cổng, kind: commune, parent: H99}
systems: [{id: web, name: Trang web, level: 3, purpose: Thử tốc độ}]
endpoints: []
hosts: [{cidr: %[1]s, zone: internal}]
domains: []
authorisation:
  by: Người thử
  document: none.txt
  sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  from: %[2]s
  until: %[3]s
  scope: {cidrs: [%[1]s]}
`

const sweepPolicy = `id: sweep
version: "1"
title: {vi: Chỉ quét cổng, en: Ports alone}
about: {vi: Để đo, en: To measure}
requirements: [SWEEP-01]
`

const sweepRequirement = `- id: SWEEP-01
  title: {vi: Cổng, en: Ports}
  need: {vi: Biết mọi cổng, en: All ports are known}
  basis: [{law: Thử, status: unverified, from: 2026-07-01}]
  strength: C
  severity: low
  levels: {2: mandatory, 3: mandatory, 4: mandatory}
  scope: host
  expect: 'host.ports.open.size() >= 0'
  fix: {vi: Không, en: None}
`

func newSweepBench(tb testing.TB, network string) sweepBench {
	tb.Helper()
	s := sweepBench{tb.TempDir(), "", network}
	s.tool = filepath.Join(s.dir, "sansang")
	if out, err := exec.Command("go", "build", "-o", s.tool, ".").CombinedOutput(); err != nil {
		tb.Fatalf("%v\n%s", err, out)
	}
	if err := os.Mkdir(filepath.Join(s.dir, "requirements"), 0o700); err != nil {
		tb.Fatal(err)
	}
	day := func(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }
	for name, text := range map[string]string{"unit.yaml": fmt.Sprintf(sweepUnit, network, day(-1), day(2)), "none.txt": "",
		"sweep.yaml": sweepPolicy, "requirements/sweep.yaml": sweepRequirement} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return s
}

// scan runs the program, and gives the fact of each host.
func (s sweepBench) scan(tb testing.TB, args ...string) (map[string]checks.Ports, *record.Assessment, time.Duration) {
	tb.Helper()
	out := filepath.Join(tb.TempDir(), "record.jsonl")
	begun := time.Now()
	said, err := exec.Command(s.tool, append([]string{"scan", filepath.Join(s.dir, "unit.yaml"), "-o", out, "--policy", filepath.Join(s.dir, "sweep.yaml"), "--vantage", "internal", "--quiet"}, args...)...).CombinedOutput()
	took := time.Since(begun)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		tb.Fatal(err)
	}
	a, err := record.Open(out)
	if err != nil {
		tb.Fatalf("%v\n%s", err, said)
	}
	facts := map[string]checks.Ports{}
	for _, o := range a.Observations {
		if o.Check != checks.HostPorts.ID {
			continue
		}
		var f checks.Ports
		if o.Unknown != nil {
			tb.Errorf("%s: %v", o.Endpoint, o.Unknown)
		} else if err := json.Unmarshal(o.Value, &f); err != nil {
			tb.Fatal(err)
		}
		facts[strings.TrimPrefix(o.Endpoint, "host:")] = f
	}
	return facts, a, took
}

// nmap gives the open ports of each host as nmap sees them by connecting.
func (s sweepBench) nmap(tb testing.TB, args ...string) (map[string][]int, time.Duration) {
	tb.Helper()
	var list []string
	for _, p := range checks.DefaultPorts().Ports {
		list = append(list, strconv.Itoa(p))
	}
	begun := time.Now()
	out, err := exec.Command("nmap", append([]string{"-sT", "-Pn", "-n", "-p", strings.Join(list, ","), "-oG", "-", s.network}, args...)...).Output()
	took := time.Since(begun)
	if err != nil {
		tb.Fatal(err)
	}
	open := map[string][]int{}
	for line := range strings.Lines(string(out)) {
		host, rest, ok := strings.Cut(strings.TrimPrefix(line, "Host: "), " ")
		_, ports, has := strings.Cut(rest, "Ports: ")
		if !ok || !has {
			continue
		}
		for part := range strings.SplitSeq(ports, ", ") {
			if port, state, ok := strings.Cut(part, "/"); ok && strings.HasPrefix(state, "open/") {
				n, _ := strconv.Atoi(port)
				open[host] = append(open[host], n)
			}
		}
		slices.Sort(open[host])
	}
	return open, took
}

// compare holds what was seen against what is so.
func (s sweepBench) compare(tb testing.TB, facts map[string]checks.Ports, theirs map[string][]int, state func(netip.Addr, int) portState) {
	tb.Helper()
	missed, undecided, nmapMissed, open := 0, 0, 0, 0
	for host, f := range facts {
		for _, p := range checks.DefaultPorts().Ports {
			is := state(netip.MustParseAddr(host), p) == openPort
			if is {
				open++
			}
			if is != slices.Contains(f.Seen, p) {
				missed++
			}
			if is != slices.Contains(theirs[host], p) {
				nmapMissed++
			}
		}
		if f.Undecided != "" {
			undecided++
		}
	}
	tb.Logf("%d open ports on %d hosts: we are wrong about %d, nmap about %d; %d hosts with undecided ports", open, len(facts), missed, nmapMissed, undecided)
	if missed > 0 {
		tb.Errorf("%d ports are not as they are", missed)
	}
}

// BenchmarkHosts asks hosts for the default ports over a line with 30 ms of
// latency, 60 % of the ports filtered, and nmap for the same in the same run:
// 8 hosts at the default rates, by which nmap is bound too, and a whole network of 256 without any.
func BenchmarkHosts(b *testing.B) {
	for _, c := range []struct {
		name, network string
		ours, theirs  []string
	}{
		{"default rates, 8 hosts", "10.98.0.0/29", nil, []string{"--max-rate", "30"}},
		{"no rates, 256 hosts", "10.98.0.0/24", []string{"--rate", "max"}, nil},
	} {
		b.Run(c.name, func(b *testing.B) {
			if _, err := exec.LookPath("nmap"); err != nil {
				b.Skip("nmap is not installed")
			}
			s := newSweepBench(b, c.network)
			hostsAfar{c.network, 30 * time.Millisecond, mostlyFiltered}.run(b, func() {
				theirs, they := s.nmap(b, c.theirs...)
				var wall time.Duration
				connections := 0
				for b.Loop() {
					facts, a, took := s.scan(b, c.ours...)
					wall += took
					connections = a.End.Connections
					s.compare(b, facts, theirs, mostlyFiltered)
				}
				we := wall / time.Duration(b.N)
				b.Logf("we take %v with %d connections, nmap %v", we.Round(time.Millisecond), connections, they.Round(time.Millisecond))
				b.ReportMetric(we.Seconds(), "wall-s")
				b.ReportMetric(they.Seconds()/we.Seconds(), "nmap/wall")
			})
		})
	}
}

// Hosts of every kind, over a real network: whatever they do to us, nothing is
// said of their ports that is not so.
func TestHostsOfEveryKind(t *testing.T) {
	t.Parallel() // the host that lets in thirty a second takes a minute of waiting
	web := func(port int) portState {
		if port == 443 || port == 80 || port == 3306 {
			return openPort
		}
		return refusingPort
	}
	recent, asked := []time.Time{}, map[byte]int{}
	state := func(host netip.Addr, port int) portState {
		last := host.As4()[3]
		asked[last]++
		switch last {
		case 1: // only the website is let through
			if port == 443 {
				return openPort
			}
			return filteredPort
		case 2: // nobody is there
			return filteredPort
		case 3: // a trap
			return openPort
		case 4: // lets in thirty a second
			now := time.Now()
			recent = slices.DeleteFunc(recent, func(t time.Time) bool { return now.Sub(t) > time.Second })
			if len(recent) >= 30 {
				return filteredPort
			}
			recent = append(recent, now)
			return web(port)
		case 5: // drops whoever asks much
			if asked[last] > 60 {
				return filteredPort
			}
			return web(port)
		case 6: // refuses whoever asks much
			if asked[last] > 60 {
				return refusingPort
			}
			return web(port)
		}
		return mostlyFiltered(host, port)
	}
	const network = "10.98.0.0/29"
	s := newSweepBench(t, network)
	hostsAfar{network, 5 * time.Millisecond, state}.run(t, func() {
		facts, _, _ := s.scan(t, "--rate", "max")
		all := len(checks.DefaultPorts().Ports)
		f := facts["10.98.0.1"]
		if f.Filtered != all-1 || !slices.Equal(f.Seen, []int{443}) || f.Undecided != "" || f.Alive != "itself" {
			t.Errorf("only a website: %+v", f)
		}
		if f := facts["10.98.0.2"]; f.Filtered != all || f.Alive != "neighbour" {
			t.Errorf("nobody: %+v", f)
		}
		if f := facts["10.98.0.3"]; len(f.Seen) > 0 || f.Closed+f.Filtered > 0 {
			t.Errorf("a trap: %+v", f)
		}
		if f := facts["10.98.0.4"]; !slices.Equal(f.Seen, []int{80, 443, 3306}) || f.Undecided != "" || f.Filtered > 0 {
			t.Errorf("thirty a second: %+v", f)
		}
		for _, host := range []string{"10.98.0.5", "10.98.0.6"} {
			if f := facts[host]; fact.Is(f.Databases, false) || f.Undecided == "" && len(f.Seen) < 3 || f.Filtered > 0 {
				t.Errorf("%s, which shuts us out: %+v", host, f)
			}
		}
		for _, host := range []string{"10.98.0.0", "10.98.0.7"} {
			f := facts[host]
			for _, p := range checks.DefaultPorts().Ports {
				if is := mostlyFiltered(netip.MustParseAddr(host), p) == openPort; is != slices.Contains(f.Seen, p) || f.Undecided != "" {
					t.Errorf("%s: port %d (undecided: %q)", host, p, f.Undecided)
				}
			}
		}
	})
}
