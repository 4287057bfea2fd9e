package roster

import (
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/sheet"
)

// papersOf puts a list and sheets beside it into XLSX. Cells are parted by bars.
func papersOf(t *testing.T, sheets ...[]string) string {
	t.Helper()
	made := func(name string, rows []string) sheet.Blank {
		b := sheet.Blank{Name: name}
		for i, row := range rows {
			cells := strings.Split(row, "|")
			if i == 0 {
				for _, c := range cells {
					b.Columns = append(b.Columns, sheet.Asked{Name: c, Width: 10})
				}
				continue
			}
			b.Rows = append(b.Rows, append(cells, make([]string, len(b.Columns)-len(cells))...))
		}
		return b
	}
	b := made("Danh sách", sheets[0])
	for i, rows := range sheets[1:] {
		b.Further = append(b.Further, made([]string{"Tài liệu", "Miễn trừ", "Khác"}[i], rows))
	}
	out, err := b.XLSX()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

var (
	aUnit = []string{"Mã định danh|Tên đơn vị|Mã đơn vị hành chính|Loại đơn vị|Tên hệ thống|Cấp độ|Địa chỉ|Vùng mạng",
		"H99.01|Xã Đèo Ngang|00004|Xã|Một cửa|3|https://127.0.0.1/|Internet", "H99.02|Xã Ỷ La||Xã"}
	sum = strings.Repeat("a1", 32)
)

// Documents and waivers say the same in the rows of a table, on sheets of a
// workbook and in a unit file.
func TestPapers(t *testing.T) {
	want := `units:
  - unit: {id: H99.01, name: Xã Đèo Ngang, gso: "00004", kind: commune}
    systems: [{id: mot-cua, name: Một cửa, level: 3}]
    endpoints: [{id: "127.0.0.1", target: "https://127.0.0.1/", zone: internet, system: mot-cua}]
    attestations:
      - {requirement: ORG-01, document: H99.01/qd.pdf, sha256: ` + sum + `, issuer: UBND xã, issued: 2026-03-01, until: 2027-03-01, signer: Chủ tịch}
      - {requirement: ORG-02, system: mot-cua, result: not-met, issued: 2026-03-02, by: Văn phòng, note: Còn thiếu quyết định}
    waivers:
      - {requirement: TLS-01, endpoint: "127.0.0.1", reason: Thay trong quý sau; chặn ở tường lửa, approver: Chủ tịch, expires: 2026-12-31}
  - {unit: {id: H99.02, name: Xã Ỷ La, kind: commune}, systems: [], endpoints: []}
`
	l, err := Read(write(t, "l.yaml", want), Options{})
	if err != nil {
		t.Fatal(err)
	}
	whole := declares(t, l)
	head := "Mã định danh,Tên đơn vị,Mã đơn vị hành chính,Loại đơn vị,Tên hệ thống,Cấp độ,Địa chỉ,Vùng mạng,Mã yêu cầu,Hệ thống áp dụng,Điểm kết nối áp dụng,Tài liệu chứng minh,SHA-256 của tài liệu,Kết quả chứng minh,Cơ quan ban hành,Ngày ban hành,Có giá trị đến ngày,Người ký,Người xác nhận,Ghi chú của tài liệu,Lý do miễn trừ,Người phê duyệt miễn trừ,Miễn trừ đến ngày\n"
	for name, file := range map[string][2]string{
		"rows of the table": {"a.csv", head +
			"H99.01,Xã Đèo Ngang,00004,Xã,Một cửa,3,https://127.0.0.1/,Internet,ORG-01,,,H99.01/qd.pdf," + strings.ToUpper(sum) + ",,UBND xã,01/03/2026,01/03/2027,Chủ tịch\n" +
			"H99.01,,,,,,,,ORG-02,Một cửa,,,,chưa đạt,,2/3/2026,,,Văn phòng,Còn thiếu quyết định\n" +
			"H99.01,,,,,,,,TLS-01,,https://127.0.0.1/,,,,,,,,,,Thay trong quý sau; chặn ở tường lửa,Chủ tịch,31/12/2026\n" +
			"H99.02,Xã Ỷ La,,Xã\n"},
		"sheets": {"a.xlsx", papersOf(t, aUnit,
			[]string{"Mã định danh|Mã đơn vị hành chính|Mã yêu cầu|Tên hệ thống|Tài liệu|SHA-256|Kết quả|Cơ quan ban hành|Ngày ban hành|Có giá trị đến|Người ký|Người xác nhận|Ghi chú của tài liệu",
				"|4|ORG-01||H99.01/qd.pdf|" + sum + "||UBND xã|2026-03-01|2027-03-01|Chủ tịch", "H99.01||ORG-02|Một cửa|||chưa đạt||2026-03-02|||Văn phòng|Còn thiếu quyết định"},
			[]string{"Mã định danh|Mã yêu cầu|Địa chỉ|Lý do miễn trừ|Người phê duyệt|Miễn trừ đến ngày", "H99.01|TLS-01|https://127.0.0.1/|Thay trong quý sau; chặn ở tường lửa|Chủ tịch|31/12/2026"},
			[]string{"Mã định danh|Tên đơn vị", "X|not looked at: no requirement"})},
	} {
		l, err := Read(write(t, file[0], file[1]), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := declares(t, l); got != whole {
			t.Errorf("%s: it says %s\nwant %s", name, got, whole)
		}
	}
}

// What is wrong on a sheet of documents is told of that sheet.
func TestPapersAtFault(t *testing.T) {
	path := write(t, "a.xlsx", papersOf(t, aUnit,
		[]string{"Mã định danh|Mã yêu cầu|Hệ thống áp dụng|Tài liệu|Ngày ban hành|Lý do miễn trừ",
			"H99.01|ORG-1||qd.pdf|hôm qua", "H99.09|ORG-01||qd.pdf|01/03/2026", "|ORG-01", "H99.02|ORG-01|Không có|qd.pdf|01/03/2026", "H99.02|ORG-01||qd.pdf||Lý do dài hơn mười chữ"},
		[]string{"Mã định danh|Mã yêu cầu|Lý do miễn trừ|Người phê duyệt miễn trừ|Miễn trừ đến ngày", "H99.01|ORG-01", "H99.01|ORG-02|ngắn|An|31/12/2026"}))
	_, err := Read(path, Options{})
	ps, ok := err.(Problems)
	if !ok {
		t.Fatal(err)
	}
	told := strings.ReplaceAll(ps.In(lang.Vi), path, "a.xlsx")
	for _, want := range []string{
		"a.xlsx (Tài liệu):2:2: «Mã yêu cầu»", "a.xlsx (Tài liệu):2:5: «Ngày ban hành»", "viết ngày/tháng/năm, ví dụ 01/11/2026",
		`a.xlsx (Tài liệu):3:1: trang tính đầu không có đơn vị "H99.09"`, `a.xlsx (Tài liệu):4:1: dòng này chưa ghi mã đơn vị`,
		"a.xlsx (Tài liệu):4:1: dòng 4 chưa ghi mã đơn vị, có thể là của đơn vị H99.01", "a.xlsx (Miễn trừ):2:3: «Lý do miễn trừ»: chưa ghi", "a.xlsx (Miễn trừ):3:3: «Lý do miễn trừ»: giá trị ngắn quá", "a.xlsx (Tài liệu):6:2: một dòng vừa ghi tài liệu chứng minh vừa ghi miễn trừ",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("it is not told that %q, of\n%s", want, told)
		}
	}
	l, err := Read(write(t, "a.csv", "Mã định danh,Tên đơn vị,Loại đơn vị,Người ký\nH99,UBND tỉnh,Tỉnh,An\n"), Options{})
	if err != nil || len(l.Units[0].Attestations) != 0 || len(l.Notes) != 1 || !strings.Contains(l.Notes.In(lang.Vi), "không có cột «Mã yêu cầu»") {
		t.Errorf("%v, notes %s", err, l.Notes.In(lang.Vi))
	}
}

// Whose a document is, is never guessed: what may be of several is told, and so
// is a sheet that lacks a heading.
func TestPapersOfWhom(t *testing.T) {
	list := []string{"Mã định danh|Tên đơn vị|Mã đơn vị hành chính|Loại đơn vị|Mã hệ thống|Tên hệ thống|Cấp độ|Mã điểm kết nối|Địa chỉ|Vùng mạng",
		"H01|Tỉnh Mẫu|04|Tỉnh|hs-a|Một cửa|3|trong|https://127.0.0.1/|Nội bộ", "H01||||hs-a|||ngoai|https://127.0.0.1/|Internet", "H02|Xã Mẫu|00004|Xã"}
	head := "Mã định danh|Mã đơn vị hành chính|Mã yêu cầu|Mã hệ thống|Tên hệ thống|Địa chỉ|Kết quả|Ngày ban hành|Người xác nhận"
	path := write(t, "a.xlsx", papersOf(t, list, []string{head,
		"|4|ORG-01||||chưa đạt|2026-03-01|An", "H01|00004|ORG-01||||chưa đạt|2026-03-01|An", "H01||ORG-02|||https://127.0.0.1/|chưa đạt|2026-03-01|An", "|||||||2026-03-01|An"}))
	_, err := Read(path, Options{})
	ps, ok := err.(Problems)
	if !ok {
		t.Fatal(err)
	}
	told := strings.ReplaceAll(ps.In(lang.Vi), path, "a.xlsx")
	for _, want := range []string{
		`a.xlsx (Tài liệu):2:1: mã "4" có thể là của nhiều đơn vị: H02, H01`, `a.xlsx (Tài liệu):3:1: mã "00004" là của đơn vị H02, không phải của H01`,
		`a.xlsx (Tài liệu):4:6: «Địa chỉ»: không có mã "https://127.0.0.1/"`, "a.xlsx (Tài liệu):5:1: dòng này chưa ghi mã đơn vị",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("it is not told that %q, of\n%s", want, told)
		}
	}
	path = write(t, "a.xlsx", papersOf(t, list, []string{head, "|04|ORG-01||Một cửa||chưa đạt|2026-03-01|An", "|04|ORG-02|hs-a|||chưa đạt|2026-03-01|An"},
		[]string{"Mã định danh|Lý do miễn trừ|Miễn trừ đến ngày", "H01|Thay trong quý sau|31/12/2026"}, []string{"Mã định danh|Ghi chú", "H01|x"}))
	for range 20 { // what a map is asked in another order each time
		l, err := Read(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if a := l.Units[0].Attestations; len(a) != 2 || a[0].System != "hs-a" || a[1].System != "hs-a" {
			t.Fatalf("%+v", a)
		}
		if notes := l.Notes.In(lang.Vi); len(l.Notes) != 1 || !strings.Contains(notes, "(Miễn trừ):1:1: trang tính này không được đọc") {
			t.Fatalf("notes %s", notes)
		}
	}
}
