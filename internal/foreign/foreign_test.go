package foreign

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

var when = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

// endpoints are those that the files of these tests are about.
func endpoints() []inventory.Endpoint {
	return []inventory.Endpoint{
		{ID: "web", Target: "https://cong.example.gov.vn/", Kind: inventory.HTTPS, Zone: inventory.Internet},
		{ID: "ip", Target: "https://198.51.100.7:8443/", Kind: inventory.HTTPS, ServerName: "kho.example.gov.vn", Zone: inventory.Internal},
		{ID: "ssh", Target: "10.0.0.5:22", Kind: inventory.SSH, Zone: inventory.Admin},
		{ID: "ssh2", Target: "10.0.0.5:2222", Kind: inventory.SSH, Zone: inventory.Admin},
		{ID: "host:10.0.0.5", Target: "10.0.0.5", Kind: inventory.Host, Zone: inventory.Internal},
	}
}

// read gives the observations of a file by "endpoint check", their fields, and
// what was left out.
func read(t *testing.T, format, text string) (map[string]map[string]any, *Result, []Left) {
	t.Helper()
	r, err := Read("f", format, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	all, left, err := r.Observations(Place{Endpoints: endpoints(), By: fact.Teller{Tool: r.Tool, File: "f"}, At: when})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]any{}
	for _, o := range all {
		if err := o.Validate(); err != nil || o.Known != fact.Reported || o.ToldBy == nil {
			t.Errorf("%+v: %v", o, err)
		}
		f := map[string]any{"unknown": nil, "at": o.At}
		if o.Unknown != nil {
			f["unknown"] = string(o.Unknown.Cause)
		} else if err := json.Unmarshal(o.Value, &f); err != nil {
			t.Fatal(err)
		}
		out[o.Endpoint+" "+o.Check] = f
	}
	return out, r, left
}

func isOpen(t *testing.T, f map[string]any, names ...string) {
	t.Helper()
	for _, n := range names {
		if !open(f[n]) {
			t.Errorf("%s is known: %v", n, f[n])
		}
	}
}

// TestTestSSLWords: only plain words are facts. What testssl.sh warns of, calls
// likely, or did not find in a run with trouble, stays open; what it found in
// such a run was there.
func TestTestSSLWords(t *testing.T) {
	one := func(id, severity, finding string) string {
		return `{"id":"` + id + `","severity":"` + severity + `","finding":"` + finding + `","ip":"cong.example.gov.vn/203.0.113.9","port":"443"}`
	}
	claims := []string{
		one("SSLv2", "OK", "likely not offered"), one("SSLv3", "OK", "not offered"), one("TLS1", "WARN", "couldn't connect"),
		one("TLS1_1", "INFO", "not offered"), one("TLS1_1", "WARN", "received 4xx/5xx after STARTTLS handshake"),
		one("TLS1_2", "OK", "offered"), one("TLS1_3", "INFO", "offered with TLS 1.3 draft 28"),
		one("heartbleed", "OK", "not vulnerable , timed out"), one("CCS", "CRITICAL", "likely VULNERABLE"), one("ROBOT", "CRITICAL", "VULNERABLE"),
		one("cipher-tls1_2_xc02f", "INFO", "x"),
	}
	f, r, _ := read(t, "", "["+strings.Join(claims, ",")+"]")
	v := f["web tls.versions"]
	if v["ssl3"] != false || v["tls12"] != true || !r.Produced.IsZero() {
		t.Errorf("%v, produced %v", v, r.Produced)
	}
	isOpen(t, v, "ssl2", "tls10", "tls11", "tls13")
	if f["web tls.heartbleed"]["unknown"] != "unanswered" || f["web tls.ccs"]["unknown"] != "unanswered" || f["web tls.robot"]["vulnerable"] != true {
		t.Errorf("holes: %v", f)
	}
	isOpen(t, f["web tls.suites"], "tls12", "accepted") // the flat form does not say that it asked for all

	// What testssl.sh says also where nothing came back is no answer.
	silent := []string{one("heartbleed", "OK", "not vulnerable"), one("CCS", "OK", "not vulnerable"), one("ticketbleed", "OK", "no session ticket extension"),
		one("ROBOT", "OK", "not vulnerable"), one("secure_renego", "WARN", "OpenSSL handshake didn't succeed"), one("secure_client_renego", "OK", "not vulnerable")}
	f, _, _ = read(t, "", "["+strings.Join(silent, ",")+"]")
	for _, check := range []string{"heartbleed", "ccs", "ticketbleed", "robot", "renegotiation"} {
		if f["web tls."+check]["unknown"] != "unanswered" {
			t.Errorf("tls.%s: %v", check, f["web tls."+check])
		}
	}
	f, _, _ = read(t, "", "["+strings.Join(append(silent[2:3], one("TLS_extensions", "INFO", "'renegotiation info/#65281'")), ",")+"]")
	if f["web tls.ticketbleed"]["vulnerable"] != false || f["web tls.ticketbleed"]["tickets"] != false {
		t.Errorf("a server without tickets: %v", f)
	}

	f, _, _ = read(t, "", "["+strings.Join(append(claims, one("scanProblem", "FATAL", "Oops: TCP connect problem")), ",")+"]")
	isOpen(t, f["web tls.versions"], "ssl3")
	if f["web tls.versions"]["tls12"] != true || f["web tls.robot"]["vulnerable"] != true {
		t.Errorf("found, and yet open: %v", f)
	}
}

