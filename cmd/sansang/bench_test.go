package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkWhole looks at one HTTPS endpoint with every check of the default
// policy, as a user does: it runs the program itself. It reports wall time,
// processor time and connections, and as multiples of them those of testssl.sh
// (all that it has, the many suites too), sslscan and nmap, once each on the same server in
// the same run.
//
// The server is nginx as Mozilla's intermediate profile sets it, at no distance
// and at 30 ms: see delayed.
func BenchmarkWhole(b *testing.B) {
	b.Run("at hand", func(b *testing.B) { benchmarkWhole(b, "127.0.0.1", "127.0.0.1") })
	b.Run("30 ms away", func(b *testing.B) {
		delayed(b, 15*time.Millisecond, func(server, seen string) { benchmarkWhole(b, server, seen) })
	})
}

// benchmarkWhole has nginx listen at one address, and scans it at another
// that leads there.
func benchmarkWhole(b *testing.B, server, seen string) {
	dir := b.TempDir()
	site := startNginx(b, dir, server, seen)
	tool := filepath.Join(dir, "sansang")
	if out, err := exec.Command("go", "build", "-o", tool, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	unit := filepath.Join(dir, "unit.yaml")
	if err := os.WriteFile(filepath.Join(dir, "none.txt"), nil, 0o600); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(unit, []byte(fmt.Sprintf(benchUnit, site.https, site.http, seen,
		time.Now().Add(-24*time.Hour).Format(time.DateOnly), time.Now().Add(24*time.Hour).Format(time.DateOnly))), 0o600); err != nil {
		b.Fatal(err)
	}
	ours := func() cost {
		return site.costOf(b, tool, "scan", unit, "-o", filepath.Join(b.TempDir(), "record.jsonl"), "--vantage", "internal", "--quiet", "--rate-host", "0", "--rate-network", "0", "--rate", "0")
	}
	ours() // warms the server up
	var all cost
	for b.Loop() {
		all = all.plus(ours())
	}
	one := all.by(b.N)
	b.ReportMetric(one.wall.Seconds(), "wall-s")
	b.ReportMetric(one.processor.Seconds(), "cpu-s")
	b.ReportMetric(one.connections, "connections")
	host, port, _ := net.SplitHostPort(site.https)
	for _, peer := range []struct {
		name string
		args []string
	}{
		{"testssl", []string{"testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "-9", site.https}},
		{"sslscan", []string{"sslscan", "--no-cipher-details", site.https}},
		{"nmap", []string{"nmap", "-Pn", "-n", "-p", port, "--script", "+ssl-enum-ciphers", host}},
	} {
		if _, err := exec.LookPath(peer.args[0]); err != nil {
			b.Logf("%s is not installed", peer.name)
			continue
		}
		they := site.costOf(b, peer.args[0], peer.args[1:]...)
		b.Logf("%s: %.2f s, %.2f s of processor, %.0f connections", peer.name, they.wall.Seconds(), they.processor.Seconds(), they.connections)
		b.ReportMetric(they.wall.Seconds()/one.wall.Seconds(), peer.name+"/wall")
		b.ReportMetric(they.processor.Seconds()/one.processor.Seconds(), peer.name+"/cpu")
		b.ReportMetric(they.connections/one.connections, peer.name+"/connections")
	}
}

// cost is what one look at the server takes.
type cost struct {
	wall, processor time.Duration
	connections     float64
}

func (c cost) plus(d cost) cost {
	return cost{c.wall + d.wall, c.processor + d.processor, c.connections + d.connections}
}

func (c cost) by(n int) cost {
	return cost{c.wall / time.Duration(n), c.processor / time.Duration(n), c.connections / float64(n)}
}

// benchSite is a running nginx.
type benchSite struct{ https, http, status string }

// costOf runs a program that looks at the site. Exit codes tell of findings,
// so that they do not count.
func (s benchSite) costOf(b *testing.B, name string, args ...string) cost {
	before, begun := s.accepted(b), time.Now()
	cmd := exec.CommandContext(b.Context(), name, args...)
	out, err := cmd.CombinedOutput()
	took := time.Since(begun)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		b.Fatalf("%v\n%s", err, out)
	}
	made := s.accepted(b) - before - 1 // that which asks
	if made < 1 {
		b.Fatalf("%s made no connection\n%s", name, out)
	}
	return cost{took, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), float64(made)}
}

// accepted is how many connections nginx has taken so far, over a port of its
// own so that the question costs no delay.
func (s benchSite) accepted(b *testing.B) (n int) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
		return net.Dial("unix", s.status)
	}}}
	resp, err := client.Get("http://nginx/")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	_, counts, _ := strings.Cut(string(text), "requests\n")
	if _, err := fmt.Sscan(counts, &n); err != nil {
		b.Fatalf("%v in %q", err, text)
	}
	return n
}

const benchNginx = `daemon off; pid %[1]s/nginx.pid; error_log /dev/null; worker_processes 2; events { worker_connections 1024; }
http { access_log off; client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi; default_type text/html; ssl_session_cache shared:s:1m;
ssl_certificate %[1]s/cert.pem; ssl_certificate_key %[1]s/key.pem;
ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20;
server { listen %[2]s:%[3]s ssl; location = / { return 200 "<!DOCTYPE html><title>Xin chào</title>"; } location / { return 404; } }
server { listen %[2]s:%[4]s; return 301 https://%[5]s:%[3]s$request_uri; }
server { listen unix:%[1]s/status; stub_status; }
}
`

const benchUnit = `unit: {id: H99.09, name: Đơn vị thử tốc độ, kind: commune, parent: H99}
systems:
  - {id: web, name: Trang web, level: 3, purpose: Thử tốc độ}
endpoints:
  - {id: trang, target: "https://%[1]s/", plain: "http://%[2]s/", kind: https, zone: internal}
authorisation:
  by: Người thử
  document: none.txt
  sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  from: %[4]s
  until: %[5]s
  scope: {cidrs: [%[3]s/32]}
`

func startNginx(b *testing.B, dir, server, seen string) benchSite {
	path, err := exec.LookPath("nginx")
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			b.Skip("nginx is not installed")
		}
	}
	writeBenchCertificate(b, dir, seen)
	ports := [2]string{}
	for i := range ports {
		l, err := net.Listen("tcp", server+":0")
		if err != nil {
			b.Fatal(err)
		}
		_, ports[i], _ = net.SplitHostPort(l.Addr().String())
		_ = l.Close()
	}
	config := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, benchNginx, dir, server, ports[0], ports[1], seen), 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(path, "-c", config, "-e", "/dev/null")
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
	site := benchSite{net.JoinHostPort(seen, ports[0]), net.JoinHostPort(seen, ports[1]), filepath.Join(dir, "status")}
	for range 100 {
		if c, err := net.Dial("tcp", site.https); err == nil {
			_ = c.Close()
			return site
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.Fatalf("nginx does not answer: %s", said.String())
	return site
}

func writeBenchCertificate(b *testing.B, dir, seen string) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.ParseIP(seen)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		b.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			b.Fatal(err)
		}
	}
}
