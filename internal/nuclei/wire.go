package nuclei

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

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

// smallBuffer is what a connection holds to read and to write: a question takes
// a few hundred bytes, and hundreds of targets are open at once.
const smallBuffer = 1 << 10

type runKey struct{}

func newWire(e *Engine) *wire {
	w := &wire{e: e, memo: memo{by: map[string]*flight{}}}
	w.kept = &http.Transport{
		DialContext: e.connect, DialTLSContext: e.secure, ResponseHeaderTimeout: e.timeout,
		MaxIdleConnsPerHost: 64, MaxResponseHeaderBytes: 256 << 10,
		ReadBufferSize: smallBuffer, WriteBufferSize: smallBuffer,
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
	r.wire(req)
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
		if r.keeps != nil {
			r.keeps = append(r.keeps, key)
		}
		resp, err = w.memo.once(req.Context(), key, send)
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
