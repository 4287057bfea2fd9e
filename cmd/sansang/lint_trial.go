package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/trial"
	"github.com/sansang/sansang/policies"
)

// tried is a policy, the folder of the cases that try it, and the library that
// comes with the tool.
type tried struct {
	policy  *judge.Policy
	folder  string
	lib     *judge.Library
	shipped bool
}

// own tells whether a rule of a requirement is to be tried by the cases: in a
// policy of the user's those that are not the library's, which has cases of its
// own.
func (t tried) own(r *judge.Requirement, n int) bool {
	have := t.lib.Requirements[r.ID]
	return t.shipped || have == nil || !slices.ContainsFunc(rulesOf(have), func(h judge.Rule) bool { return same(h, rulesOf(r)[n]) })
}

// changed tells whether a requirement may come out otherwise than that of the
// library.
func (t tried) changed(r *judge.Requirement) bool {
	have := t.lib.Requirements[r.ID]
	return have != nil && !same(judging(have), judging(r))
}

// judging is that of a requirement by which a case is judged.
func judging(r *judge.Requirement) []any {
	return []any{rulesOf(r), r.Known, r.MaxAge, r.Evidence}
}

func rulesOf(r *judge.Requirement) []judge.Rule { return append([]judge.Rule{r.Rule}, r.Also...) }

// same compares what is written of policies.
func same(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// lintTest tries policies by cases. Those that come with the tool are tried by
// cases of its source; of a user's policy only the rules that are its own are
// to have cases, for the others have theirs there.
func (a *app) lintTest(paths []string, folder string) error {
	var all []tried
	if len(paths) == 0 {
		if folder == "" {
			return faultf("trường hợp thử của các chính sách có sẵn nằm trong mã nguồn: thêm --cases testdata/policies, hoặc nêu tệp chính sách của mình",
				"the cases of the policies that come with the tool are in its source: add --cases testdata/policies, or name a policy file of yours")
		}
		ps, err := builtIn()
		if err != nil {
			return err
		}
		lib, err := judge.ReadLibrary(policies.FS)
		if err != nil {
			return err
		}
		for _, p := range ps {
			all = append(all, tried{p, folder, lib, true})
		}
	}
	for _, path := range paths {
		t, err := ownPolicy(path, folder)
		if err != nil {
			return err
		}
		all = append(all, t)
	}
	wrong := 0
	for _, t := range all {
		n, err := a.try(t, all)
		if err != nil {
			return err
		}
		wrong += n
	}
	if wrong > 0 {
		return faultf("phép thử chính sách có %d lỗi", "the trial of policies found %d mistakes", wrong)
	}
	return nil
}

// ownPolicy reads a policy file of the user's, which must have no mistakes.
func ownPolicy(path, folder string) (tried, error) {
	problems, err := lintFile(path)
	if err == nil {
		err = problems.Err()
	}
	if err != nil {
		return tried{}, err
	}
	p, err := loadPolicy(path)
	if err != nil {
		return tried{}, err
	}
	lib, err := judge.ReadLibrary(policies.FS)
	if err != nil {
		return tried{}, err
	}
	if folder == "" {
		folder = filepath.Join(filepath.Dir(path), "cases")
	}
	return tried{p, folder, lib, false}, nil
}

// try runs the cases of one policy and tells what came of it; it gives the
// number of mistakes.
func (a *app) try(t tried, all []tried) (int, error) {
	known := trial.Known{Facts: t.policy.Schema()}
	for _, other := range all {
		if other.folder == t.folder {
			for _, r := range other.policy.Requirements {
				known.Requirements = append(known.Requirements, r.ID)
			}
		}
	}
	cases, err := readCases(t.folder, known)
	if err != nil {
		return 0, err
	}
	out, err := trial.Trial{Policy: t.policy, Applies: checks.Tells, Changed: t.changed}.Run(cases)
	if err != nil {
		return 0, defect{err}
	}
	if t.shipped && out.Cases == 0 && out.Outside > 0 {
		a.print("%s %s: không trường hợp nào ở thời gian áp dụng; các yêu cầu được thử ở chính sách sau nó", "%s %s: no case is of its time; its requirements are tried under the policy that follows it", t.policy.ID, t.policy.Version)
		return 0, nil
	}
	told := a.tellTrial(t, out)
	for _, line := range told {
		_, _ = fmt.Fprintln(a.out, folded(line, 80))
	}
	a.print("%s %s: %d trường hợp, %d lần giấu bớt dữ kiện, %d điều kiện; %d lỗi", "%s %s: %d cases, %d with something hidden, %d conditions; %d mistakes",
		t.policy.ID, t.policy.Version, out.Cases, out.Hidden, len(out.Branches), len(told))
	return len(told), nil
}

// tellTrial puts every mistake into a sentence.
func (a *app) tellTrial(t tried, out trial.Outcome) []string {
	var told []string
	for _, f := range out.Failures {
		told = append(told, f.In(a.lang))
	}
	say := func(vi, en string, args ...any) { told = append(told, lang.Tf(vi, en, args...).In(a.lang)) }
	byID := map[string]*judge.Requirement{}
	for _, r := range t.policy.Requirements {
		byID[r.ID] = r
	}
	for _, l := range out.Lacking {
		r := byID[l.Requirement]
		if !t.shipped && !t.changed(r) && t.lib.Requirements[r.ID] != nil {
			continue // as in the library
		}
		if l.Pass {
			say("%s: chưa có trường hợp đạt (want: pass)", "%s: there is no case that passes (want: pass)", r.ID)
		}
		if l.Fail {
			say("%s: chưa có trường hợp không đạt (want: fail)", "%s: there is no case that fails (want: fail)", r.ID)
		}
	}
	if out.Outside > 0 && !t.shipped {
		say("%d trường hợp ở thời điểm mà chính sách không áp dụng (from, until)", "%d cases are of a moment for which the policy is not meant (from, until)", out.Outside)
	}
	for _, b := range out.Branches {
		if !t.own(byID[b.Requirement], b.Rule) {
			continue
		}
		where := b.Field
		if b.Rule > 0 {
			where = fmt.Sprintf("also %d, %s", b.Rule, b.Field)
		}
		text := strings.Join(strings.Fields(b.Text), " ")
		switch never := trial.Unseen(b); len(never) {
		case 0:
		case 1:
			say("%[1]s, %[2]s: chưa có trường hợp nào làm cho điều kiện này là %[3]v: %[4]s", "%[1]s, %[2]s: no case makes this condition %[3]v: %[4]s", b.Requirement, where, never[0], text)
		default:
			say("%[1]s, %[2]s: chưa có trường hợp nào xét tới điều kiện này: %[3]s", "%[1]s, %[2]s: no case comes to this condition: %[3]s", b.Requirement, where, text)
		}
	}
	return told
}
