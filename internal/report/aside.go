package report

import (
	"slices"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// aside says why a requirement does not count towards the verdict; empty where
// it does. What the law demands is never called a recommendation, be it not due
// yet or of a system that is not to connect.
func (v view) aside(res judge.Result) string {
	mandatory := slices.ContainsFunc(res.Findings, func(f judge.Finding) bool {
		return f.Force == judge.Mandatory && f.Verdict != judge.NotApplicable
	})
	switch {
	case res.Decides || res.Verdict == judge.NotApplicable:
		return ""
	case !mandatory || res.Strength == judge.StrengthC:
		return v.in(lang.T("khuyến nghị", "recommended"))
	case !res.Note.Empty():
		return v.in(lang.T("chưa đến hạn", "not due yet"))
	}
	return v.in(lang.T("ngoài hệ thống kết nối", "outside the connecting systems"))
}
