package report

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

type findings struct {
	Found fact.Maybe[[]finding] `json:"found" vi:"đã tìm thấy" en:"found"`
}

type finding struct {
	ID        string   `json:"id" vi:"mã mẫu" en:"template"`
	Name      string   `json:"name" vi:"tên" en:"name"`
	Severity  string   `json:"severity" vi:"mức" en:"severity"`
	CVEs      []string `json:"cves" vi:"mã CVE" en:"CVE"`
	At        string   `json:"at" vi:"ở đâu" en:"where"`
	Extracted []string `json:"extracted" vi:"giá trị đọc được" en:"values read"`
}

// alien is hostile in no language, as the text of a stranger's template may be.
var alien = strings.ReplaceAll(hostile, "SẴN SÀNG", "READY")

// withTemplates is a unit with templates of its own: thirty are refused, one of
// them by a hostile name, two hundred find something, and for each way in which
// there is no answer a requirement stays open.
func withTemplates() Document {
	s := start()
	var found []finding
	for i := range 200 {
		found = append(found, finding{ID: fmt.Sprintf("mau-%03d", i), Name: "Adminer " + alien, Severity: []string{"low", "critical", "info"}[i%3],
			CVEs: []string{fmt.Sprintf("CVE-2024-%04d", i)}, At: "https://dichvucong.quangninh.example/" + strings.Repeat("a", i), Extracted: []string{alien}})
	}
	var all []any
	for _, f := range found[:12] {
		var m map[string]any
		b, err := json.Marshal(f)
		if err == nil {
			err = json.Unmarshal(b, &m)
		}
		if err != nil {
			panic(err)
		}
		all = append(all, m)
	}
	s.change("WEB-06", []string{"cong-dvc"}, fail(saw("templates.given.found", "đã tìm thấy", "found", all)))
	open := func(id, detail string, c fact.Cause) {
		s.change(id, []string{"mot-cua"}, lacking(judge.Inconclusive, missing("templates.given.found", "đã tìm thấy", "found", fact.Because(c, detail))))
	}
	open("TLS-02", "http.cve_2023_22515: sansang-nuclei cannot be started: there is no such file", fact.Skipped)
	open("TLS-06", "template chay-lenh is refused", fact.Skipped)
	open("WEB-01", "template:CVE-2023-22515: the product is there, and does not show what would tell", fact.Unanswered)
	open("WEB-02", "http.grafana: the template worker ended while it ran this: signal: killed", fact.Broken)
	open("WEB-05", "http.grafana: a path that does not exist is answered with 403 as well", fact.Blocked)
	d := s.document(judge.NotReady)
	d.Schema["templates.given"] = typeOf[findings]()
	set := record.TemplateSet{Name: "given", Folder: "nuclei-templates", SHA256: digest("set"), Selected: 200, Left: 9_000}
	for i := range 30 {
		set.Refused = append(set.Refused, record.RefusedTemplate{ID: fmt.Sprintf("tu-choi-%02d", i), File: fmt.Sprintf("http/cves/tu-choi-%02d.yaml", i), Line: 4 + i, Why: lang.T("mục code chạy chương trình trên máy này", "the section code runs programs on this machine")})
	}
	set.Refused[0].File, set.Refused[0].Why = alien+".yaml", lang.T("khóa lạ "+hostile, "unknown key "+alien)
	value, err := json.Marshal(findings{fact.Known(found)})
	if err != nil {
		panic(err)
	}
	d.Assessment.Header.Templates = []record.TemplateSet{set}
	d.Assessment.Observations = append(d.Assessment.Observations, fact.Observation{Check: "templates.given", Endpoint: "cong-dvc", At: scanned, Value: value})
	d.Assessment.End.Worker = &record.Worker{Wall: "network namespace"}
	return d
}

// TestTemplatesAreTold: the gravest find comes first, what is left out is
// counted, and the JSON report has every refusal.
func TestTemplatesAreTold(t *testing.T) {
	text := string(render(t, "text", withTemplates(), Options{}))
	for _, want := range []string{"critical, mau-001", "và 180 mẫu khác", "và 10 mẫu khác", "không chạy được sansang-nuclei: không có tệp này", "Đặt tệp sansang-nuclei", "không cho biết phiên bản"} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if got := strings.Count(string(render(t, "json", withTemplates(), Options{})), `"file": "`); got != 30 {
		t.Errorf("the JSON report has %d of 30 refusals", got)
	}
}
