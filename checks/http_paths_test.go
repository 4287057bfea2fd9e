package checks

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
)

func answerOf(status int, header, body string) *page {
	h := http.Header{}
	if name, value, ok := strings.Cut(header, ": "); ok {
		h.Set(name, value)
	}
	return &page{URL: &url.URL{Scheme: "https", Host: "cong.example.test", Path: "/x"}, Status: status, Header: h, Body: []byte(body)}
}

// everyShape is all that can be recognised.
func everyShape() (all []shape) {
	for _, w := range pathsWanted {
		all = append(all, w.shapes...)
	}
	return append(all, frontShapes...)
}

// TestShapes holds what is recognised as what, from what the products answer.
func TestShapes(t *testing.T) {
	for _, c := range []struct {
		status       int
		header, body string
		what         string
	}{
		{200, "", "ref: refs/heads/main\n", "files:git"},
		{206, "", "0123456789abcdef0123456789abcdef01234567\n", "files:git"},
		{200, "", "[core]\n\trepositoryformatversion = 0\n", "files:git"},
		{200, "", "10\n\ndir\n1234\nhttps://svn.example.test\n", "files:subversion"},
		{200, "", "SQLite format 3\x00\x10\x00", "files:subversion"},
		{200, "", "APP_NAME=x\nAPP_KEY=base64:abc\n", "files:env"},
		{200, "", "\x00\x00\x00\x01Bud1\x00\x00", "files:ds-store"},
		{200, "", "\ufeff<?xml version=\"1.0\"?>\r\n<!-- a -->\r\n<configuration>\r\n", "files:web.config"},
		{200, "", "PK\x03\x04\x14\x00", "files:backup"},
		{200, "", "-- MySQL dump 10.13  Distrib 8.0\n--\n-- Host: localhost\n\n/*!40101 SET NAMES utf8 */;\n", "files:backup"},
		{200, "", "--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n", "files:backup"},
		{200, "", "--\n-- PostgreSQL database dump\n--\n\n\\restrict abcDEF123\n\n-- Dumped from database version 17.6\n\nSET statement_timeout = 0;\n", "files:backup"},
		{200, "", "<?php\nrequire 'a.php';\n", "files:source"},
		{200, "", "<title>PHP 8.1.2 - phpinfo()</title><h1 class=\"p\">PHP Version 8.1.2</h1>", "debug:phpinfo"},
		{200, "", "<html><head><title>Apache Status</title></head><body>\n<h1>Apache Server Status for a (via 127.0.0.1)</h1>", "debug:server-status"},
		{200, "", `{"activeProfiles":["prod"],"propertySources":[{"name":"server.ports"`, "debug:actuator"},
		{200, "", "<html><head><title>Error Log for /LM/W3SVC/1/ROOT on WEB01 (Page #1)</title>", "debug:elmah"},
		{200, "", `{"swagger":"2.0","info":{},"paths":{}}`, "api:openapi"},
		{200, "", "<html><head><title>Index of /a</title></head><body><h1>Index of /a</h1><pre><a href=\"../\">../</a>", "listing:Apache, nginx"},
		{200, "", "<title>Directory listing for /a/</title>", "listing:Python"},
		{200, "", "<html><head><title>a.example - /a/</title></head><body><H1>a</H1><hr>\r\n\r\n<pre><A HREF=\"/\">[To Parent Directory]</A><br>", "listing:IIS"},
		{200, "", "<html><head><title>a.example - /</title></head><body><H1>a.example - /</H1><hr>\r\n\r\n<pre>  7/2/2020  3:04 PM        &lt;dir&gt; <A HREF=\"/tep/\">tep</A><br>", "listing:IIS"},
		{200, "", "<pre>\n<a href=\"a.txt\">a.txt</a>\n</pre>\n", "listing:Go"},
		{200, "", "<html><body><h1>It works!</h1></body></html>\n", "default:It works!"},
		{200, "", "<title>IIS Windows Server</title>", "default:IIS"},
		{403, "X-Jenkins: 2.401", "", "consoles:Jenkins"},
		{401, `WWW-Authenticate: Basic realm="Tomcat Manager Application"`, "", "consoles:Tomcat Manager"},
		{302, "Location: https://thu.example.test/owa/auth/logon.aspx?url=https%3a%2f%2fthu%2fecp%2f&reason=0", "", "consoles:Exchange ECP"},
		{200, "", "<title>Login to Webmin</title>", "consoles:Webmin"},
		{200, "", "<title>pve - Proxmox Virtual Environment</title>", "consoles:Proxmox VE"},
		{200, "", "<title>GlobalProtect Portal</title>", "consoles:GlobalProtect"},

		{404, "", "ref: refs/heads/main\n", ""},
		{200, "", "<!DOCTYPE html><title>Không thấy</title>ref: refs/heads/main", ""},
		{200, "", "<p>[core]\n", ""},
		{200, "", "<script>\nAPP_NAME=1\nAPP_KEY=2\n</script>", ""},
		{200, "", "APP_NAME=x\n", ""},
		{200, "", "404 Không tìm thấy trang.\n", ""},
		{200, "", "<html><head><title>Bài viết về phpinfo()</title>", ""},
		{200, "", `{"error": "not found", "paths": []}`, ""},
		{200, "", "<html><body><h1>Cổng dịch vụ công</h1><p>It works!</p></body></html>", ""},
		{200, "", "<html><title>Hướng dẫn dùng Grafana</title><body>Grafana, Jenkins, phpMyAdmin</body>", ""},
		{200, "", "<html><title>Hướng dẫn</title><body><pre>sao-chep tep &lt;dir&gt;</pre></body></html>", ""},
		{200, "", "<html><title>Cổng</title><body><a href=\"http://camera.example.test/doc/page/login.asp\">camera</a> <a href=\"http://nas.example.test/cgi-bin/QTS.cgi\">kho</a></body></html>", ""},
		{200, "", "<script>window.location.href = \"/doc/page/login.asp?_\" + (new Date()).getTime();</script>", "consoles:Hikvision"},
		{401, `WWW-Authenticate: Basic realm="Cong"`, "", ""},
		{302, "Location: /dang-nhap", "", ""},
		{200, "Content-Encoding: gzip", "ref: refs/heads/main\n", ""},
		{200, "", "", ""},
	} {
		if got := recognise(everyShape(), answerOf(c.status, c.header, c.body)); got.what != c.what {
			t.Errorf("%d %s %q is %q, want %q", c.status, c.header, c.body, got.what, c.what)
		}
	}
}

