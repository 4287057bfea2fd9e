package judge

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

// maxExtends bounds a chain of policies that extend each other: ministry,
// province and unit make three.
const maxExtends = 8

// origin is where a policy was read from: which source of the library, -1 for
// the folder of the user, and its file.
type origin struct {
	source int
	file   string
}

// base loads the policy that this one extends, nil if there is none.
func (l *loading) base(src fs.FS, here origin, schema fact.Schema, below []origin) (*Policy, error) {
	if l.policy.Extends == "" {
		return nil, nil //nolint:nilnil // a policy need not extend another
	}
	refuse := func(what, instead lang.Text) error {
		return yamldoc.Problems{l.doc.Problem([]any{"extends"}, what, instead)}
	}
	below = append(below, here)
	from, at, ok := l.find(src, here)
	if !ok {
		return nil, refuse(lang.Tf("không có chính sách gốc %q", "there is no policy %q to extend", l.policy.Extends), l.known(src))
	}
	if slices.Contains(below, at) {
		return nil, refuse(lang.T("các chính sách mở rộng nhau thành vòng", "the policies extend each other in a circle"), lang.T("bỏ extends ở một trong các chính sách đó", "remove extends from one of them"))
	}
	if len(below) >= maxExtends {
		return nil, refuse(lang.Tf("chuỗi chính sách mở rộng dài quá %d tầng", "more than %d policies extend one another", maxExtends), lang.T("mở rộng thẳng chính sách gốc", "extend the first one directly"))
	}
	return load(from, at, l.lib, schema, below)
}

// source tells which of the library's sources a file system is, -1 if it is
// none of them or that cannot be told.
func (lib *Library) source(src fs.FS) int {
	return slices.IndexFunc(lib.sources, func(s fs.FS) bool { return same(s, src) })
}

// same tells whether two file systems are one. Those that cannot be compared,
// such as maps, are told apart.
func same(a, b fs.FS) (yes bool) {
	defer func() { _ = recover() }()
	return a == b
}

// find looks for what the policy extends: a name among the policies of the
// library, then beside the file; a path from the file.
func (l *loading) find(src fs.FS, here origin) (fs.FS, origin, bool) {
	ref := l.policy.Extends
	exists := func(from fs.FS, file string) bool {
		info, err := fs.Stat(from, file)
		return err == nil && info.Mode().IsRegular()
	}
	if strings.ContainsAny(ref, `/\.`) {
		at := origin{here.source, path.Join(path.Dir(here.file), ref)}
		return src, at, fs.ValidPath(at.file) && exists(src, at.file)
	}
	for i, s := range l.lib.sources {
		if exists(s, ref+".yaml") {
			return s, origin{i, ref + ".yaml"}, true
		}
	}
	return src, origin{here.source, ref + ".yaml"}, exists(src, ref+".yaml")
}

// known says which policies can be extended by name.
func (l *loading) known(src fs.FS) lang.Text {
	var names []string
	for _, s := range append(slices.Clone(l.lib.sources), src) {
		have, err := Names(s)
		if err == nil {
			names = append(names, have...)
		}
	}
	slices.Sort(names)
	all := strings.Join(slices.Compact(names), ", ")
	return lang.Tf("có: %s; hoặc viết đường dẫn tệp, tính từ thư mục của tệp này, ở trong thư mục ấy", "there are: %s; or write the path of a file in this file's folder or below it", all)
}

// inherit takes over what the base has, and refuses what would loosen it.
func (l *loading) inherit(base *Policy) {
	p := l.policy
	p.base, p.bases = base, append([]string{base.ID}, base.bases...)
	p.Requirements = append(slices.Clone(base.Requirements), p.Requirements...)
	var left []NotJudged
	for _, n := range base.NotJudged {
		if p.requirement(n.ID) == nil {
			left = append(left, n)
		}
	}
	p.NotJudged = append(left, p.NotJudged...)
	if p.Catalogue == 0 {
		p.Catalogue = base.Catalogue
	}
	for _, s := range base.Templates {
		s.Folder = path.Join(path.Dir(p.Extends), s.Folder)
		p.Templates = append(p.Templates, s)
	}
	l.period(base)
	l.ways(base)
	if own, said := l.doc.Value.(map[string]any)["accepted"].(bool); said && !own && base.Accepted {
		l.loosens(base, lang.T("chỉ nhận tài liệu đã được kiểm tra viên chấp nhận", "takes only documents that an auditor accepted"), lang.T("bỏ dòng này", "remove the line"), "accepted")
	}
	p.Accepted = p.Accepted || base.Accepted
}

// loosens refuses a line that asks for less than the base, which does what.
func (l *loading) loosens(base *Policy, does, instead lang.Text, at ...any) {
	l.say(lang.Tf("chính sách mở rộng chỉ được siết chặt: %[1]s %[2]s", "a policy that extends another may only tighten it: %[1]s %[3]s", base.ID, does.Vi, does.En), instead, at...)
}

func (l *loading) period(base *Policy) {
	p := l.policy
	switch {
	case p.From.IsZero():
		p.From = base.From
	case p.From.Before(base.From.Time):
		l.loosens(base, lang.Tf("áp dụng từ %s", "applies from %s", base.From.Format(dayForm)), lang.T("viết ngày này hoặc ngày sau đó", "write this day or a later one"), "from")
	}
	switch {
	case base.Until.IsZero():
	case p.Until.IsZero():
		p.Until = base.Until
	case p.Until.After(base.Until.Time):
		l.loosens(base, lang.Tf("áp dụng đến hết %s", "applies until %s", base.Until.Format(dayForm)), lang.T("viết ngày này hoặc ngày trước đó", "write this day or an earlier one"), "until")
	}
	if !p.Until.IsZero() && p.Until.Before(p.From.Time) {
		l.say(lang.T("chính sách không có ngày nào áp dụng", "the policy applies on no day"), lang.T("sửa from hoặc until", "correct from or until"), "until")
	}
}

func (l *loading) ways(base *Policy) {
	p := l.policy
	if len(p.Known) == 0 {
		p.Known = base.Known
	}
	if len(base.Known) == 0 {
		return
	}
	for i, w := range p.Known {
		if !slices.Contains(base.Known, w) {
			all := words(base.Known, ", ")
			l.loosens(base, lang.Tf("chỉ nhận dữ kiện %s", "takes only facts that are %s", all), lang.Tf("viết trong số: %s", "write some of: %s", all), "known", i)
		}
	}
}

// BasesOf gives the text of the policies that the text of one extends by name
// in a file system, so that their requirements can be read with it.
func BasesOf(text []byte, src fs.FS) ([]byte, error) {
	var all []byte
	for range maxExtends {
		name := extended(text)
		if name == "" {
			break
		}
		next, err := fs.ReadFile(src, name+".yaml")
		if errors.Is(err, fs.ErrNotExist) || !fs.ValidPath(name+".yaml") {
			break // told by Load
		}
		if err != nil {
			return nil, err
		}
		all, text = append(append(all, '\n'), next...), next
	}
	return all, nil
}

// extended reads the name after extends at the beginning of a line.
func extended(text []byte) string {
	for line := range strings.Lines(string(text)) {
		if ref, ok := strings.CutPrefix(line, "extends:"); ok {
			ref, _, _ = strings.Cut(ref, "#")
			return strings.Trim(strings.TrimSpace(ref), `"'`)
		}
	}
	return ""
}
