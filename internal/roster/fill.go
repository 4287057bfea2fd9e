package roster

import (
	"fmt"
	"strings"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

func (f filler) unit(id string, col int, code string) {
	unit, _ := f.u.value["unit"].(map[string]any)
	f.put(unit, "/unit", "id", id, col)
	if name, col, ok := f.once("unit.name", ""); ok {
		f.put(unit, "/unit", "name", name, col)
	}
	if kind, col, ok := f.once("unit.kind", ""); ok {
		f.put(unit, "/unit", "kind", word("unit.kind", kind), col)
	}
	if _, col, ok := f.once("unit.gso", ""); ok {
		f.put(unit, "/unit", "gso", code, col)
		if _, has := f.at["unit.kind"]; !has { // told by the code (Decision 19/2025/QĐ-TTg)
			if kind := map[int]string{2: "province", 5: "commune"}[len(code)]; kind != "" {
				unit["kind"] = kind
			}
		}
	}
	if parent, col, ok := f.once("unit.parent", ""); ok {
		f.put(unit, "/unit", "parent", parent, col)
	}
	if code, col, ok := f.once("parent.gso", ""); ok && unit["parent"] == nil {
		f.put(unit, "/unit", "parent", "gso-"+padded(code, "province"), col)
	}
}

// system takes in what a row says of its system, and gives the system's id. A
// system that has a name and no id gets one of its name.
func (f filler) system() string {
	id, col := f.cell(f.row, "systems.id")
	name, nameCol := f.cell(f.row, "systems.name")
	if id == "" && name != "" {
		id, col = short(name), nameCol
	}
	if id == "" && !f.any("systems.", "operator.") {
		return ""
	}
	at := yamldoc.Place{Line: f.row.Line, Column: max(col, 0) + 1}
	list, _ := f.u.value["systems"].([]any)
	i, have := f.u.systems[id]
	if !have {
		i = len(list)
		f.u.systems[id] = i
		f.u.value["systems"] = append(list, map[string]any{})
		f.u.at[fmt.Sprintf("/systems/%d", i)] = at
		list, _ = f.u.value["systems"].([]any)
	}
	s, _ := list[i].(map[string]any)
	ptr := fmt.Sprintf("/systems/%d", i)
	if !have && id != "" {
		f.put(s, ptr, "id", id, col)
	}
	for _, x := range []struct {
		name string
		read func(string) any
	}{{"name", plain}, {"level", number}, {"purpose", plain}, {"connects", yesNo}} {
		if cell, col, ok := f.once("systems."+x.name, id); ok {
			f.put(s, ptr, x.name, x.read(cell), col)
		}
	}
	for _, name := range []string{"id", "name"} {
		if cell, col, ok := f.once("operator."+name, id); ok {
			op, _ := s["operator"].(map[string]any)
			if op == nil {
				op = map[string]any{}
				f.put(s, ptr, "operator", op, col)
			}
			f.put(op, ptr+"/operator", name, cell, col)
		}
	}
	return id
}

func plain(cell string) any { return cell }

// any tells whether the row says something of these fields.
func (f filler) any(prefixes ...string) bool {
	for key := range f.at {
		for _, p := range prefixes {
			if cell, _ := f.cell(f.row, key); cell != "" && strings.HasPrefix(key, p) {
				return true
			}
		}
	}
	return false
}

// endpoint takes in what a row says of an endpoint. A row that says nothing of
// one declares the unit alone.
func (f filler) endpoint(system string) {
	if !f.any("endpoints.") {
		return
	}
	list, _ := f.u.value["endpoints"].([]any)
	ptr, e := fmt.Sprintf("/endpoints/%d", len(list)), map[string]any{}
	f.u.value["endpoints"] = append(list, e)
	target, col := f.cell(f.row, "endpoints.target")
	f.u.at[ptr] = yamldoc.Place{Line: f.row.Line, Column: max(col, 0) + 1}
	if target != "" {
		f.put(e, ptr, "target", target, col)
	}
	if id, col := f.cell(f.row, "endpoints.id"); id != "" {
		f.put(e, ptr, "id", id, col)
	} else if e["id"] = placeID(target); target == "" {
		e["id"] = fmt.Sprintf("dong-%d", f.row.Line) // that there is no address is told, and no more
	}
	for _, name := range []string{"kind", "zone", "server_name", "plain"} {
		cell, col := f.cell(f.row, "endpoints."+name)
		switch {
		case cell == "":
		case name == "kind" || name == "zone":
			f.put(e, ptr, name, word("endpoints."+name, cell), col)
		default:
			f.put(e, ptr, name, cell, col)
		}
	}
	if kind, _ := e["kind"].(string); kind != "" && strings.HasPrefix(strings.ToLower(target), kind+"://") {
		delete(e, "kind") // which the address says itself
	}
	if system != "" {
		_, col := f.cell(f.row, "systems.id")
		f.put(e, ptr, "system", system, max(col, 0))
	}
}

// lists takes in the cells that hold several values.
func (f filler) lists() {
	if cell, col, ok := f.once("domains", ""); ok {
		f.items("domains", "name", cell, col)
	}
	if cell, col, ok := f.once("hosts", ""); ok {
		f.items("hosts", "cidr", cell, col)
	}
	if cell, col, ok := f.once("trusted_cas", ""); ok && !nothing(cell) {
		var files []any // names of files may have spaces
		for _, w := range strings.FieldsFunc(cell, func(r rune) bool { return r == ';' || r == '\n' }) {
			files = append(files, strings.TrimSpace(w))
		}
		f.put(f.u.value, "", "trusted_cas", files, col)
	}
}

func (f filler) items(list, name, cell string, col int) {
	items := []any{}
	if !nothing(cell) {
		for i, w := range words(cell) {
			items = append(items, map[string]any{name: w})
			f.u.at[fmt.Sprintf("/%s/%d/%s", list, i, name)] = yamldoc.Place{Line: f.row.Line, Column: col + 1}
		}
	}
	f.put(f.u.value, "", list, items, col)
}

// authorisation takes in the permission to scan.
func (f filler) authorisation() {
	for _, x := range []struct {
		name string
		read func(string) any
	}{{"by", plain}, {"document", plain}, {"sha256", func(s string) any { return strings.ToLower(s) }}, {"from", date}, {"until", date}, {"hours", plain}, {"classes", func(s string) any { return words(s) }},
		{"names", func(s string) any { return words(s) }}, {"cidrs", func(s string) any { return words(s) }}} {
		cell, col, ok := f.once("authorisation."+x.name, "")
		if !ok || x.name == "classes" && nothing(cell) {
			continue
		}
		a, _ := f.u.value["authorisation"].(map[string]any)
		if a == nil {
			a = map[string]any{"scope": map[string]any{}}
			f.put(f.u.value, "", "authorisation", a, col)
			f.u.at["/authorisation/scope"] = yamldoc.Place{Line: f.row.Line, Column: col + 1}
		}
		m, ptr := a, "/authorisation"
		if x.name == "names" || x.name == "cidrs" {
			m, _ = a["scope"].(map[string]any)
			ptr += "/scope"
		}
		f.put(m, ptr, x.name, x.read(cell), col)
	}
}

// merged takes in the codes of units that are part of this one now.
func (f filler) merged() {
	cell, col := f.cell(f.row, "merged.old")
	if cell == "" || nothing(cell) {
		return
	}
	m := merging{Merger: Merger{New: f.u.id}, at: f.problem(f.row.Line, col, lang.Text{}, lang.Text{})}
	if day, col := f.cell(f.row, "merged.on"); day != "" {
		written, _ := date(day).(string)
		on, err := inventory.ParseDate(written)
		if err != nil {
			f.u.mistake(f.problem(f.row.Line, col, lang.Tf("%q không phải ngày", "%q is no date", day), lang.T("viết ngày/tháng/năm, ví dụ 01/07/2025", "write day/month/year, such as 01/07/2025")))
			return
		}
		m.On = on
	}
	codes := words(cell)
	if f.mergers += len(codes); f.mergers > maxUnits {
		return // which is told of the table
	}
	for _, w := range codes {
		m.Old, _ = w.(string)
		m.Old = asID(m.Old)
		f.u.old = append(f.u.old, m)
	}
}

// asID turns a bare code of the statistics office into an id.
func asID(code string) string {
	if (len(code) == 2 || len(code) == 5) && strings.Trim(code, "0123456789") == "" {
		return "gso-" + code
	}
	return code
}
