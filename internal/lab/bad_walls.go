package lab

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/sansang/sansang/internal/lang"
)

// badWalls are what stands in the way of whoever wants to know what a path
// holds: none of them may be read as "not there" nor as "there".
var badWalls = []Recipe{
	{Name: "soft-404", Kind: "http", Nature: Bad, About: lang.T(
		"Đường dẫn không tồn tại được trả lời 200 kèm trang báo lỗi.",
		"Answers paths that do not exist with 200 and a page that says so."),
		start: clearText(func(place) http.Handler {
			return answering(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/" {
					_, _ = fmt.Fprintf(w, "<!DOCTYPE html><title>Không thấy</title><p>Không có trang %s</p>", r.URL.EscapedPath())
					return
				}
				_, _ = io.WriteString(w, frontPage)
			})
		})},
	{Name: "one-page", Kind: "http", Nature: Bad, About: lang.T(
		"Ứng dụng một trang: mọi đường dẫn ra cùng một trang, trừ tệp mã của nó.",
		"An application of one page: every path shows it, but for its script."),
		start: clearText(func(place) http.Handler {
			return answering(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/ma/app.js" {
					say(w, http.StatusOK, "chay();\n")
					return
				}
				_, _ = io.WriteString(w, strings.Replace(frontPage, "</head>", `<script src="/ma/app.js"></script></head>`, 1))
			})
		})},
	{Name: "wall-403", Kind: "http", Nature: Bad, About: lang.T(
		"Tường lửa ứng dụng trả lời 403 cho mọi đường dẫn.",
		"An application firewall that answers every path with 403."),
		start: clearText(func(place) http.Handler {
			return answering(func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusForbidden, "403\n") })
		})},
	{Name: "wall-challenge", Kind: "http", Nature: Bad, About: lang.T(
		"Mọi đường dẫn ra cùng một trang kiểm tra trình duyệt.",
		"Every path shows the same page that checks the browser."),
		start: clearText(func(place) http.Handler {
			var n atomic.Int64
			return answering(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = fmt.Fprintf(w, "<!DOCTYPE html><title>Đang kiểm tra trình duyệt…</title><script>thu('%x')</script>", n.Add(7919))
			})
		})},
	{Name: "wall-knows-paths", Kind: "http", Nature: Bad, About: lang.T(
		"Bộ lọc cấm (403) đúng những đường dẫn mà máy quét hay hỏi.",
		"A filter that forbids (403) just the paths that scanners ask for."),
		start: clearText(func(place) http.Handler {
			p := clearPages()
			p.first = func(w http.ResponseWriter, r *http.Request) bool {
				known := strings.Contains(r.URL.Path, "/.") || strings.Contains(r.URL.Path, "backup") || strings.Contains(r.URL.Path, ".bak") || r.URL.Path == "/web.config"
				if known {
					say(w, http.StatusForbidden, "403\n")
				}
				return known
			}
			return &p
		})},
	{Name: "turns-429", Kind: "http", Nature: Bad, About: lang.T(
		"Sau mười lăm yêu cầu thì chỉ còn trả lời 429.",
		"Answers fifteen requests, and from then on 429."),
		start: turnsAfter(15, http.StatusTooManyRequests)},
	{Name: "turns-403", Kind: "http", Nature: Bad, About: lang.T(
		"Sau mười lăm yêu cầu thì chỉ còn trả lời 403.",
		"Answers fifteen requests, and from then on 403."),
		start: turnsAfter(15, http.StatusForbidden)},
}

func answering(answer http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		answer(w, r)
	})
}

func turnsAfter(n int64, status int) starter {
	return clearText(func(place) http.Handler {
		p := clearPages()
		var asked atomic.Int64
		p.first = func(w http.ResponseWriter, _ *http.Request) bool {
			if asked.Add(1) <= n {
				return false
			}
			say(w, status, "Hỏi quá nhiều.\n")
			return true
		}
		return &p
	})
}
