package roster

import (
	"strings"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/sheet"
)

// asked are the columns of a template, with examples: a province that is listed
// without a system of its own, and a commune with two endpoints on this machine,
// which is scanned without anybody's permission.
var asked = []struct {
	key      string
	width    float64
	examples [3]string
	choices  lang.Text // parted by bars
}{
	{"unit.id", 14, [3]string{"H99", "H99.01", "H99.01"}, lang.Text{}},
	{"unit.name", 32, [3]string{"Ủy ban nhân dân tỉnh …", "Ủy ban nhân dân xã …", "Ủy ban nhân dân xã …"}, lang.Text{}},
	{"unit.kind", 14, [3]string{"Tỉnh", "Xã", "Xã"}, lang.T("Bộ|Tỉnh|Thành phố|Xã|Phường|Đặc khu|Doanh nghiệp|Khác", "ministry|province|commune|enterprise|other")},
	{"unit.gso", 12, [3]string{}, lang.Text{}},
	{"unit.parent", 14, [3]string{"", "H99", "H99"}, lang.Text{}},
	{"merged.old", 16, [3]string{}, lang.Text{}},
	{"systems.name", 28, [3]string{"", "Hệ thống một cửa điện tử", "Hệ thống một cửa điện tử"}, lang.Text{}},
	{"systems.level", 9, [3]string{"", "3", "3"}, lang.T("1|2|3|4|5", "1|2|3|4|5")},
	{"endpoints.target", 36, [3]string{"", "https://127.0.0.1/", "127.0.0.1:22"}, lang.Text{}},
	{"endpoints.kind", 11, [3]string{"", "", "ssh"}, lang.T("https|http|ssh|tls|tcp|smtp|imap|ldap|postgres|mysql|mssql|rdp", "https|http|ssh|tls|tcp|smtp|imap|ldap|postgres|mysql|mssql|rdp")},
	{"endpoints.zone", 12, [3]string{"", "Internet", "Quản trị"}, lang.T("Internet|TSLCD|Nội bộ|Quản trị", "internet|wan|internal|admin")},
	{"endpoints.server_name", 22, [3]string{}, lang.Text{}},
	{"domains", 22, [3]string{}, lang.Text{}},
	{"authorisation.by", 26, [3]string{}, lang.Text{}},
	{"authorisation.document", 26, [3]string{}, lang.Text{}},
	{"authorisation.sha256", 22, [3]string{}, lang.Text{}},
	{"authorisation.from", 14, [3]string{}, lang.Text{}},
	{"authorisation.until", 14, [3]string{}, lang.Text{}},
	{"authorisation.cidrs", 26, [3]string{}, lang.Text{}},
}

// papersAsked are the columns of the sheets of documents and of waivers.
var papersAsked = []struct {
	name lang.Text
	keys string
}{
	{lang.T("Tài liệu", "Documents"), "unit.id papers.requirement papers.system papers.endpoint attestations.result attestations.document attestations.sha256 attestations.issuer attestations.issued attestations.until attestations.signer attestations.by attestations.note"},
	{lang.T("Miễn trừ", "Waivers"), "unit.id papers.requirement papers.system papers.endpoint waivers.reason waivers.approver waivers.expires"},
}

// inEnglish are the examples that are words.
var inEnglish = map[string]string{
	"Ủy ban nhân dân tỉnh …": "People's Committee of the province …", "Ủy ban nhân dân xã …": "People's Committee of the commune …",
	"Tỉnh": "province", "Xã": "commune", "Hệ thống một cửa điện tử": "One-stop shop", "Internet": "internet", "Quản trị": "admin",
}

// Template gives a table to fill in, whose examples have no mistakes.
func Template(l lang.Lang) sheet.Blank {
	b := sheet.Blank{Name: lang.T("Danh sách", "List").In(l), Rows: make([][]string, 3)}
	for _, a := range asked {
		c := sheet.Asked{Name: fieldOf(a.key).name.In(l), Width: a.width}
		if choices := a.choices.In(l); choices != "" {
			c.Choices = strings.Split(choices, "|")
		}
		b.Columns = append(b.Columns, c)
		for i, v := range a.examples {
			if en, ok := inEnglish[v]; ok && l == lang.En {
				v = en
			}
			b.Rows[i] = append(b.Rows[i], v)
		}
	}
	for _, p := range papersAsked {
		more := sheet.Blank{Name: p.name.In(l)}
		for key := range strings.FieldsSeq(p.keys) {
			c := sheet.Asked{Name: fieldOf(key).name.In(l), Width: 22}
			if key == "attestations.result" {
				c.Choices = strings.Split(lang.T("đạt|chưa đạt", "met|not-met").In(l), "|")
			}
			more.Columns = append(more.Columns, c)
		}
		b.Further = append(b.Further, more)
	}
	return b
}
