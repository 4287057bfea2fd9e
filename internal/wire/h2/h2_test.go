package h2

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAsk(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 || r.URL.Path != "/a" || r.Host != "cong.example.test" {
			t.Errorf("asked %s %s %s", r.Proto, r.Host, r.URL)
		}
		w.WriteHeader(418)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	c, err := tls.Dial("tcp", s.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if status, err := Ask(c, "cong.example.test", "/a", "x"); status != 418 || err != nil {
		t.Errorf("%d, %v", status, err)
	}
}

type talk struct {
	io.Reader
	io.Writer
}

func TestAskHostile(t *testing.T) {
	settings := "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	for name, said := range map[string]string{
		"nothing":           "",
		"HTTP/1.1":          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		"settings for ever": strings.Repeat(settings, 100_000),
		"huge frame":        "\xff\xff\xff\x01\x04\x00\x00\x00\x01",
		"goaway":            settings + "\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02",
		"no status":         settings + "\x00\x00\x00\x01\x04\x00\x00\x00\x01",
	} {
		if status, err := Ask(talk{strings.NewReader(said), io.Discard}, "a", "/", "x"); err == nil {
			t.Errorf("%s: status %d", name, status)
		}
	}
}

func FuzzAsk(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x01\x01\x04\x00\x00\x00\x01\x88"))
	f.Fuzz(func(t *testing.T, said []byte) {
		if status, err := Ask(talk{bytes.NewReader(said), io.Discard}, "a", "/", "x"); err == nil && (status < 200 || status > 999) {
			t.Fatalf("status %d", status)
		}
	})
}
