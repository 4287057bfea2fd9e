package checks

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
)

// profiles are how the servers of the benchmark are set, by turns.
var profiles = []string{
	"ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20;", // Mozilla intermediate
	"ssl_protocols TLSv1.3;", // Mozilla modern
	"ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers HIGH:!aNULL:!MD5; ssl_prefer_server_ciphers on;",                    // as nginx is mostly set
	"ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AES:@SECLEVEL=0; ssl_prefer_server_ciphers on;", // left from of old
}

// farm starts one nginx with so many servers.
func farm(b *testing.B, servers int) []inventory.Endpoint {
	path, dir := program(b, "nginx"), b.TempDir()
	writeCertificate(b, dir)
	writeRSACertificate(b, dir)
	var config strings.Builder
	fmt.Fprintf(&config, `daemon off; pid %[1]s/nginx.pid; error_log /dev/null; worker_processes 1; events { worker_connections 1024; }
http { access_log off; client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi; ssl_certificate %[1]s/rsa-cert.pem; ssl_certificate_key %[1]s/rsa-key.pem;
`, dir)
	var out []inventory.Endpoint
	for i := range servers {
		address := freeAddress(b)
		fmt.Fprintf(&config, "server { listen %s ssl; %s }\n", address, profiles[i%len(profiles)])
		out = append(out, inventory.Endpoint{ID: address, Target: address, Kind: inventory.TLS})
	}
	config.WriteString("}\n")
	daemon(b, out[servers-1].Target, path, "-c", write(b, filepath.Join(dir, "nginx.conf"), config.String()), "-e", "/dev/null")
	return out
}

// counted is dialLoopback, and how often it was used.
type counted struct{ n atomic.Int64 }

func (c *counted) dial(ctx context.Context, address string) (net.Conn, error) {
	c.n.Add(1)
	return dialLoopback(ctx, address)
}

// look runs tls.versions and tls.suites on all endpoints side by side, and
// gives how many pairs of version and suite are accepted.
func look(b *testing.B, endpoints []inventory.Endpoint, dial DialFunc) (pairs int64) {
	s := Settings{Dial: dial, Now: time.Now, Timeout: 10 * time.Second, Log: zerolog.Nop()}
	return sum(endpoints, func(e inventory.Endpoint) int {
		seen := map[string]fact.Observation{}
		for _, c := range []*Check{TLSVersions, TLSSuites} {
			seen[c.ID] = c.Observe(b.Context(), NewProbe(s, e, seen))
		}
		f := Read[Suites](NewProbe(s, e, seen), TLSSuites)
		all, unknown := f.Accepted.Get()
		if unknown != nil {
			b.Error(e.Target, unknown)
		}
		return len(all)
	})
}

// floor does the least that can find every suite of every version: a hello for
// each that is accepted, and one refusal for each version.
func floor(b *testing.B, endpoints []inventory.Endpoint, dial DialFunc) (pairs int64) {
	return sum(endpoints, func(e inventory.Endpoint) (pairs int) {
		for _, v := range []hello.Version{hello.SSL2, hello.SSL3, hello.TLS10, hello.TLS11, hello.TLS12, hello.TLS13} {
			var left []uint16
			for _, s := range hello.All() {
				if s.ID <= 0xffff && (s.KeyExchange == "any") == (v == hello.TLS13) {
					left = append(left, uint16(s.ID))
				}
			}
			for {
				conn, err := dial(b.Context(), e.Target)
				if err != nil {
					b.Error(err)
					return 0
				}
				a, err := hello.Ask(conn, hello.Offer{Version: v, Suites: left, Shares: []uint16{}})
				_ = conn.Close()
				if err != nil || !a.Accepted {
					break // SSL 2.0 is refused by closing
				}
				pairs++
				left = minus(left, []uint16{a.Hello.Suite})
			}
		}
		return pairs
	})
}

func sum(endpoints []inventory.Endpoint, count func(inventory.Endpoint) int) int64 {
	var total atomic.Int64
	var all sync.WaitGroup
	for _, e := range endpoints {
		all.Go(func() { total.Add(int64(count(e))) })
	}
	all.Wait()
	return total.Load()
}

// BenchmarkEnumerate looks for versions and suites, and reports what it costs
// against the floor and against peers on the same servers in the same run.
func BenchmarkEnumerate(b *testing.B) {
	for name, endpoints := range map[string]func(*testing.B) []inventory.Endpoint{
		"20 servers": func(b *testing.B) []inventory.Endpoint { return farm(b, 20) },
		"126 pairs": func(b *testing.B) []inventory.Endpoint {
			return []inventory.Endpoint{openssl(b, opensslConfigs["everything, own order, two keys"])}
		},
		"clean": func(b *testing.B) []inventory.Endpoint {
			return []inventory.Endpoint{openssl(b, "ECDSA -cipher ECDHE+AESGCM")}
		},
	} {
		b.Run(name, func(b *testing.B) { benchmarkEnumerate(b, endpoints(b)) })
	}
}

func benchmarkEnumerate(b *testing.B, endpoints []inventory.Endpoint) {
	var ours, least counted
	pairs := look(b, endpoints, ours.dial) // warms the servers up
	if p := floor(b, endpoints, least.dial); p != pairs {
		b.Errorf("we find %d pairs, the floor %d", pairs, p)
	}
	perRun, leastRun := float64(ours.n.Load()), float64(least.n.Load())
	begun := time.Now()
	for b.Loop() {
		look(b, endpoints, ours.dial)
	}
	took := time.Since(begun) / time.Duration(b.N)
	begun = time.Now()
	for range b.N {
		floor(b, endpoints, least.dial)
	}
	floorTook := time.Since(begun) / time.Duration(b.N)
	b.ReportMetric(float64(pairs), "pairs")
	b.ReportMetric(perRun, "connections")
	b.ReportMetric(perRun/leastRun, "connections/floor")
	b.ReportMetric(took.Seconds()/floorTook.Seconds(), "wall/floor")
	if d := peer(b, endpoints, sslscanOnce); d > 0 {
		b.ReportMetric(d.Seconds()/took.Seconds(), "sslscan/wall")
	}
	if d := peer(b, endpoints[:1], func(b *testing.B, _ inventory.Endpoint) *exec.Cmd { return nmapAll(b, endpoints) }); d > 0 {
		b.ReportMetric(d.Seconds()/took.Seconds(), "nmap/wall")
	}
}

// peer times another program, one process for each endpoint, all at once; 0 if
// it is not installed.
func peer(b *testing.B, endpoints []inventory.Endpoint, command func(*testing.B, inventory.Endpoint) *exec.Cmd) time.Duration {
	begun := time.Now()
	missing := false
	sum(endpoints, func(e inventory.Endpoint) int {
		cmd := command(b, e)
		if _, err := exec.LookPath(cmd.Path); err != nil {
			missing = true
		} else if err := cmd.Run(); err != nil {
			b.Error(cmd, err)
		}
		return 0
	})
	if missing {
		return 0
	}
	return time.Since(begun)
}

func sslscanOnce(b *testing.B, e inventory.Endpoint) *exec.Cmd {
	return exec.CommandContext(b.Context(), "sslscan", "--no-cipher-details", "--no-heartbleed", "--no-groups", "--no-check-certificate",
		"--no-renegotiation", "--no-compression", "--no-fallback", e.Target)
}

func nmapAll(b *testing.B, endpoints []inventory.Endpoint) *exec.Cmd {
	var ports []string
	for _, e := range endpoints {
		_, port, _ := strings.Cut(e.Target, ":")
		ports = append(ports, port)
	}
	return exec.CommandContext(b.Context(), "nmap", "-Pn", "-n", "-p", strings.Join(ports, ","), "--script", "+ssl-enum-ciphers", "127.0.0.1")
}
