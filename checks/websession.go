package checks

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/sansang/sansang/internal/fact"
)

// session asks one origin one thing after the other, over one connection for as
// long as the server keeps it: fifty small questions must not cost fifty
// connections.
type session struct {
	p     *Probe
	ctx   context.Context
	at    *url.URL // scheme and host that all requests go to
	quiet bool     // what comes back may be a secret: no byte of it is kept

	conn    net.Conn
	secured *tls.Conn
	stream  *stream
	heard   *first // of the answer under way, where TLS hides it from the tape
	stop    func() bool
}

// session begins one; close must be called when it is over.
func (p *Probe) session(ctx context.Context, at *url.URL) *session {
	return &session{p: p, ctx: ctx, at: at}
}

// asking is one request of a session.
type asking struct {
	Method string      // empty: GET
	Path   string      // as it goes on the wire, with the query
	Header http.Header // beside the usual ones
}

// get asks for a path.
func (s *session) get(path string) (*page, error) { return s.ask(asking{Path: path}) }

// ask sends a request and reads the answer. A connection that the server had
// kept open and has closed meanwhile is replaced, once.
func (s *session) ask(a asking) (*page, error) {
	kept := s.conn != nil
	pg, err := s.once(a)
	var u *fact.Unknown
	if kept && errors.As(err, &u) && u.Cause == fact.Reset && s.ctx.Err() == nil {
		return s.once(a)
	}
	return pg, err
}

func (s *session) once(a asking) (*page, error) {
	if s.conn == nil {
		if err := s.open(); err != nil {
			return nil, err
		}
	} else if err := s.p.bound(s.ctx, s.conn); err != nil {
		return nil, s.fail(err)
	}
	pg := &page{URL: &url.URL{Scheme: s.at.Scheme, Host: s.at.Host, Path: a.Path}}
	if u, err := s.at.Parse(a.Path); err == nil {
		pg.URL = u
	}
	s.heard = &first{&bytes.Buffer{}, keepBytes}
	pg.Sent = s.p.Now()
	if _, err := s.writer().Write(s.encode(a)); err != nil {
		return nil, s.fail(err)
	}
	more, err := pg.next(s.stream, s.p.Now)
	if err != nil {
		return nil, s.fail(err)
	}
	if (s.secured != nil || s.p.givesData()) && !s.quiet {
		s.p.Note("answer of "+s.at.Host+" to "+a.method()+" "+a.Path, s.p.evident(s.heard.Bytes()))
	}
	if !more {
		s.close()
	}
	return pg, nil
}

func (s *session) open() error { return s.p.again(s.begin) }

func (s *session) begin() error {
	address, name, _ := s.p.place(s.at)
	conn, err := s.p.DialTo(s.ctx, address)
	if err != nil {
		return err
	}
	if s.quiet || s.p.givesData() {
		hush(conn)
	}
	s.conn = conn
	s.stop = context.AfterFunc(s.ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	if s.at.Scheme == "https" {
		within, cancel := context.WithTimeout(s.ctx, s.p.Timeout)
		defer cancel()
		if s.secured, err = s.p.secure(within, conn, tlsClient(name)); err != nil {
			return s.fail(err)
		}
	}
	s.stream = newStream(io.TeeReader(s.writer(), s))
	return nil
}

func (s *session) writer() io.ReadWriter {
	if s.secured != nil {
		return s.secured
	}
	return s.conn
}

// Write takes what was heard.
func (s *session) Write(b []byte) (int, error) { return s.heard.Write(b) }

// encode writes the request by hand: net/http would change some paths, and
// knows no TRACE with a body-less header of our own.
func (s *session) encode(a asking) []byte {
	_, _, host := s.p.place(s.at)
	b := []byte(a.method() + " " + a.Path + " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: " + UserAgent +
		"\r\nAccept: text/html, */*;q=0.5\r\nAccept-Encoding: identity\r\n")
	for name, values := range a.Header {
		for _, v := range values {
			b = append(b, name+": "+v+"\r\n"...)
		}
	}
	return append(b, "\r\n"...)
}

func (a asking) method() string {
	if a.Method == "" {
		return http.MethodGet
	}
	return a.Method
}

// fail ends the connection and names the error.
func (s *session) fail(err error) error {
	s.close()
	if err := s.ctx.Err(); err != nil {
		return err
	}
	return blame(err)
}

func (s *session) close() {
	if s.conn == nil {
		return
	}
	s.stop()
	_ = s.conn.Close() // all that counts has been read
	s.conn, s.secured, s.stream = nil, nil, nil
}
