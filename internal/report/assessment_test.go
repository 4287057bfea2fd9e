package report

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/record"
)

var scanned = time.Date(2026, 11, 24, 2, 5, 0, 0, time.UTC) // 09:05 in Vietnam

type versions struct {
	TLS10 fact.Maybe[bool] `json:"tls10" vi:"TLS 1.0" en:"TLS 1.0"`
	TLS11 fact.Maybe[bool] `json:"tls11" vi:"TLS 1.1" en:"TLS 1.1"`
	TLS12 fact.Maybe[bool] `json:"tls12" vi:"TLS 1.2" en:"TLS 1.2"`
}

type certificate struct {
	Subject  string    `json:"subject" vi:"chủ thể" en:"subject"`
	NotAfter time.Time `json:"not_after" vi:"hết hạn" en:"expires"`
	Chain    []issuer  `json:"chain" vi:"chuỗi chứng thư" en:"chain"`
}

type issuer struct {
	Subject string `json:"subject" vi:"chủ thể" en:"subject"`
	Bits    int    `json:"bits" vi:"độ dài khóa" en:"key bits"`
}

type cookies struct {
	All []cookie `json:"all" vi:"cookie" en:"cookies"`
}

type cookie struct {
	Name     string `json:"name" vi:"tên" en:"name"`
	Secure   bool   `json:"secure" vi:"Secure" en:"Secure"`
	HTTPOnly bool   `json:"http_only" vi:"HttpOnly" en:"HttpOnly"`
	SameSite string `json:"same_site" vi:"SameSite" en:"SameSite"`
}

func schema() fact.Schema {
	return fact.Schema{"tls.versions": typeOf[versions](), "tls.certificate": typeOf[certificate](), "http.cookies": typeOf[cookies]()}
}

func typeOf[F any]() *fact.Type {
	t, err := fact.TypeOf[F]()
	if err != nil {
		panic(err)
	}
	return t
}

var planned = map[inventory.Kind][]string{
	inventory.HTTPS: {"tcp.open", "tls.versions", "tls.certificate", "http.redirect", "http.headers", "http.cookies", "http.disclosure"},
	inventory.SSH:   {"tcp.open", "ssh.banner", "ssh.algorithms"},
}

// assessed makes the assessment of a unit. What says is missing at an endpoint
// is Unknown there; all else is seen.
func assessed(u inventory.Unit, missing map[string]*fact.Unknown) *record.Assessment {
	a := &record.Assessment{SHA256: digest("assessment"), Header: record.Header{
		Format:   record.Format,
		Tool:     record.Tool{Version: "0.1.0", Commit: "034716be8d1f2a", Go: "go1.26.8", SHA256: digest("tool")},
		Policy:   record.Policy{ID: "population-db", Version: "2026.11", SHA256: digest("policy")},
		UnitFile: record.File{Name: "quang-ninh.yaml", SHA256: digest("unit")},
		Unit:     u,
		CAs:      []record.File{{Name: "ca/rootca-chinh-phu.pem", SHA256: digest("ca")}},
		Vantage:  record.Vantage{Name: "may-quet-01", Zone: inventory.Internet},
		Started:  scanned,
		Limits:   record.Limits{TimeoutMillis: 10_000, EndpointMillis: 120_000, TotalMillis: 1_800_000, Parallel: 6, PerHost: 2, PerNetwork: 10, Global: 50},
	}}
	for i, e := range u.Endpoints {
		for j, check := range planned[e.Kind] {
			a.Header.Plan = append(a.Header.Plan, record.Pair{Endpoint: e.ID, Check: check})
			at := scanned.Add(time.Duration(i)*7*time.Second + time.Duration(j)*900*time.Millisecond)
			o := fact.Observation{Check: check, Endpoint: e.ID, Vantage: "may-quet-01", At: at, Value: json.RawMessage(`{}`)}
			if u := missing[e.ID]; u != nil {
				o.Value, o.Unknown = nil, u
				a.Observations = append(a.Observations, o)
				continue
			}
			peer := fmt.Sprintf("203.0.113.%d:443", 10+i)
			o.Peers, o.Evidence = []string{peer}, exchanges(check, peer, at)
			a.Observations = append(a.Observations, o)
		}
	}
	for i, e := range u.Endpoints {
		a.Events = append(a.Events, record.Event{At: scanned, Endpoint: e.ID, What: record.LookedAt, Connections: 40 + i})
	}
	a.End = &record.End{At: scanned.Add(11*time.Minute + 40*time.Second), Observations: len(a.Observations), Connections: 3 * len(a.Observations)}
	return a
}

func exchanges(check, peer string, at time.Time) []fact.Evidence {
	sent := "\x16\x03\x01\x00\xc6\x01\x00\x00\xc2\x03\x01" + strings.Repeat("\x5a\x17", 90)
	got := "\x16\x03\x01\x00\x3d\x02\x00\x00\x39\x03\x01" + strings.Repeat("\x9c\x03\xf0", 40)
	if strings.HasPrefix(check, "http.") {
		sent = "GET / HTTP/1.1\r\nHost: motcua.quangninh.example\r\nUser-Agent: sansang/0.1.0\r\n\r\n"
		got = "HTTP/1.1 200 OK\r\nServer: nginx/1.18.0 (Ubuntu)\r\nSet-Cookie: JSESSIONID=0; Path=/\r\nX: \x1b[31m" + hostile + "\r\n\r\n" + strings.Repeat("<p>xin chào</p>\n", 200)
	}
	return []fact.Evidence{
		{Label: "tcp", Peer: peer, At: at, Sent: []byte(sent), SentTotal: int64(len(sent)), Received: []byte(got), ReceivedTotal: int64(len(got)) + 12_000},
		{Label: "tcp", Peer: peer, At: at.Add(400 * time.Millisecond), Sent: []byte(sent), SentTotal: int64(len(sent)), Ended: "read: connection reset by peer"},
	}
}

// digest is a made-up hash, the same each time.
func digest(of string) string {
	return strings.Repeat(fmt.Sprintf("%x", of+"-sansang"), 8)[:64]
}
