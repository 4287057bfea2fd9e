package lab

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// redirectsForEver never sends a client to the same path twice.
func redirectsForEver() starter {
	return clearText(func(place) http.Handler {
		var n atomic.Uint64
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", fmt.Sprintf("/buoc/%d", n.Add(1)))
			say(w, http.StatusFound, "Xin đi tiếp.\n")
		})
	})
}

// redirectsOutside points into TEST-NET-2 (RFC 5737), where nobody lives.
func redirectsOutside() starter {
	return clearText(func(place) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://198.51.100.7/")
			say(w, http.StatusFound, "Xin sang 198.51.100.7.\n")
		})
	})
}

// rawHTTP makes a starter for an answer that net/http would not send or would
// have to hold in memory. It reads one request, whatever it asks for; a peer
// that speaks something else is answered after its first pause.
func rawHTTP(answer func(*bufio.Writer) error) starter {
	return raw(func(c *conn) {
		_ = c.SetReadDeadline(time.Now().Add(time.Second))
		var request []byte
		for len(request) < 16<<10 && !bytes.Contains(request, []byte("\r\n\r\n")) {
			b := make([]byte, 1<<10)
			n, err := c.Read(b)
			if err != nil {
				break
			}
			request = append(request, b[:n]...)
		}
		w := bufio.NewWriterSize(c, 32<<10)
		if answer(w) == nil && w.Flush() == nil {
			c.finish()
		}
	})
}

// hugeHeader sends one header line of 10 MB and then a proper short body.
func hugeHeader(w *bufio.Writer) error {
	if _, err := w.WriteString("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Padding: "); err != nil {
		return err
	}
	block := strings.Repeat("a", 1<<10)
	for range 10 << 10 {
		if _, err := w.WriteString(block); err != nil {
			return err
		}
	}
	_, err := w.WriteString("\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n")
	return err
}

// endlessHeaders returns only when the connection is gone.
func endlessHeaders(w *bufio.Writer) error {
	if _, err := w.WriteString("HTTP/1.1 200 OK\r\n"); err != nil {
		return err
	}
	for i := 0; ; i++ {
		if _, err := fmt.Fprintf(w, "X-Header-%d: %d\r\n", i, i); err != nil {
			return err
		}
	}
}

// endlessBody returns only when the connection is gone.
func endlessBody(w *bufio.Writer) error {
	if _, err := w.WriteString("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!DOCTYPE html><title>x</title>"); err != nil {
		return err
	}
	block := strings.Repeat("<p>", 1<<10)
	for {
		if _, err := w.WriteString(block); err != nil {
			return err
		}
	}
}
