package nuclei

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/sansang/sansang/internal/jobs"
)

// headOf writes the request as it is sent, for the record.
func headOf(req *http.Request) []byte {
	var b bytes.Buffer
	host := req.Host
	if host == "" {
		host = req.URL.Host
	}
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", req.Method, req.URL.RequestURI(), host)
	_ = req.Header.WriteSubset(&b, map[string]bool{"Host": true})
	b.WriteString("\r\n")
	if req.GetBody != nil {
		if body, err := req.GetBody(); err == nil {
			_, _ = io.CopyN(&b, body, 8<<10)
		}
	}
	return b.Bytes()
}

// exchange is one request and what was answered.
type exchange struct {
	at                string
	request, response []byte
	status            int
	blocked           bool
}

func (x *exchange) take(resp *http.Response) {
	x.status = resp.StatusCode
	x.blocked = resp.StatusCode == http.StatusTooManyRequests ||
		resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != ""
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\r\n", resp.Proto, strings.TrimSpace(resp.Status))
	_ = resp.Header.Write(&b)
	b.WriteString("\r\n")
	if h, ok := resp.Body.(*held); ok {
		b.Write(h.all[:min(len(h.all), jobs.MostResponse)])
	}
	x.response = b.Bytes()
}

// whole reads the body to its end and puts what came in its place.
func whole(resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostBody))
	if err == nil && len(body) == mostBody {
		err = errOversize
	} else if err != nil {
		err = fmt.Errorf("%w: %w", errPartial, err)
	}
	_ = resp.Body.Close()
	resp.Body = hold(body)
	return err
}

// held is a body that has come, and can be looked at without reading it.
type held struct {
	*bytes.Reader
	all []byte
}

func hold(b []byte) *held { return &held{bytes.NewReader(b), b} }

// Close does nothing.
func (*held) Close() error { return nil }
