package main

import (
	"encoding/json"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

// stored is an assessment that was kept, what there is to judge in it, and the
// policy to judge it by.
type stored struct {
	*record.Assessment
	judge.Case
	policy   *judge.Policy
	evidence *record.File // the unit file that attestations were taken from; nil: that of the scan
}

// stored opens an assessment. What people attest and waive comes from the unit
// file of now, if one is named.
func (a *app) stored(path, policyName, unitPath string, at time.Time) (*stored, error) {
	assessed, in, err := openAssessment(path)
	if err != nil {
		return nil, err
	}
	s := &stored{Assessment: assessed, Case: caseOf(assessed, at)}
	if s.policy, err = a.policyFor(policyName, assessed.Header.Policy, s.At); err != nil {
		return nil, err
	}
	now, err := withUnit(&s.Case, assessed, unitPath, in)
	if err != nil || now == nil {
		return s, err
	}
	s.evidence = &now.file
	if !a.quiet && !declaresSame(now.Unit, assessed.Header.Unit) {
		a.say(lang.Tf("%s khai hệ thống, cấp độ hoặc điểm kết nối khác với lúc rà quét; vẫn xét theo khai báo lúc rà quét, chỉ lấy tài liệu và miễn trừ từ tệp này: rà quét lại để xét theo khai báo mới",
			"%s declares other systems, levels or endpoints than at the scan; what was declared then is still judged, and only documents and waivers are taken from this file: scan again to judge what is declared now", now.file.Name))
	}
	return s, nil
}

// declaresSame tells whether two unit files say the same of the unit, whatever
// they bring in support.
func declaresSame(a, b inventory.Unit) bool {
	text := func(u inventory.Unit) string {
		u.Attestations, u.Reviews, u.Waivers, u.Authorisation, u.TrustedCAs = nil, nil, nil, nil, nil
		var again inventory.Unit
		if first, err := json.Marshal(u); err != nil || json.Unmarshal(first, &again) != nil {
			return ""
		}
		out, _ := json.Marshal(again) // as a record gives it back
		return string(out)
	}
	return text(a) == text(b)
}

// owned is the case without what was seen by other templates than the policy
// relies on.
func (s *stored) owned() judge.Case {
	c := s.Case
	c.Observations = s.policy.Disown(c.Observations, chosenTemplates(s.Assessment))
	return c
}

// policyAt loads the policy that was named, or else the default one as it holds
// at a moment.
func policyAt(name string, at time.Time) (*judge.Policy, error) {
	if name == "" {
		var err error
		if name, err = edition(defaultPolicy, at); err != nil {
			return nil, err
		}
	}
	return loadPolicy(name)
}

// policyFor loads the policy that was named, or else the one that the scan was
// made for, as it holds at a moment, and says when that is another or has
// changed since. What a record names is never a path: whoever made the record
// would choose what it is judged by.
func (a *app) policyFor(name string, scanned record.Policy, at time.Time) (*judge.Policy, error) {
	if name != "" {
		return loadPolicy(name)
	}
	name, err := edition(scanned.ID, at)
	if err != nil {
		return nil, err
	}
	policy, err := loadBuiltIn(name)
	switch {
	case err != nil:
		return nil, faultf("hồ sơ được rà quét theo chính sách %[1]q, không có sẵn trong công cụ; dùng --policy với đường dẫn tệp của nó", "the scan was made for the policy %[1]q, which does not come with the tool; give its file with --policy", scanned.ID)
	case a.quiet:
	case name != scanned.ID:
		a.say(lang.Tf("đánh giá theo chính sách %s, áp dụng vào ngày đánh giá (rà quét theo %s)", "judging by the policy %s, which holds on that date (the scan was made for %s)", name, scanned.ID))
	case policy.Ref().SHA256 != scanned.SHA256:
		a.say(lang.Tf("chính sách %s đã thay đổi từ lúc rà quét; đánh giá theo bản hiện nay (%s)", "the policy %s has changed since the scan; judging by the one of today (%s)", policy.ID, policy.Version))
	}
	return policy, nil
}
