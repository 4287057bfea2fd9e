package nuclei

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/projectdiscovery/fastdialer/fastdialer"
	"github.com/projectdiscovery/nuclei/v3/pkg/protocols/common/protocolstate"
)

// wire carries every request over HTTP of one engine. It is where the truth of
// an exchange is seen: nuclei passes over cut-off bodies and loses errors.
type wire struct {
	kept  *http.Transport // connections are used again
	fresh *http.Transport // for what must not be sent twice
	e     *Engine
	memo  memo
}

type runKey struct{}

func newWire(e *Engine) *wire {
	w := &wire{e: e, memo: memo{by: map[string]*flight{}}}
	w.kept = &http.Transport{
		DialContext: e.connect, DialTLSContext: e.secure, ResponseHeaderTimeout: e.timeout,
		MaxIdleConnsPerHost: 64, MaxResponseHeaderBytes: 256 << 10,
	}
	w.fresh = w.kept.Clone()
	w.fresh.DisableKeepAlives = true
	return w
}

func (w *wire) close() {
	w.kept.CloseIdleConnections()
	w.fresh.CloseIdleConnections()
}

// take puts the wire under every client that nuclei has made so far.
func (w *wire) take(d *protocolstate.Dialers) {
	for _, c := range d.HTTPClientPool.GetAll() {
		if c.HTTPClient.Transport != w { // else it may be in use
			c.HTTPClient.Transport = w
			c.HTTPClient2.Transport = shut{}
		}
	}
}

// shut is the transport of nuclei's second client.
type shut struct{}

// RoundTrip refuses.
func (shut) RoundTrip(*http.Request) (*http.Response, error) { return nil, errSpare }

// secure connects over TLS with whatever the peer may still speak.
func (e *Engine) secure(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	c := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, CipherSuites: everySuite, Renegotiation: tls.RenegotiateOnceAsClient}
	if name, ok := ctx.Value(fastdialer.SniName).(string); ok {
		c.ServerName = name
	} else if net.ParseIP(host) == nil {
		c.ServerName = host
	}
	raw, err := e.connect(ctx, network, address)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(raw, c)
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, &handshakeError{err}
	}
	return conn, nil
}

var everySuite = func() (ids []uint16) {
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		ids = append(ids, s.ID)
	}
	return ids
}()

// handshakeError is a failure after the connection and before HTTP.
type handshakeError struct{ error }

// Error says that it was TLS.
func (h *handshakeError) Error() string { return "TLS: " + h.error.Error() }

// Unwrap gives the cause.
func (h *handshakeError) Unwrap() error { return h.error }

var (
	errPartial  = errors.New("the body was cut off")
	errOversize = fmt.Errorf("the body is longer than %d bytes", mostBody)
)

// RoundTrip makes one exchange, whole or not at all.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	r, _ := req.Context().Value(runKey{}).(*run)
	if r == nil {
		return nil, errors.New("a request outside of a run")
	}
	sent, err := copyOf(req)
	if err != nil {
		return nil, err
	}
	if r.jar != nil {
		for _, c := range r.jar.Cookies(req.URL) {
			sent.AddCookie(c)
		}
	}
	x := exchange{at: req.URL.String(), request: headOf(sent)}
	redirected := req.Response != nil
	r.asked()
	send := func() (*http.Response, error) { return w.send(sent) }
	var resp *http.Response
	if key := same(sent); key != "" && r.shares && !redirected {
		resp, x.shared, err = w.memo.once(req.Context(), key, send)
	} else {
		resp, err = send()
	}
	r.failed(err)
	if resp == nil || err != nil && !r.grows {
		return nil, err
	}
	if r.jar != nil {
		r.jar.SetCookies(req.URL, resp.Cookies())
	}
	resp.Request = req
	if r.steps && taintsBy(resp.Header) {
		r.failed(errTainted)
		return nil, errTainted
	}
	x.take(resp)
	r.answered(x, redirected)
	return resp, nil
}

// send gives a response with what came of its body. An error beside it says
// that this is not all.
func (w *wire) send(req *http.Request) (*http.Response, error) {
	resp, err := w.transport(req).RoundTrip(req)
	if err != nil {
		return nil, late(req.Context(), err)
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		_ = resp.Body.Close()
		resp.Body = http.NoBody
		return resp, nil
	}
	return resp, late(req.Context(), whole(resp))
}

// late says of an error that it came because the time was over, which the
// transport does not always say.
func late(ctx context.Context, err error) error {
	if over := ctx.Err(); err != nil && over != nil && !errors.Is(err, over) {
		return fmt.Errorf("%w: %w", err, over)
	}
	return err
}

// transport is the one that may send the request again where a kept
// connection turns out to be closed, or else one that never needs to.
func (w *wire) transport(req *http.Request) *http.Transport {
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		if req.Body == nil || req.Body == http.NoBody {
			return w.kept
		}
	}
	return w.fresh
}

// copyOf is the request with a body that can be read for the record.
func copyOf(req *http.Request) (*http.Request, error) {
	out := req.Clone(req.Context())
	out.Close = false
	if req.Body == nil || req.Body == http.NoBody {
		return out, nil
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, mostBody))
	_ = req.Body.Close()
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		out.Body = http.NoBody
		return out, nil
	}
	out.Body = io.NopCloser(bytes.NewReader(body))
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return out, nil
}

// whole reads the body to its end and puts what came in its place.
func whole(resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostBody))
	if err == nil && len(body) == mostBody {
		err = errOversize
	} else if err != nil {
		err = fmt.Errorf("%w: %w", errPartial, err)
	}
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return err
}

// headOf writes the request as it is sent, for the record.
func headOf(req *http.Request) []byte {
	var b bytes.Buffer
	host := req.Host
	if host == "" {
		host = req.URL.Host
	}
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", req.Method, req.URL.RequestURI(), host)
	_ = req.Header.WriteSubset(&b, map[string]bool{"Host": true})
	b.WriteString("\r\n")
	if req.GetBody != nil {
		if body, err := req.GetBody(); err == nil {
			_, _ = io.CopyN(&b, body, 8<<10)
		}
	}
	return b.Bytes()
}

// exchange is one request and what was answered.
type exchange struct {
	at                string
	request, response []byte
	status            int
	blocked           bool
	shared            bool // it was made for another template
}

func (x *exchange) take(resp *http.Response) {
	x.status = resp.StatusCode
	x.blocked = resp.StatusCode == http.StatusTooManyRequests ||
		resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != ""
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\r\n", resp.Proto, strings.TrimSpace(resp.Status))
	_ = resp.Header.Write(&b)
	b.WriteString("\r\n")
	if body, ok := resp.Body.(io.ReadCloser); ok && body != http.NoBody {
		all, _ := io.ReadAll(body)
		b.Write(all[:min(len(all), 16<<10)])
		resp.Body = io.NopCloser(bytes.NewReader(all))
	}
	x.response = b.Bytes()
}
