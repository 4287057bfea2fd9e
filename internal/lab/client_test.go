package lab

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"maps"
	"net"
	"net/http"
	"testing"
	"time"
)

// allProofs are the proofs of all natures: what each recipe shows to a client.
func allProofs() map[string]func(*testing.T, *Server) {
	all := map[string]func(*testing.T, *Server){}
	for _, some := range []map[string]func(*testing.T, *Server){tlsProofs, suiteProofs, holeProofs, pickyProofs, httpProofs, sshProofs, turnProofs, hostileProofs, recordProofs, dnsProofs, webProofs, dataProofs} {
		maps.Copy(all, some)
	}
	return all
}

func start(t *testing.T, name string, opts ...Option) *Server {
	t.Helper()
	s, err := Start(name, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// dial connects for as long as the test runs, ten seconds at most.
func dial(t *testing.T, s *Server) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", s.AddrPort.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	return c.(*net.TCPConn)
}

func send(t *testing.T, c net.Conn, b []byte) {
	t.Helper()
	if _, err := c.Write(b); err != nil {
		t.Fatal(err)
	}
}

func readAll(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func readN(t *testing.T, r io.Reader, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		t.Fatal(err)
	}
	return b
}

func labPool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(CAPEM())
	return pool
}

// get asks once, follows no redirect and verifies no certificate. The answer's
// body is read.
func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	return getWith(t, url, &tls.Config{InsecureSkipVerify: true})
}

func getWith(t *testing.T, url string, conf *tls.Config) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return doWith(t, r, conf)
}

func do(t *testing.T, r *http.Request) (*http.Response, string) {
	t.Helper()
	return doWith(t, r, &tls.Config{InsecureSkipVerify: true})
}

func doWith(t *testing.T, r *http.Request, conf *tls.Config) (*http.Response, string) {
	t.Helper()
	client := &http.Client{
		Timeout:       10 * time.Second,
		Transport:     &http.Transport{TLSClientConfig: conf, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return resp, readAll(t, resp.Body)
}
