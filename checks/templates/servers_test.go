package templates_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
)

var notFound = answer("404 Not Found", "<html><head><title>404 Not Found</title></head><body><h1>No such page</h1></body></html>")

// listen serves each connection by serve until the end of the test.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				serve(c)
			}()
		}
	}()
	return l.Addr().String()
}

// serve answers as the case says.
func (s *server) serve(t *testing.T) func(net.Conn) {
	if s.talk != nil {
		return func(c net.Conn) { s.converse(t, c) }
	}
	return overHTTP(func(r *http.Request) []byte {
		method := r.Method
		if s.pages[method+" "+r.RequestURI] == nil && method == http.MethodHead {
			method = http.MethodGet
		}
		path, _, _ := strings.Cut(r.RequestURI, "?")
		for _, key := range []string{method + " " + r.RequestURI, method + " " + path, method + " *"} {
			if page := s.pages[key]; page != nil {
				head, body, _ := bytes.Cut(page, []byte("\r\n\r\n"))
				return slices.Concat(bytes.ReplaceAll(head, []byte("{host}"), []byte(r.Host)), []byte("\r\n\r\n"), body)
			}
		}
		return notFound
	})
}

// overHTTP answers requests; nil hangs up.
func overHTTP(page func(*http.Request) []byte) func(net.Conn) {
	return func(c net.Conn) {
		for in := bufio.NewReader(c); ; {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
			said := page(r)
			if said == nil {
				return
			}
			if r.Method == http.MethodHead {
				head, _, _ := bytes.Cut(said, []byte("\r\n\r\n"))
				said = append(bytes.Clone(head), "\r\n\r\n"...)
			}
			if _, err := c.Write(said); err != nil || r.Close {
				return
			}
		}
	}
}

// converse goes through the talk of a case.
func (s *server) converse(t *testing.T, c net.Conn) {
	for _, l := range s.talk {
		if l.from == '<' {
			if _, err := io.WriteString(c, l.text); err != nil {
				return
			}
			continue
		}
		heard := make([]byte, len(l.text))
		if n, err := io.ReadFull(c, heard); string(heard) != l.text && (err == nil || n > 0) {
			t.Errorf("%s: heard %q, not %q", s.name, heard[:n], l.text)
			return
		}
	}
}

// dead are servers that tell nothing, whatever they are asked.
var dead = map[string]func(net.Conn){
	"closed": nil,
	"mute":   func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
	"resets": reset,
	"resets when asked": func(c net.Conn) {
		_, _ = c.Read(make([]byte, 1))
		reset(c)
	},
}

// deadOverHTTP are those that begin to answer, or ask to be left in peace.
var deadOverHTTP = map[string]func(net.Conn){
	"429 to everything": everything("429 Too Many Requests", "slow down\n"),
	"resets in the middle": func(c net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(c))
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n<html>")
		reset(c)
	},
	"cuts the body": func(c net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(c))
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n<html>")
	},
}

// walls answer, but not to what they are asked.
var walls = map[string]func(net.Conn){
	"403 to everything": everything("403 Forbidden", "<html><head><title>403 Forbidden</title></head></html>\n"),
	"503 to everything": everything("503 Service Unavailable", "<html><body>busy</body></html>\n"),
	"HTTPS in plain":    everything("400 Bad Request", "Client sent an HTTP request to an HTTPS server.\n"),
	"401 to everything": everything("401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"", "<html><body>who are you?</body></html>\n"),
	"a challenge":       everything("200 OK", "<html><head><title>Just a moment</title></head><body>Checking your browser</body></html>\n"),
	"sends elsewhere":   everything("302 Found\r\nLocation: http://guard.example/", ""),
	"500 to everything": everything("500 Internal Server Error", "<html><body>failed</body></html>\n"),
}

func everything(status, body string) func(net.Conn) {
	return overHTTP(func(*http.Request) []byte { return answer(status, body) })
}

func answer(status, body string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
}

func reset(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }
