package lab

import (
	"net/http"
	"strings"
	"testing"
)

// webProofs holds what the recipes show that are about single paths.
var webProofs = map[string]func(*testing.T, *Server){
	"cors-any":             headerProof("Access-Control-Allow-Origin", "*"),
	"cors-reflects":        func(t *testing.T, s *Server) { asks(t, s, "GET", "/", "Origin", "https://a.example", 200, "") },
	"trace-on":             func(t *testing.T, s *Server) { asks(t, s, "TRACE", "/", "X-A", "xin-chao", 200, "xin-chao") },
	"exposed-files":        shows("/.env", 200, exposedSecret),
	"exposed-files-clear":  shows("/backup.zip", 200, "PK"),
	"consoles":             shows("/manager/html", 401, ""),
	"grafana":              shows("/khong-co", 200, "grafanaBootData"),
	"default-page":         shows("/", 200, "Welcome to nginx!"),
	"page-careless":        shows("/", 200, `src="http://`),
	"api-leaks":            shows("/", 200, "soCCCD"),
	"csp-meta":             shows("/", 200, "http-equiv"),
	"security-txt-expired": shows("/.well-known/security.txt", 200, "2020-"),
	"security-txt-none":    shows("/.well-known/security.txt", 404, ""),
	"https-downgrade":      shows("/", 302, ""),
	"https-h2":             shows("/.well-known/security.txt", 200, "Contact:"),
	"soft-404":             shows("/khong-co", 200, "Không có trang /khong-co"),
	"one-page":             shows("/khong-co", 200, "/ma/app.js"),
	"wall-403":             shows("/", 403, ""),
	"wall-challenge":       shows("/khong-co", 200, "Đang kiểm tra"),
	"wall-knows-paths":     shows("/.git/HEAD", 403, ""),
	"turns-429":            turnProof(429),
	"turns-403":            turnProof(403),
}

func shows(path string, status int, part string) func(*testing.T, *Server) {
	return func(t *testing.T, s *Server) {
		t.Helper()
		resp, body := get(t, strings.TrimSuffix(s.URL(), "/")+path)
		if resp.StatusCode != status || !strings.Contains(body, part) {
			t.Errorf("%s: status %d, body %.200q", path, resp.StatusCode, body)
		}
	}
}

func turnProof(status int) func(*testing.T, *Server) {
	return func(t *testing.T, s *Server) {
		for range 15 {
			shows("/", 200, "")(t, s)
		}
		shows("/", status, "")(t, s)
	}
}

func asks(t *testing.T, s *Server, method, path, header, value string, status int, part string) {
	t.Helper()
	r, err := http.NewRequest(method, strings.TrimSuffix(s.URL(), "/")+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(header, value)
	resp, body := do(t, r)
	if resp.StatusCode != status || !strings.Contains(body, part) {
		t.Errorf("%s %s: status %d, body %.200q", method, path, resp.StatusCode, body)
	}
	if header == "Origin" && resp.Header.Get("Access-Control-Allow-Origin") != value {
		t.Errorf("headers %v", resp.Header)
	}
}
