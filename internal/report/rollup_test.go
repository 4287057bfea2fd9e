package report

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/rollup"
)

// rolledUp is a small run in which everything occurs once, and the run before.
func rolledUp() rollup.Rollup {
	began := time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC)
	policy := rollup.Policy{ID: "population-db", Version: "2026.2", SHA256: strings.Repeat("5a", 32), Title: lang.T("Kết nối CSDL quốc gia về dân cư", "Connection to the population database")}
	var wording []rollup.Requirement
	for _, r := range catalogue {
		wording = append(wording, rollup.Requirement{ID: r.ID, Title: r.Title, Severity: r.Severity})
	}
	run := rollup.Run{ID: 12, List: "danh-sach-2026.xlsx", Policy: policy, Vantages: []inventory.Zone{inventory.Internet, inventory.Internal}, State: "done", Began: began, Ended: began.Add(14 * time.Minute), Problems: 2}
	c := rollup.New(run, wording, []rollup.Merger{{Old: "H26.2", New: "H26.1"}})
	old := run
	old.ID, old.List, old.Policy.Version, old.Policy.SHA256, old.Began = 7, "danh-sach-2025.xlsx", "2025.9", strings.Repeat("3c", 32), began.AddDate(-1, 0, 0)
	c.Since(old)
	unit := func(id, name string, kind inventory.UnitKind, parent string, v judge.UnitVerdict, verdicts ...judge.Verdict) rollup.Unit {
		u := rollup.Unit{Identity: inventory.Identity{ID: id, Name: name, Kind: kind, Parent: parent}, Verdict: &v, Complete: true, At: began.Add(time.Minute)}
		for i, x := range verdicts {
			f := rollup.Finding{Requirement: catalogue[i].ID, Decides: true, Verdict: x, Severity: catalogue[i].Severity, Places: 1}
			f.Causes = map[judge.Verdict][]fact.Cause{judge.Inconclusive: {fact.Timeout}, judge.Manual: {fact.NoEvidence}}[x]
			u.Findings = append(u.Findings, f)
		}
		u.Places = []rollup.Place{{Endpoint: "cong", Target: "https://" + strings.ToLower(id) + ".gov.example", Kind: inventory.HTTPS, Vantage: inventory.Internet}}
		return u
	}
	c.AddBefore(unit("G01", "Bộ Nội vụ", inventory.Ministry, "", judge.NotReady, judge.Fail, judge.Pass))
	c.AddBefore(unit("H26.1", "Phường Ba Đình", inventory.Commune, "H26", judge.Ready, judge.Pass, judge.Pass))
	c.AddBefore(unit("H26.2", "Phường Ngọc Hà", inventory.Commune, "H26", judge.NotReady, judge.Pass, judge.Fail))
	c.AddBefore(unit("H99", "Tỉnh đã giải thể", inventory.Province, "", judge.Undetermined))
	c.Add(unit("G01", "Bộ Nội vụ", inventory.Ministry, "", judge.Ready, judge.Pass, judge.Pass))
	expiring := unit("H26", "Thành phố Hà Nội", inventory.Province, "", judge.NotReady, judge.Fail, judge.Pass, judge.Manual)
	expiring.Expires = began.AddDate(0, 0, 20)
	c.Add(expiring)
	mute := unit("H26.1", "Phường Ba Đình", inventory.Commune, "H26", judge.Undetermined, judge.Inconclusive, judge.Fail)
	mute.Findings[1].Decides = false
	mute.Places[0].Cause, mute.Places[0].Detail = fact.Timeout, "no complete answer in the time given"
	mute.Places = append(mute.Places, rollup.Place{Endpoint: "cong", Target: mute.Places[0].Target, Kind: inventory.HTTPS, Vantage: inventory.Internal, Cause: fact.Unreachable, Detail: "connection refused"})
	mute.Because = []lang.Text{lang.T("1 yêu cầu chưa xác định được vì thiếu dữ kiện", "1 requirement is inconclusive for want of facts")}
	c.Add(mute)
	partly := unit("H31.7", "Xã Văn Giang", inventory.Commune, "H31", judge.NotReady, judge.Fail)
	partly.Complete = false
	c.Add(partly)
	c.Add(rollup.Unit{Identity: inventory.Identity{ID: "H14", Name: "Tỉnh Cao Bằng", Kind: inventory.Province}, Trouble: "the disk is full"})
	return c.Rollup()
}

func roll(t *testing.T, format string, r rollup.Rollup, l lang.Lang, table string) []byte {
	t.Helper()
	f, err := FindRollup(format)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Render(&b, r, RollupOptions{Options: Options{Lang: l}, Table: table}); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.Bytes()
}

