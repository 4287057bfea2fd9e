package roster

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// What units of a list say of each other.

func (r *reader) say(at Problem, what, instead lang.Text) {
	at.What, at.Instead = what, instead
	r.list.Problems = append(r.list.Problems, at)
}

// unique leaves out all units of one code: which of them is right is not known.
// A unit that goes by its GSO code is the one that has it beside another code.
func (r *reader) unique() {
	first, twice := map[string]int{}, map[string]bool{}
	same := func(i, j int) {
		id, before := r.list.Units[i].Unit.Unit.ID, r.list.Units[j]
		twice[id], twice[before.Unit.Unit.ID] = true, true
		r.say(r.list.Units[i].idAt, lang.T(fmt.Sprintf("đơn vị %q đã khai ở %s", id, before.Place.Vi), fmt.Sprintf("the unit %q is also in %s", id, before.Place.En)),
			lang.T("mỗi đơn vị chỉ khai một nơi: bỏ một nơi, hoặc sửa mã", "declare a unit in one place: remove one of them, or correct the code"))
	}
	for i, u := range r.list.Units {
		if j, have := first[u.Unit.Unit.ID]; have {
			same(i, j)
			continue
		}
		first[u.Unit.Unit.ID] = i
	}
	for i, u := range r.list.Units {
		if j, have := first["gso-"+u.Unit.Unit.GSO]; have && j != i && u.Unit.Unit.ID != r.list.Units[j].Unit.Unit.ID {
			same(max(i, j), min(i, j))
		}
	}
	r.list.Units = slices.DeleteFunc(r.list.Units, func(u Unit) bool { return twice[u.Unit.Unit.ID] })
}

// codes gives the units by their GSO code, as an id.
func (r *reader) codes() map[string]string {
	out := map[string]string{}
	for _, u := range r.list.Units {
		if code := "gso-" + u.Unit.Unit.GSO; u.Unit.Unit.GSO != "" && out[code] == "" {
			out[code] = u.Unit.Unit.ID
		}
	}
	return out
}

// parents finds the units above. A code of the statistics office leads to the
// unit that has it, whatever id that goes by.
func (r *reader) parents() {
	byID, byCode, top := map[string]int{}, r.codes(), false
	for i, u := range r.list.Units {
		byID[u.Unit.Unit.ID] = i
		top = top || u.Unit.Unit.Kind == inventory.Province || u.Unit.Unit.Kind == inventory.Ministry
	}
	var outside []string
	for i := range r.list.Units {
		u := &r.list.Units[i].Unit.Unit
		if _, have := byID[u.Parent]; !have && byCode[u.Parent] != "" {
			u.Parent = byCode[u.Parent]
		}
		if _, have := byID[u.Parent]; u.Parent == "" || have {
			continue
		}
		if !top { // a list of communes alone: those above are not audited
			outside = append(outside, u.Parent)
			continue
		}
		r.say(r.list.Units[i].parentAt, lang.Tf("đơn vị cấp trên %q không có trong danh sách", "the parent %q is not in the list", u.Parent), lang.T("thêm đơn vị ấy vào danh sách, sửa mã, hoặc bỏ trống", "add it to the list, correct the code, or leave it out"))
	}
	if slices.Sort(outside); len(outside) > 0 {
		codes := slices.Compact(outside)
		more := ""
		if len(codes) > 5 {
			codes, more = codes[:5], ", …"
		}
		r.list.Notes = append(r.list.Notes, Problem{File: r.path, What: lang.Tf("%d đơn vị có cấp trên không nằm trong danh sách (%s)", "the parents of %d units are not in the list (%s)", len(outside), strings.Join(codes, ", ")+more), Instead: lang.T("thêm các đơn vị ấy để bảng tổng hợp có tên của chúng", "add them if the roll-up is to tell their names")})
	}
	r.cycles(byID)
}

// cycles cuts parents that lead back to the unit itself.
func (r *reader) cycles(byID map[string]int) {
	const unknown, onPath, done = 0, 1, 2
	state := make([]int, len(r.list.Units))
	for start := range r.list.Units {
		var path []int
		i, ok := start, true
		for ok && state[i] == unknown {
			state[i] = onPath
			path = append(path, i)
			i, ok = byID[r.list.Units[i].Unit.Unit.Parent]
		}
		if ok && state[i] == onPath { // back on this very path
			ring := path[slices.Index(path, i):]
			var ids []string
			for _, j := range ring {
				ids = append(ids, r.list.Units[j].Unit.Unit.ID)
			}
			r.say(r.list.Units[i].parentAt, lang.Tf("các đơn vị cấp trên quay vòng: %s", "the parents go round in a circle: %s", strings.Join(append(ids[:min(len(ids), 6)], ids[0]), " → ")), lang.T("sửa đơn vị cấp trên của một trong số đó", "correct the parent of one of them"))
			for _, j := range ring {
				r.list.Units[j].Unit.Unit.Parent = ""
			}
		}
		for _, j := range path {
			state[j] = done
		}
	}
}

// merged keeps the mergers that can be told: into a unit of the list, of one
// that is not in it any more.
func (r *reader) merged() {
	listed, byCode := map[string]bool{}, r.codes()
	for _, u := range r.list.Units {
		listed[u.Unit.Unit.ID] = true
	}
	named := func(id string) string {
		if !listed[id] && byCode[id] != "" {
			return byCode[id]
		}
		return id
	}
	into := map[string]string{}
	for _, m := range r.mergers {
		m.New = named(m.New)
		switch is := named(m.Old); {
		case is == m.New: // its code of old is its code of now
		case listed[is]:
			r.say(m.at, lang.Tf("đơn vị cũ %q vẫn còn trong danh sách", "the old unit %q is still in the list", m.Old), lang.T("bỏ đơn vị ấy khỏi danh sách, hoặc bỏ mã cũ này", "remove it from the list, or remove this old code"))
		case !listed[m.New]:
			if m.at.Pointer != "" { // of a table the unit itself was at fault, and told
				r.say(m.at, lang.Tf("đơn vị mới %q không có trong danh sách", "the new unit %q is not in the list", m.New), lang.T("thêm đơn vị ấy, hoặc sửa mã", "add it, or correct the code"))
			}
		case into[m.Old] != "" && into[m.Old] != m.New:
			r.say(m.at, lang.Tf("đơn vị cũ %[1]q đã nhập vào %[2]q, không thể vào cả %[3]q", "the old unit %[1]q went into %[2]q and cannot go into %[3]q too", m.Old, into[m.Old], m.New), lang.T("giữ lại một nơi: nơi nhận phần lớn", "keep one: the unit that took the larger part"))
		case into[m.Old] == "":
			into[m.Old] = m.New
			r.list.Mergers = append(r.list.Mergers, m.Merger)
		}
	}
}
