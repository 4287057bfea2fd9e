package roster

import (
	"regexp"
	"strings"

	"github.com/sansang/sansang/internal/lang"
)

var (
	indexes = regexp.MustCompile(`/[0-9]+`)

	// How problems of unit files speak of lines, by the language.
	addVi, addEn   = regexp.MustCompile(`thêm dòng ([a-z_0-9]+): ?(… ?)?`), regexp.MustCompile(`add a line ([a-z_0-9]+): ?(… ?)?`)
	dropVi, dropEn = regexp.MustCompile(`bỏ dòng ([a-z_0-9]+)`), regexp.MustCompile(`remove the line ([a-z_0-9]+)`)
	lackVi, lackEn = regexp.MustCompile(`^thiếu mục "[a-z_0-9]+"$`), regexp.MustCompile(`^"[a-z_0-9]+" is missing$`)
)

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
	key = strings.Replace(key, "authorisation.scope.", "authorisation.", 1)
	return strings.Replace(key, "systems.operator.", "operator.", 1)
}

// said gives a problem of what would be a unit file as one of this table: it
// speaks of columns and not of lines.
func (c columns) said(p Problem) Problem {
	key := fieldAt(p.Pointer)
	group, _, _ := strings.Cut(key, ".")
	column := func(l lang.Lang) func(string) string {
		return func(m string) string {
			word := addVi
			if l == lang.En {
				word = addEn
			}
			if sub := word.FindStringSubmatch(m); sub != nil {
				return c.write(fieldAt("/"+group+"/"+sub[1]), l)
			}
			return m
		}
	}
	p.What.Vi, p.What.En = lackVi.ReplaceAllString(p.What.Vi, "chưa ghi"), lackEn.ReplaceAllString(p.What.En, "it is empty")
	p.Instead.Vi, p.Instead.En = addVi.ReplaceAllStringFunc(p.Instead.Vi, column(lang.Vi)), addEn.ReplaceAllStringFunc(p.Instead.En, column(lang.En))
	p.Instead.Vi, p.Instead.En = dropVi.ReplaceAllString(p.Instead.Vi, "để trống ô này"), dropEn.ReplaceAllString(p.Instead.En, "leave this cell empty")
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
	_, have := c.at[key]
	verb := lang.T("ghi vào cột", "write in the column")
	if !have {
		verb = lang.T("thêm cột", "add a column")
	}
	return verb.In(l) + " «" + c.name(key).In(l) + "» "
}
