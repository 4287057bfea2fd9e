package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
	"github.com/sansang/sansang/policies"
)

// lintWarnings tells what is no mistake and does no good: what excuses or
// proves nothing, and texts that were left as they are. It fails nothing.
func (a *app) lintWarnings(paths []string, now time.Time) error {
	for _, path := range paths {
		warnings, err := warningsOf(path, now)
		if err != nil {
			return err
		}
		for _, w := range warnings {
			_, _ = fmt.Fprintln(a.out, folded(a.t("cảnh báo: ", "warning: ")+w.In(a.lang), 80))
		}
	}
	return nil
}

func warningsOf(path string, now time.Time) (yamldoc.Problems, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	doc, err := yamldoc.Parse(path, b)
	if err != nil {
		return nil, err
	}
	v, isMap := doc.Value.(map[string]any)
	_, lists := v["requirements"]
	_, extends := v["extends"]
	switch {
	case !isMap:
		return textWarnings(doc), nil
	case lists || extends:
		return policyWarnings(path, doc)
	}
	return unitWarnings(path, doc, now)
}

// idle gathers warnings about a unit file.
type idle struct {
	doc      *yamldoc.Document
	warnings yamldoc.Problems
}

func (i *idle) say(what, instead lang.Text, path ...any) {
	i.warnings = append(i.warnings, i.doc.Problem(path, what, instead))
}

// unitWarnings finds waivers that excuse nothing and attestations that cannot
// count, by the policy that is judged by when none is named.
func unitWarnings(path string, doc *yamldoc.Document, now time.Time) (yamldoc.Problems, error) {
	u, err := readUnit(path)
	if err != nil {
		return nil, err
	}
	if len(u.Waivers)+len(u.Attestations) == 0 {
		return nil, nil
	}
	lib, err := judge.ReadLibrary(policies.FS)
	if err != nil {
		return nil, err
	}
	listed, err := listedIDs()
	if err != nil {
		return nil, err
	}
	p, err := loadPolicy(policies.Default)
	if err != nil {
		return nil, err
	}
	unseen := p.Judge(judge.Case{Unit: u.Unit, At: now})
	l := &idle{doc: doc}
	for i, w := range u.Waivers {
		switch {
		case !now.Before(w.Expires.End()):
			l.say(lang.Tf("miễn trừ %[1]s đã hết hạn ngày %[2]s", "the waiver of %[1]s ran out on %[2]s", w.Requirement, w.Expires.Format(time.DateOnly)),
				lang.T("bỏ đi, hoặc gia hạn nếu người có thẩm quyền đồng ý", "remove it, or extend it if the approver agrees"), "waivers", i, "expires")
		case !slices.Contains(listed, w.Requirement):
			l.say(lang.Tf("không chính sách có sẵn nào xét %s, nên miễn trừ này không có tác dụng", "no policy that comes with the tool judges %s, so this waiver does nothing", w.Requirement),
				lang.T("bỏ đi, trừ khi dùng chính sách riêng", "remove it, unless a policy of your own is used"), "waivers", i, "requirement")
		case cannotFail(unseen, w):
			l.say(lang.Tf("%s không áp dụng ở đây nên không thể không đạt: miễn trừ này không có tác dụng", "%s does not apply here and so cannot fail: this waiver does nothing", w.Requirement),
				lang.T("bỏ đi", "remove it"), "waivers", i, "requirement")
		}
	}
	for i, at := range u.Attestations {
		r := lib.Requirements[at.Requirement]
		switch {
		case r == nil: // a mistake, told elsewhere
		case !asksDocument(r):
			l.say(lang.Tf("%s không xét tài liệu, nên xác nhận này không có tác dụng", "%s asks for no document, so this attestation does nothing", r.ID),
				lang.Tf("xem cách đánh giá: sansang explain %s", "see how it is judged: sansang explain %s", r.ID), "attestations", i, "requirement")
		case !at.Until.IsZero() && !now.Before(at.Until.End()):
			l.say(lang.Tf("xác nhận %[1]s đã hết hạn ngày %[2]s", "the attestation of %[1]s ran out on %[2]s", r.ID, at.Until.Format(time.DateOnly)), lang.T("bổ sung tài liệu mới", "supply a new document"), "attestations", i, "until")
		case longest(r) > 0 && !now.Before(at.Issued.AddDate(0, longest(r), 0)):
			l.say(lang.Tf("tài liệu của %[1]s chỉ có giá trị %[2]d tháng, đã hết", "documents for %[1]s count for %[2]d months, which are over", r.ID, longest(r)), lang.T("bổ sung tài liệu mới", "supply a new document"), "attestations", i, "issued")
		}
	}
	return l.warnings, nil
}

// cannotFail tells that a requirement applies to nothing that a waiver is of.
func cannotFail(r judge.Report, w inventory.Waiver) bool {
	i := slices.IndexFunc(r.Requirements, func(res judge.Result) bool { return res.ID == w.Requirement })
	if i < 0 {
		return false
	}
	for _, f := range r.Requirements[i].Findings {
		of := (w.System == "" || w.System == f.System) && (w.Endpoint == "" || w.Endpoint == f.Endpoint)
		if of && f.Verdict != judge.NotApplicable {
			return false
		}
	}
	return true
}

func asksDocument(r *judge.Requirement) bool {
	return slices.ContainsFunc(rulesOf(r), func(ru judge.Rule) bool { return strings.Contains(ru.Expect, "attest.met") })
}

// longest gives the months that a document counts at most, at any level; 0: as
// long as it says itself.
func longest(r *judge.Requirement) int {
	if r.Evidence == nil || r.Evidence.ValidMonths == 0 {
		return 0
	}
	most := r.Evidence.ValidMonths
	for _, m := range r.Evidence.ValidMonthsByLevel {
		most = max(most, m)
	}
	return most
}

// listedIDs lists the requirements of every policy that comes with the tool.
func listedIDs() ([]string, error) {
	names, err := judge.Names(policies.FS)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, name := range names {
		b, err := policies.FS.ReadFile(name + ".yaml")
		if err != nil {
			return nil, err
		}
		doc, err := yamldoc.Parse(name, b)
		if err != nil {
			return nil, err
		}
		policy, _ := doc.Value.(map[string]any)
		ids, _ := policy["requirements"].([]any)
		for _, id := range ids {
			out = append(out, fmt.Sprint(id))
		}
	}
	return out, nil
}