// TestRollupGolden holds the roll-up still in every format that can be read, and
// to the same bytes for the same run in all.
func TestRollupGolden(t *testing.T) {
	for _, l := range lang.All {
		for _, format := range []string{"text", "html", "json", "csv", "xlsx"} {
			got := roll(t, format, rolledUp(), l, "")
			if again := roll(t, format, rolledUp(), l, ""); !bytes.Equal(got, again) {
				t.Errorf("%s: the same run gave other bytes", format)
			}
			if format == "xlsx" {
				continue
			}
			file := filepath.Join("..", "..", "testdata", "reports", "rollup."+string(l)+"."+strings.Replace(format, "text", "txt", 1))
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs; see what go test ./internal/report -update changes", file)
			}
		}
	}
}

func TestRollupFitsTheTerminal(t *testing.T) {
	for _, l := range lang.All {
		for _, line := range strings.Split(string(roll(t, "text", rolledUp(), l, "")), "\n") {
			if width(line) > 80 {
				t.Errorf("%d columns: %s", width(line), line)
			}
		}
	}
}

// TestRollupHostileNames: what others call their units drives no terminal, no
// browser and no spreadsheet.
func TestRollupHostileNames(t *testing.T) {
	const name = "=HYPERLINK(\"http://x\")<script>alert(1)</script>\x1b[31m\u202edoc\x00"
	r := rolledUp()
	r.Run.List = name
	for i := range r.Units {
		r.Units[i].Name, r.Units[i].ID, r.Units[i].Trouble = name, "@"+name, "+1"
	}
	r.Dead[0].Name, r.Dead[0].Target, r.Dead[0].From[0].Detail = name, "-"+name, name
	r.Provinces[0].Name, r.Changes.Units[0].Name, r.Changes.Gone[0].Name = name, name, name
	for _, format := range []string{"text", "html", "json", "csv"} {
		out := roll(t, format, r, lang.Vi, "")
		if bytes.ContainsAny(out, "\x1b\x00\u202e") {
			t.Errorf("%s holds what drives a terminal", format)
		}
		if format == "html" && bytes.Contains(out, []byte("<script")) {
			t.Error("the page holds a script")
		}
	}
	for _, table := range RollupTables() {
		rows, err := csv.NewReader(bytes.NewReader(roll(t, "csv", r, lang.Vi, table)[3:])).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
					t.Errorf("%s: the cell %q is a formula to a spreadsheet", table, cell)
				}
			}
		}
	}
	for part, text := range xlsxParts(t, roll(t, "xlsx", r, lang.Vi, "")) {
		if strings.Contains(text, "<f>") || strings.Contains(text, "<f ") || strings.Contains(text, "<hyperlink") {
			t.Errorf("%s holds a formula or a link", part)
		}
	}
}

// xlsxParts gives the XML of a workbook, by the name of its part.
func xlsxParts(t *testing.T, b []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(text)
	}
	return out
}

// TestWorkbook: each question has a sheet whose header stays and filters, days
// are days, and codes keep their zeros.
func TestWorkbook(t *testing.T) {
	parts := xlsxParts(t, roll(t, "xlsx", rolledUp(), lang.Vi, ""))
	book := parts["xl/workbook.xml"]
	for _, name := range []string{"Đợt rà quét", "Theo loại đơn vị", "Theo tỉnh, thành phố", "Từng đơn vị", "Không đạt nhiều nhất", "Còn thiếu, vì sao", "Đơn vị và yêu cầu", "Không trả lời", "Đơn vị thay đổi", "Yêu cầu thay đổi"} {
		if !strings.Contains(book, `name="`+name+`"`) {
			t.Errorf("there is no sheet %q", name)
		}
	}
	each := parts["xl/worksheets/sheet4.xml"]
	for what, want := range map[string]string{"a frozen header": `state="frozen"`, "a filter": "<autoFilter ref=", "Vietnamese": "Phường Ba Đình"} {
		if !strings.Contains(each, want) {
			t.Errorf("the sheet of the units has not %s", what)
		}
	}
	// 2026-11-25 22:01 in Vietnam, and 2026-12-15 22:00, as ECMA-376 §18.17.4.1 counts days
	for _, serial := range []string{"<v>46351.91736", "<v>46371.91666"} {
		if !strings.Contains(each, serial) {
			t.Errorf("the sheet of the units has no cell %s…: %v", serial, regexp.MustCompile(`<v>46\d+\.\d+`).FindAllString(each, -1))
		}
	}
}

// TestRollupJSON: what is written is read back as it was.
func TestRollupJSON(t *testing.T) {
	b := roll(t, "json", rolledUp(), lang.En, "")
	var r rollup.Rollup
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	if again := roll(t, "json", r, lang.Vi, ""); !bytes.Equal(b, again) {
		t.Error("read back and written again it is another")
	}
}
