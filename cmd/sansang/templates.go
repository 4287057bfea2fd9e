package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/report"
	"github.com/sansang/sansang/internal/templates"
	"github.com/sansang/sansang/internal/worker"
)

// templateOptions are the flags by which a scan is given templates.
type templateOptions struct {
	folder string
	filter templates.Filter
}

// severities that a template may claim.
var severities = []string{"critical", "high", "medium", "low", "info", "unknown"}

// folders completes the names of folders.
func folders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

func (a *app) templateFlags(c *cobra.Command, o *templateOptions) {
	f := c.Flags()
	defer func() { // the flags are there by then, so neither fails
		_ = c.RegisterFlagCompletionFunc("templates", folders)
		_ = c.RegisterFlagCompletionFunc("template-severity", cobra.FixedCompletions(severities, cobra.ShellCompDirectiveNoFileComp))
	}()
	f.StringVar(&o.folder, "templates", "", a.t("thư mục mẫu nuclei của đơn vị, chạy thêm ngoài các mẫu có sẵn", "a folder of nuclei templates to run beside those that come with the tool"))
	f.StringSliceVar(&o.filter.Severities, "template-severity", nil, a.t("chỉ lấy mẫu có mức này: critical, high, medium, low, info, unknown", "only templates of these severities: critical, high, medium, low, info, unknown"))
	f.StringSliceVar(&o.filter.Tags, "template-tag", nil, a.t("chỉ lấy mẫu có nhãn này", "only templates with these tags"))
	f.StringSliceVar(&o.filter.IDs, "template-id", nil, a.t("chỉ lấy mẫu có mã này, được dùng *", "only templates with these ids, * allowed"))
	f.StringSliceVar(&o.filter.CVEs, "template-cve", nil, a.t("chỉ lấy mẫu của các CVE này", "only templates for these CVEs"))
}

// gathered is what a scan was given of templates.
type gathered struct {
	checks []*checks.Check // sets and their members
	needs  []string
	sets   []record.TemplateSet
}

// gather reads the templates of the command line and those that the policy
// relies on. A template that is in several sets is run once.
func (a *app) gather(o templateOptions, policy *judge.Policy, policyFile string, permits func(inventory.Class) bool) (*gathered, error) {
	out := &gathered{}
	made := map[string]*checks.Check{} // by SHA-256
	taken := map[string]bool{}
	add := func(name, folder, chosen string, filter templates.Filter) error {
		set, err := readTemplates(folder, filter, func(class string) bool { return permits(inventory.Class(class)) })
		if err != nil {
			return err
		}
		var members []*checks.Check
		for _, t := range set.Templates {
			c := made[t.SHA256]
			if c == nil {
				id := "template:" + t.ID
				if taken[id] {
					id += "~" + t.SHA256[:8]
				}
				taken[id] = true
				c = checks.FromTemplate(id, t)
				made[t.SHA256] = c
				out.checks = append(out.checks, c)
			}
			members = append(members, c)
		}
		kept := record.TemplateSet{Name: name, Folder: filepath.Base(folder), Chosen: chosen, SHA256: set.SHA256, Selected: len(set.Templates), Left: set.Left}
		var refused []checks.Refused
		for _, r := range set.Refused {
			refused = append(refused, checks.Refused{ID: cmp.Or(r.ID, r.File), Severity: r.Severity})
			kept.Refused = append(kept.Refused, record.RefusedTemplate{ID: r.ID, File: r.File, Line: r.Line, Why: r.What})
		}
		out.checks = append(out.checks, checks.NewSet("templates."+name, members, refused))
		out.sets = append(out.sets, kept)
		a.sayTemplates(kept, set.Nothing)
		return nil
	}
	for _, s := range o.filter.Severities {
		if !slices.Contains(severities, strings.ToLower(s)) {
			return nil, faultf("--template-severity %[1]q không có; viết %[2]s", "there is no --template-severity %[1]q; write %[2]s", s, strings.Join(severities, ", "))
		}
	}
	if o.folder != "" {
		if err := add("given", o.folder, judge.TemplateSet{Folder: filepath.Base(o.folder), Severity: o.filter.Severities, Tags: o.filter.Tags, IDs: o.filter.IDs, CVEs: o.filter.CVEs}.Chosen(), o.filter); err != nil {
			return nil, err
		}
		out.needs = append(out.needs, "templates.given")
	} else if len(slices.Concat(o.filter.Severities, o.filter.Tags, o.filter.IDs, o.filter.CVEs)) > 0 {
		return nil, faultf("--template-… chỉ dùng cùng --templates THƯ-MỤC", "--template-… goes with --templates FOLDER")
	}
	for _, s := range policy.Templates {
		folder, filter := templatesOf(s, policyFile)
		if err := add(s.As, folder, s.Chosen(), filter); err != nil {
			why := said(err)
			return nil, faultf("chính sách %[1]s, bộ mẫu %[2]s: %[3]s; chưa gửi gói tin nào. Xem: sansang lint %[5]s", "policy %[1]s, templates %[2]s: %[4]s; no packet was sent. See: sansang lint %[5]s", policy.ID, s.As, why.Vi, why.En, policyFile)
		}
	}
	return out, nil
}