// TestSSLyze: only what is COMPLETED is known. The form is that of its
// documentation, and of one output of version 5.
func TestSSLyze(t *testing.T) {
	f, r, left := read(t, "", `{"sslyze_version":"6.3.1","date_scans_started":"2026-11-19T01:02:03.5","server_scan_results":[
	{"server_location":{"hostname":"kho.example.gov.vn","port":8443,"ip_address":"198.51.100.7"},"connectivity_status":"COMPLETED","scan_result":{
	 "ssl_2_0_cipher_suites":{"status":"COMPLETED","error_reason":null,"result":{"is_tls_version_supported":false,"accepted_cipher_suites":[]}},
	 "tls_1_0_cipher_suites":{"status":"ERROR","error_reason":"CONNECTIVITY_ISSUE","result":null},
	 "tls_1_1_cipher_suites":{"status":"COMPLETED","result":{"is_tls_version_supported":false,"accepted_cipher_suites":[{}]}},
	 "tls_1_2_cipher_suites":{"status":"COMPLETED","result":{"is_tls_version_supported":true,"accepted_cipher_suites":[{"cipher_suite":{"name":"TLS_RSA_WITH_AES_128_CBC_SHA"}}]}},
	 "tls_1_3_cipher_suites":{"status":"NOT_SCHEDULED","result":null},
	 "heartbleed":{"status":"COMPLETED","result":{"is_vulnerable_to_heartbleed":true}},
	 "openssl_ccs_injection":{"status":"COMPLETED","result":{}},
	 "robot":{"status":"COMPLETED","result":{"robot_result":"UNKNOWN_INCONSISTENT_RESULTS"}}}},
	{"server_location":{"hostname":"la.example","port":443},"connectivity_status":"ERROR","scan_result":null}]}`)
	v := f["ip tls.versions"]
	if v["ssl2"] != false || v["tls12"] != true || f["ip tls.heartbleed"]["vulnerable"] != true {
		t.Errorf("%v", f)
	}
	isOpen(t, v, "ssl3", "tls10", "tls11", "tls13")
	if f["ip tls.suites"] != nil || f["ip tls.ccs"]["unknown"] != "unanswered" || f["ip tls.robot"]["unknown"] != "unanswered" {
		t.Errorf("told what it does not say: %v", f)
	}
	if r.Version != "6.3.1" || !r.Produced.Equal(time.Date(2026, 11, 19, 1, 2, 3, 5e8, time.UTC)) || len(left) != 1 {
		t.Errorf("%+v, left %v", r, left)
	}
}

