package report

import (
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// hostile is what a server might send to fool a reader, a terminal or a page.
const hostile = "\x1b]0;SẴN SÀNG\a\u202egnp.exe\u2066</script><script>alert(1)</script><img src=https://evil.example/x>&amp;\x9b2J"

// scenario builds a document: every requirement passes everywhere until told
// otherwise.
type scenario struct {
	unit    inventory.Unit
	results []judge.Result
	missing map[string]*fact.Unknown
}

func start() *scenario {
	s := &scenario{unit: declared(), missing: map[string]*fact.Unknown{}}
	for _, res := range catalogue {
		res.Decides = res.Strength != judge.StrengthC
		res.Findings = s.findings(res)
		s.results = append(s.results, res)
	}
	return s
}

// findings gives a pass for everything that a requirement is asked of.
func (s *scenario) findings(res judge.Result) []judge.Finding {
	f := judge.Finding{Level: 3, Force: judge.Mandatory, Decides: res.Decides, Verdict: judge.Pass}
	if !res.Decides {
		f.Force = judge.Recommended
	}
	var out []judge.Finding
	if res.Evidence != nil {
		f.Scope = judge.PerUnit
		f.Saw = []judge.Saw{saw("attest.met", "tài liệu chứng minh", "document as evidence", true)}
		return append(out, f)
	}
	for _, e := range s.unit.Endpoints {
		f := f
		f.Scope, f.System, f.Endpoint, f.Target = judge.PerEndpoint, e.System, e.ID, e.Target
		f.Saw = facts[res.ID]
		if (e.Kind == inventory.SSH) != (familyCode(res.ID) == "SSH") {
			f.Verdict, f.Saw, f.Decides = judge.NotApplicable, nil, false
		}
		out = append(out, f)
	}
	return out
}

// facts is what is seen where all is well.
var facts = map[string][]judge.Saw{
	"NET-03": {saw("tcp.open.open", "cổng mở", "port open", false)},
	"TLS-02": {saw("tls.versions.tls10", "TLS 1.0", "TLS 1.0", false), saw("tls.versions.tls11", "TLS 1.1", "TLS 1.1", false)},
	"TLS-06": {saw("tls.certificate.not_after", "hết hạn", "expires", time.Date(2027, 3, 1, 16, 59, 0, 0, time.UTC)),
		saw("tls.certificate.chain", "chuỗi chứng thư", "chain", []any{map[string]any{"subject": "GlobalSign RSA OV SSL CA 2018", "bits": int64(2048)}, map[string]any{"subject": "GlobalSign Root CA - R3", "bits": int64(2048)}})},
	"TLS-08": {saw("tls.certificate.not_after", "hết hạn", "expires", time.Date(2027, 3, 1, 16, 59, 0, 0, time.UTC))},
	"SSH-02": {saw("ssh.algorithms.kex", "thuật toán trao đổi khóa", "key exchange algorithms", []any{"curve25519-sha256", "mlkem768x25519-sha256"})},
	"WEB-01": {saw("http.redirect.status", "mã trả lời", "status", int64(301))},
	"WEB-02": {saw("http.headers.hsts_max_age", "thời hạn HSTS (giây)", "HSTS max-age (seconds)", int64(31_536_000))},
	"WEB-05": {saw("http.cookies.all", "cookie", "cookies", []any{})},
	"WEB-06": {saw("http.disclosure.server", "tiêu đề Server", "Server header", "nginx")},
}

func saw(path, vi, en string, v any) judge.Saw {
	s := judge.Saw{Path: path, Label: lang.T(vi, en), Value: v, At: scanned.Add(3 * time.Second)}
	if !strings.HasPrefix(path, "attest.") { // a person's word is no fact of a check
		s.Known = fact.Observed
	}
	return s
}

// change edits the findings of a requirement at some endpoints ("" for the
// unit; none for all to which it applies).
func (s *scenario) change(id string, at []string, edit func(*judge.Finding)) {
	for i := range s.results {
		res := &s.results[i]
		if res.ID != id {
			continue
		}
		for j := range res.Findings {
			f := &res.Findings[j]
			if f.Verdict != judge.NotApplicable && (len(at) == 0 || strings.Contains(" "+strings.Join(at, " ")+" ", " "+f.Endpoint+" ")) {
				edit(f)
			}
		}
	}
}

func fail(facts ...judge.Saw) func(*judge.Finding) {
	return func(f *judge.Finding) { f.Verdict, f.Saw = judge.Fail, facts }
}

func lacking(v judge.Verdict, ms ...judge.Missing) func(*judge.Finding) {
	return func(f *judge.Finding) { f.Verdict, f.Saw, f.Missing = v, nil, ms }
}

func missing(path, vi, en string, u *fact.Unknown) judge.Missing {
	return judge.Missing{Path: path, Label: lang.T(vi, en), Cause: u.Cause, Detail: u.Detail}
}

// silent makes an endpoint answer nothing to the requirements about it.
func (s *scenario) silent(endpoint string, u *fact.Unknown, ids ...string) {
	s.missing[endpoint] = u
	for _, id := range ids {
		old := facts[id]
		s.change(id, []string{endpoint}, func(f *judge.Finding) {
			f.Verdict, f.Saw, f.Missing = judge.Inconclusive, nil, nil
			for _, x := range old {
				f.Missing = append(f.Missing, judge.Missing{Path: x.Path, Label: x.Label, Cause: u.Cause, Detail: u.Detail})
			}
		})
	}
}

// document tallies the scenario as the judge does.
func (s *scenario) document(v judge.UnitVerdict, because ...lang.Text) Document {
	r := judge.Report{Format: judge.ReportFormat, Unit: s.unit.Unit, At: scanned.Add(5 * time.Hour), Verdict: v, Because: because, NotJudged: notJudged,
		Policy: judge.PolicyRef{ID: "population-db", Version: "2026.11", SHA256: digest("policy"), Title: lang.T("Kết nối Cơ sở dữ liệu quốc gia về dân cư", "Connection to the National Population Database")}}
	r.Tally = judge.Tally{Catalogue: len(s.results) + len(notJudged), Judged: len(s.results)}
	for i := range s.results {
		res := &s.results[i]
		var all, deciding []judge.Verdict
		for _, f := range res.Findings {
			all = append(all, f.Verdict)
			if f.Decides {
				deciding = append(deciding, f.Verdict)
			}
		}
		res.Verdict = judge.Together(all...)
		if res.Decides = len(deciding) > 0; !res.Decides {
			continue
		}
		res.Verdict = judge.Together(deciding...)
		r.Tally.Deciding++
		*map[judge.Verdict]*int{judge.Pass: &r.Tally.Pass, judge.Waived: &r.Tally.Waived, judge.Fail: &r.Tally.Fail,
			judge.Inconclusive: &r.Tally.Inconclusive, judge.Manual: &r.Tally.Manual}[res.Verdict]++
	}
	r.Requirements = s.results
	return Document{Judged: r, Assessment: assessed(s.unit, s.missing), Schema: schema()}
}

var notJudged = func() []judge.NotJudged {
	tool := lang.T("phiên bản này chưa có phép kiểm tra tương ứng", "this version has no check for it")
	host := lang.T("cần dữ liệu thu thập từ bên trong máy chủ", "needs data collected inside the host")
	var out []judge.NotJudged
	for _, id := range []string{"EXP-01", "EXP-02", "EXP-03", "EXP-04", "EXP-05", "EXP-06", "EXP-07", "EXP-08", "TLS-04", "TLS-09", "VULN-01", "VULN-02", "VULN-03", "DNS-01", "DNS-02", "MAIL-01", "MAIL-02"} {
		out = append(out, judge.NotJudged{ID: id, Why: tool})
	}
	for _, id := range []string{"ACC-02", "ACC-03", "END-01", "END-02", "END-03", "DAT-04"} {
		out = append(out, judge.NotJudged{ID: id, Why: host})
	}
	return out
}()
