package lab

import (
	"net/http"
	"time"

	"github.com/sansang/sansang/internal/lang"
)

var badHTTP = []Recipe{
	{Name: "http-content", Kind: "http", Nature: Bad, About: lang.T(
		"Phục vụ nội dung qua HTTP không mã hóa thay vì chuyển sang HTTPS.",
		"Serves its content over plain HTTP instead of redirecting to HTTPS."),
		start: clearText(func(place) http.Handler { p := clearPages(); return &p })},
	{Name: "http-302", Kind: "http", Nature: Bad, About: lang.T(
		"Chuyển hướng sang HTTPS nhưng chỉ tạm thời (302).",
		"Redirects to HTTPS, but only for now (302)."),
		start: redirects(http.StatusFound)},
	{Name: "http-other-host", Kind: "http", Nature: Bad, About: lang.T(
		"Chuyển hướng sang HTTPS trên một tên máy chủ khác.",
		"Redirects to HTTPS on another host name."),
		start: redirectsElsewhere()},

	{Name: "headers-none", Kind: "https", Nature: Bad, About: lang.T(
		"Không gửi tiêu đề an toàn nào.",
		"Sends no security header at all."),
		start: https(func(w *website) { w.headers = nil })},
	{Name: "hsts-short", Kind: "https", Nature: Bad, About: lang.T(
		"HSTS chỉ có hiệu lực một ngày.",
		"HSTS lasts only one day."),
		start: https(func(w *website) {
			w.headers.Set("Strict-Transport-Security", "max-age=86400; includeSubDomains")
		})},
	{Name: "csp-unsafe", Kind: "https", Nature: Bad, About: lang.T(
		"Chính sách CSP cho phép mã nội tuyến và eval, nên không chặn được XSS.",
		"The CSP allows inline code and eval, so it stops no XSS."),
		start: https(func(w *website) {
			w.headers.Set("Content-Security-Policy",
				"default-src * 'unsafe-inline' 'unsafe-eval'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'")
		})},
	{Name: "cookies-insecure", Kind: "https", Nature: Bad, About: lang.T(
		"Cookie phiên PHPSESSID và JSESSIONID thiếu Secure, HttpOnly và SameSite.",
		"The session cookies PHPSESSID and JSESSIONID lack Secure, HttpOnly and SameSite."),
		start: https(func(w *website) {
			w.cookies = []http.Cookie{{Name: "PHPSESSID", Path: "/"}, {Name: "JSESSIONID", Path: "/"}}
		})},
	{Name: "server-version", Kind: "https", Nature: Bad, About: lang.T(
		"Tiêu đề để lộ tên và phiên bản cũ của phần mềm máy chủ.",
		"Its headers disclose the names and old versions of the server software."),
		start: https(func(w *website) {
			w.headers.Set("Server", "nginx/1.14.0")
			w.headers.Set("X-Powered-By", "PHP/5.6.40")
		})},
	{Name: "stack-trace", Kind: "https", Nature: Bad, About: lang.T(
		"Trang lỗi 404 để lộ vết ngăn xếp của chương trình.",
		"The 404 page discloses the program's stack trace."),
		start: https(func(w *website) { w.notFound = stackTrace })},
	{Name: "breach", Kind: "https", Nature: Bad, About: lang.T(
		"Nén trang web và nhắc lại tham số của yêu cầu trong trang (điều kiện của lỗ hổng BREACH).",
		"Compresses its page and mirrors the request's parameters in it (what BREACH needs)."),
		start: https(func(w *website) { w.breach = true })},
	{Name: "clock-wrong", Kind: "https", Nature: Bad, About: lang.T(
		"Đồng hồ máy chủ chậm một giờ.",
		"The server's clock is one hour slow."),
		start: https(func(w *website) { w.skew = -time.Hour })},
}

// stackTrace is what a Java and a Python program behind it say when nobody
// catches their exceptions.
const stackTrace = `HTTP Status 404 - Not Found

java.lang.NullPointerException: Cannot invoke "String.length()" because "path" is null
	at vn.gov.example.portal.PageServlet.doGet(PageServlet.java:42)
	at javax.servlet.http.HttpServlet.service(HttpServlet.java:634)
	at org.apache.catalina.core.ApplicationFilterChain.doFilter(ApplicationFilterChain.java:166)
	at java.base/java.lang.Thread.run(Thread.java:829)

Traceback (most recent call last):
  File "/srv/portal/app/views.py", line 17, in page
    return pages[path]
KeyError: 'khong-co'
`