// TestNucleiSaysWhatItFound, and nothing else: no list without a finding in it
// is known.
func TestNucleiSaysWhatItFound(t *testing.T) {
	f, r, left := read(t, "", `{"template-id":"CVE-2023-22515","info":{"name":"Confluence","severity":"critical","classification":{"cve-id":["CVE-2023-22515"]}},"type":"http","host":"https://cong.example.gov.vn","matched-at":"https://cong.example.gov.vn/setup","timestamp":"2026-11-18T09:00:00+07:00","matcher-status":true}

{"template-id":"own-x","info":{"name":"X","severity":"low"},"host":"198.51.100.7:8443","matched-at":"198.51.100.7:8443","timestamp":"2026-11-18T10:00:00+07:00"}
{"template-id":"not-found","info":{"name":"Y","severity":"high"},"host":"https://cong.example.gov.vn","timestamp":"2026-11-18T10:00:00+07:00","matcher-status":false}
{"template-id":"other","info":{"name":"Z","severity":"high"},"host":"https://la.example","matched-at":"https://la.example/","timestamp":"2026-11-18T10:00:00+07:00"}`)
	for _, set := range []string{"web templates.holes", "web templates.given"} {
		if list, _ := f[set]["found"].([]any); len(list) != 1 || f[set]["critical"] == nil || f[set]["at"] == nil {
			t.Errorf("%s: %v", set, f[set])
		}
		isOpen(t, f[set], "high", "medium", "low", "templates", "answered", "refused", "hidden", "unanswered")
	}
	if f["ip templates.holes"] != nil || f["ip templates.given"] == nil {
		t.Errorf("%v", f)
	}
	isOpen(t, f["ip templates.given"], "critical", "high")
	if len(left) != 1 || !strings.Contains(left[0].What, "la.example:443") || !r.Produced.Equal(time.Date(2026, 11, 18, 3, 0, 0, 0, time.UTC)) {
		t.Errorf("left %v, produced %v", left, r.Produced)
	}
}

const arf = `<?xml version="1.0" encoding="UTF-8"?>
<arf:asset-report-collection xmlns:arf="http://scap.nist.gov/schema/asset-reporting-format/1.1"><arf:reports><arf:report id="xccdf1"><arf:content>
<TestResult xmlns="http://checklists.nist.gov/xccdf/1.2" id="r1" end-time="2026-11-17T08:00:00" test-system="cpe:/a:redhat:openscap:1.3.9">
 <benchmark id="xccdf_example_benchmark_1"/><profile idref="xccdf_example_profile_cis"/>
 <target>may-a.example</target><target-address>127.0.0.1</target-address><target-address>10.0.0.5</target-address>
 <rule-result idref="a" severity="high"><result>RESULT</result></rule-result>
 <rule-result idref="b" severity="medium"><result>fail</result></rule-result>
 <rule-result idref="c"><result>pass</result></rule-result>
 <rule-result idref="d" severity="low"><result>notchecked</result></rule-result>
 <rule-result idref="e" severity="high"><result>notselected</result></rule-result>
 <score system="urn:xccdf:scoring:default" maximum="100">81.5</score>
</TestResult></arf:content></arf:report></arf:reports></arf:asset-report-collection>`

// TestXCCDF: what failed is named; that nothing grave failed is known only where
// every grave rule was answered.
func TestXCCDF(t *testing.T) {
	for result, want := range map[string]int{"pass": 0, "fail": 1, "error": -1, "unknown": -1, "notchecked": -1, "sideways": -1} {
		f, r, _ := read(t, "", strings.Replace(arf, "RESULT", result, 1))
		for _, at := range []string{"ssh", "ssh2", "host:10.0.0.5"} {
			b := f[at+" host.baseline"]
			if list, _ := b["failed"].([]any); len(list) != 1+max(want, 0) || b["score"] != 81.5 || b["benchmark"] != "xccdf_example_benchmark_1" {
				t.Errorf("%s, %s: %v", result, at, b)
			}
			if list, known := b["failed_high"].([]any); known != (want >= 0) || known && len(list) != want {
				t.Errorf("%s, %s: failed_high is %v", result, at, b["failed_high"])
			}
		}
		if r.Tool != "OpenSCAP" || r.Version != "1.3.9" || !r.Produced.Equal(time.Date(2026, 11, 17, 1, 0, 0, 0, time.UTC)) {
			t.Errorf("%+v", r)
		}
	}
}

