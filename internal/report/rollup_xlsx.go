package report

import (
	"io"
	"slices"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/rollup"
	"github.com/sansang/sansang/internal/sheet"
)

// rollupXLSX writes a sheet about the run and one for each table that has rows.
func rollupXLSX(w io.Writer, r rollup.Rollup, o RollupOptions) error {
	title := lang.T("Bảng tổng hợp mức độ sẵn sàng", "Roll-up of readiness").In(o.Lang)
	b := sheet.Book{Title: title, Subject: runName(r.Run, o.Lang) + " · " + clean(r.Run.List), Made: r.Run.Ended}
	if b.Made.IsZero() {
		b.Made = r.Run.Began
	}
	b.Sheets = append(b.Sheets, aboutSheet(r, title, o.Lang))
	for _, t := range rollTables(r, o.Lang) {
		if len(t.rows) == 0 {
			continue
		}
		b.Sheets = append(b.Sheets, t.sheet(o.Lang))
	}
	return sheet.Write(w, b)
}

var tones = map[rollup.Outcome]sheet.Tone{rollup.Ready: sheet.Good, rollup.NotReady: sheet.Bad, rollup.Undetermined: sheet.Unsure}

// sheet makes a sheet of a table, without the columns that are empty in it or
// have a sheet of their own.
func (t rollTable) sheet(l lang.Lang) sheet.Sheet {
	s := sheet.Sheet{Name: t.title.In(l), Rows: make([][]any, len(t.rows))}
	for i, c := range t.columns {
		if c.codes || !slices.ContainsFunc(t.rows, func(row []any) bool { return csvCell(row[i], c.form, l) != "" }) {
			continue
		}
		s.Columns = append(s.Columns, sheet.Column{Name: c.name.In(l), Width: c.width, Form: c.form})
		for j, row := range t.rows {
			s.Rows[j] = append(s.Rows[j], sheetCell(row[i], l))
		}
	}
	return s
}

func sheetCell(v any, l lang.Lang) any {
	switch x := v.(type) {
	case string:
		return clean(x)
	case rollup.Outcome:
		return sheet.Toned{Text: outcomeWord(x, l), Tone: tones[x]}
	case time.Time:
		if !x.IsZero() {
			return x.In(inventory.Vietnam)
		}
	}
	return v
}

// aboutSheet says what the workbook tells of, and how it counts.
func aboutSheet(r rollup.Rollup, title string, l lang.Lang) sheet.Sheet {
	in := func(vi, en string) string { return lang.T(vi, en).In(l) }
	s := sheet.Sheet{Name: in("Đợt rà quét", "The run"), Prose: true, Columns: []sheet.Column{{Width: 26}, {Width: 84}}, Rows: [][]any{{title}}}
	add := func(label, text string) {
		if text != "" {
			s.Rows = append(s.Rows, []any{label, clean(text)})
		}
	}
	add(in("Đợt rà quét", "Run"), number(r.Run.ID, l)+" ("+runState(r.Run).In(l)+")")
	add(in("Danh sách", "List"), r.Run.List)
	add(in("Bắt đầu", "Began"), moment(r.Run.Began, l))
	if !r.Run.Ended.IsZero() {
		add(in("Kết thúc", "Ended"), moment(r.Run.Ended, l))
	}
	add(in("Chính sách", "Policy"), r.Run.Policy.ID+" "+r.Run.Policy.Version+labelled(" – ", r.Run.Policy.Title.In(l)))
	add("SHA-256", r.Run.Policy.SHA256)
	if z := zonesOf(r.Run, l); z != "" {
		add(in("Nhìn từ", "Seen from"), z[len(lang.T(" · nhìn từ ", " · seen from ").In(l)):])
	}
	add(in("Kết quả", "Result"), countSentence(in("Toàn bộ", "In all"), r.Total, l))
	add("", silence(r.Total, l))
	add("", leftOut(r.Run, l))
	if r.Changes != nil {
		for i, c := range changeSentences(r, l) {
			label := ""
			if i == 0 {
				label = lang.Tf("So với đợt số %d", "Since run %d", r.Before.ID).In(l)
			}
			add(label, c)
		}
	}
	for i, h := range howCounted {
		label := ""
		if i == 0 {
			label = in("Cách đếm", "How it counts")
		}
		add(label, h.In(l))
	}
	add(in("Lưu ý", "Note"), caveat.In(l))
	return s
}

// howCounted says what stands behind the figures.
var howCounted = []lang.Text{
	lang.T("Đã kiểm tra: đã nhìn từ mọi vùng mạng của đợt và đã có kết luận. Mẫu số của sẵn sàng, chưa đạt, chưa đủ căn cứ là số đã kiểm tra.",
		"Checked: looked at from every zone of the run, and judged. Ready, not ready and undetermined are parts of the checked."),
	lang.T("Mới xem một phần: còn vùng mạng chưa nhìn; kết luận có thể đổi, nên chưa tính là đã kiểm tra.",
		"Looked at in part: a zone has not looked yet; the verdict may change, so it does not count as checked."),
	lang.T("Yêu cầu không đạt, còn thiếu: đếm theo đơn vị đã kiểm tra; mẫu số là số đơn vị mà yêu cầu áp dụng. Một đơn vị thiếu vì hai nguyên nhân được đếm ở cả hai.",
		"Failed and missing requirements are counted in units checked, out of those that the requirement concerns. A unit that lacks one for two causes counts under both."),
	lang.T("Không trả lời: điểm kết nối không trả lời từ nơi nhìn nào. Điều đó không nói gì tốt hay xấu về đơn vị.",
		"Did not answer: an endpoint that answered from nowhere. That says nothing good or bad of the unit."),
	lang.T("Đơn vị sáp nhập: kết quả trước của các đơn vị cũ tính cho đơn vị mới, lấy kết luận xấu nhất.",
		"Merged units: what the old ones were counts to the new one; the worst verdict of them is its own."),
}
