package report

import (
	"fmt"
	"strings"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/rollup"
)

// changeSentences tell how far two runs can be compared.
func changeSentences(r rollup.Rollup, l lang.Lang) []string {
	c := r.Changes
	out := []string{lang.Tf("Đơn vị đã kiểm tra ở cả hai đợt, so sánh được: %d; trong đó đổi kết luận: %d.", "Units checked in both runs, which can be compared: %d; those whose verdict is another: %d.", c.Compared, len(c.Units)).In(l)}
	if c.New > 0 {
		out = append(out, lang.Tf("Đơn vị không có ở đợt trước: %d.", "Units that were not in the earlier run: %d.", c.New).In(l))
	}
	if c.Merged > 0 {
		out = append(out, lang.Tf("Đơn vị của đợt trước nay đã sáp nhập: %d; kết quả trước của chúng tính cho đơn vị mới.", "Units of the earlier run that are merged now: %d; what they were counts to the new unit.", c.Merged).In(l))
	}
	if n := len(c.Gone); n > 0 {
		out = append(out, lang.Tf("Đơn vị của đợt trước không còn trong danh sách: %d.", "Units of the earlier run that are no longer listed: %d.", n).In(l))
	}
	if c.OtherPolicy {
		out = append(out, lang.Tf("Hai đợt dùng chính sách khác nhau (%s, nay %s): khác biệt có thể do chính sách, không do đơn vị.", "The runs have different policies (%s, now %s): a difference may be the policy's doing, not the unit's.",
			policyExactly(r.Before.Policy), policyExactly(r.Run.Policy)).In(l))
	}
	return out
}

func policyExactly(p rollup.Policy) string {
	return outside(p.ID+" "+p.Version, 60) + " " + short(p.SHA256)
}

// changeCounts tells what became of a requirement.
func changeCounts(c rollup.RequirementChange, l lang.Lang) string {
	var out []string
	for _, x := range []struct {
		n    int
		word lang.Text
	}{
		{c.Failed, lang.T("mới không đạt %d", "newly failed %d")},
		{c.Found, lang.T("nay mới thấy không đạt %d", "now seen to fail %d")},
		{c.Lost, lang.T("không còn xác định được %d", "can no longer be told %d")},
		{c.Mended, lang.T("đã khắc phục %d", "mended %d")},
	} {
		if x.n > 0 {
			out = append(out, fmt.Sprintf(x.word.In(l), x.n))
		}
	}
	return strings.Join(out, ", ")
}

func (t *rollText) changes() {
	c := t.Changes
	if c == nil {
		return
	}
	t.heading(t.in(lang.Tf("SO VỚI ĐỢT RÀ QUÉT SỐ %d (%s)", "SINCE RUN %d (%s)", t.Before.ID, day(t.Before.Began, t.lang))))
	for _, s := range changeSentences(t.Rollup, t.lang) {
		t.write(plain, "", "", s)
	}
	for _, f := range c.Flows {
		if f.From != f.To {
			t.write(plain, "  ", "    ", outcomeWord(f.From, t.lang)+" → "+outcomeWord(f.To, t.lang)+": "+number(f.Units, t.lang))
		}
	}
	if n := min(maxUnits, len(c.Units)); n > 0 {
		t.gap()
		for _, u := range c.Units[:n] {
			t.write(plain, "  ", "    ", outside(u.Name, 60)+" ("+outside(u.ID, 20)+"): "+outcomeWord(u.From, t.lang)+" → "+outcomeWord(u.To, t.lang)+mergedFrom(u.Merged, t.lang))
		}
		t.rest(len(c.Units) - n)
	}
	if n := min(maxTop, len(c.Requirements)); n > 0 {
		t.gap()
		for _, rc := range c.Requirements[:n] {
			t.write(plain, cell(outside(rc.ID, 9), 10), strings.Repeat(" ", 10), t.in(rc.Title)+labelled(" – ", changeCounts(rc, t.lang)))
		}
		t.rest(len(c.Requirements) - n)
	}
}

// mergedFrom names what has become part of a unit.
func mergedFrom(old []string, l lang.Lang) string {
	if len(old) == 0 {
		return ""
	}
	var out []string
	for _, id := range firstFew(old, maxPlaces) {
		out = append(out, outside(id, 20))
	}
	return lang.T(" (gồm cả ", " (with ").In(l) + strings.Join(out, ", ") + ")"
}