// TestNothingMeasured: a benchmark none of whose rules was measured does not say
// that none failed.
func TestNothingMeasured(t *testing.T) {
	for _, result := range []string{"notselected", "notapplicable", "informational", "notchecked"} {
		all := strings.NewReplacer("RESULT", result, ">fail<", ">"+result+"<", ">pass<", ">"+result+"<", ">notchecked<", ">"+result+"<").Replace(arf)
		f, _, _ := read(t, "", all)
		b := f["ssh host.baseline"]
		_, failed := b["failed"].([]any)
		if _, high := b["failed_high"].([]any); failed || high || b["benchmark"] == nil {
			t.Errorf("all %s: %v", result, b)
		}
	}
}

// TestUnsatisfiedIsAsNewAsItsNewest: what is not satisfied outlives a document
// that was issued before it was found.
func TestUnsatisfiedIsAsNewAsItsNewest(t *testing.T) {
	finding := func(state, observed string) string {
		return `{"title":"x","target":{"target-id":"ORG-01","status":{"state":"` + state + `"}},"related-observations":[{"observation-uuid":"` + observed + `"},{"observation-uuid":"o1"}]}`
	}
	for _, c := range []struct{ findings, want string }{
		{finding("satisfied", "o2") + "," + finding("not-satisfied", "o3"), "false 2026-11-10"},
		{finding("not-satisfied", "o3") + "," + finding("satisfied", "o2"), "false 2026-11-10"},
		{finding("not-satisfied", "o2") + "," + finding("not-satisfied", "o3"), "false 2026-11-10"},
		{finding("satisfied", "o2") + "," + finding("satisfied", "o3"), "true 2026-10-01"},
	} {
		_, r, _ := read(t, "", `{"assessment-results":{"metadata":{"title":"t"},"results":[{"start":"2026-12-01T00:00:00Z","observations":[
	{"uuid":"o1","collected":"2026-10-01T00:00:00Z"},{"uuid":"o2","collected":"2026-10-20T00:00:00Z"},{"uuid":"o3","collected":"2026-11-10T00:00:00Z"}],"findings":[`+c.findings+`]}]}}`)
		if got := fmt.Sprint(r.Claims[0].Met, " ", r.Claims[0].Issued().Format(time.DateOnly)); len(r.Claims) != 1 || got != c.want {
			t.Errorf("%s: %s, want %s", c.findings, got, c.want)
		}
	}
}

// TestOSCAL: findings that name a requirement are claims; two about one are the
// worse of them, as it was found, and a part that is satisfied is not the
// whole.
func TestOSCAL(t *testing.T) {
	_, r, left := read(t, "", `{"assessment-results":{"metadata":{"title":"Đánh giá","oscal-version":"1.1.2","parties":[{"uuid":"p","name":"Trung tâm X"}]},"results":[{"start":"2026-11-01T00:00:00Z",
	"observations":[{"uuid":"o1","collected":"2026-10-30T20:00:00Z","expires":"2027-01-01T00:00:00Z"},{"uuid":"o2","collected":"2026-10-31T00:00:00Z"}],
	"findings":[
	{"title":"a","target":{"type":"objective-id","target-id":"org-01_obj","status":{"state":"satisfied"}},"related-observations":[{"observation-uuid":"o1"},{"observation-uuid":"o2"}]},
	{"title":"b","target":{"type":"objective-id","target-id":"log-01_obj.a","status":{"state":"satisfied"}}},
	{"title":"c","target":{"type":"objective-id","target-id":"acc-01_obj.a","status":{"state":"not-satisfied"}}},
	{"title":"d","target":{"type":"statement-id","target-id":"ACC-01","status":{"state":"satisfied"}},"related-observations":[{"observation-uuid":"o2"}]},
	{"title":"e","props":[{"name":"requirement","value":"DAT-02"}],"target":{"target-id":"sc-28","status":{"state":"satisfied"}}},
	{"title":"f","target":{"target-id":"ac-1_obj","status":{"state":"satisfied"}}},
	{"title":"g","target":{"target-id":"DAT-03","status":{"state":"perhaps"}}}]}]}}`)
	var told []string
	for _, c := range r.Claims {
		told = append(told, c.Requirement+" "+map[bool]string{true: "met", false: "not"}[c.Met]+" "+c.Issued().Format(time.DateOnly)+" "+c.By)
	}
	want := "ORG-01 met 2026-10-31 Trung tâm X; ACC-01 not 2026-11-01 Trung tâm X; DAT-02 met 2026-11-01 Trung tâm X"
	if strings.Join(told, "; ") != want || len(left) != 3 || r.Claims[0].End().Format(time.DateOnly) != "2027-01-01" {
		t.Errorf("claims %q, left %v", told, left)
	}
}

