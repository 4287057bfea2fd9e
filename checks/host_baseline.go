package checks

import (
	"context"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Baseline is the fact of host.baseline: how a machine's configuration compares
// with a published baseline, by the results that XCCDF 1.2 §6.6.4.2 has. A list
// of failed rules with something in it is what failed, even where others were
// not told; an empty one means that all rules of its severity were told.
type Baseline struct {
	Benchmark     string                     `json:"benchmark" vi:"bộ cấu hình chuẩn" en:"benchmark"`
	Profile       string                     `json:"profile" vi:"hồ sơ cấu hình" en:"profile"`
	Score         fact.Maybe[float64]        `json:"score" vi:"điểm" en:"score"`
	Pass          int                        `json:"pass" vi:"số quy tắc đạt" en:"rules passed"`
	Fixed         int                        `json:"fixed" vi:"số quy tắc đã được công cụ sửa" en:"rules that the tool fixed"`
	Fail          int                        `json:"fail" vi:"số quy tắc không đạt" en:"rules failed"`
	Error         int                        `json:"error" vi:"số quy tắc gặp lỗi khi kiểm tra" en:"rules that ended in an error"`
	Unknown       int                        `json:"unknown_rules" vi:"số quy tắc chưa rõ" en:"rules of unknown result"`
	NotChecked    int                        `json:"not_checked" vi:"số quy tắc chưa kiểm tra" en:"rules not checked"`
	NotApplicable int                        `json:"not_applicable" vi:"số quy tắc không áp dụng" en:"rules not applicable"`
	Failed        fact.Maybe[[]BaselineRule] `json:"failed" vi:"các quy tắc không đạt" en:"rules failed, by name"`
	FailedHigh    fact.Maybe[[]BaselineRule] `json:"failed_high" vi:"các quy tắc mức cao không đạt" en:"rules failed, of high severity"`
}

// BaselineRule is one rule of a baseline. One that says no severity counts as
// high: a policy that asks whether anything grave failed must not pass by it.
type BaselineRule struct {
	ID       string `json:"id" vi:"mã quy tắc" en:"rule"`
	Severity string `json:"severity" vi:"mức" en:"severity"`
}

// HostBaseline is told by result files of other tools alone (sansang import):
// a baseline is measured on the machine itself, where this tool never goes.
var HostBaseline = define(Check{
	ID:      "host.baseline",
	Speaks:  inventory.OverTCP,
	Refs:    []string{"NIST SP 800-126 Rev. 3", "NISTIR 7275 Rev. 4 §6.6.4.2"},
	Touch:   Passive,
	Known:   fact.Reported,
	applies: func(inventory.Endpoint) bool { return false },
}, func(context.Context, *Probe) (Baseline, error) {
	return Baseline{}, fact.Because(fact.Skipped, "a baseline is measured on the machine itself: import the result of a tool such as OpenSCAP with sansang import")
})
