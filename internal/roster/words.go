package roster

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"
)

// A value in a cell becomes what a unit file has there. What is not understood
// stays as it is written, for the schema to refuse and tell what to write.

// spoken are the words of people for words of the unit file, folded.
var spoken = map[string]map[string]string{
	"unit.kind": {
		"bo": "ministry", "coquanngangbo": "ministry", "bonganh": "ministry", "coquanthuocchinhphu": "ministry",
		"tinh": "province", "thanhpho": "province", "thanhphotructhuoctrunguong": "province", "tinhthanhpho": "province", "captinh": "province",
		"xa": "commune", "phuong": "commune", "dackhu": "commune", "capxa": "commune",
		"doanhnghiep": "enterprise", "congty": "enterprise", "khac": "other",
	},
	"endpoints.zone": {
		"mangtslcd": "wan", "tslcd": "wan", "mangtruyensolieuchuyendung": "wan", "noibo": "internal", "mangnoibo": "internal",
		"quantri": "admin", "vungquantri": "admin", "mangquantri": "admin",
	},
	"systems.connects": {
		"co": "true", "yes": "true", "x": "true", "1": "true", "dung": "true",
		"khong": "false", "no": "false", "0": "false", "sai": "false",
	},
	"attestations.result": {
		"dat": "met", "chuadat": "not-met", "khongdat": "not-met", "notmet": "not-met",
	},
}

// word gives the word of the unit file.
func word(key, cell string) string {
	f := fold(cell, "")
	if w, ok := spoken[key][f]; ok {
		return w
	}
	if lower := strings.ToLower(cell); lower == fold(cell, "-") { // as HTTPS
		return lower
	}
	return cell
}

var level = regexp.MustCompile(`^(?:cap|do|level)*([0-9]+)$`)

// number reads "3", "Cấp 3", "cấp độ 3".
func number(cell string) any {
	if m := level.FindStringSubmatch(fold(cell, "")); m != nil && !strings.ContainsAny(cell, ".,-") {
		return json.Number(strings.TrimLeft(m[1][:len(m[1])-1], "0") + m[1][len(m[1])-1:])
	}
	return cell
}

func yesNo(cell string) any {
	switch word("systems.connects", cell) {
	case "true":
		return true
	case "false":
		return false
	}
	return cell
}

// date reads a day as it is written in Vietnam, the day first.
func date(cell string) any {
	for _, form := range []string{"2/1/2006", "2-1-2006", "2.1.2006"} {
		if t, err := time.Parse(form, cell); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	return cell
}

// words parts a cell that holds several: by commas, semicolons or space.
func words(cell string) []any {
	out := []any{}
	for _, w := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(",; \t\r\n", r) }) {
		out = append(out, w)
	}
	return out
}

// nothing tells a cell that says there is none.
func nothing(cell string) bool {
	switch fold(cell, "") {
	case "khong", "khongco", "none", "no":
		return true
	}
	return strings.Trim(cell, "-–— ") == ""
}