// TestTextsObeyNobody: what is kept of a file for people to read has nothing in
// it that a terminal would obey.
func TestTextsObeyNobody(t *testing.T) {
	_, r, _ := read(t, "", `{"sslyze_version":"6\u001b[31m\u202e\n`+strings.Repeat("x", 1000)+`","server_scan_results":[{"server_location":{"hostname":"a\u001b","port":443},"connectivity_status":"\u0007ERROR"}]}`)
	if r.Version != "6?[31m? "+strings.Repeat("x", maxText-8)+"…" || strings.ContainsAny(r.Left[0].What+r.Left[0].Why.En, "\a\x1b") {
		t.Errorf("%q, %q", r.Version, r.Left)
	}
}

// TestTargets: a result goes to what the unit declares, and nowhere else.
func TestTargets(t *testing.T) {
	audit := func(target string) string {
		return `{"target":"` + target + `","banner":{"raw":"SSH-2.0-x","protocol":"2.0","software":"x","comments":null},"kex":[{"algorithm":"a"}],"key":[{"algorithm":"ssh-rsa"}],"enc":["e"],"mac":["m"]}`
	}
	for target, want := range map[string]string{"10.0.0.5:2222": "ssh2", "10.0.0.5": "", "10.0.0.6:22": "", "[::ffff:10.0.0.5]:22": "ssh", "198.51.100.7:8443": "", "10.0.0.5:23": ""} {
		f, _, left := read(t, "", audit(target))
		if got := f[want+" ssh.banner"]; (got != nil) != (want != "") || (len(left) == 0) != (want != "") {
			t.Errorf("%s: %v, left %v", target, f, left)
		}
		if want != "" && f[want+" ssh.hostkeys"] != nil {
			t.Errorf("the size of a key that was not shown: %v", f)
		}
	}
}

// TestFlawsAreOneSentence: a file that cannot be used is told by name, line and
// remedy, in both languages.
func TestFlawsAreOneSentence(t *testing.T) {
	for name, c := range map[string]struct{ format, text, want string }{
		"empty":       {"", "", "f: it is not plain which tool made this; say it with --from"},
		"other JSON":  {"", `{"a":1}`, "f: it is not plain which tool made this"},
		"cut":         {"sslyze", "{\n\"server_scan_results\": [", "f:2: this is no whole JSON"},
		"other type":  {"ssh-audit", `{"kex": 3}`, `f: the field "kex" has another type`},
		"a bad line":  {"nuclei", "{\"template-id\":\"a\",\"info\":{}}\nnot json", "f:2: this is no whole JSON"},
		"doctype":     {"xccdf", "<?xml version=\"1.0\"?>\n<!DOCTYPE x [<!ENTITY a \"aaaa\">]>\n<x>&a;</x>", "f:2: the file has a DOCTYPE"},
		"entity":      {"xccdf", "<x>&a;</x>", "f:1: this is no whole XML: invalid character entity"},
		"deep":        {"xccdf", strings.Repeat("<x>", 200), "f:1: the XML is nested too deeply"},
		"cut XML":     {"xccdf", arf[:900], "f:"},
		"other space": {"xccdf", "<TestResult/>", "f: the file holds no result that could be used"},
		"OSCAL XML":   {"", `<assessment-results xmlns="http://csrc.nist.gov/ns/oscal/1.0"/>`, "f: OSCAL in XML is not read"},
		"large":       {"", strings.Repeat(" ", MaxBytes+1), "f: the file is larger than 64 MB"},
	} {
		_, err := Read("f", c.format, []byte(c.text))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
			continue
		}
		if p, ok := err.(*Problem); !ok || p.In(lang.Vi) == p.In(lang.En) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
