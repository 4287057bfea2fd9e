package webpage

import (
	"fmt"
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

// TestLeftOut holds that a page of which something was left out is not whole.
func TestLeftOut(t *testing.T) {
	for name, body := range map[string]string{
		"resources":  strings.Repeat("<img src=a>", maxItems+1),
		"forms":      strings.Repeat("<form></form>", maxItems+1),
		"attributes": "<script " + attributes(101) + " src=http://a.example/></script>",
		"address":    "<script src=http://a.example/" + strings.Repeat("a", 5000) + "></script>",
	} {
		if Read([]byte(body), at).Whole {
			t.Errorf("%s: whole", name)
		}
	}
	if !Read([]byte(strings.Repeat("<img src=a>", maxItems)+"<img src=data:"+strings.Repeat("a", 5000)+">"), at).Whole {
		t.Error("not whole though nothing was left out")
	}
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " a%d", i)
	}
	return b.String()
}

// TestPolicyOutsideHead holds that a policy counts only where browsers heed it.
func TestPolicyOutsideHead(t *testing.T) {
	const meta = `<meta http-equiv=content-security-policy content="default-src 'none'">`
	for body, want := range map[string]int{
		meta:                                                1,
		"<head><script></script>" + meta:                    1,
		"<head></head><body>" + meta:                        0,
		"<title>x</title></head>" + meta:                    0,
		"<p>x" + meta:                                       0,
		"<head><link rel=x><div></div>" + meta:              0,
		"<head><noscript><img src=a></noscript>" + meta:     1,
		"<head><template><div></div></template>" + meta:     1,
		"<head><template>" + meta + "</template>":           0,
		"<head><noscript>" + meta + "</noscript></head><p>": 0,
	} {
		if got := len(Read([]byte(body), at).CSP); got != want {
			t.Errorf("%s: %d policies, want %d", body, got, want)
		}
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
