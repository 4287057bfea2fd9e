package nuclei

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// memo keeps whole exchanges for the templates that ask the same of a target:
// many ask for "/" and look for different words. What failed is never kept.
type memo struct {
	mu   sync.Mutex
	by   map[string]*flight
	size int // bytes of the bodies kept
}

// Bounds of the memo of one target, and of all of them: where every path is
// answered with a large page each would be full, and hundreds are open at once.
const (
	mostKept  = 1 << 20   // bytes of one body
	mostMemo  = 8 << 20   // bytes of all bodies
	mostMemos = 192 << 20 // bytes of all bodies of all targets
	mostEntry = 512       // exchanges
)

// remembered counts the bytes of bodies that all memos keep.
var remembered atomic.Int64

// room takes room for so many bytes, if there is any.
func room(n int) bool {
	if remembered.Add(int64(n)) <= mostMemos {
		return true
	}
	remembered.Add(-int64(n))
	return false
}

// flight is one exchange, under way until done is closed.
type flight struct {
	done chan struct{}
	resp *http.Response // without its body; nil: it failed, or is not kept
	body []byte
}

// same is what two requests have in common that are answered once, or "" for
// a request that is not answered from here.
func same(req *http.Request) string {
	if req.Method != http.MethodGet || req.Body != nil && req.Body != http.NoBody {
		return ""
	}
	var lines []string
	for name, values := range req.Header {
		lines = append(lines, name+": "+strings.Join(values, "\x00"))
	}
	slices.Sort(lines)
	return req.URL.String() + "\x00" + req.Host + "\x00" + strings.Join(lines, "\n")
}

// forget drops all that is kept.
func (m *memo) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	remembered.Add(-int64(m.size))
	m.by, m.size = map[string]*flight{}, 0
}

// drop drops one exchange that is over.
func (m *memo) drop(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f := m.by[key]; f != nil && f.resp != nil {
		remembered.Add(-int64(len(f.body)))
		m.size -= len(f.body)
		delete(m.by, key)
	}
}

// once makes the exchange, or gives the one that was made or is being made.
func (m *memo) once(ctx context.Context, key string, send func() (*http.Response, error)) (*http.Response, error) {
	for {
		m.mu.Lock()
		f := m.by[key]
		if f == nil {
			f = &flight{done: make(chan struct{})}
			m.by[key] = f
			m.mu.Unlock()
			return m.first(key, f, send)
		}
		m.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-f.done:
		}
		if f.resp != nil {
			return f.again(), nil
		}
		m.mu.Lock()
		kept := m.by[key] == f
		m.mu.Unlock()
		if kept { // it is not for keeping: everybody asks for himself
			return send()
		}
	}
}

// first makes the exchange, and keeps it if it is whole and says something of
// the page rather than of the moment.
func (m *memo) first(key string, f *flight, send func() (*http.Response, error)) (*http.Response, error) {
	defer close(f.done)
	resp, err := send()
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		delete(m.by, key) // also where resp holds a part
		return resp, err
	}
	h, whole := resp.Body.(*held)
	if !whole {
		delete(m.by, key)
		return resp, nil
	}
	body := h.all
	momentary := resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500
	if momentary || len(body) > mostKept || m.size+len(body) > mostMemo || len(m.by) > mostEntry || !room(len(body)) {
		if len(m.by) > mostEntry {
			delete(m.by, key)
		}
		return resp, nil
	}
	m.size += len(body)
	f.body, f.resp = body, &http.Response{
		Status: resp.Status, StatusCode: resp.StatusCode, Proto: resp.Proto, ProtoMajor: resp.ProtoMajor, ProtoMinor: resp.ProtoMinor,
		Header: resp.Header.Clone(), ContentLength: resp.ContentLength, TransferEncoding: resp.TransferEncoding, Uncompressed: resp.Uncompressed, TLS: resp.TLS,
	}
	return resp, nil
}

// again is the response with a body of its own.
func (f *flight) again() *http.Response {
	resp := *f.resp
	resp.Header = f.resp.Header.Clone()
	resp.Body = hold(f.body)
	return &resp
}
