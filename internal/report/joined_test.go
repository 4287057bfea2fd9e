package report

import (
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

// joined is a unit that was looked at from the Internet and, by a scan that was
// cut short, from inside.
func joined() Document {
	s := start()
	s.unit.Endpoints = s.unit.Endpoints[:4]
	for i := range s.results {
		if len(s.results[i].Findings) > 4 {
			s.results[i].Findings = s.results[i].Findings[:4]
		}
		for j := range s.results[i].Findings {
			s.results[i].Findings[j].Saw = bothViews(s.results[i].Findings[j].Saw)
		}
	}
	at := func(z inventory.Zone, x judge.Saw) judge.Saw { x.Zone = z; return x }
	s.change("TLS-02", []string{"mot-cua"}, fail(at(inventory.Internal, saw("tls.versions.tls10", "TLS 1.0", "TLS 1.0", true)), at(inventory.Internal, saw("tls.versions.tls11", "TLS 1.1", "TLS 1.1", true))))
	s.change("WEB-01", []string{"cong-dvc"}, fail(at(inventory.Internet, saw("http.redirect.status", "mã trả lời", "status", int64(200))), at(inventory.Internal, saw("http.redirect.status", "mã trả lời", "status", int64(302)))))
	late := missing("tls.certificate.not_after", "hết hạn", "expires", fact.Because(fact.Timeout, "no complete answer in the time given"))
	late.Zone = inventory.Internal
	s.change("TLS-06", []string{"api-lgsp"}, lacking(judge.Inconclusive, late))
	wan := missing("tcp.open", "kết quả kiểm tra tcp.open", "what tcp.open saw", fact.Because(fact.Elsewhere, "not looked at from the specialised data network (TSLCD): scan from there with --vantage wan and join the records with sansang merge"))
	wan.From = []inventory.Zone{inventory.WAN}
	s.change("NET-03", []string{"api-lgsp"}, lacking(judge.Inconclusive, wan))
	d := s.document(judge.NotReady, lang.T("đợt rà quét chưa chạy hết những việc đã định", "the scan did not look at all it had planned"))

	a, outside := d.Assessment, d.Assessment.Header
	a.Header.Format, a.Header.Vantage, a.Header.Limits = record.JoinedFormat, record.Vantage{}, record.Limits{}
	a.Header.Joined = []record.Source{
		{File: record.File{Name: "internet.jsonl", SHA256: digest("outside")}, Vantage: outside.Vantage, Tool: outside.Tool, Policy: outside.Policy, UnitFile: outside.UnitFile, CAs: outside.CAs,
			Limits: outside.Limits, Started: scanned, Finished: a.End.At, Ended: true, Complete: true, Connections: a.End.Connections},
		{File: record.File{Name: "noi-bo.jsonl", SHA256: digest("inside")}, Vantage: record.Vantage{Name: "may-quet-02", Zone: inventory.Internal}, Tool: outside.Tool, Policy: outside.Policy,
			UnitFile: outside.UnitFile, Limits: outside.Limits, Started: scanned, Finished: a.End.At},
	}
	views(a)
	a.End = nil
	return d
}

// views lets everything be seen from both places, and its last from one.
func views(a *record.Assessment) {
	obs, plan := a.Observations, a.Header.Plan
	a.Observations, a.Header.Plan = nil, nil
	for _, s := range a.Header.Joined {
		for _, o := range obs {
			o.Vantage, o.Zone = s.Vantage.Name, string(s.Vantage.Zone)
			a.Observations = append(a.Observations, o)
		}
		for _, p := range plan {
			p.Vantage, p.Zone = s.Vantage.Name, s.Vantage.Zone
			a.Header.Plan = append(a.Header.Plan, p)
		}
	}
	a.Observations = a.Observations[:len(a.Observations)-1]
}

func bothViews(saw []judge.Saw) []judge.Saw {
	var out []judge.Saw
	for _, s := range saw {
		if strings.HasPrefix(s.Path, "attest.") {
			return saw
		}
		s.Zone = inventory.Internet
		out = append(out, s)
		s.Zone = inventory.Internal
		out = append(out, s)
	}
	return out
}

// TestFromWhere: in a report of several places every fact says from where it
// was seen, one that was seen alike says it once; in that of one place none
// does.
func TestFromWhere(t *testing.T) {
	for format, wants := range map[string][]string{
		"text": {"TLS 1.0: yes (seen from the internal network)", "status: 200 (seen from the Internet)", "status: 302 (seen from the internal network)",
			"seen from the internal network: no complete answer", "Scan from the specialised data network (TSLCD) with --vantage wan and join", "noi-bo.jsonl", "the record is cut short"},
		"html": {"seen from the Internet, the internal network", "seen from the internal network: no complete answer", "noi-bo.jsonl", "· seen from the Internet"},
		"json": {`"zone": "internal"`, `"joined_from": [`},
	} {
		got := strings.Join(strings.Fields(string(render(t, format, joined(), Options{Lang: lang.En}))), " ")
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s does not say %q", format, want)
			}
		}
	}
	one := ready()
	for i := range one.Judged.Requirements {
		for j := range one.Judged.Requirements[i].Findings {
			f := &one.Judged.Requirements[i].Findings[j]
			f.Saw = append([]judge.Saw(nil), f.Saw...)
			for k := range f.Saw {
				f.Saw[k].Zone = inventory.Internet
			}
		}
	}
	if got := string(render(t, "html", one, Options{Lang: lang.En})); strings.Contains(got, "seen from") {
		t.Error("the report of one place says again and again where it was")
	}
}
