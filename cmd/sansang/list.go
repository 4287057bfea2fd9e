package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/policies"
)

func (a *app) list() *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: a.t("Liệt kê phép kiểm tra, yêu cầu, chính sách hoặc mẫu", "List checks, requirements, policies or templates"),
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	sub := func(use, vi, en string, show func() error) {
		c.AddCommand(&cobra.Command{Use: use, Short: a.t(vi, en), Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return show() }})
	}
	sub("checks", "Các phép kiểm tra", "The checks", a.listChecks)
	sub("requirements", "Các yêu cầu", "The requirements", a.listRequirements)
	sub("laws", "Các văn bản được viện dẫn: hiệu lực từ ngày nào, chắc đến đâu", "The legal texts that are cited: since when in force, and how sure that is", a.listLaws)
	sub("policies", "Các chính sách có sẵn", "The policies that come with the tool", a.listPolicies)
	c.AddCommand(&cobra.Command{
		Use: a.t("templates [THƯ-MỤC]", "templates [FOLDER]"), Args: cobra.MaximumNArgs(1),
		Short: a.t("Các mẫu nuclei có sẵn, hoặc của một thư mục", "The nuclei templates that come with the tool, or those of a folder"),
		Long: a.t(`Liệt kê các mẫu có sẵn; hoặc, với một thư mục, mẫu nào dùng được, mẫu nào bị từ chối,
vì sao (tệp, dòng) và viết lại thế nào. Không gửi gì. Mẫu cần loại được phép đích danh
(authorisation.classes của tệp đơn vị) được kể trong số bị từ chối.`,
			`Lists the templates that come with the tool; or, of a folder, which can be used and
which are refused, why (file, line) and what to write instead. Sends nothing. Those
that need a class of authorisation.classes in the unit file are among the refused.`),
		Example:           "  sansang list templates\n  sansang list templates nuclei-templates",
		ValidArgsFunction: folders,
		RunE:              func(_ *cobra.Command, args []string) error { return a.listTemplates(strings.Join(args, "")) },
	})
	return c
}

func (a *app) listChecks() error {
	for _, c := range checks.All() {
		a.entry(fmt.Sprintf("%-18s %-9s %-8s ", c.ID, c.Touch, c.Known), c.Doc().Title.In(a.lang))
	}
	return nil
}

func (a *app) listRequirements() error {
	lib, err := judge.ReadLibrary(policies.FS)
	if err != nil {
		return err
	}
	ids := make([]string, 0, len(lib.Requirements))
	for id := range lib.Requirements {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		r := lib.Requirements[id]
		a.entry(fmt.Sprintf("%-8s %s %-8s ", id, r.Strength, r.Severity), r.Title.In(a.lang))
	}
	return nil
}

// entry prints an entry of a list: what it is in columns, then its title.
func (a *app) entry(head, title string) {
	for _, line := range wrap(title, a.width()-utf8.RuneCountInString(head)) {
		_, _ = fmt.Fprintln(a.out, head+line)
		head = strings.Repeat(" ", utf8.RuneCountInString(head))
	}
}

// about says for what time a policy is meant and what it extends.
func (a *app) about(p *judge.Policy) string {
	s := ""
	if period := a.period(p.From, p.Until); period != "" {
		s += " " + period
	}
	if p.Extends != "" {
		s += " (" + lang.T("mở rộng ", "extends ").In(a.lang) + p.Extends + ")"
	}
	return s
}

func (a *app) listPolicies() error {
	ps, err := builtIn()
	if err != nil {
		return err
	}
	for _, p := range ps {
		a.entry(fmt.Sprintf("%-20s %-8s ", p.ID, p.Version), p.Title.In(a.lang)+a.about(p))
	}
	return nil
}