// walked gives what a walk tells of a server that answers by path.
func walked(t *testing.T, answer func(path string) string) Paths {
	t.Helper()
	var made atomic.Int64
	p := probeOf(keeps(t, &made, func(_, _ int, r *http.Request) string {
		if said := answer(r.URL.Path); said != "" {
			return said
		}
		return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
	}))
	at := p.Endpoint.URL()
	s := p.session(context.Background(), at)
	s.quiet = true
	defer s.close()
	w := &walk{session: s, front: "/", before: Answer{URL: at.String(), Status: 200}}
	w.all()
	return Paths{Answers: w.answers}
}

// TestNotRecognisedIsNotAbsent holds that a file which is answered with what
// nobody knows is not told as not there.
func TestNotRecognisedIsNotAbsent(t *testing.T) {
	for name, c := range map[string]struct {
		path, body string
		cause      fact.Cause
	}{
		"one setting":            {"/.env", "MAT_KHAU=x\n", fact.Unanswered},
		"a dump in UTF-16":       {"/backup.sql", "\xff\xfeU\x00S\x00E\x00", fact.Unanswered},
		"a filter that says 200": {"/.git/HEAD", "<html><title>Request Rejected</title>The requested URL was rejected.</html>", fact.Unanswered},
		"nothing":                {"/.env", "", ""},
		"a page of a program":    {"/info.php", "<html><title>Giới thiệu</title></html>", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := walked(t, func(path string) string {
				switch path {
				case "/":
					return says200("<html><title>Cổng</title></html>")
				case c.path:
					return says200(c.body)
				}
				return ""
			})
			for _, a := range f.Answers {
				if want := c.cause; a.Path == c.path && a.Cause != string(want) || a.Path != c.path && a.Cause != "" {
					t.Errorf("%+v", a)
				}
			}
		})
	}
}

// TestFilterWithParts holds that a page at every address which loads only the
// script of a filter is taken for the filter's, and that of an application is
// not.
func TestFilterWithParts(t *testing.T) {
	for part, blocked := range map[string]bool{
		"/TSPD/08a1b2c3?type=9": true, "/_Incapsula_Resource?SWJIYLWA=1": true, "/kiem-tra?n=1": true,
		"/.within.website/x/cmd/anubis/static/js/main.mjs": true, "/cdn-cgi/challenge-platform/a.js": true,
		"/assets/index-1a2b.js": false, "/_next/static/a.js?v=1": false,
	} {
		file, _, _ := strings.Cut(part, "?")
		f := walked(t, func(path string) string {
			if path == file {
				return says200("chay();")
			}
			return says200(`<html><script src="` + part + `"></script><title>x</title></html>`)
		})
		if u := f.nothing(); (u != nil) != blocked || u != nil && u.Cause != fact.Blocked {
			t.Errorf("%s: %v", part, u)
		}
	}
}

