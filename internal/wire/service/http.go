package service

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// web is HTTP/1, asked as nothing but a name of nobody: HTTP/1.0 without Host,
// since a Redis drops who sends one.
var web = protocol{name: "http", ports: []int{80, 81, 443, 591, 631, 2375, 2376, 2379, 3000, 3128, 4001, 5000, 5601, 5984, 5985, 5986, 6443, 8000, 8001, 8008, 8080, 8081, 8086, 8088, 8118, 8123, 8443, 8500, 8888, 9000, 9090, 9200, 9443, 10000, 10250, 10255, 15672},
	hello: "GET / HTTP/1.0\r\n\r\n", knows: func(_ bool, h string) (Service, bool) {
		switch {
		case text(h, "HTTP/1.", "HTTP/2", "HTTP/3"):
			return webServer(h), true
		case text(h, "<html", "<HTML", "<!DOCTYPE HTML", "<!doctype html", "<!DOCTYPE html"): // HTTP/0.9
			return Service{}, true
		}
		return Service{}, false
	}}

// sign tells a product by the header or the beginning of its page. The first
// group of it, if any, is the version.
type sign struct {
	product string
	sign    *regexp.Regexp
}

// signs are made when the first web server is seen: the program starts faster.
var signs = sync.OnceValue(func() []sign {
	return []sign{
		{"Elasticsearch", regexp.MustCompile(`(?s)"number"\s*:\s*"([0-9.]+)".*"tagline"\s*:\s*"You Know, for Search"`)},
		{"OpenSearch", regexp.MustCompile(`(?s)"distribution"\s*:\s*"opensearch".*?"number"\s*:\s*"([0-9.]+)"`)},
		{"Elasticsearch", regexp.MustCompile(`"type":"security_exception"|(?i)WWW-Authenticate: [^\r\n]*realm="security"`)},
		{"OpenSearch", regexp.MustCompile(`(?i)WWW-Authenticate: [^\r\n]*realm="OpenSearch Security"`)},
		{"CouchDB", regexp.MustCompile(`"couchdb":"Welcome","version":"([0-9.]+)"`)},
		{"InfluxDB", regexp.MustCompile(`(?i)X-Influxdb-Version: v?([0-9.]+)`)},
		{"ClickHouse", regexp.MustCompile(`(?i)X-ClickHouse-|Server: ClickHouse|\r\n\r\nOk\.\n$`)},
		{"Docker", regexp.MustCompile(`Server: Docker/([0-9.]+)`)},
		{"Docker", regexp.MustCompile(`Docker-Experimental:|Api-Version: [0-9]|\{"message":"page not found"\}`)},
		{"Kubernetes", regexp.MustCompile(`(?s)"kind":\s*"Status".*"apiVersion":\s*"v1"|"paths":\s*\[\s*"/\.well-known/openid-configuration"`)},
		{"Jenkins", regexp.MustCompile(`X-Jenkins: ([0-9.]+)`)},
		{"RabbitMQ management", regexp.MustCompile(`<title>RabbitMQ Management</title>`)},
		{"Kibana", regexp.MustCompile(`(?i)kbn-name:`)},
		{"Grafana", regexp.MustCompile(`<title>Grafana</title>|Location: /login\r\n(?s:.*)grafana_session`)},
		{"MongoDB", regexp.MustCompile(`It looks like you are trying to access MongoDB over HTTP`)},
		{"Squid", regexp.MustCompile(`Server: squid(?:/([0-9.]+))?|X-Squid-Error:`)},
		{"Tinyproxy", regexp.MustCompile(`Server: tinyproxy(?:/([0-9.]+))?`)},
		{"Privoxy", regexp.MustCompile(`(?i)Server: Privoxy|<title>[^<]*Privoxy`)},
		{"CUPS", regexp.MustCompile(`Server: CUPS(?:/([0-9.]+))?`)},
		{"Go", regexp.MustCompile(`\r\n\r\n404 page not found\n$`)}, // etcd, InfluxDB and the kubelet answer so
	}
})

var serverField = regexp.MustCompile(`(?i)\r\nServer: ([^/\r\n]+)(?:/([^ \r\n]+))?`)

// webServer tells the product of a web server by its signs, or by what it calls
// itself.
func webServer(h string) Service {
	for _, s := range signs() {
		m := s.sign.FindStringSubmatch(h)
		if m == nil {
			continue
		}
		out := Service{Product: s.product}
		if len(m) > 1 {
			out.Version = m[1]
		}
		switch s.product {
		case "MongoDB":
			out.Protocol = "mongodb"
		case "Squid", "Tinyproxy", "Privoxy":
			out.Protocol = "http-proxy"
		}
		return out
	}
	if m := serverField.FindStringSubmatch(h); m != nil {
		return Service{Product: m[1], Version: m[2]}
	}
	return Service{}
}

// page is an answer over HTTP, of which a bounded part was read.
type page struct {
	status int
	header http.Header
	body   string
}

// get asks for a path of the server and reads a bounded answer. It takes no
// compressed one, so nothing unpacks to more than it is.
func (t *talk) get(method, host, path, body string) (page, error) {
	length := ""
	if body != "" {
		length = fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	enough := wholePage
	if method == "CONNECT" {
		enough = func(s string) bool { return has(s, "\r\n\r\n") } // a tunnel begins, and says nothing by itself
	}
	heard, err := t.ask(method+" "+path+" HTTP/1.1\r\nHost: "+host+"\r\nUser-Agent: sansang\r\nAccept: application/json, text/plain, */*\r\nConnection: close\r\n"+length+"\r\n"+body, enough)
	p, bad := readPage(method, heard)
	if bad != nil && err != nil {
		return page{}, err
	}
	return p, bad
}

func wholePage(heard string) bool {
	p, err := http.ReadResponse(bufio.NewReader(strings.NewReader(heard)), nil)
	if err != nil {
		return false
	}
	defer func() { _ = p.Body.Close() }() // it is in memory
	b, err := io.ReadAll(io.LimitReader(p.Body, maxHeard))
	return err == nil && p.ContentLength >= 0 && int64(len(b)) == p.ContentLength || err == nil && len(p.TransferEncoding) > 0
}

// readPage reads what there is: a body that was cut short is one too.
func readPage(method, heard string) (page, error) {
	r, err := http.ReadResponse(bufio.NewReader(strings.NewReader(heard)), &http.Request{Method: method})
	if err != nil {
		return page{}, fmt.Errorf("no HTTP answer: %w", errStrange)
	}
	defer func() { _ = r.Body.Close() }()
	b, _ := io.ReadAll(io.LimitReader(r.Body, maxHeard))
	return page{r.StatusCode, r.Header, string(b)}, nil
}
