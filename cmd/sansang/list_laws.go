package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/policies"
)

// listLaws tells of every text since when it is in force, and how sure that is;
// the newest first.
func (a *app) listLaws() error {
	laws, err := judge.ReadLaws(policies.FS)
	if err != nil {
		return err
	}
	all := slices.SortedFunc(maps.Values(laws), func(x, y *judge.Law) int {
		if c := y.From.Compare(x.From.Time); c != 0 {
			return c
		}
		return strings.Compare(x.ID, y.ID)
	})
	for _, l := range all {
		head := strings.TrimSpace(l.ID + " " + a.period(l.From, l.Until) + " " + l.Status.Mark().In(a.lang))
		_, _ = fmt.Fprintln(a.out, head)
		for _, text := range []lang.Text{l.Title, l.Note} {
			if text.Empty() {
				continue
			}
			for _, line := range wrap(text.In(a.lang), a.width()-2) {
				_, _ = fmt.Fprintln(a.out, strings.TrimRight("  "+line, " "))
			}
		}
		if len(l.Replaces) > 0 {
			_, _ = fmt.Fprintln(a.out, "  "+lang.T("thay: ", "replaces: ").In(a.lang)+strings.Join(l.Replaces, ", "))
		}
	}
	return nil
}

// period says from when until when something holds, "" if that is not said.
func (a *app) period(from, until inventory.Date) string {
	form := lang.T("02/01/2006", "2006-01-02").In(a.lang)
	switch {
	case !until.IsZero():
		return "(" + from.Format(form) + " – " + until.Format(form) + ")"
	case !from.IsZero():
		return "(" + lang.T("từ ", "from ").In(a.lang) + from.Format(form) + ")"
	}
	return ""
}
