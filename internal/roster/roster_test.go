package roster

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/sheet"
)

var update = flag.Bool("update", false, "write the told mistakes anew")

const lists = "../../testdata/lists/"

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// write puts files into a folder, and gives the path of the first.
func write(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		path := filepath.Join(dir, files[i])
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(files[i+1]), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, files[0])
}

// declares is all that a list says, without where it says it.
func declares(t *testing.T, l *List) string {
	t.Helper()
	units := []any{}
	for _, u := range l.Units {
		units = append(units, u.Unit)
	}
	b, err := json.MarshalIndent(map[string]any{"units": units, "merged": l.Mergers}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The same list is the same in every form in which people keep it.
func TestFormsSayTheSame(t *testing.T) {
	whole, err := Read(lists+"ba-don-vi.yaml", Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := declares(t, whole)
	if len(whole.Units) != 3 || len(whole.Units[1].Endpoints) != 3 || whole.Units[1].Unit.Unit.Parent != "H99" {
		t.Fatalf("the list in YAML is read as %s", want)
	}
	csv := string(read(t, lists+"ba-don-vi.csv"))
	table, err := sheet.Read("x.csv", []byte(csv))
	if err != nil {
		t.Fatal(err)
	}
	joined := func(comma string) string {
		var sb strings.Builder
		for _, r := range table.Rows {
			for i, c := range r.Cells {
				if i > 0 {
					sb.WriteString(comma)
				}
				sb.WriteString(`"` + c + `"`)
			}
			sb.WriteString("\r\n")
		}
		return sb.String()
	}
	wide := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(joined("\t"))) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	english := strings.SplitN(csv, "\n", 2)
	for _, f := range fields {
		english[0] = strings.Replace(","+english[0]+",", ","+f.name.Vi+",", ","+f.name.En+",", 1)
		english[0] = english[0][1 : len(english[0])-1]
	}
	bare := strings.SplitN(csv, "\n", 2)
	bare[0] = strings.ToUpper(strings.Join(strings.Fields(foldWords(bare[0])), " "))
	for _, c := range []struct{ name, file, text string }{
		{"commas", "a.csv", csv},
		{"semicolons and a byte order mark", "a.csv", "\ufeff" + joined(";")},
		{"Excel's own mark of the separator", "a.csv", "sep=;\r\n" + joined(";")},
		{"UTF-16 and tabs", "a.csv", string(wide)},
		{"a title and an empty row above", "a.csv", "Phụ lục I\n\n" + csv},
		{"English headings", "a.csv", strings.Join(english, "\n")},
		{"headings without diacritics", "a.csv", strings.Join(bare, "\n")},
		{"a table named by a list", "l.yaml", "units: [{file: sub/a.csv}]\n"},
		{"XLSX", "a.xlsx", string(workbook(t, table))},
	} {
		path := write(t, c.file, c.text, "sub/a.csv", csv)
		l, err := Read(path, Options{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := declares(t, l); got != want {
			t.Errorf("%s: it says %s\nwant %s", c.name, got, want)
		}
	}
}

// workbook puts a table into XLSX.
func workbook(t *testing.T, from *sheet.Table) []byte {
	t.Helper()
	b := sheet.Blank{Name: "Danh sách"}
	for _, c := range from.Rows[0].Cells {
		b.Columns = append(b.Columns, sheet.Asked{Name: c, Width: 10})
	}
	for _, r := range from.Rows[1:] {
		b.Rows = append(b.Rows, append(r.Cells, make([]string, len(b.Columns)-len(r.Cells))...))
	}
	out, err := b.XLSX()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func foldWords(s string) string {
	cells := strings.Split(s, ",")
	for i, c := range cells {
		cells[i] = fold(c, " ")
	}
	return strings.Join(cells, ",")
}

// A folder of unit files, some with papers and policies beside them.
func TestFolder(t *testing.T) {
	unit := func(id, parent string) string {
		return "unit: {id: " + id + ", name: Đơn vị " + id + ", kind: commune" + parent + "}\nsystems: []\nendpoints: []\n"
	}
	dir := filepath.Dir(write(t, "a.yaml", unit("H99", ""), "xa/01/unit.yaml", unit("H99.01", ", parent: H99"), "xa/02/unit.yml", unit("H99.02", ", parent: H99"),
		"xa/01/tai-lieu/qd.pdf", "x", ".git/x.yaml", "not: ours", "chinh-sach.yaml", "id: x\nrequirements: []\n", "laws.yaml", "- id: y\n", "bang.csv", "x"))
	l, err := Read(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Units) != 3 || l.Units[1].Dir != filepath.Join(dir, "xa", "01") || l.Units[2].Unit.Unit.ID != "H99.02" {
		t.Errorf("units = %+v", l.Units)
	}
	if notes := l.Notes.In(lang.Vi); !strings.Contains(notes, "bang.csv: bảng nằm trong thư mục không được đọc") {
		t.Errorf("notes = %s", notes)
	}
	if err := os.WriteFile(filepath.Join(dir, "la.yaml"), []byte("don-vi: H99\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(dir, Options{}); err == nil || !strings.Contains(err.(lang.Speaker).In(lang.Vi), "la.yaml: không phải tệp đơn vị") {
		t.Errorf("a YAML file that is no unit file gives %v", err)
	}
}

// Every mistake is told with its row and column and what to write.
func TestMistakes(t *testing.T) {
	for _, o := range []Options{{}, {KeepGoing: true}} {
		l, err := Read(lists+"sai.csv", o)
		var ps Problems
		if o.KeepGoing {
			if err != nil {
				t.Fatal(err)
			}
			ps = l.Problems
		} else if !errors.As(err, &ps) {
			t.Fatalf("the error is %v", err)
		}
		got := strings.ReplaceAll(ps.In(lang.Vi), lists, "") + "\n\n" + strings.ReplaceAll(ps.In(lang.En), lists, "") + "\n"
		if *update {
			if err := os.WriteFile(lists+"sai.txt", []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want := string(read(t, lists+"sai.txt")); got != want {
			t.Errorf("told:\n%s\nwant:\n%s", got, want)
		}
		if !o.KeepGoing {
			continue
		}
		// A unit that lacks one of its endpoints would be judged by too little.
		var ids []string
		for _, u := range l.Units {
			ids = append(ids, u.Unit.Unit.ID)
		}
		if got := strings.Join(ids, " "); got != "H99 H99.05 H99.06 H99.07" {
			t.Errorf("kept %s", got)
		}
	}
}

// What units say of each other.
func TestAcross(t *testing.T) {
	const head = "Mã định danh,Tên đơn vị,Loại đơn vị,Mã đơn vị hành chính,Mã đơn vị cấp trên,Mã cũ\n"
	for _, c := range []struct{ name, rows, told, kept string }{
		{"merged and still listed", "H99,A,Tỉnh,98,,H97\nH97,B,Tỉnh,97,,\n", `đơn vị cũ "H97" vẫn còn trong danh sách`, "H99 H97"},
		{"the same by its other code", "H99,A,Tỉnh,98,,97\nH97,B,Tỉnh,97,,\n", `đơn vị cũ "gso-97" vẫn còn trong danh sách`, "H99 H97"},
		{"merged into two", "H99,A,Tỉnh,,,H95\nH97,B,Tỉnh,,,H95\n", `"H95" đã nhập vào "H99"`, "H99 H97"},
		{"its own code of old", "gso-98,A,Tỉnh,98,,98\n", "", "gso-98"},
		{"one unit by two codes", "H99,A,Tỉnh,98,,\ngso-98,A,Tỉnh,98,,\nH97,B,Tỉnh,,,\n", `đơn vị "gso-98" đã khai ở a.csv, dòng 2`, "H97"},
		{"a council beside its committee", "H99,A,Tỉnh,98,,\nK99,B,Khác,98,,\nH99.01,C,Xã,,gso-98,\n", "", "H99 K99 H99.01"},
		{"a circle", "H99,A,Tỉnh,,H98,\nH98,B,Tỉnh,,H97,\nH97,C,Tỉnh,,H99,\n", "quay vòng: H99 → H98 → H97 → H99", "H99 H98 H97"},
		{"a parent that is not listed", "H99,A,Tỉnh,,,\nH98.01,B,Xã,,H98,\n", `đơn vị cấp trên "H98" không có trong danh sách`, "H99 H98.01"},
		{"parents outside a list of communes", "H98.01,B,Xã,,H98,\n", "", "H98.01"},
	} {
		l, err := Read(write(t, "a.csv", head+c.rows), Options{KeepGoing: true})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		told := l.Problems.In(lang.Vi)
		if c.told == "" && told != "" || !strings.Contains(told, c.told) {
			t.Errorf("%s: told %q, want %q", c.name, told, c.told)
		}
		var ids []string
		for _, u := range l.Units {
			ids = append(ids, u.Unit.Unit.ID)
		}
		if got := strings.Join(ids, " "); got != c.kept {
			t.Errorf("%s: kept %s, want %s", c.name, got, c.kept)
		}
	}
	unit := "unit: {id: H99, name: A, kind: province}\nsystems: []\nendpoints: []\n"
	l, err := Read(filepath.Dir(write(t, "a.yaml", unit, "b.yaml", unit, "c.yaml", strings.Replace(unit, "H99", "H98", 1))), Options{KeepGoing: true})
	if err != nil || len(l.Units) != 1 || l.Units[0].Unit.Unit.ID != "H98" {
		t.Errorf("of two files of one unit, neither can be taken: %+v, %v", l, err)
	}
}

// The files of the statistics office are lists too, and nothing in them that
// nobody confirmed becomes something to be asked.
func TestStatisticsOffice(t *testing.T) {
	path := write(t, "l.yaml", "units: [{file: t.csv}, {file: x.csv}]\n",
		"t.csv", "gso_code,full_name_vi,h_code,h_code_status,absorbed_provinces_closed_codes,communes,xa,phuong,dac_khu,derived_domain\n98,Tỉnh Đắk Mẫu,H99,from memory,Ẳng Mẫu (H22),1,1,0,0,dakmau.gov.vn\n1,Thành phố Ẳng,H98,from memory,—,1,1,0,0,ang.gov.vn\n",
		"x.csv", "code,full_name_vi,type,province_code,province_h_code_unverified,derived_domain_unverified\n00004,Phường Ngã Ba,Phường,98,H99,ngaba.dakmau.gov.vn\n7,Xã Ẳng,Xã,98,H99,ang.dakmau.gov.vn\n")
	l, err := Read(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := declares(t, l)
	if strings.Contains(got, "dakmau") || strings.Contains(got, "H99") || strings.Contains(got, "H22") {
		t.Errorf("what nobody confirmed was taken: %s", got)
	}
	if u := l.Units[3].Unit.Unit; u.ID != "gso-00007" || u.GSO != "00007" || u.Name != "Xã Ẳng" || u.Kind != "commune" || u.Parent != "gso-98" {
		t.Errorf("a code without its zeros gives %+v", u)
	}
	if u := l.Units[1].Unit.Unit; u.ID != "gso-01" || u.Kind != "province" {
		t.Errorf("a province's code without its zero gives %+v", u)
	}
	// Where nothing tells how long the code is, it may be of either.
	_, err = Read(write(t, "a.csv", "code,full_name_vi\n4,Ủy ban nhân dân Ẳng\n"), Options{})
	var ps Problems
	if !errors.As(err, &ps) || len(ps) != 1 || !strings.Contains(ps.In(lang.Vi), `"4" không phải mã đơn vị hành chính`) {
		t.Errorf("a code that may be of a province or a commune gives %v", err)
	}
}

// A permission of the whole list is for those that have none of their own, and
// its document lies beside the list.
func TestPermissionOfTheList(t *testing.T) {
	const own = "unit: {id: H99.01, name: A, kind: commune}\nsystems: []\nendpoints: []\n"
	const permission = "authorisation: {by: %, document: qd.txt, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, from: 2026-11-01, until: 2026-12-31, scope: {cidrs: [10.0.0.0/24]}}\n"
	path := write(t, "l.yaml", strings.Replace(permission, "%", "Bộ", 1)+"units: [{file: x/a.yaml}, {file: x/b.yaml}]\n", "x/a.yaml", own, "x/b.yaml", strings.Replace(own, "01", "02", 1)+strings.Replace(permission, "%", "Xã", 1))
	l, err := Read(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ by, dir string }{{"Bộ", filepath.Dir(path)}, {"Xã", filepath.Join(filepath.Dir(path), "x")}} {
		u := l.Units[i]
		if u.Authorisation == nil || u.Authorisation.By != want.by || u.DirOf("qd.txt") != want.dir || u.DirOf("khac.txt") != filepath.Join(filepath.Dir(path), "x") {
			t.Errorf("unit %s: %+v, document in %s", u.Unit.Unit.ID, u.Authorisation, u.DirOf("qd.txt"))
		}
	}
	// A wrong one takes no unit down to scanning what its own file permits.
	bad := write(t, "l.yaml", strings.NewReplacer("%", "Bộ", "until: 2026-12-31", "until: 2026-10-31").Replace(permission)+"units: [{file: a.yaml}]\n", "a.yaml", own)
	if _, err := Read(bad, Options{KeepGoing: true}); err == nil || !strings.Contains(err.Error(), "ends before it begins") {
		t.Errorf("a permission that ends before it begins gives %v", err)
	}
}

// A list has no file read that lies outside its folder.
func TestFilesOutside(t *testing.T) {
	secret := write(t, "a.yaml", "unit: {id: H99, name: A, kind: province}\nsystems: []\nendpoints: []\n")
	for _, name := range []string{"../a.yaml", secret, "link.yaml"} {
		path := write(t, "l.yaml", "units: [{file: \""+name+"\"}]\n")
		if err := os.Symlink(secret, filepath.Join(filepath.Dir(path), "link.yaml")); err != nil {
			t.Skip(err)
		}
		if l, err := Read(path, Options{}); err == nil {
			t.Errorf("%s was read: %+v", name, l.Units)
		}
	}
}

// The content of every file that was read is in the list's SHA-256.
func TestSHA256(t *testing.T) {
	path := write(t, "l.yaml", "units: [{file: a.yaml}]\n", "a.yaml", "unit: {id: H99, name: A, kind: province}\nsystems: []\nendpoints: []\n")
	first, err := Read(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "a.yaml"), []byte("unit: {id: H99, name: B, kind: province}\nsystems: []\nendpoints: []\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	second, err := Read(path, Options{})
	if err != nil || second.SHA256 == first.SHA256 {
		t.Errorf("SHA-256 %s of two lists that differ, %v", first.SHA256, err)
	}
}

// Headings that are taken for none, or for several.
func TestHeadings(t *testing.T) {
	for _, c := range []struct{ head, told string }{
		{"id,name,kind,gso", `tên cột "id" chưa rõ`},
		{"Mã định danh,Tên đơn vị,Vùng màn", `có phải là "Vùng mạng"`},
		{"Mã định danh,Tên đơn vị,Unit name", "hai cột cùng là «Tên đơn vị»: B và C"},
		{"Tên,Loại", "không thấy hàng tên cột"},
	} {
		_, err := Read(write(t, "a.csv", c.head+"\nH99,A,Tỉnh,98\n"), Options{KeepGoing: true})
		var s lang.Speaker
		if !errors.As(err, &s) || !strings.Contains(s.In(lang.Vi), c.told) {
			t.Errorf("%s: told %v, want %q", c.head, err, c.told)
		}
	}
	// Other columns make it clear which id is meant.
	l, err := Read(write(t, "a.csv", "id,Unit name,kind,Protocol,System ID,Endpoint ID\nH99,A,Tỉnh,,,\n"), Options{})
	if err != nil || l.Units[0].Unit.Unit.Kind != "province" {
		t.Errorf("%+v, %v", l, err)
	}
}

// A template has no mistakes and keeps its letters.
func TestTemplate(t *testing.T) {
	for _, l := range []lang.Lang{lang.Vi, lang.En} {
		csv, err1 := Template(l).CSV()
		xlsx, err2 := Template(l).XLSX()
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		a, err1 := Read(write(t, "a.csv", string(csv)), Options{})
		b, err2 := Read(write(t, "a.xlsx", string(xlsx)), Options{})
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if x, y := declares(t, a), declares(t, b); x != y || len(a.Units) != 2 || len(a.Notes)+len(b.Notes) > 0 {
			t.Errorf("in %s the templates say\n%s\nand\n%s", l, x, y)
		}
	}
}

// A list costs no more than a long one does, however often it names what is large.
func TestBounds(t *testing.T) {
	long := "Mã định danh,Tên đơn vị\n" + strings.Repeat("H99,Tỉnh Mẫu\n", maxRows/2+1)
	codes := strings.Repeat("00001 ", sheetCell/6)
	kinds := "Mã định danh,Tên đơn vị,Loại đơn vị\n" + strings.Repeat("H99,Tỉnh Mẫu,Tỉnh\nH99,Tỉnh Khác,Xã\n", 2000)
	for what, c := range map[string]struct {
		path string
		want string
	}{
		"rows of several tables": {write(t, "l.yaml", "units: [{file: a.csv}, {file: b.csv}]\n", "a.csv", long, "b.csv", long), "hơn 200000 dòng"},
		"mergers of a table":     {write(t, "a.csv", "Mã định danh,Tên đơn vị,Mã cũ\n"+strings.Repeat("H99,Tỉnh Mẫu,"+codes+"\n", maxUnits/(sheetCell/6)+1)), "hơn 50000 mã cũ"},
		"mergers of a list":      {write(t, "a.yaml", "units: []\nmerged:\n"+strings.Repeat("- {old: \"00001\", new: H99}\n", maxUnits+1)), "hơn 50000 mã cũ"},
		"rows that differ":       {write(t, "a.csv", kinds), "khác với dòng 2"},
	} {
		_, err := Read(c.path, Options{})
		var ps Problems
		if !errors.As(err, &ps) || !strings.Contains(ps.In(lang.Vi), c.want) {
			t.Errorf("%s: %.300v", what, err)
		}
		if of := len(ps); what == "rows that differ" && of > maxWrong+10 {
			t.Errorf("%s: %d are kept", what, of)
		}
	}
}

// sheetCell is what a cell may hold.
const sheetCell = 32_767

// The guide names every column in both languages.
func TestGuideNamesColumns(t *testing.T) {
	guide := string(read(t, "../../docs/lists.md"))
	for _, f := range fields {
		if !strings.Contains(guide, "| "+f.name.Vi+" | "+f.name.En+" |") {
			t.Errorf("docs/lists.md has no row | %s | %s |", f.name.Vi, f.name.En)
		}
	}
}

// Whatever stands in a file, it is read or refused for what people can mend.
func FuzzTable(f *testing.F) {
	f.Add(read2(f, lists+"ba-don-vi.csv"))
	f.Add(read2(f, lists+"sai.csv"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &reader{path: "a.csv", list: &List{}}
		if err := r.file("a.csv", ".", data, true); err != nil {
			var ps Problems
			if !errors.As(err, &ps) {
				t.Errorf("%v is not told as a mistake", err)
			}
			return
		}
		r.settle()
		for _, p := range r.list.Problems {
			if p.What.Vi == "" || p.What.En == "" {
				t.Errorf("a mistake without words: %+v", p)
			}
		}
		for _, u := range r.list.Units {
			if u.Unit.Unit.ID == "" {
				t.Errorf("a unit without a code: %+v", u)
			}
		}
	})
}

func read2(f *testing.F, path string) []byte {
	b, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	return b
}
