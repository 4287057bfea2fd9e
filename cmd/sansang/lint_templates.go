package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/report"
	"github.com/sansang/sansang/internal/templates"
	"github.com/sansang/sansang/internal/yamldoc"
)

// readTemplates reads a folder of templates; its errors are for people. A
// folder without any template is a wrong path.
func readTemplates(folder string, f templates.Filter, permitted func(string) bool) (*templates.Set, error) {
	if info, err := os.Stat(folder); err == nil && !info.IsDir() {
		return nil, faultf("%s không phải thư mục; viết thư mục chứa các mẫu", "%s is no folder; write the folder that holds the templates", folder)
	}
	set, err := templates.ReadDir(folder, f, permitted)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, faultf("không có thư mục mẫu %s", "there is no folder of templates %s", folder)
	case errors.Is(err, fs.ErrPermission):
		return nil, faultf("không có quyền đọc thư mục mẫu %s", "the folder of templates %s may not be read", folder)
	case err != nil:
		return nil, err
	case len(set.Templates)+len(set.Refused)+set.Left == 0:
		return nil, faultf("thư mục %s không có mẫu nào (tệp .yaml)", "the folder %s holds no templates (.yaml files)", folder)
	}
	return set, nil
}

// templatesOf gives the folder and the filter of what a policy relies on.
func templatesOf(s judge.TemplateSet, policyFile string) (string, templates.Filter) {
	return filepath.Join(filepath.Dir(policyFile), filepath.FromSlash(s.Folder)),
		templates.Filter{Severities: s.Severity, Tags: s.Tags, IDs: s.IDs, CVEs: s.CVEs}
}

// lintPolicy checks a policy and the templates that it relies on. Which classes
// a unit permits is not known here, so all are.
func lintPolicy(path string, doc *yamldoc.Document) error {
	policy, err := loadPolicy(path)
	if err != nil {
		return err
	}
	var problems yamldoc.Problems
	for i, s := range policy.Templates {
		say := func(field string, what, instead lang.Text) {
			problems = append(problems, doc.Problem([]any{"templates", i, field}, what, instead))
		}
		folder, filter := templatesOf(s, path)
		set, err := readTemplates(folder, filter, func(string) bool { return true })
		if err != nil {
			say("folder", said(err), lang.T("sửa đường dẫn, tính từ thư mục của tệp chính sách", "correct the path, which begins at the policy file's folder"))
			continue
		}
		for _, n := range set.Nothing {
			say("as", lang.Tf("không mẫu nào khớp %q", "nothing matches %q", n), lang.T("sửa hoặc bỏ giá trị này", "correct or remove the value"))
		}
		if len(set.Templates) == 0 && len(set.Refused) == 0 && len(set.Nothing) == 0 {
			say("folder", lang.T("không mẫu nào được chọn", "no template is selected"), lang.T("sửa severity, tags, ids hoặc cves; phải khớp tất cả các loại", "correct severity, tags, ids or cves; all kinds must fit"))
		}
		for n, r := range set.Refused {
			if n == mostTold {
				say("folder", lang.Tf("… và %d mẫu khác bị từ chối", "… and %d more are refused", len(set.Refused)-mostTold), lang.Tf("xem tất cả: sansang list templates %s", "see all: sansang list templates %s", folder))
				break
			}
			say("folder", lang.Tf("mẫu %[1]s:%[2]d bị từ chối, nên yêu cầu dựa vào nó mãi chưa xác định được: %[3]s", "template %[1]s:%[2]d is refused, so requirements that rest on it stay undetermined: %[4]s", report.Shown(r.File), r.Line, r.What.Vi, r.What.En), r.Instead)
		}
	}
	return problems.Err()
}

// said gives the words of an error in both languages.
func said(err error) lang.Text {
	var s lang.Speaker
	if errors.As(err, &s) {
		return lang.T(s.In(lang.Vi), s.In(lang.En))
	}
	return lang.Tf("%v", "%v", err)
}
