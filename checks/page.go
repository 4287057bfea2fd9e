package checks

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

// Bounds of one answer over HTTP.
const (
	maxHeader  = 64 << 10
	maxBody    = 256 << 10
	maxWire    = 1 << 20 // of the body as it is sent, in chunks perhaps of one byte
	maxInterim = 5       // answers 1xx before the one that counts
)

// errEnough is why a body is not whole that is larger than maxBody.
var errEnough = errors.New("the body is larger than what is read")

// page is one answer over HTTP/1.1.
type page struct {
	URL    *url.URL
	Status int
	Header http.Header
	Body   []byte
	Cut    error // why Body is not the whole body; nil if it is

	Sent, Got time.Time // the request, the header of the answer
}

// read reads one answer, never more than the bounds. An error means that its
// header is not whole; what is amiss with the body is in Cut.
func (pg *page) read(r io.Reader, now func() time.Time) error {
	_, err := pg.next(newStream(r), now)
	return err
}

// stream is the answers of one connection, one after the other.
type stream struct {
	source *lasting
	wire   *io.LimitedReader
	in     *bufio.Reader
}

func newStream(r io.Reader) *stream {
	s := &stream{source: &lasting{Reader: r}}
	s.wire = &io.LimitedReader{R: s.source}
	s.in = bufio.NewReader(s.wire)
	return s
}

// next reads the next answer. more tells that another may follow it on the
// same connection: it was read to its end, and the server did not say that it
// closes.
func (pg *page) next(s *stream, now func() time.Time) (more bool, err error) {
	s.wire.N = maxHeader
	for range maxInterim {
		resp, err := http.ReadResponse(s.in, nil)
		switch {
		case err != nil && s.wire.N <= 0:
			return false, fmt.Errorf("header of more than %d bytes", maxHeader)
		case err != nil && s.source.err != nil:
			return false, s.source.err // net/http calls a line that was cut off malformed
		case err != nil:
			return false, err
		}
		if resp.StatusCode/100 == 1 && resp.StatusCode != http.StatusSwitchingProtocols {
			continue
		}
		pg.Got, pg.Status, pg.Header = now(), resp.StatusCode, resp.Header
		s.wire.N = maxWire
		pg.Body, pg.Cut = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
		if len(pg.Body) > maxBody || s.wire.N <= 0 {
			pg.Body, pg.Cut = pg.Body[:min(len(pg.Body), maxBody)], errEnough
		}
		more = pg.Cut == nil && !resp.Close && resp.StatusCode != http.StatusSwitchingProtocols && s.in.Buffered() == 0
		s.wire.N = 0 // Close would read on
		_ = resp.Body.Close()
		return more, nil
	}
	return false, fmt.Errorf("more than %d interim answers", maxInterim)
}

// redirect gives where the page sends a browser, without the fragment, which
// is no business of the server's. An error means that nobody should follow.
func (pg *page) redirect() (to *url.URL, is bool, err error) {
	switch pg.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, false, nil
	}
	location := pg.Header.Get("Location")
	if location == "" {
		return nil, false, nil
	}
	ref, err := pg.URL.Parse(location)
	if err != nil {
		return nil, true, err
	}
	ref.Fragment, ref.RawFragment = "", ""
	to, err = inventory.ParseTarget(ref.String())
	return to, true, err
}

// lasting remembers how its reader ended.
type lasting struct {
	io.Reader
	err error
}

func (l *lasting) Read(b []byte) (int, error) {
	n, err := l.Reader.Read(b)
	if l.err == nil {
		l.err = err
	}
	return n, err
}
