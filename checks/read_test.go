package checks

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPolicies(t *testing.T) {
	type want struct{ src, object, base, ancestors, inline, framing bool }
	for _, c := range []struct {
		name string
		csp  []string
		xfo  []string
		want want
	}{
		{"nothing", nil, nil, want{}},
		{"strict", []string{"default-src 'none'; base-uri 'none'; frame-ancestors 'self'"}, nil, want{src: true, object: true, base: true, ancestors: true, framing: true}},
		{"any case", []string{"DEFAULT-SRC 'NONE'; Base-URI 'None'"}, nil, want{src: true, object: true, base: true}},
		{"the first of two counts", []string{"object-src 'none'; object-src *; frame-ancestors *; frame-ancestors 'none'"}, nil, want{object: true, ancestors: true}},
		{"empty list is none", []string{"object-src; base-uri ;"}, nil, want{object: true, base: true}},
		{"none beside another is not none", []string{"object-src 'none' 'self'"}, nil, want{}},
		{"two headers", []string{"script-src 'self'", "frame-ancestors 'none'"}, nil, want{src: true, ancestors: true, framing: true}},
		{"two in one header", []string{"script-src 'self', base-uri 'none'"}, nil, want{src: true, base: true}},
		{"inline", []string{"script-src 'self' 'unsafe-inline'"}, nil, want{src: true, inline: true}},
		{"inline by default-src", []string{"default-src * 'unsafe-inline'"}, nil, want{src: true, inline: true}},
		{"a nonce puts it out of force", []string{"script-src 'unsafe-inline' 'nonce-abc'"}, nil, want{src: true}},
		{"inline attributes only", []string{"script-src 'self'; script-src-attr 'unsafe-inline'"}, nil, want{src: true, inline: true}},
		{"inline style is another thing", []string{"default-src 'self'; style-src 'unsafe-inline'"}, nil, want{src: true}},
		{"another policy stops it", []string{"script-src 'unsafe-inline'", "script-src 'self'"}, nil, want{src: true}},
		{"a policy about other things does not", []string{"script-src 'unsafe-inline'", "frame-ancestors 'none'"}, nil, want{src: true, ancestors: true, inline: true, framing: true}},
		{"everyone may frame", []string{"frame-ancestors https:"}, []string{"DENY"}, want{ancestors: true}},
		{"old header", nil, []string{"sameorigin"}, want{framing: true}},
		{"old header twice", nil, []string{"DENY, deny"}, want{framing: true}},
		{"old header at odds", nil, []string{"DENY", "SAMEORIGIN"}, want{framing: true}},
		{"allow-from does nothing", nil, []string{"ALLOW-FROM https://a.example"}, want{}},
		{"no policy in it", []string{" ; , ;"}, nil, want{}},
	} {
		ps := parsePolicies(c.csp)
		either := func(f func(policy) bool) bool { return slices.ContainsFunc(ps, f) }
		got := want{
			either(policy.restrictsScript), either(policy.objectSrcNone), either(policy.baseURINone),
			either(func(p policy) bool { return p.has("frame-ancestors") }), unsafeInline(ps), framingProtected(ps, c.xfo),
		}
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestHSTS(t *testing.T) {
	for header, want := range map[string]struct {
		age             int64
		sub, pre, valid bool
	}{
		"max-age=31536000": {31536000, false, false, true},
		`MAX-AGE="10" ; includeSubDomains; preload; x=y`: {10, true, true, true},
		"max-age=0; includeSubDomains":                   {},
		"includeSubDomains":                              {},
		"max-age=-1":                                     {},
		"max-age=1.5":                                    {},
		"max-age=1; max-age=2":                           {},
		"":                                               {},
	} {
		age, sub, pre, valid := parseHSTS(header)
		if age != want.age || sub != want.sub || pre != want.pre || valid != want.valid {
			t.Errorf("%q: %d %v %v %v", header, age, sub, pre, valid)
		}
	}
}

func TestReferrerPolicy(t *testing.T) {
	for want, headers := range map[string][]string{
		"":                                {"nonsense"},
		"strict-origin":                   {"Strict-Origin, later-invention"},
		"strict-origin-when-cross-origin": {"no-referrer, strict-origin-when-cross-origin"},
		"unsafe-url":                      {"no-referrer", "unsafe-url"},
	} {
		if got := referrerPolicy(headers); got != want {
			t.Errorf("%q: %q, want %q", headers, got, want)
		}
	}
}

func TestSetCookie(t *testing.T) {
	for header, want := range map[string]setCookie{
		"a=b":                                       {Name: "a", Value: "b"},
		" a = b ; secure; HTTPONLY":                 {Name: "a", Value: "b", Secure: true, HTTPOnly: true},
		`a={"x":1}; SameSite=STRICT`:                {Name: "a", Value: `{"x":1}`, SameSite: "Strict"},
		"a=b; SameSite=whatever; Path=/":            {Name: "a", Value: "b"},
		"a=b; Max-Age=0":                            {Name: "a", Value: "b", HasMaxAge: true},
		"a=; Expires=Thu, 01-Jan-1970 00:00:00 GMT": {Name: "a", Expires: time.Unix(0, 0).UTC()},
	} {
		got, ok := parseSetCookie(header)
		got.Expires = got.Expires.UTC()
		want.Expires = want.Expires.UTC()
		if !ok || got != want {
			t.Errorf("%q: %+v, want %+v", header, got, want)
		}
	}
	for _, header := range []string{"", "=b", "novalue", "; Secure"} {
		if c, ok := parseSetCookie(header); ok {
			t.Errorf("%q: %+v", header, c)
		}
	}
}

func TestSessionNames(t *testing.T) {
	for _, name := range []string{
		"JSESSIONID", "PHPSESSID", "ASP.NET_SessionId", "connect.sid", "sessionid", "laravel_session", ".ASPXAUTH", "access_token",
		"__Host-session", "ASPSESSIONIDQABC", "JWT", "wordpress_logged_in_1", "SID", "CFTOKEN", "remember_web", "authorization", "LtpaToken2",
	} {
		if !isSessionName(name) {
			t.Errorf("%s is no session cookie?", name)
		}
	}
	for _, name := range []string{"csrftoken", "XSRF-TOKEN", "__RequestVerificationToken", "theme", "lang", "author_id", "residence", "_ga"} {
		if isSessionName(name) {
			t.Errorf("%s is a session cookie?", name)
		}
	}
}

func TestTraces(t *testing.T) {
	for body, want := range map[string][]string{
		"java.lang.NullPointerException\n\tat vn.gov.Portal.doGet(Portal.java:42)\n\tat java.base/java.lang.Thread.run(Thread.java:829)":                         {"Java"},
		"<pre>java.io.IOException\n\tat vn.gov.Portal.&lt;init&gt;(Portal.java)</pre>":                                                                           {"Java"},
		"[NullReferenceException: Object reference]\n   Portal.Page.Load(Object s) in C:\\web\\Page.cs:line 12\n   at System.Web.UI.Control.OnLoad(EventArgs e)": {".NET"},
		"<br />\n<b>Fatal error</b>:  Uncaught Error in <b>/var/www/index.php</b> on line <b>3</b><br />":                                                        {"PHP"},
		"#0 /var/www/a.php(12): run()":                                           {"PHP"},
		"Traceback (most recent call last):\n  File \"/srv/a.py\", line 3, in f": {"Python"},
		"<code>File &quot;/srv/a.py&quot;, line 3</code>":                        {"Python"},
		"<p>You're seeing this error because you have <code>DEBUG = True</code>": {"Python"},
		"app/controllers/a.rb:12:in `show'":                                      {"Ruby"},
		"Error: x\n    at Layer.handle (/srv/node_modules/express/lib/router/layer.js:95:5)<br> &nbsp; &nbsp;at node:internal/process/task_queues:95:5": {"Node.js"},
		"goroutine 1 [running]:\nmain.main()":                                                              {"Go"},
		"Không tìm thấy trang. Xin gọi 1900 1234 lúc 8:30 (giờ VN).":                                       nil,
		"Meet us at the office (room 12:30:10). Warning: no entry.":                                        nil,
		`{"message": "", "exception": "Symfony\\Component\\HttpKernel\\Exception\\NotFoundHttpException"}`: {"PHP"},
		"<title>KeyError: 'a' // Werkzeug Debugger</title>":                                                {"Python"},
		"404 Not Found at /khong-co":                                                                       nil,
		"Server Error in '/' Application. Runtime Error":                                                   nil,
	} {
		if got := traceIn([]byte(body)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
}

func TestVersionsDisclosed(t *testing.T) {
	for _, c := range []struct {
		name, value string
		want        bool
	}{
		{"Server", "nginx", false},
		{"Server", "cloudflare", false},
		{"Server", "ECS (dcb/7F84)", false},
		{"Server", "nginx/1.22.1", true},
		{"Server", "Apache/2 (Debian)", true},
		{"Server", "Microsoft-IIS/10.0", true},
		{"X-Powered-By", "ASP.NET", false},
		{"X-Powered-By", "PHP/8.2", true},
		{"X-AspNet-Version", "4.0.30319", true},
		{"Via", "1.1 vegur", false},
		{"Via", "HTTP/1.1 cong, 1.1 dai-ly", false},
		{"Via", "1.1 proxy (squid/5.7)", true},
		{"Date", "Tue, 24 Nov 2026 10:00:00 GMT", false},
	} {
		f, h := Disclosure{}, http.Header{}
		h.Add(c.name, c.value)
		f.versionsIn(h)
		if got := len(f.Versions) == 1; got != c.want {
			t.Errorf("%s: %s: %q", c.name, c.value, f.Versions)
		}
	}
}

func TestAddressesDisclosed(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"Location", "https://10.1.2.3/dang-nhap", "Location: 10.1.2.3"},
		{"X-Backend-Server", "192.168.7.9:8080", "X-Backend-Server: 192.168.7.9"},
		{"Set-Cookie", "BIGipServerpool_cong=1677787402.36895.0000; path=/", "Set-Cookie BIGipServerpool_cong: 10.1.1.100"}, // the example of F5's K6917
		{"Location", "https://172.16.0.1/", ""},                                                                             // the endpoint itself
		{"Via", "1.1 203.113.1.2", ""},
		{"X-Version", "10.1.2.3.4", ""},
		{"Set-Cookie", "v=10.1.2.3", ""},
		{"Set-Cookie", "BIGipServerx=99999999999.1.0000", ""},
		{"X", "10.1.2.300", ""},
	} {
		f, h := Disclosure{}, http.Header{}
		h.Add(c.name, c.value)
		f.addressesIn(h, "172.16.0.1")
		if got := strings.Join(f.Addresses, "|"); got != c.want {
			t.Errorf("%s: %s: %q, want %q", c.name, c.value, got, c.want)
		}
	}
}

func TestWherePoliciesAreOpen(t *testing.T) {
	for _, c := range []struct {
		policies       []string
		anywhere, eval bool
	}{
		{nil, false, false},
		{[]string{"default-src 'self'"}, false, false},
		{[]string{"script-src https: 'unsafe-eval'"}, true, true},
		{[]string{"script-src DATA: 'self'"}, true, false},
		{[]string{"script-src https: 'strict-dynamic' 'nonce-a'"}, false, false},
		{[]string{"default-src *; script-src 'self'"}, false, false},
		{[]string{"default-src * 'unsafe-eval'", "script-src 'self'"}, false, false},
		{[]string{"img-src *"}, false, false},
	} {
		ps := parsePolicies(c.policies)
		if a, e := anywhere(ps), unsafeEval(ps); a != c.anywhere || e != c.eval {
			t.Errorf("%q: anywhere %v, eval %v", c.policies, a, e)
		}
	}
	if ps := metaPolicies([]string{"frame-ancestors 'none'; sandbox", "default-src 'self'; frame-ancestors *"}); len(ps) != 1 || ps[0].has("frame-ancestors") {
		t.Errorf("of meta elements %v", ps)
	}
}