// chosenTemplates lists by name how the sets of a record were chosen.
func chosenTemplates(a *record.Assessment) map[string][]string {
	out := map[string][]string{}
	for _, s := range a.TemplateSets() {
		out[s.Name] = append(out[s.Name], s.Chosen)
	}
	return out
}

// mostTold bounds the refusals that are told at once; the report has them all.
const mostTold = 5

func (a *app) sayTemplates(s record.TemplateSet, nothing []string) {
	if a.quiet {
		return
	}
	a.say(lang.Tf("mẫu trong %s: dùng %d, từ chối %d, không chọn %d", "templates in %s: %d used, %d refused, %d not selected", s.Folder, s.Selected, len(s.Refused), s.Left))
	for i, r := range s.Refused {
		if i == mostTold {
			a.say(lang.Tf("… và %d mẫu khác bị từ chối; xem tất cả: sansang list templates THƯ-MỤC", "… and %d more are refused; see all: sansang list templates FOLDER", len(s.Refused)-mostTold))
			break
		}
		a.say(lang.Tf("  từ chối %[1]s:%[2]d: %[3]s", "  refused %[1]s:%[2]d: %[4]s", report.Shown(r.File), r.Line, report.Shown(r.Why.Vi), report.Shown(r.Why.En)))
	}
	for _, n := range nothing {
		a.say(lang.Tf("không mẫu nào khớp %q", "nothing matches %q", n))
	}
}

// workerPool makes the pool of the template worker; it starts nothing.
func (a *app) workerPool(timeout time.Duration) *worker.Pool {
	return worker.New(worker.Options{
		Path: a.workerPath(), Version: version, Timeout: timeout, Memory: workerMemory, Agent: checks.UserAgent, Log: a.log,
	})
}

// workerMemory bounds the template worker, in bytes.
const workerMemory = 900 << 20

// workerPath is where the template worker lies: beside this program.
func (a *app) workerPath() string {
	if path := a.getenv("SANSANG_NUCLEI"); path != "" {
		return path
	}
	return worker.Beside()
}

// listTemplates shows our own templates, or those of a folder and why others
// of it are refused.
func (a *app) listTemplates(folder string) error {
	if folder == "" {
		var readers sync.WaitGroup
		for _, c := range checks.All() {
			if c.Template != nil {
				readers.Go(func() { _, _ = c.Template() }) // its error is told below
			}
		}
		readers.Wait()
		for _, c := range checks.All() {
			if c.Template == nil {
				continue
			}
			t, err := c.Template()
			if err != nil {
				return defect{err}
			}
			_, _ = fmt.Fprintf(a.out, "%-28s %-9s %s\n", c.ID, t.Severity, c.Doc().Title.In(a.lang))
		}
		return nil
	}
	set, err := readTemplates(folder, templates.Filter{}, func(string) bool { return false })
	if err != nil {
		return err
	}
	for _, t := range set.Templates {
		_, _ = fmt.Fprintf(a.out, "%-40s %-9s %s\n", report.Shown(t.ID), t.Severity, report.Shown(t.Name))
	}
	for _, r := range set.Refused {
		_, _ = fmt.Fprintf(a.out, "%s %s:%d: %s – %s\n", a.t("từ chối", "refused"), report.Shown(r.File), r.Line, report.Shown(r.What.In(a.lang)), report.Shown(r.Instead.In(a.lang)))
	}
	a.say(lang.Tf("dùng được %d, từ chối %d, không phải mẫu %d", "%d can be used, %d are refused, %d are no templates", len(set.Templates), len(set.Refused), set.Left))
	return nil
}
