package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/report"
)

func (b *board) in(vi, en string, args ...any) string { return lang.Tf(vi, en, args...).In(b.app.lang) }

// counted is "1.024/3.377 " and the share.
func (b *board) counted() string {
	share := 100
	if b.now.total > 0 {
		share = 100 * b.now.done / b.now.total
	}
	return fmt.Sprintf("%s/%s %3d%% ", grouped(b.now.done, b.app.lang), grouped(b.now.total, b.app.lang), share)
}

// left is the rate, and when it will have done all that is left.
func (b *board) left() string {
	if len(b.pace) < 2 {
		return ""
	}
	first, last := b.pace[0], b.pace[len(b.pace)-1]
	if last.at.Sub(first.at) < boardEvery {
		return ""
	}
	perMinute := float64(last.done-first.done) / last.at.Sub(first.at).Minutes()
	if perMinute <= 0 {
		return ""
	}
	out := b.in(" %s/phút", " %s/min", decimal(perMinute, b.app.lang))
	if rest := b.now.total - b.now.done; rest > 0 {
		out += b.in(" · còn %s", " · %s left", roughly(time.Duration(float64(rest)/perMinute*float64(time.Minute)), b.app.lang))
	}
	return out
}

// verdicts counts the units that were judged.
func (b *board) verdicts(colour bool) string {
	var parts []string
	for _, v := range []struct {
		verdict judge.UnitVerdict
		colour  int
		text    lang.Text
	}{{judge.Ready, 32, lang.T("sẵn sàng", "ready")}, {judge.NotReady, 31, lang.T("chưa đạt", "not ready")}, {judge.Undetermined, 33, lang.T("chưa đủ căn cứ", "undetermined")}} {
		s := v.text.In(b.app.lang) + " " + grouped(b.now.verdicts[v.verdict], b.app.lang)
		if colour {
			s = fmt.Sprintf("\x1b[%dm%s\x1b[0m", v.colour, s)
		}
		parts = append(parts, s)
	}
	if b.now.failed > 0 {
		parts = append(parts, b.in("lỗi %d", "given up %d", b.now.failed))
	}
	if n := len(b.units); n > 0 {
		parts = append(parts, b.in("đang xem %d", "in work %d", n))
	}
	return strings.Join(parts, " · ")
}

// unit is the row of one unit in work, those that take longest first; the one
// after the last tells how many more there are.
func (b *board) unit(i int) string {
	if i >= len(b.units) {
		return ""
	}
	if i == boardUnits {
		return b.in("  … và %d đơn vị khác (lúc này nhiều nhất %d cùng lúc)", "  … and %d more (at most %d at a time now)", len(b.units)-boardUnits, b.now.limit)
	}
	all := make([]*atWork, 0, len(b.units))
	for _, u := range b.units {
		all = append(all, u)
	}
	slices.SortFunc(all, func(x, y *atWork) int { return x.since.Compare(y.since) })
	u := all[i]
	checks := ""
	if u.total > 0 {
		checks = strconv.Itoa(u.done) + "/" + strconv.Itoa(u.total)
	}
	return fmt.Sprintf("  %s %s %9s %s", report.Fit(report.Shown(u.id), 14), report.Fit(report.Shown(u.name), 38), checks, roughly(time.Since(u.since), b.app.lang))
}

// roughly tells a time in the words that fit it.
func roughly(d time.Duration, l lang.Lang) string {
	switch {
	case d < time.Minute:
		return lang.Tf("%d giây", "%d s", int(d.Seconds())).In(l)
	case d < time.Hour:
		return lang.Tf("%d phút", "%d min", int(d.Round(time.Minute).Minutes())).In(l)
	}
	d = d.Round(time.Minute)
	return lang.Tf("%d giờ %02d phút", "%d h %02d min", int(d.Hours()), int(d.Minutes())%60).In(l)
}

// grouped writes a number with a mark for thousands.
func grouped(n int, l lang.Lang) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + lang.T(".", ",").In(l) + s[i:]
	}
	return s
}

// decimal writes a number with one digit behind the mark, and none above ten.
func decimal(f float64, l lang.Lang) string {
	if f >= 10 {
		return grouped(int(f+0.5), l)
	}
	return strings.Replace(strconv.FormatFloat(f, 'f', 1, 64), ".", lang.T(",", ".").In(l), 1)
}
