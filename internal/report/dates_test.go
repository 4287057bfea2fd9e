package report

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

func TestKeyDates(t *testing.T) {
	d := start().document(judge.Ready)
	on := func(date string, days int) judge.KeyDate {
		day, err := inventory.ParseDate(date)
		if err != nil {
			t.Fatal(err)
		}
		return judge.KeyDate{Date: day, Days: days, Say: lang.T("Hạn kết nối qua nền tảng chia sẻ, điều phối dữ liệu, thay cho mọi kết nối trực tiếp đang dùng.", "The last day to connect through the platform for sharing, instead of the direct links in use."),
			Requirements: []string{"ORG-01", "TLS-02"}, Basis: []judge.Basis{{Law: "Nghị định 278/2025/NĐ-CP", Article: "Điều 7, Điều 24", Status: judge.Paraphrase}}}
	}
	d.Judged.Dates = []judge.KeyDate{on("2026-11-20", -4), on("2026-11-23", -1), on("2026-11-24", 0), on("2026-11-25", 1), on("2026-12-31", 37)}
	d.Judged.Policy.Extends = []string{"so-thong-tin", "population-db"}
	for _, c := range []struct {
		lang lang.Lang
		want []string
	}{
		{lang.Vi, []string{"MỐC THỜI GIAN", "20/11/2026 · đã qua 4 ngày", "24/11/2026 · hôm nay", "31/12/2026 · còn 37 ngày", "ORG-01, TLS-02", "Mở rộng chính sách      so-thong-tin, population-db"}},
		{lang.En, []string{"KEY DATES", "2026-11-23 · 1 day ago", "2026-11-24 · today", "2026-11-25 · 1 day left", "2026-12-31 · 37 days left"}},
	} {
		b, err := renderText(d, Options{Lang: c.lang, Width: 80})
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(string(b), want) {
				t.Errorf("%s: the text lacks %q", c.lang, want)
			}
		}
		for line := range strings.Lines(string(b)) {
			if width(strings.TrimRight(line, "\n")) > 80 {
				t.Errorf("%s: wider than 80 columns: %s", c.lang, line)
			}
		}
		page, err := renderHTML(d, Options{Lang: c.lang})
		if err != nil {
			t.Fatal(err)
		}
		said := c.want[1][strings.Index(c.want[1], "· ")+len("· "):]
		if !strings.Contains(string(page), "("+said+")") || !strings.Contains(string(page), `id="moc-thoi-gian"`) {
			t.Errorf("%s: the page lacks the dates", c.lang)
		}
	}
	b, err := renderJSON(d, Options{})
	var told struct {
		Judged struct {
			Dates []struct {
				Date string
				Days int
			}
		}
	}
	if err != nil || json.Unmarshal(b, &told) != nil || len(told.Judged.Dates) != 5 || told.Judged.Dates[4].Date != "2026-12-31" || told.Judged.Dates[4].Days != 37 || told.Judged.Dates[0].Days != -4 {
		t.Errorf("JSON: %v, %+v", err, told)
	}
}
