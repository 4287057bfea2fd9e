package lab

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/sansang/sansang/internal/lang"
)

var badWeb = []Recipe{
	{Name: "cors-reflects", Kind: "https", Nature: Bad, About: lang.T(
		"CORS: nguồn nào hỏi cũng được đọc, kèm cả cookie đăng nhập.",
		"CORS: lets whatever origin asks read, with cookies."),
		start: https(func(w *website) { w.first = corsReflects })},
	{Name: "cors-any", Kind: "https", Nature: Bad, About: lang.T(
		"CORS: cho mọi nguồn đọc (*).",
		"CORS: lets every origin read (*)."),
		start: https(func(w *website) { w.headers.Set("Access-Control-Allow-Origin", "*") })},
	{Name: "trace-on", Kind: "http", Nature: Bad, About: lang.T(
		"TRACE nhắc lại nguyên yêu cầu; OPTIONS nêu cả PUT và DELETE.",
		"TRACE mirrors the whole request; OPTIONS announces PUT and DELETE."),
		start: clearText(func(place) http.Handler { p := clearPages(); p.first = traceOn; return &p })},
	{Name: "exposed-files", Kind: "https", Nature: Bad, About: lang.T(
		"Để lộ .git, .env, bản sao lưu, trang gỡ lỗi, mô tả API và danh sách thư mục.",
		"Serves .git, .env, a backup, debug pages, an API description and a folder listing."),
		start: https(func(w *website) { w.front, w.pages.also = exposedFront, exposedFiles })},
	{Name: "exposed-files-clear", Kind: "http", Nature: Bad, About: lang.T(
		"Như exposed-files, nhưng qua HTTP không mã hóa.",
		"Like exposed-files, but over plain HTTP."),
		start: clearText(func(place) http.Handler { p := clearPages(); p.also = exposedFiles; return &p })},
	{Name: "consoles", Kind: "https", Nature: Bad, About: lang.T(
		"Trang quản trị phpMyAdmin, Tomcat Manager và WordPress nằm ngay trên cổng công khai.",
		"phpMyAdmin, Tomcat Manager and the WordPress login are on the public port."),
		start: https(func(w *website) { w.pages.also = consolesHere })},
	{Name: "grafana", Kind: "https", Nature: Bad, About: lang.T(
		"Một bảng điều khiển Grafana: địa chỉ nào cũng ra trang đăng nhập.",
		"A Grafana dashboard: every address shows the login page."),
		start: https(func(w *website) { w.first = everywhere(grafanaPage) })},
	{Name: "default-page", Kind: "http", Nature: Bad, About: lang.T(
		"Trang mặc định của nginx còn nguyên.",
		"The default page of nginx is still there."),
		start: clearText(func(place) http.Handler {
			p := clearPages()
			p.front = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head><body><h1>Welcome to nginx!</h1></body></html>\n"
			return &p
		})},
	{Name: "page-careless", Kind: "https", Nature: Bad, About: lang.T(
		"Trang nạp mã từ nơi khác không kèm mã băm, nạp nội dung và gửi biểu mẫu qua HTTP không mã hóa.",
		"Loads foreign scripts without integrity, and loads and sends over plain HTTP."),
		start: https(func(w *website) { w.front = carelessPage })},
	{Name: "csp-meta", Kind: "https", Nature: Bad, About: lang.T(
		"CSP chỉ đặt trong thẻ meta, nên frame-ancestors không có tác dụng.",
		"Its CSP is in a meta element only, where frame-ancestors does nothing."),
		start: https(func(w *website) {
			w.headers.Del("Content-Security-Policy")
			w.headers.Del("X-Frame-Options")
			w.front = strings.Replace(frontPage, "<head>", `<head><meta http-equiv="content-security-policy" content="default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'">`, 1)
		})},
	{Name: "security-txt-expired", Kind: "https", Nature: Bad, About: lang.T(
		"Tệp security.txt đã hết hạn.",
		"Its security.txt has expired."),
		start: https(func(w *website) {
			w.contact = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nContact: antoan@example.test\nContact: mailto:antoan@example.test\nExpires: 2020-01-01T00:00:00Z\nCanonical: https://cu.example.test/.well-known/security.txt\n-----BEGIN PGP SIGNATURE-----\nContact: mailto:gia@example.test\n"
		})},
	{Name: "security-txt-none", Kind: "https", Nature: Bad, About: lang.T(
		"Không có tệp security.txt.",
		"Has no security.txt."),
		start: https(func(w *website) { w.contact = "" })},
	{Name: "api-leaks", Kind: "https", Nature: Bad, About: lang.T(
		"API trả số định danh cá nhân (bịa đặt) cho người chưa xác thực.",
		"An API that gives personal identity numbers (made up) to anybody."),
		start: https(func(w *website) {
			w.first = func(rw http.ResponseWriter, r *http.Request) bool {
				gives(200, "application/json", `{"danh_sach": [{"ho_ten": "Nguyễn Văn A", "soCCCD": "001099012345"}, {"ho_ten": "Trần Thị B", "so_dinh_danh": "079199054321"}], "ma_giao_dich": "031099777777"}`)(rw, r)
				return true
			}
		})},
	{Name: "https-downgrade", Kind: "https", Nature: Bad, About: lang.T(
		"Địa chỉ HTTPS chuyển hướng về HTTP không mã hóa.",
		"Its HTTPS address redirects to plain HTTP."),
		start: https(func(w *website) {
			w.first = func(rw http.ResponseWriter, r *http.Request) bool {
				rw.Header().Set("Location", "http://"+r.Host+"/")
				say(rw, http.StatusFound, "Xin sang HTTP.\n")
				return true
			}
		})},
}

