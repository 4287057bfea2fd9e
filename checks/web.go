package checks

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// UserAgent says plainly who asks over HTTP.
const UserAgent = "sansang (security readiness check)"

// get asks for u as any browser would, but for one thing: each request has
// its own connection. net/http's Transport is not used because it may ask
// twice, dials without the caller's deadline and tells no times.
func (p *Probe) get(ctx context.Context, u *url.URL, cookies cookieJar) (*page, error) {
	return p.getIn(ctx, u, cookies, "identity") // a bomb must not be our wish
}

// getIn is get for one who accepts the encodings. Nothing is unpacked.
func (p *Probe) getIn(ctx context.Context, u *url.URL, cookies cookieJar, encodings string) (*page, error) {
	return p.request(ctx, u, func(w io.Writer, host string) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return unanswered("address that cannot be asked for: " + err.Error())
		}
		r.Host, r.Close = host, true
		r.Header.Set("User-Agent", UserAgent)
		r.Header.Set("Accept", "text/html, */*;q=0.5")
		r.Header.Set("Accept-Encoding", encodings)
		if c := cookies.String(); c != "" {
			r.Header.Set("Cookie", c)
		}
		return r.Write(w)
	})
}

// request connects to where u leads, lets write send the request and reads
// the answer to it.
func (p *Probe) request(ctx context.Context, u *url.URL, write func(w io.Writer, host string) error) (*page, error) {
	address, name, host := p.place(u)
	pg := &page{URL: u}
	err := p.converse(ctx, address, func(ctx context.Context, conn net.Conn) error {
		var in io.Reader = conn
		var seen bytes.Buffer
		switch {
		case u.Scheme == "https":
			t, err := p.secure(ctx, conn, tlsClient(name))
			if err != nil {
				return err
			}
			defer func() { p.Note("answer of "+u.Host+" inside TLS", p.evident(seen.Bytes())) }()
			conn, in = t, io.TeeReader(t, &first{&seen, keepBytes})
		case p.givesData():
			hush(conn)
			defer func() { p.Note("answer of "+u.Host, p.evident(seen.Bytes())) }()
			in = io.TeeReader(conn, &first{&seen, keepBytes})
		}
		pg.Sent = p.Now()
		if err := write(conn, host); err != nil {
			return err
		}
		return pg.read(in, p.Now)
	})
	return pg, err
}

// givesData tells of an endpoint that is declared as an API: what it answers
// may be about people, which no record needs.
func (p *Probe) givesData() bool { return p.Endpoint.Labels["api"] != "" }

// evident gives what of an answer is kept as evidence: of an API the header.
func (p *Probe) evident(answer []byte) []byte {
	if end := headEnd.FindIndex(answer); p.givesData() && end != nil {
		return answer[:end[0]]
	}
	return answer
}

// headEnd is the empty line after a header, as lenient readers see it too: RFC
// 9112 §2.2.
var headEnd = regexp.MustCompile(`\r?\n\r?\n`)

// place tells where u leads: the address to connect to, the name to ask for in
// TLS and the Host of the request. A unit may declare an endpoint by address
// and name (server_name), and the server redirect to the name.
func (p *Probe) place(u *url.URL) (address, name, host string) {
	to, name, port := u.Hostname(), u.Hostname(), u.Port()
	host = u.Host
	if p.isTarget(to) {
		to, name = p.Endpoint.Host(), p.Endpoint.Name()
		if name != u.Hostname() {
			host = strings.TrimSuffix(net.JoinHostPort(name, port), ":")
		}
	}
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(to, port), name, host
}

// isTarget tells whether host is the endpoint's, by address or by name.
func (p *Probe) isTarget(host string) bool {
	return strings.EqualFold(host, p.Endpoint.Host()) || strings.EqualFold(host, p.Endpoint.Name())
}

// unlikely is a path below u that exists nowhere, so that neither a page nor a
// cache answers for it.
func unlikely(u *url.URL) *url.URL {
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/sansang-" + strings.ToLower(rand.Text())}
}

// first keeps what is written up to a limit and takes the rest silently.
type first struct {
	*bytes.Buffer
	left int
}

func (f *first) Write(b []byte) (int, error) {
	n := min(len(b), f.left)
	f.left -= n
	f.Buffer.Write(b[:n])
	return len(b), nil
}
