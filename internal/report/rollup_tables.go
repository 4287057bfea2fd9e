package report

import (
	"cmp"
	"strings"

	"github.com/sansang/sansang/internal/judge"
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
	return rollColumn{lang.T(vi, en), width, sheet.Text}
}

func figure(vi, en string) rollColumn { return rollColumn{lang.T(vi, en), 11, sheet.Number} }

func portion(vi, en string) rollColumn { return rollColumn{lang.T(vi, en), 12, sheet.Share} }

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
		prose("Kết luận", "Verdict", 17), prose("Kết luận tạm thời", "Verdict so far", 17), {lang.T("Xét lúc", "Judged at"), 17, sheet.Moment}, {lang.T("Có điều hết hạn từ", "Something runs out from"), 13, sheet.Day},
		figure("Yêu cầu quyết định", "Deciding requirements"), figure("Không đạt", "Failed"), figure("Còn thiếu", "Missing"), figure("Điểm kết nối", "Endpoints"), figure("Có trả lời", "Answered"),
		prose("Kết luận đợt trước", "Verdict before", 17), prose("Sáp nhập từ", "Merged from", 18), prose("Yêu cầu không đạt", "Failed requirements", 30), prose("Yêu cầu còn thiếu", "Missing requirements", 30), prose("Vì sao chưa kết luận được", "Why undetermined", 50),
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

func severityName(s judge.Severity, l lang.Lang) string { return s.Text().In(l) }

func requirementColumns() []rollColumn {
	return []rollColumn{prose("Yêu cầu", "Requirement", 11), prose("Nội dung", "What it wants", 60), prose("Mức độ", "Severity", 13)}
}

func requirementCells(q rollup.Requirement, l lang.Lang) []any {
	return []any{q.ID, q.Title.In(l), severityName(q.Severity, l)}
}

func failedTable(r rollup.Rollup, l lang.Lang) rollTable {
	t := rollTable{id: "failed", title: lang.T("Không đạt nhiều nhất", "Failed most"), columns: append(requirementColumns(),
		figure("Đơn vị không đạt", "Units that fail"), figure("Đơn vị áp dụng", "Units it concerns"), portion("Tỷ lệ", "Share"), figure("Không đạt, chỉ khuyến nghị", "Fail, as a recommendation"), figure("Số nơi", "Places"))}
	for _, f := range r.Failed {
		t.rows = append(t.rows, append(requirementCells(f.Requirement, l), f.Units, f.Applies, ratio(f.Units, f.Applies), f.Beside, f.Places))
	}
	return t
}

func missingTable(r rollup.Rollup, l lang.Lang) rollTable {
	t := rollTable{id: "missing", title: lang.T("Còn thiếu, vì sao", "Missing, and why"), columns: append(requirementColumns(),
		figure("Đơn vị còn thiếu", "Units that lack it"), figure("Đơn vị áp dụng", "Units it concerns"), portion("Tỷ lệ", "Share"), prose("Nguyên nhân", "Cause", 40), figure("Đơn vị vì nguyên nhân này", "Units for this cause"))}
	for _, m := range r.Missing {
		for _, c := range m.Causes {
			t.rows = append(t.rows, append(requirementCells(m.Requirement, l), m.Units, m.Applies, ratio(m.Units, m.Applies), causeName(c.Cause, l), c.N))
		}
		if len(m.Causes) == 0 {
			t.rows = append(t.rows, append(requirementCells(m.Requirement, l), m.Units, m.Applies, ratio(m.Units, m.Applies), causeName("", l), m.Units))
		}
	}
	return t
}

// findingTable has a row for each unit and requirement that stands in its way.
func findingTable(r rollup.Rollup, l lang.Lang) rollTable {
	t := rollTable{id: "findings", title: lang.T("Đơn vị và yêu cầu", "Units and requirements"), columns: append([]rollColumn{
		prose("Mã định danh", "ID", 13), prose("Tên đơn vị", "Name", 34), prose("Tỉnh", "Province", 20), prose("Kết quả", "Result", 17)}, requirementColumns()...)}
	known := map[string]rollup.Requirement{}
	for _, f := range r.Failed {
		known[f.ID] = f.Requirement
	}
	for _, m := range r.Missing {
		known[m.ID] = m.Requirement
	}
	names := provinceNames(r, l)
	for _, u := range r.Units {
		for _, x := range []struct {
			ids  []string
			word string
		}{{u.Failed, lang.T("Không đạt", "Fails").In(l)}, {u.Missing, lang.T("Còn thiếu", "Missing").In(l)}} {
			for _, id := range x.ids {
				q := known[id]
				q.ID = cmp.Or(q.ID, id)
				t.rows = append(t.rows, append([]any{u.ID, u.Name, names[u.Province], x.word}, requirementCells(q, l)...))
			}
		}
	}
	return t
}

func deadTable(r rollup.Rollup, l lang.Lang) rollTable {
	t := rollTable{id: "dead", title: lang.T("Không trả lời", "Did not answer"), columns: []rollColumn{
		prose("Mã định danh", "ID", 13), prose("Tên đơn vị", "Name", 34), prose("Điểm kết nối", "Endpoint", 22), prose("Địa chỉ", "Target", 38), prose("Giao thức", "Kind", 11), prose("Nhìn từ", "Seen from", 22), prose("Nguyên nhân", "Cause", 30), prose("Chi tiết kỹ thuật", "Technical detail", 44)}}
	for _, d := range r.Dead {
		for _, f := range d.From {
			t.rows = append(t.rows, []any{d.Unit, d.Name, d.Endpoint, d.Target, string(d.Kind), f.Vantage.Text().In(l), causeName(f.Cause, l), f.Detail})
		}
	}
	return t
}

func changeTable(r rollup.Rollup, l lang.Lang) rollTable {
	t := rollTable{id: "changes", title: lang.T("Đơn vị thay đổi", "Units that changed"), columns: []rollColumn{
		prose("Mã định danh", "ID", 13), prose("Tên đơn vị", "Name", 34), prose("Loại", "Kind", 25), prose("Đợt trước", "Before", 17), prose("Nay", "Now", 17), prose("Sáp nhập từ", "Merged from", 24)}}
	if r.Changes == nil {
		return t
	}
	for _, u := range r.Changes.Units {
		t.rows = append(t.rows, []any{u.ID, u.Name, kindName(u.Kind, l), u.From, u.To, strings.Join(u.Merged, " ")})
	}
	gone := lang.T("(không còn trong danh sách)", "(no longer listed)").In(l)
	for _, g := range r.Changes.Gone {
		t.rows = append(t.rows, []any{g.ID, g.Name, "", g.Outcome, gone, ""})
	}
	return t
}

func requirementChangeTable(r rollup.Rollup, l lang.Lang) rollTable {
	t := rollTable{id: "requirement-changes", title: lang.T("Yêu cầu thay đổi", "Requirements that changed"), columns: append(requirementColumns(),
		figure("Mới không đạt", "Newly failed"), figure("Nay mới thấy không đạt", "Now seen to fail"), figure("Không còn xác định được", "Can no longer be told"), figure("Đã khắc phục", "Mended"))}
	if r.Changes == nil {
		return t
	}
	for _, c := range r.Changes.Requirements {
		t.rows = append(t.rows, append(requirementCells(c.Requirement, l), c.Failed, c.Found, c.Lost, c.Mended))
	}
	return t
}