func corsReflects(w http.ResponseWriter, r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" {
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
	}
	return false
}

// traceOn mirrors what came, as RFC 9110 §9.3.8 has it.
func traceOn(w http.ResponseWriter, r *http.Request) bool {
	switch r.Method {
	case http.MethodTrace:
		w.Header().Set("Content-Type", "message/http")
		_, _ = fmt.Fprintf(w, "TRACE %s HTTP/1.1\r\n", r.URL.RequestURI())
		_ = r.Header.Write(w)
		return true
	case http.MethodOptions:
		w.Header().Set("Allow", "GET, HEAD, OPTIONS, TRACE, PUT, DELETE")
		w.WriteHeader(http.StatusNoContent)
		return true
	}
	return false
}

// everywhere answers every address with one page.
func everywhere(page string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page))
		return true
	}
}

func gives(status int, contentType, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

const (
	plain = "text/plain; charset=utf-8"
	page  = "text/html; charset=utf-8"
)

// exposedSecret stands for what must never be seen in a record.
const exposedSecret = "bi-mat-khong-duoc-lo"

var exposedFront = strings.Replace(frontPage, "</head>", `<link rel="stylesheet" href="/tai-lieu/a.css"></head>`, 1)

var exposedFiles = map[string]http.HandlerFunc{
	"/.git/HEAD":    gives(200, plain, "ref: refs/heads/main\n"),
	"/.git/config":  gives(200, plain, "[core]\n\trepositoryformatversion = 0\n[remote \"origin\"]\n\turl = https://x:"+exposedSecret+"@git.example.test/a.git\n"),
	"/.env":         gives(200, plain, "# Cấu hình\nAPP_KEY="+exposedSecret+"\nDB_PASSWORD="+exposedSecret+"\n"),
	"/backup.zip":   gives(200, "application/zip", "PK\x03\x04\x14\x00\x00\x00"+exposedSecret),
	"/phpinfo.php":  gives(200, page, "<html><title>PHP 7.4.3 - phpinfo()</title><h1 class=\"p\">PHP Version 7.4.3</h1>"+exposedSecret),
	"/actuator/env": gives(200, "application/json", `{"activeProfiles":[],"propertySources":[{"name":"x","properties":{"a":{"value":"`+exposedSecret+`"}}}]}`),
	"/v3/api-docs":  gives(200, "application/json", `{"openapi":"3.0.1","info":{"title":"Nội bộ"},"paths":{}}`),
	"/tai-lieu/":    gives(200, page, "<html><head><title>Index of /tai-lieu</title></head><body><h1>Index of /tai-lieu</h1><a href=\"/\">Parent Directory</a></body></html>"),
}

var consolesHere = map[string]http.HandlerFunc{
	"/phpmyadmin/":  gives(200, page, `<html><head><title>phpMyAdmin</title></head><form><input name="pma_username"></form></html>`),
	"/manager/html": gives(401, page, "401", "WWW-Authenticate", `Basic realm="Tomcat Manager Application"`),
	"/wp-login.php": gives(200, page, `<html><title>Đăng nhập</title><form id="loginform"><input type="submit" name="wp-submit" id="wp-submit"></form></html>`),
}

const grafanaPage = `<!DOCTYPE html><html><head><title>Grafana</title></head><body><div id="reactRoot"></div><script>window.grafanaBootData = {};</script></body></html>`

const carelessPage = `<!DOCTYPE html><html><head><title>Cẩu thả</title><meta name="generator" content="Joomla! - Open Source Content Management">
<script src="https://cdn.example.test/a.js?khoa=1"></script><script src="https://cdn.example.test/b.js" integrity="sha384-x" crossorigin></script>
<script src="http://cdn.example.test/c.js"></script><img src="http://anh.example.test/d.png">
</head><body><form action="http://nhan.example.test/dang-nhap"><input type="password" name="p"></form></body></html>
`
