package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/roster"
	"github.com/sansang/sansang/internal/sheet"
	"github.com/sansang/sansang/internal/yamldoc"
	"github.com/sansang/sansang/policies"
)

// fromList is a unit of a list as if its file had been read.
func fromList(u roster.Unit) *unitFile {
	f := &unitFile{Unit: u.Unit, file: record.File{Name: u.File.Name, SHA256: u.File.SHA256}, dir: u.Dir}
	if a := u.Authorisation; a != nil && u.DirOf(a.Document) != u.Dir {
		f.elsewhere = map[string]string{a.Document: u.DirOf(a.Document)}
	}
	return f
}

var listsUnits = regexp.MustCompile(`(?m)^(?:\x{feff})?["']?units["']?[ \t]*:`)

// isList tells a list of units from the other files that are checked.
func isList(path string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	if info.IsDir() || sheet.Is(path) {
		return true, nil
	}
	if !info.Mode().IsRegular() {
		return false, faultf("%s không phải một tệp thường", "%s is no regular file", path)
	}
	b, err := os.ReadFile(path)
	return err == nil && listsUnits.Match(b), err
}

// lintList checks a list of units as each unit file is checked, and tells what
// is in it.
func (a *app) lintList(path string) error {
	l, err := roster.Read(path, roster.Options{KeepGoing: true, Docs: true})
	if err != nil {
		return err
	}
	lib, err := judge.ReadLibrary(policies.FS)
	if err != nil {
		return err
	}
	hashed := map[string]hashing{}
	problems := l.Problems
	for _, u := range l.Units {
		err := lintDeclared(fromList(u), u.Doc, lib, hashed)
		var ps yamldoc.Problems
		if !errors.As(err, &ps) && err != nil {
			return err
		}
		for _, p := range ps {
			if u.SharesPermission() && strings.HasPrefix(p.Pointer, "/authorisation") { // is told once
				p = yamldoc.Problem{File: path, What: p.What, Instead: p.Instead}
				if !slices.Contains(problems, p) {
					problems = append(problems, p)
				}
				continue
			}
			problems = append(problems, u.Tell(p))
		}
	}
	if len(problems) > 0 {
		return problems
	}
	for _, line := range strings.Split(l.Notes.In(a.lang), "\n") {
		if line != "" {
			_, _ = fmt.Fprintln(a.out, folded(a.t("cảnh báo: ", "warning: ")+line, 80))
		}
	}
	a.tellList(path, l)
	return nil
}

// tellList says how many units of each kind there are, how many endpoints, and
// what will not be scanned for want of a permission.
func (a *app) tellList(path string, l *roster.List) {
	count, endpoints, bare := map[inventory.UnitKind]int{}, 0, 0
	for _, u := range l.Units {
		count[u.Unit.Unit.Kind]++
		endpoints += len(u.Endpoints)
		if u.Authorisation == nil && len(u.Endpoints) > 0 {
			bare++
		}
	}
	var vi, en []string
	for _, k := range []struct {
		kind inventory.UnitKind
		name lang.Text
	}{{inventory.Ministry, lang.T("bộ, ngành", "ministries")}, {inventory.Province, lang.T("tỉnh, thành phố", "provinces")}, {inventory.Commune, lang.T("xã, phường, đặc khu", "communes")},
		{inventory.Enterprise, lang.T("doanh nghiệp", "enterprises")}, {inventory.Other, lang.T("đơn vị khác", "others")}} {
		if n := count[k.kind]; n > 0 {
			vi, en = append(vi, fmt.Sprintf("%d %s", n, k.name.Vi)), append(en, fmt.Sprintf("%d %s", n, k.name.En))
		}
	}
	a.print("%[1]s: %[2]d đơn vị (%[3]s), %[5]d điểm kết nối; không có lỗi", "%[1]s: units: %[2]d (%[4]s), endpoints: %[5]d; no mistakes",
		filepath.Base(path), len(l.Units), strings.Join(vi, "; "), strings.Join(en, "; "), endpoints)
	if n := len(l.Mergers); n > 0 {
		a.print("%d đơn vị cũ đã nhập vào đơn vị khác", "units of old that are part of others now: %d", n)
	}
	if bare > 0 {
		a.print("%d đơn vị chưa có văn bản cho phép rà quét: chỉ những địa chỉ trên chính máy này được rà quét", "units without a permission to be scanned: %d; of them only addresses of this very machine will be", bare)
	}
}

// hashing is a document that was read once for many units.
type hashing struct {
	judge.Document
	err error
}
