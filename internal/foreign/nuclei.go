package foreign

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/sansang/sansang/checks"
)

// nuclei -jsonl writes one object for each thing that it found, and nothing of
// what it did not find: of its silence nothing follows. (-json-export writes the
// same objects in one list.)

const maxLine = 4 << 20 // an event with request and response

type nucleiEvent struct {
	Template string `json:"template-id"`
	Info     struct {
		Name           string `json:"name"`
		Severity       string `json:"severity"`
		Classification struct {
			CVE stringList `json:"cve-id"`
		} `json:"classification"`
	} `json:"info"`
	Host      string   `json:"host"`
	Port      string   `json:"port"`
	Scheme    string   `json:"scheme"`
	URL       string   `json:"url"`
	Matched   string   `json:"matched-at"`
	IP        string   `json:"ip"`
	Extracted []string `json:"extracted-results"`
	Timestamp string   `json:"timestamp"`
	Status    *bool    `json:"matcher-status"`
	Error     string   `json:"error"`
}

// stringList is written as a list, or as one string.
type stringList []string

func (l *stringList) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		if *l = nil; one != "" {
			*l = strings.Split(one, ",")
		}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(l))
}

// lineError is a flaw of one line.
type lineError struct {
	line int
	error
}

func (e *lineError) Unwrap() error { return e.error }

func readNuclei(data []byte) (*Result, error) {
	events, err := nucleiEvents(data)
	if err != nil {
		return nil, err
	}
	if len(events) > maxResults {
		return nil, wrongf("có hơn %d mục", "there are more than %d results", maxResults)
	}
	r := &Result{Tool: "nuclei"}
	var order []string
	of := map[string]*nucleiFound{}
	for _, e := range events {
		at := moment(e.Timestamp, time.UTC)
		if r.Produced.IsZero() || !at.IsZero() && at.After(r.Produced) {
			r.Produced = at // when its last word was said; each has its own time beside
		}
		if e.Template == "" || e.Error != "" || e.Status != nil && !*e.Status {
			continue // what -matcher-status adds of things that were not found
		}
		t, ok := e.target()
		if !ok {
			r.Left = addLeft(r.Left, leftUntold(short(e.Template+" "+e.Matched)))
			continue
		}
		key := t.String()
		if of[key] == nil {
			of[key], order = &nucleiFound{target: t, sets: map[string][]checks.Finding{}}, append(order, key)
		}
		of[key].add(e, at)
	}
	for _, key := range order {
		r.Told = append(r.Told, of[key].told()...)
	}
	return r, nil
}

func nucleiEvents(data []byte) (out []nucleiEvent, err error) {
	if trimmed := bytes.TrimSpace(data); len(trimmed) > 0 && trimmed[0] == '[' {
		return out, json.Unmarshal(data, &out)
	}
	in := bufio.NewScanner(bytes.NewReader(data))
	in.Buffer(make([]byte, 1<<16), maxLine)
	n := 0
	for in.Scan() {
		if n++; len(bytes.TrimSpace(in.Bytes())) == 0 {
			continue
		}
		var e nucleiEvent
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			return nil, &lineError{n, err}
		}
		if out = append(out, e); len(out) > maxResults {
			break
		}
	}
	if err := in.Err(); err != nil && !errors.Is(err, io.EOF) {
		return nil, &lineError{n + 1, fmt.Errorf("the line is too long: %w", err)}
	}
	return out, nil
}

// target is where it was found: by the address that matched, or the host that
// was asked.
func (e *nucleiEvent) target() (Target, bool) {
	for _, s := range []string{e.Matched, e.URL, e.Host} {
		host, p := hostPort(s)
		if host == "" {
			continue
		}
		if p == 0 {
			p = port(e.Port)
		}
		if p == 0 {
			p = map[string]int{"https": 443, "http": 80}[e.Scheme]
		}
		if p != 0 {
			return Target{Names: names(host, e.IP), Port: p}, true
		}
	}
	return Target{}, false
}

func hostPort(s string) (string, int) {
	if strings.Contains(s, "://") {
		u, err := url.Parse(s)
		if err != nil {
			return "", 0
		}
		p := port(u.Port())
		if p == 0 {
			p = map[string]int{"https": 443, "http": 80}[u.Scheme]
		}
		return u.Hostname(), p
	}
	s, _, _ = strings.Cut(s, "/")
	if host, p, err := net.SplitHostPort(s); err == nil {
		return host, port(p)
	}
	return s, 0
}
