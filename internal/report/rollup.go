package report

import (
	"io"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/rollup"
)

// RollupFormat is one way to tell what a run comes to.
type RollupFormat struct {
	Name   string
	About  lang.Text
	Render func(w io.Writer, r rollup.Rollup, o RollupOptions) error
}

// RollupOptions are the reader's wishes. Table chooses what a format tells that
// holds one table only.
type RollupOptions struct {
	Options
	Table string
}

// RollupFormats lists the formats, the default first.
func RollupFormats() []RollupFormat {
	return []RollupFormat{
		{"text", lang.T("văn bản để đọc trên màn hình dòng lệnh", "text to read in a terminal"), rollupText},
		{"html", lang.T("một tệp HTML có biểu đồ, để đọc và in", "one HTML file with charts, to read and to print"), rollupHTML},
		{"xlsx", lang.T("sổ tính Excel, mỗi câu hỏi một trang", "an Excel workbook, one sheet a question"), rollupXLSX},
		{"csv", lang.T("một bảng cho Excel và phần mềm khác", "one table for Excel and other programs"), rollupCSV},
		{"json", lang.T("JSON cho phần mềm khác, gồm cả hai ngôn ngữ", "JSON for other programs, in both languages at once"), rollupJSON},
	}
}

// FindRollup gives the format with a name.
func FindRollup(name string) (RollupFormat, error) {
	var known []string
	for _, f := range RollupFormats() {
		if f.Name == name {
			return f, nil
		}
		known = append(known, f.Name)
	}
	return RollupFormat{}, &UnknownFormat{Name: name, Known: known}
}

func rollupJSON(w io.Writer, r rollup.Rollup, _ RollupOptions) error { return Compact(w, r, "  ") }

// runName is how a run is called.
func runName(r rollup.Run, l lang.Lang) string {
	return lang.Tf("đợt rà quét số %d", "run %d", r.ID).In(l)
}

// runState says whether what is told can still change.
func runState(r rollup.Run) lang.Text {
	switch r.State {
	case "open":
		return lang.T("đang chạy hoặc dừng giữa chừng, số liệu chưa trọn", "still open, so the figures are not whole")
	case "cancelled":
		return lang.T("đã bị hủy, số liệu không trọn", "cancelled, so the figures are not whole")
	}
	return lang.T("đã xong", "done")
}

// outOf writes a number with what it is a part of.
func outOf(n, of int, l lang.Lang) string { return number(n, l) + "/" + number(of, l) }

// share writes a part as a percentage; nothing where there is no whole.
func share(n, of int, l lang.Lang) string {
	if of == 0 {
		return ""
	}
	return number(float64(int(1000*float64(n)/float64(of)+0.5))/10, l) + " %"
}

// countSentence tells the state of many units: how many were checked, and of
// those how many are what.
func countSentence(what string, c rollup.Count, l lang.Lang) string {
	s := lang.Tf("%s: đã kiểm tra %d trên %d đơn vị, trong đó %d sẵn sàng, %d chưa đạt, %d chưa đủ căn cứ", "%s: %d of %d units checked, of which %d ready, %d not ready, %d undetermined",
		what, c.Checked, c.Listed, c.Ready, c.NotReady, c.Undetermined).In(l)
	if c.Partly > 0 {
		s += lang.Tf("; %d mới xem một phần", "; %d looked at in part", c.Partly).In(l)
	}
	if c.Unchecked > 0 {
		s += lang.Tf("; %d chưa kiểm tra", "; %d not checked", c.Unchecked).In(l)
	}
	return s + "."
}

// silence tells of the units that were checked in vain; empty if there are none.
func silence(c rollup.Count, l lang.Lang) string {
	if c.Silent == 0 {
		return ""
	}
	return lang.Tf("Trong %d đơn vị đã kiểm tra, số đơn vị không có điểm kết nối nào trả lời: %d.", "Of the %d units checked, those of which no endpoint answered: %d.", c.Checked, c.Silent).In(l)
}

// leftOut tells of the units of the list that the run was not to look at; empty
// if there are none.
func leftOut(r rollup.Run, l lang.Lang) string {
	if r.LeftOut == 0 {
		return ""
	}
	return lang.Tf("Đợt này chỉ xem một phần của danh sách: %d đơn vị khác không nằm trong đợt, số liệu không nói gì về chúng.",
		"This run looks at a part of the list: %d other units are not in it, and the figures say nothing of them.", r.LeftOut).In(l)
}

// problems tells of what could not be used of the list.
func problems(r rollup.Run, l lang.Lang) string {
	if r.Problems == 0 {
		return ""
	}
	return lang.Tf("Danh sách có %d chỗ sai, đã bỏ qua khi đọc.", "The list has %d mistakes, which were passed over when it was read.", r.Problems).In(l)
}

var kindsWords = map[inventory.UnitKind]lang.Text{
	inventory.Ministry:   lang.T("Bộ, cơ quan ngang bộ", "Ministries"),
	inventory.Province:   lang.T("Cấp tỉnh", "Provinces"),
	inventory.Commune:    lang.T("Cấp xã", "Communes"),
	inventory.Enterprise: lang.T("Doanh nghiệp", "Enterprises"),
	inventory.Other:      lang.T("Cơ quan, tổ chức khác", "Other bodies"),
}

// kindName is how the units of a kind are called.
func kindName(k inventory.UnitKind, l lang.Lang) string {
	if t, known := kindsWords[k]; known {
		return t.In(l)
	}
	return outside(string(k), 20)
}

// provinceName is how a province is called; by its code where only units below
// it are listed.
func provinceName(p rollup.Province, l lang.Lang) string {
	if p.Name == "" {
		return outside(p.ID, 20) + lang.T(" (ngoài danh sách)", " (not listed)").In(l)
	}
	return outside(p.Name, 60)
}

// causeName says why; that nothing was recorded is said too.
func causeName(c fact.Cause, l lang.Lang) string {
	if c == "" {
		return lang.T("không ghi nguyên nhân", "no cause recorded").In(l)
	}
	return causeText(c).In(l)
}

// causeCounts tells causes with how many of each.
func causeCounts(cs []rollup.Cause, l lang.Lang) string {
	var out []string
	for _, c := range cs {
		out = append(out, causeName(c.Cause, l)+" "+number(c.N, l))
	}
	return strings.Join(out, ", ")
}

// outcomeSigns stand beside the words, as signs do for one unit.
var outcomeSigns = map[rollup.Outcome]string{rollup.Ready: "✓", rollup.NotReady: "✗", rollup.Undetermined: "?", rollup.Partly: "…", rollup.Unchecked: "–"}

// outcomeWord is an outcome in a sentence or a column.
func outcomeWord(o rollup.Outcome, l lang.Lang) string { return outcomeWords[o].In(l) }

var outcomeWords = map[rollup.Outcome]lang.Text{
	rollup.Ready:        lang.T("Sẵn sàng", "Ready"),
	rollup.NotReady:     lang.T("Chưa đạt", "Not ready"),
	rollup.Undetermined: lang.T("Chưa đủ căn cứ", "Undetermined"),
	rollup.Partly:       lang.T("Mới xem một phần", "Looked at in part"),
	rollup.Unchecked:    lang.T("Chưa kiểm tra", "Not checked"),
}
