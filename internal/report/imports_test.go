package report

import (
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

// TestImportsAreTold: a report names each result file of another tool, when that
// ran, by whose word, and from where; no look of ours is told in its place.
func TestImportsAreTold(t *testing.T) {
	d := start().document(judge.Undetermined)
	imported := func(name, by string) []record.Imported {
		return []record.Imported{{File: record.File{Name: name, SHA256: "0123456789abcdef"}, Tool: "testssl.sh", Version: "3.0.8",
			Produced: time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC), TimeBy: by, Left: []record.Left{{What: "la.example:443", Why: lang.T("v", "e")}}}}
	}
	wan := record.Vantage{Name: "x", Zone: inventory.WAN}
	for name, h := range map[string]record.Header{
		"alone":  {Vantage: wan, Imported: imported("web.json", record.ByOperator)},
		"joined": {Joined: []record.Source{{Vantage: wan, Imported: imported("web.json", record.ByOperator)}}},
	} {
		d.Assessment.Header.Vantage, d.Assessment.Header.Imported, d.Assessment.Header.Joined = h.Vantage, h.Imported, h.Joined
		for l, want := range map[lang.Lang]string{
			lang.Vi: "Nhập từ công cụ khác testssl.sh 3.0.8, web.json, SHA-256 0123456789ab, chạy lúc 20/11/2026 10:00 (theo người nhập), mạng truyền số liệu chuyên dùng, 1 mục không dùng được",
			lang.En: "From another tool testssl.sh 3.0.8, web.json, SHA-256 0123456789ab, ran on 2026-11-20 10:00 (as the operator says), the specialised data network (TSLCD), items left out: 1",
		} {
			text := strings.Join(strings.Fields(string(render(t, "text", d, Options{Lang: l}))), " ")
			if !strings.Contains(text, want) || strings.Contains(text, "Looked from") || strings.Contains(text, "Nơi rà quét") {
				t.Errorf("%s, %s: %s", name, l, text)
			}
		}
	}
}