// TestConsolesUnseen holds that the door of a VPN does not stand for what was
// not seen beside it.
func TestConsolesUnseen(t *testing.T) {
	door := PathAnswer{Path: "/", What: "consoles:FortiGate SSL VPN"}
	console := PathAnswer{Path: "/", What: "consoles:Grafana"}
	unseen := fact.Because(fact.Blocked, "429")
	for name, c := range map[string]struct {
		found  []PathAnswer
		unseen *fact.Unknown
		known  bool
	}{
		"door and a gap":    {[]PathAnswer{door}, unseen, false},
		"console and a gap": {[]PathAnswer{console, door}, unseen, true},
		"door":              {[]PathAnswer{door}, nil, true},
		"nothing":           {nil, nil, true},
		"a gap":             {nil, unseen, false},
	} {
		if _, u := consolesOf(c.found, c.unseen).Get(); (u == nil) != c.known {
			t.Errorf("%s: %v", name, u)
		}
	}
}

// FuzzShapes holds that no content makes the shapes fail or quote at length.
func FuzzShapes(f *testing.F) {
	f.Add(200, "X-Jenkins: 1", "APP_NAME=x\nAPP_KEY=y\n")
	f.Add(401, `Www-Authenticate: Basic realm="Tomcat Manager Application"`, "<title>iDRAC</title>")
	f.Fuzz(func(t *testing.T, status int, header, body string) {
		for _, s := range everyShape() {
			if proof := recognise([]shape{s}, answerOf(status, header, body)).proof; len(proof) > 1000 {
				t.Fatalf("%s: proof of %d bytes", s.what, len(proof))
			}
		}
		readSecurityTxt([]byte(body))
	})
}

// TestSecurityTxt holds what of RFC 9116 is told.
func TestSecurityTxt(t *testing.T) {
	for body, want := range map[string]string{
		"Contact: mailto:a@b.example\nExpires: 2030-01-01T00:00:00z\n":                          "",
		"Contact: mailto:a@b.example\n":                                                         "Expires is not there exactly once: §2.5.5",
		"contact: https://a.example/\nExpires: 2030-01-01\n":                                    "Expires is no date of RFC 3339: §2.5.5",
		"Contact: http://a.example/\nExpires: 2030-01-01T00:00:00Z\n":                           "Contact is no mailto:, tel: or https: address: §2.5.3",
		"Contact: tel:+84-24-1\nExpires: 2030-01-01T00:00:00Z\nExpires: 2031-01-01T00:00:00Z\n": "Expires is not there exactly once: §2.5.5",
	} {
		f, is := readSecurityTxt([]byte(body))
		if got := strings.Join(f.Mistakes, "|"); !is || got != want {
			t.Errorf("%q: %v, %q, want %q", body, is, got, want)
		}
	}
	for _, body := range []string{"", "<!DOCTYPE html><p>Contact us: <a href=x>", "User-agent: *\nDisallow: /\n", "Not found: 404\n"} {
		if _, is := readSecurityTxt([]byte(body)); is {
			t.Errorf("%q passes for a security.txt", body)
		}
	}
}

// TestSecurityTxtBehindAWall holds that one answer for every path, in whatever
// form, is not read as a file that is not there.
func TestSecurityTxtBehindAWall(t *testing.T) {
	for name, c := range map[string]struct {
		front, other string
		blocked      bool
	}{
		"one text everywhere": {"Xin cho.", "Xin cho.", true},
		"one page everywhere": {"<html><p>Xin cho.</html>", "<html><p>Xin cho.</html>", true},
		"a page that says no": {"<html><p>Cong</html>", "<html><title>Khong thay</title></html>", false},
		"a text that says no": {"<html><p>Cong</html>", "Khong thay.", false},
	} {
		var made atomic.Int64
		e := keeps(t, &made, func(_, _ int, r *http.Request) string {
			if r.URL.Path == "/" {
				return says200(c.front)
			}
			return says200(c.other)
		})
		obs := observe(t, HTTPSecurityTxt, e, 10*time.Second)
		if (obs.Unknown != nil) != c.blocked || c.blocked && obs.Unknown.Cause != fact.Blocked {
			t.Errorf("%s: %s %v", name, obs.Value, obs.Unknown)
		}
	}
}
