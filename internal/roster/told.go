package roster

import (
	"regexp"
	"strings"

	"github.com/sansang/sansang/internal/lang"
)

var (
	indexes = regexp.MustCompile(`/[0-9]+`)

	// How problems of unit files speak of lines, by the language.
	addVi, addEn   = regexp.MustCompile(`thêm dòng ([a-z_0-9]+): ?(… \(.*\)$|…)?`), regexp.MustCompile(`add a line ([a-z_0-9]+): ?(… \(.*\)$|…)?`)
	dropVi, dropEn = regexp.MustCompile(`bỏ (dòng [a-z_0-9]+|endpoint$|system$)`), regexp.MustCompile(`remove the line [a-z_0-9]+|leave out (endpoint|system)$`)
	lackVi, lackEn = regexp.MustCompile(`^thiếu mục "[a-z_0-9]+"$`), regexp.MustCompile(`^"[a-z_0-9]+" is missing$`)
)

// ways say what to write in cells that take other words than unit files.
var ways = map[string]lang.Text{
	"unit.kind":           lang.T("Bộ, Tỉnh, Thành phố, Xã, Phường, Đặc khu, Doanh nghiệp hoặc Khác", "ministry, province, commune, enterprise or other"),
	"endpoints.zone":      lang.T("Internet, TSLCD, Nội bộ hoặc Quản trị", "internet, wan, internal or admin"),
	"systems.connects":    lang.T("có hoặc không", "yes or no"),
	"authorisation.from":  lang.T("ngày/tháng/năm, ví dụ 01/11/2026", "day/month/year, such as 01/11/2026"),
	"authorisation.until": lang.T("ngày/tháng/năm, ví dụ 31/12/2026", "day/month/year, such as 31/12/2026"),
	"attestations.issued": lang.T("ngày/tháng/năm, ví dụ 01/11/2026", "day/month/year, such as 01/11/2026"),
	"attestations.until":  lang.T("ngày/tháng/năm, ví dụ 31/12/2026", "day/month/year, such as 31/12/2026"),
	"attestations.result": lang.T("đạt hoặc chưa đạt", "met or not-met"),
	"waivers.expires":     lang.T("ngày/tháng/năm, ví dụ 31/12/2026", "day/month/year, such as 31/12/2026"),
}

// lacking say what to write in cells that are empty, where unit files say it
// otherwise.
var lacking = map[string]lang.Text{
	"papers.requirement":    lang.T("mã yêu cầu như ORG-01 (xem: sansang list requirements)", "the id of a requirement such as ORG-01 (see: sansang list requirements)"),
	"attestations.document": lang.T("tệp văn bản, tính từ thư mục của bảng; chỉ «chưa đạt» mới không cần", "the document's file, from the table's folder; only «not-met» needs none"),
	"attestations.sha256":   lang.T("64 chữ số hex (chạy: sha256sum TỆP)", "64 hex digits (run: sha256sum FILE)"),
}

// fieldAt gives the field that a place of a unit file holds.
func fieldAt(pointer string) string {
	key := strings.ReplaceAll(strings.Trim(indexes.ReplaceAllString(pointer, ""), "/"), "/", ".")
	switch key {
	case "authorisation.scope":
		return "authorisation.cidrs"
	case "domains.name":
		return "domains"
	case "hosts.cidr":
		return "hosts"
	}
	if group, name, _ := strings.Cut(key, "."); group == "attestations" || group == "waivers" {
		if name == "requirement" || name == "system" || name == "endpoint" {
			return "papers." + name
		}
	}
	key = strings.Replace(key, "authorisation.scope.", "authorisation.", 1)
	return strings.Replace(key, "systems.operator.", "operator.", 1)
}

// said gives a problem of what would be a unit file as one of this table: it
// speaks of columns and not of lines.
func (c columns) said(p Problem) Problem {
	key := fieldAt(p.Pointer)
	group, _, _ := strings.Cut(key, ".")
	column := func(word *regexp.Regexp, l lang.Lang) func(string) string {
		return func(m string) string {
			sub := word.FindStringSubmatch(m)
			hint := strings.TrimSuffix(strings.TrimPrefix(sub[2], "… ("), ")")
			of := fieldAt("/" + group + "/" + sub[1])
			for _, words := range []map[string]lang.Text{ways, lacking} {
				if way, ok := words[of]; ok {
					hint = way.In(l)
				}
			}
			return c.write(of, l) + hint
		}
	}
	if way, ok := ways[key]; ok && !lackEn.MatchString(p.What.En) && !p.Instead.Empty() {
		p.Instead = lang.T("viết "+way.Vi, "write "+way.En)
	}
	p.What.Vi, p.What.En = lackVi.ReplaceAllString(p.What.Vi, "chưa ghi"), lackEn.ReplaceAllString(p.What.En, "it is empty")
	p.Instead.Vi, p.Instead.En = addVi.ReplaceAllStringFunc(p.Instead.Vi, column(addVi, lang.Vi)), addEn.ReplaceAllStringFunc(p.Instead.En, column(addEn, lang.En))
	p.Instead.Vi, p.Instead.En = dropVi.ReplaceAllString(p.Instead.Vi, "để trống ô này"), dropEn.ReplaceAllString(p.Instead.En, "leave this cell empty")
	p.Instead.Vi, p.Instead.En = strings.TrimSuffix(p.Instead.Vi, ": với một trong: "), strings.TrimSuffix(p.Instead.En, ": with one of: ") // of none
	if i, ok := c.at[key]; ok {
		p.Column = i + 1
	}
	if name := c.name(key); known[fold(fieldOf(key).name.Vi, "")] != "" {
		p.What.Vi, p.What.En = "«"+name.Vi+"»: "+p.What.Vi, "«"+name.En+"»: "+p.What.En
	}
	return p
}

// write tells in which column to write something, and to add it if there is none.
func (c columns) write(key string, l lang.Lang) string {
	if key == "endpoints.system" {
		key = "systems.name"
		if _, have := c.at["systems.id"]; have {
			key = "systems.id"
		}
	}
	_, have := c.at[key]
	verb := lang.T("ghi vào cột", "write in the column")
	if !have {
		verb = lang.T("thêm cột", "add a column")
	}
	return verb.In(l) + " «" + c.name(key).In(l) + "»: "
}
