package lab

import (
	"compress/flate"
	"compress/gzip"
	"html"
	"io"
	"net/http"
	"strings"
)

// writeBreach answers with the front page, in which what the client asked for
// stands, compressed if the client takes gzip or deflate.
func writeBreach(w http.ResponseWriter, r *http.Request) {
	page := strings.Replace(frontPage, "</body>", "<p>Bạn tìm: "+html.EscapeString(r.URL.RawQuery)+"</p>\n</body>", 1)
	accepts := r.Header.Get("Accept-Encoding")
	var out io.WriteCloser
	switch {
	case strings.Contains(accepts, "gzip"):
		w.Header().Set("Content-Encoding", "gzip")
		out = gzip.NewWriter(w)
	case strings.Contains(accepts, "deflate"):
		w.Header().Set("Content-Encoding", "deflate")
		out, _ = flate.NewWriter(w, flate.DefaultCompression) // that level is always there
	default:
		_, _ = io.WriteString(w, page)
		return
	}
	_, _ = io.WriteString(out, page)
	_ = out.Close()
}
