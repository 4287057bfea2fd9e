package webpage

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
)

var at, _ = url.Parse("https://cong.example.test/a/")

func TestRead(t *testing.T) {
	p := Read([]byte(`<!DOCTYPE html><title> Cổng  dịch vụ </title>
<meta name=Generator content="Joomla! 4"><meta http-equiv="Content-Security-Policy" content="default-src 'self'">
<meta name=referrer content=Origin>
<!-- <script src="http://chu-thich.example/"></script> -->
<script src="//cdn.example.test/a.js"></script><script src="b.js" integrity="sha384-x"></script>
<link rel="StyleSheet" href="http://cdn.example.test/c.css"><link rel=canonical href="http://khac.example/">
<img src="http://anh.example.test/d.png"><img src="data:image/png;base64,xx"><iframe src="javascript:1"></iframe>
<form action="http://nhan.example.test/"><input type=PASSWORD></form><form><input type=text></form>
<a href="/uploads/x.pdf">x</a>`), at)
	var got []string
	for _, r := range p.Resources {
		s := r.URL.String()
		for name, is := range map[string]bool{" active": r.Active} {
			if is {
				s += name
			}
		}
		if r.Code {
			s += " code"
		}
		if r.Integrity {
			s += " integrity"
		}
		got = append(got, s)
	}
	want := []string{
		"https://cdn.example.test/a.js active code", "https://cong.example.test/a/b.js active code integrity",
		"http://cdn.example.test/c.css active code", "http://anh.example.test/d.png",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("resources %q", got)
	}
	if p.Title != "Cổng dịch vụ" || p.Generator != "Joomla! 4" || p.Referrer != "origin" || len(p.CSP) != 1 || !p.Password || !p.Whole {
		t.Errorf("page %+v", p)
	}
	if len(p.Forms) != 2 || p.Forms[0].Action.String() != "http://nhan.example.test/" || !p.Forms[0].Password || p.Forms[1].Password || p.Forms[1].Action.String() != at.String() {
		t.Errorf("forms %+v", p.Forms)
	}
	if len(p.Links) != 1 || p.Links[0] != "https://cong.example.test/uploads/x.pdf" {
		t.Errorf("links %q", p.Links)
	}
}

func TestReadIsBounded(t *testing.T) {
	p := Read([]byte(strings.Repeat("<script src=a></script>", 100_000)), at)
	if len(p.Resources) != maxItems || p.Whole {
		t.Errorf("%d resources, whole %v", len(p.Resources), p.Whole)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("<title>a</title><form action=x><input type=password><base href=//a><script src=b>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		p := Read(body, at)
		for _, r := range p.Resources {
			if r.URL == nil || r.URL.Host == "" {
				t.Fatalf("resource %+v", r)
			}
		}
	})
}
