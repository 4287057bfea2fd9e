package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/report"
	"github.com/sansang/sansang/policies"
)

func (a *app) explain() *cobra.Command {
	return &cobra.Command{
		Use:     a.t("explain MÃ", "explain ID"),
		Short:   a.t("Giải thích một phép kiểm tra hoặc một yêu cầu", "Explain a check or a requirement"),
		Example: "  sansang explain tls.versions\n  sansang explain TLS-02 --lang en",
		Args:    a.exactly(1, "mã (như tls.versions hoặc TLS-02)", "an ID (such as tls.versions or TLS-02)"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return a.everyID(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if c, ok := checks.Find(strings.ToLower(args[0])); ok {
				a.explainCheck(c)
				return nil
			}
			lib, err := judge.ReadLibraryOf([]byte(strings.ToUpper(args[0])), policies.FS)
			if err != nil {
				return err
			}
			if r := lib.Requirements[strings.ToUpper(args[0])]; r != nil {
				a.explainRequirement(r)
				return nil
			}
			if names, err := judge.Names(policies.FS); err == nil && slices.Contains(names, args[0]) {
				return faultf("%s là một chính sách; xem: sansang list policies, hoặc docs/requirements.md", "%s is a policy; see: sansang list policies, or docs/requirements.md", args[0])
			}
			near := lang.Nearest(args[0], a.everyID())
			if near != "" {
				return faultf("không có mã %q; có phải là %q?", "there is no %q; did you mean %q?", args[0], near)
			}
			return faultf("không có mã %q; xem: sansang list checks, sansang list requirements", "there is no %q; see: sansang list checks, sansang list requirements", args[0])
		},
	}
}

// everyID lists what can be explained.
func (a *app) everyID() []string {
	var ids []string
	for _, c := range checks.All() {
		ids = append(ids, c.ID)
	}
	if lib, err := judge.ReadLibrary(policies.FS); err == nil {
		for id := range lib.Requirements {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (a *app) explainCheck(c *checks.Check) {
	d := c.Doc()
	a.heading(c.ID + " – " + d.Title.In(a.lang))
	for _, part := range []struct{ head, body lang.Text }{
		{lang.T("Thấy gì", "Sees"), d.Sees},
		{lang.T("Không thấy gì", "Cannot see"), d.CannotSee},
		{lang.T("Gửi gì", "Sends"), d.Sends},
		{lang.T("Khắc phục", "Fix"), d.Fix},
	} {
		a.part(part.head, part.body.In(a.lang))
	}
	a.part(lang.T("Biết bằng cách", "Known by"), c.Known.Explain().In(a.lang))
	a.part(lang.T("Dữ kiện (dùng trong chính sách)", "Facts (for policies)"), strings.Join(a.fields(c.ID, c.Fact), "\n"))
	if from := c.Sources(); len(from) > 0 {
		a.part(lang.T("Nguồn kỹ thuật", "Sources"), strings.Join(from, ", "))
	}
}

// fields lists every path that a policy may read, with its label.
func (a *app) fields(prefix string, t *fact.Type) []string {
	var out []string
	for _, f := range t.Fields {
		path := prefix + "." + f.Name
		out = append(out, fmt.Sprintf("%-36s %s", path, f.Label.In(a.lang)))
		inner := f.Type
		if inner.Kind == fact.List || inner.Kind == fact.Map {
			inner, path = inner.Elem, path+"[]"
		}
		if inner.Kind == fact.Struct {
			out = append(out, a.fields(path, inner)...)
		}
	}
	return out
}

// holds says from when until when a basis is in force.
func (a *app) holds(b judge.Basis) string {
	day := func(d inventory.Date) string { return d.Format(a.t("02/01/2006", "2006-01-02")) }
	switch {
	case b.From.IsZero():
		return ""
	case b.Until.IsZero():
		return a.t(", từ ", ", from ") + day(b.From)
	}
	return ", " + day(b.From) + " – " + day(b.Until)
}

func (a *app) explainRequirement(r *judge.Requirement) {
	a.heading(r.ID + " – " + r.Title.In(a.lang))
	a.part(lang.T("Yêu cầu", "Required"), r.Need.In(a.lang))
	var basis []string
	for _, b := range r.Basis {
		basis = append(basis, "- "+strings.TrimSpace(report.Cite(strings.TrimSpace(b.Law+" "+b.Article), a.lang)+" "+b.Status.Mark().In(a.lang))+a.holds(b))
	}
	if r.Legacy != "" {
		basis = append(basis, "- TCVN 11930:2017 "+r.Legacy)
	}
	a.part(lang.T("Căn cứ", "Basis"), strings.Join(basis, "\n"))
	var levels []string
	for _, l := range []string{"2", "3", "4"} {
		force := cmp.Or(r.Levels[l].Text(), lang.T("không áp dụng", "does not apply"))
		levels = append(levels, lang.Tf("cấp độ %s: ", "level %s: ", l).In(a.lang)+force.In(a.lang))
	}
	a.part(lang.T("Mức độ", "Force"), strings.Join(levels, " · ")+lang.Tf(" · độ mạnh %s", " · strength %s", r.Strength).In(a.lang))
	if r.Evidence != nil {
		a.part(lang.T("Tài liệu chứng minh", "Evidence"), r.Evidence.What.In(a.lang))
	}
	var how []string
	for _, rule := range append([]judge.Rule{r.Rule}, r.Also...) {
		line := string(rule.Scope) + ": " + rule.Expect
		if rule.For != "" {
			line = string(rule.Scope) + " [" + rule.For + "]: " + rule.Expect
		}
		if len(rule.From) > 0 {
			line += " – " + a.from(rule.From)
		}
		how = append(how, line)
	}
	a.part(lang.T("Cách đánh giá", "Judged by"), strings.Join(how, "\n"))
	var ways []string
	for _, w := range r.Known {
		ways = append(ways, w.Text().In(a.lang))
	}
	if len(ways) > 0 {
		a.part(lang.T("Chỉ nhận dữ kiện biết bằng cách", "Takes only facts that are"), strings.Join(ways, ", "))
	}
	a.part(lang.T("Khắc phục", "Fix"), r.Fix.In(a.lang))
}

// from says from which zones the facts of a rule are to be seen.
func (a *app) from(zones []inventory.Zone) string {
	var vi, en []string
	for _, z := range zones {
		vi, en = append(vi, z.Text().Vi), append(en, z.Text().En)
	}
	return lang.Tf("chỉ xét điều nhìn thấy từ %[1]s", "only by what is seen from %[2]s", strings.Join(vi, ", "), strings.Join(en, ", ")).In(a.lang)
}

func (a *app) heading(s string) { _, _ = fmt.Fprintf(a.out, "%s\n", s) }

// part prints a titled part, its lines wrapped and indented.
func (a *app) part(head lang.Text, body string) {
	_, _ = fmt.Fprintf(a.out, "\n%s\n", head.In(a.lang))
	for _, line := range strings.Split(strings.TrimRight(body, "\n"), "\n") {
		for _, l := range wrap(line, a.width()-2) {
			_, _ = fmt.Fprintln(a.out, strings.TrimRight("  "+l, " "))
		}
	}
}

// wrap breaks a line between words; a list item hangs below its mark. A line
// that begins with a space is code and stays whole.
func wrap(line string, width int) []string {
	if strings.HasPrefix(line, " ") || utf8.RuneCountInString(line) <= width {
		return []string{line}
	}
	hang := ""
	if strings.HasPrefix(line, "- ") {
		hang = "  "
	}
	var out []string
	row := ""
	for _, word := range strings.Fields(line) {
		if row != "" && utf8.RuneCountInString(row)+1+utf8.RuneCountInString(word) > width {
			out, row = append(out, row), hang+word
			continue
		}
		if row != "" {
			row += " "
		}
		row += word
	}
	return append(out, row)
}
