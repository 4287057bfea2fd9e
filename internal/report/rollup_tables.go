package report

import (
	"strings"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/rollup"
	"github.com/sansang/sansang/internal/sheet"
)

// rollTable answers one question with a table. Its cells are strings, ints,
// shares (float64), moments and outcomes.
type rollTable struct {
	id      string
	title   lang.Text // short enough for the tab of a sheet
	columns []rollColumn
	rows    [][]any
}

type rollColumn struct {
	name  lang.Text
	width float64
	form  sheet.Form
	codes bool // long lists of codes, which in a workbook have a sheet of their own
}

// RollupTables names the tables, as --table takes them.
func RollupTables() []string {
	var out []string
	for _, t := range rollTables(rollup.Rollup{}, lang.Vi) {
		out = append(out, t.id)
	}
	return out
}

// rollTables lists the tables. One that an earlier run is needed for is empty
// without it.
func rollTables(r rollup.Rollup, l lang.Lang) []rollTable {
	return []rollTable{kindTable(r, l), provinceTable(r, l), unitTable(r, l), failedTable(r, l), missingTable(r, l), findingTable(r, l), deadTable(r, l), changeTable(r, l), requirementChangeTable(r, l)}
}

func prose(vi, en string, width float64) rollColumn {
	return rollColumn{name: lang.T(vi, en), width: width, form: sheet.Text}
}

func codes(vi, en string) rollColumn { return rollColumn{name: lang.T(vi, en), codes: true} }

func figure(vi, en string) rollColumn {
	return rollColumn{name: lang.T(vi, en), width: 11, form: sheet.Number}
}

func portion(vi, en string) rollColumn {
	return rollColumn{name: lang.T(vi, en), width: 12, form: sheet.Share}
}

// tallyColumns are those of a Count, in the order of countCells.
func tallyColumns() []rollColumn {
	return []rollColumn{
		figure("Trong danh sách", "Listed"), figure("Đã kiểm tra", "Checked"), figure("Sẵn sàng", "Ready"), figure("Chưa đạt", "Not ready"),
		figure("Chưa đủ căn cứ", "Undetermined"), figure("Mới xem một phần", "Looked at in part"), figure("Chưa kiểm tra", "Not checked"),
		figure("Không nơi nào trả lời", "Nothing answered"),
		portion("Đã kiểm tra / danh sách", "Checked / listed"), portion("Sẵn sàng / đã kiểm tra", "Ready / checked"),
	}
}

func countCells(c rollup.Count) []any {
	return []any{c.Listed, c.Checked, c.Ready, c.NotReady, c.Undetermined, c.Partly, c.Unchecked, c.Silent, ratio(c.Checked, c.Listed), ratio(c.Ready, c.Checked)}
}

// ratio is a part of a whole; nothing where there is no whole.
func ratio(n, of int) any {
	if of == 0 {
		return nil
	}
	return float64(n) / float64(of)
}

func kindTable(r rollup.Rollup, l lang.Lang) rollTable {
	t := rollTable{id: "kinds", title: lang.T("Theo loại đơn vị", "By kind of unit"),
		columns: append([]rollColumn{prose("Loại đơn vị", "Kind of unit", 28)}, tallyColumns()...)}
	for _, k := range r.Kinds {
		t.rows = append(t.rows, append([]any{kindName(k.Kind, l)}, countCells(k.Count)...))
	}
	t.rows = append(t.rows, append([]any{lang.T("Cộng", "Total").In(l)}, countCells(r.Total)...))
	return t
}

func provinceTable(r rollup.Rollup, l lang.Lang) rollTable {
	t := rollTable{id: "provinces", title: lang.T("Theo tỉnh, thành phố", "By province"),
		columns: append([]rollColumn{prose("Mã định danh", "ID", 13), prose("Mã GSO", "GSO code", 9), prose("Tỉnh, thành phố", "Province", 28), prose("Kết luận của chính tỉnh", "Verdict on the province itself", 17)}, tallyColumns()...)}
	for _, p := range r.Provinces {
		t.rows = append(t.rows, append([]any{p.ID, p.GSO, provinceName(p, l), p.Outcome}, countCells(p.Count)...))
	}
	return t
}

func unitTable(r rollup.Rollup, l lang.Lang) rollTable {
	t := rollTable{id: "units", title: lang.T("Từng đơn vị", "Each unit"), columns: []rollColumn{
		prose("Mã định danh", "ID", 13), prose("Mã GSO", "GSO code", 9), prose("Tên đơn vị", "Name", 34), prose("Loại", "Kind", 25), prose("Cấp trên", "Superior", 11), prose("Tỉnh", "Province", 20),
		prose("Kết luận", "Verdict", 17), prose("Kết luận tạm thời", "Verdict so far", 17), {name: lang.T("Xét lúc", "Judged at"), width: 17, form: sheet.Moment}, {name: lang.T("Có điều hết hạn từ", "Something runs out from"), width: 13, form: sheet.Day},
		figure("Yêu cầu quyết định", "Deciding requirements"), figure("Không đạt", "Failed"), figure("Còn thiếu", "Missing"), figure("Điểm kết nối", "Endpoints"), figure("Có trả lời", "Answered"),
		prose("Kết luận đợt trước", "Verdict before", 17), prose("Sáp nhập từ", "Merged from", 18), codes("Yêu cầu không đạt", "Failed requirements"), codes("Yêu cầu còn thiếu", "Missing requirements"), prose("Vì sao chưa kết luận được", "Why undetermined", 50),
	}}
	names := provinceNames(r, l)
	for _, u := range r.Units {
		var because []string
		for _, b := range u.Because {
			because = append(because, b.In(l))
		}
		if u.Trouble != "" {
			because = append(because, u.Trouble)
		}
		t.rows = append(t.rows, []any{u.ID, u.GSO, u.Name, kindName(u.Kind, l), u.Parent, names[u.Province], u.Outcome, u.Verdict, u.At, u.Expires,
			u.Deciding, len(u.Failed), len(u.Missing), u.Endpoints, u.Answered, u.Before, strings.Join(u.Merged, " "), strings.Join(u.Failed, " "), strings.Join(u.Missing, " "), strings.Join(because, "; ")})
	}
	return t
}

func provinceNames(r rollup.Rollup, l lang.Lang) map[string]string {
	out := map[string]string{}
	for _, p := range r.Provinces {
		out[p.ID] = provinceName(p, l)
	}
	return out
}
