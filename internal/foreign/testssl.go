package foreign

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
)

// testssl.sh writes what it found as a flat list (--jsonfile), or with a head
// and its targets apart (--jsonfile-pretty). Only the latter says when it ran,
// by which version, and how it was called.

// testsslFinding is one claim of testssl.sh 3.x.
type testsslFinding struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	Finding  string `json:"finding"`
	IP       string `json:"ip"` // of the flat form: "name/address"
	Port     string `json:"port"`
}

// testsslRun is all that testssl.sh found at one address.
type testsslRun struct {
	target  Target
	claims  map[string][]testsslFinding
	trouble string // with the connection, or the run was cut short: what was not found then says nothing
	whole   bool   // it says that it asked for suites by its own sockets
}

func readTestSSL(data []byte) (*Result, error) {
	if trimmed := strings.TrimSpace(string(data[:min(len(data), 64)])); strings.HasPrefix(trimmed, "[") {
		return readTestSSLFlat(data)
	}
	var file struct {
		Invocation string                       `json:"Invocation"`
		Version    string                       `json:"version"`
		StartTime  json.RawMessage              `json:"startTime"`
		ScanTime   json.RawMessage              `json:"scanTime"`
		Results    []map[string]json.RawMessage `json:"scanResult"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, err
	}
	r := &Result{Tool: "testssl.sh", Version: firstWord(file.Version), Produced: unix(file.StartTime)}
	if len(file.Results) > maxResults {
		return nil, wrongf("có hơn %d mục", "there are more than %d results", maxResults)
	}
	for _, one := range file.Results {
		run := testsslRun{claims: map[string][]testsslFinding{}, whole: file.Invocation != "" && !strings.Contains(file.Invocation, "--ssl-native")}
		if !isNumber(file.ScanTime) {
			run.trouble = "the scan was interrupted"
		}
		run.target = Target{Names: names(text(one["targetHost"]), text(one["hostname"]), text(one["ip"])), Port: port(text(one["port"]))}
		if len(run.target.Names) == 0 { // a problem before there was a target
			r.Left = addLeft(r.Left, leftUntold(short(text(one["finding"]))))
			continue
		}
		for _, part := range sortedKeys(one) {
			var list []testsslFinding
			if raw := one[part]; len(raw) > 0 && raw[0] == '[' {
				if err := json.Unmarshal(raw, &list); err != nil {
					return nil, err
				}
			}
			run.take(list)
		}
		r.Told = append(r.Told, run.told()...)
	}
	return r, nil
}

func readTestSSLFlat(data []byte) (*Result, error) {
	var list []testsslFinding
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, err
	}
	r := &Result{Tool: "testssl.sh"}
	var order []string
	runs := map[string]*testsslRun{}
	for _, f := range list {
		key := f.IP + " " + f.Port
		run := runs[key]
		if run == nil {
			name, ip, _ := strings.Cut(f.IP, "/")
			run = &testsslRun{claims: map[string][]testsslFinding{}, target: Target{Names: names(name, ip), Port: port(f.Port)}}
			runs[key], order = run, append(order, key)
		}
		run.take([]testsslFinding{f})
	}
	if len(order) > maxResults {
		return nil, wrongf("có hơn %d mục", "there are more than %d results", maxResults)
	}
	for _, key := range order {
		if run := runs[key]; len(run.target.Names) > 0 && run.target.Port > 0 {
			r.Told = append(r.Told, run.told()...)
		} // else what it says of itself
	}
	return r, nil
}

func (r *testsslRun) take(list []testsslFinding) {
	for _, f := range list {
		switch {
		case f.ID == "scanProblem", f.Severity == "FATAL", f.ID == "scanTime" && f.Severity == "WARN":
			r.trouble = f.Finding
		case f.ID != "":
			r.claims[f.ID] = append(r.claims[f.ID], f)
		}
	}
}

// said gives the plain claim of an ID; ok is false where testssl.sh was not
// asked. Where it warns, or says two things, it says nothing definite.
func (r *testsslRun) said(id string) (finding string, open *fact.Unknown, ok bool) {
	all := r.claims[id]
	if len(all) == 0 {
		return "", nil, false
	}
	for _, f := range all {
		if f.Severity == "WARN" || f.Severity == "DEBUG" || f.Finding != all[0].Finding {
			return "", indefinite("testssl.sh", f.Finding), true
		}
	}
	return strings.TrimSpace(all[0].Finding), nil, true
}

// claim reads a claim by words that are plainly yes and words that are plainly
// no. Each ends in "*" where more may follow. Nothing follows from a "no" of a
// run that had trouble.
func (r *testsslRun) claim(id string, yes, no []string) any {
	finding, open, ok := r.said(id)
	is := func(word string) bool {
		stem, more := strings.CutSuffix(word, "*")
		return finding == word || more && strings.HasPrefix(finding, stem)
	}
	switch {
	case !ok:
		return nil
	case open != nil:
		return open
	case slices.ContainsFunc(yes, is):
		return true
	case slices.ContainsFunc(no, is) && r.trouble != "":
		return indefinite("testssl.sh", r.trouble)
	case slices.ContainsFunc(no, is):
		return false
	}
	return indefinite("testssl.sh", finding)
}

// told makes what each check would tell of the claims.
func (r *testsslRun) told() (out []Told) {
	add := func(check string, fields map[string]any) {
		for name, v := range fields {
			if v == nil {
				delete(fields, name)
			}
		}
		if len(fields) > 0 {
			out = append(out, Told{Target: r.target, Check: check, Fields: fields})
		}
	}
	versions := r.versions()
	add("tls.versions", versions)
	suites := r.suites(versions)
	add("tls.suites", suites)
	if t, ok := r.certificate(); ok {
		out = append(out, t)
	}
	add("tls.heartbleed", r.heartbleed())
	add("tls.ccs", r.ccs())
	add("tls.ticketbleed", r.ticketbleed())
	add("tls.robot", r.robot(suites))
	add("tls.renegotiation", r.renegotiation())
	add("tls.compression", map[string]any{"deflate": r.claim("CRIME_TLS", []string{"VULNERABLE*"}, []string{"not vulnerable", "not vulnerable (not using HTTP anyway)"})})
	add("tls.fallback", r.fallback())
	add("tls.features", r.features())
	add("http.headers", r.headers())
	return out
}
