package main

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/scan"
	"github.com/sansang/sansang/internal/yamldoc"
	"github.com/sansang/sansang/policies"
)

func (a *app) lint() *cobra.Command {
	var test bool
	var cases string
	cmd := &cobra.Command{
		Use:     a.t("lint [TỆP…]", "lint [FILE…]"),
		Example: "  sansang lint don-vi.yaml\n  sansang lint danh-sach.xlsx\n  sansang lint chinh-sach.yaml --test",
		Short:   a.t("Kiểm tra tệp đơn vị, danh sách đơn vị và tệp chính sách", "Check unit files, lists of units and policy files"),
		Long: a.t(`Kiểm tra tệp đơn vị, danh sách đơn vị (thư mục, .yaml, .csv, .xlsx), tệp chính sách
hoặc tệp yêu cầu; không gửi gói tin nào. Mọi lỗi của một tệp được báo cùng lúc, kèm
dòng, cột và cách sửa. Không nêu tệp thì kiểm tra các chính sách có sẵn.

Với --test, các chính sách được thử bằng những trường hợp viết sẵn (điều đã thấy, và
kết quả phải ra), đặt trong thư mục cases cạnh tệp chính sách: mọi trường hợp phải ra
đúng, giấu bớt dữ kiện không được làm đổi đạt thành không đạt hay ngược lại, và mọi
điều kiện trong biểu thức phải từng đúng và từng sai.`,
			`Checks unit files, lists of units (a folder, .yaml, .csv, .xlsx), policy files and
files of requirements; sends nothing. All mistakes of a file are told at once, with
line, column and what to write instead. Without a file it checks the policies that
come with the tool.

With --test policies are tried by cases (what was seen, and what it must come to) in
the folder cases beside the policy file: each must come out as it says, hiding facts
must never turn a pass into a fail or back, and each condition of an expression must
have been true and false.`),
		RunE: func(_ *cobra.Command, args []string) error {
			if test {
				return a.lintTest(args, cases)
			}
			if cases != "" {
				return faultf("--cases chỉ dùng cùng --test", "--cases goes with --test")
			}
			if len(args) == 0 {
				return a.lintBuiltIn()
			}
			return a.lintAll(args)
		},
	}
	cmd.Flags().BoolVar(&test, "test", false, a.t("thử chính sách bằng các trường hợp", "try policies by cases"))
	cmd.Flags().StringVar(&cases, "cases", "", a.t("thư mục các trường hợp thử (mặc định: thư mục cases cạnh tệp chính sách)", "folder of cases (default: the folder cases beside the policy file)"))
	return cmd
}

// lintAll checks files of any kind. The mistakes of lists, of which there may be
// thousands, are told after those of the other files.
func (a *app) lintAll(paths []string) error {
	var all yamldoc.Problems
	var files, lists []string
	for _, path := range paths {
		is, err := isList(path)
		if err != nil {
			return err
		}
		if is {
			lists = append(lists, path)
			continue
		}
		problems, err := lintFile(path)
		if err != nil {
			return err
		}
		files, all = append(files, path), append(all, problems...)
	}
	if err := all.Err(); err != nil {
		return err
	}
	if err := a.lintWarnings(files, time.Now()); err != nil {
		return err
	}
	for _, path := range lists {
		if err := a.lintList(path); err != nil {
			return err
		}
	}
	if len(files) > 0 {
		a.print("không có lỗi (%d tệp)", "no mistakes (%d files)", len(files))
	}
	return nil
}

func (a *app) lintBuiltIn() error {
	ps, err := builtIn()
	if err != nil {
		return err
	}
	for _, p := range ps {
		a.print("%s %s: %d yêu cầu, không có lỗi", "%s %s: %d requirements, no mistakes", p.ID, p.Version, len(p.Requirements))
	}
	return nil
}

// lintFile finds out by its content what a file is, and checks it as that.
func lintFile(path string) (yamldoc.Problems, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if record.Is(b) {
		return nil, faultf("%s là hồ sơ đánh giá, không phải tệp để kiểm tra; viết: sansang report %[1]s", "%s is an assessment, not a file to be checked; write: sansang report %[1]s", path)
	}
	doc, err := yamldoc.Parse(path, b)
	if err == nil {
		switch v := doc.Value.(type) {
		case []any:
			if filepath.Base(path) == judge.LawsFile {
				err = lintLaws(path, b)
			} else {
				err = lintRequirements(path)
			}
		case map[string]any:
			_, lists := v["requirements"]
			if _, extends := v["extends"]; lists || extends {
				err = lintPolicy(path, doc)
			} else {
				err = lintUnit(path, doc)
			}
		default:
			err = yamldoc.Problems{doc.Problem(nil, lang.T("không phải tệp đơn vị, chính sách hay yêu cầu", "this is no unit, policy or requirements file"), lang.T("bắt đầu bằng: sansang new unit don-vi.yaml", "begin with: sansang new unit unit.yaml"))}
		}
	}
	var ps yamldoc.Problems
	if errors.As(err, &ps) {
		return ps, nil
	}
	return nil, err
}

// lintRequirements checks one file of requirements by itself.
func lintRequirements(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	laws, err := judge.ReadLaws(policies.FS, os.DirFS(filepath.Dir(filepath.Dir(path)))) // beside its folder of requirements
	if err != nil {
		return err
	}
	return judge.Lint(path, b, checks.Schema(), laws)
}

// lintLaws checks a file of laws, which is to stand beside those of the tool.
func lintLaws(path string, data []byte) error {
	laws, err := judge.ReadLaws(policies.FS)
	if err != nil {
		return err
	}
	return laws.Lint(path, data)
}

// lintUnit checks a unit file and what it refers to: documents, CAs and
// requirements.
func lintUnit(path string, doc *yamldoc.Document) error {
	u, err := readUnit(path)
	if err != nil {
		return err
	}
	lib, err := judge.ReadLibrary(policies.FS)
	if err != nil {
		return err
	}
	return lintDeclared(u, doc, lib, map[string]hashing{})
}

// lintDeclared checks what a unit refers to. Documents are kept in hashed, by
// path, for units that share them.
func lintDeclared(u *unitFile, doc *yamldoc.Document, lib *judge.Library, hashed map[string]hashing) error {
	l := unitLint{unitFile: u, doc: doc, lib: lib, hashed: hashed}
	for id := range lib.Requirements {
		l.ids = append(l.ids, id)
	}
	slices.Sort(l.ids)
	if u.Authorisation != nil {
		l.document(u.Authorisation.Document, u.Authorisation.SHA256, "authorisation")
	}
	if err := l.scope(); err != nil {
		return err
	}
	for i, at := range u.Attestations {
		l.requirement(at.Requirement, "attestations", i, "requirement")
		if r := l.lib.Requirements[at.Requirement]; r != nil {
			if what, instead := tooNarrow(r, at.System, at.Endpoint); what.Whole() {
				l.say(what, instead, "attestations", i)
			}
		}
		if at.Document != "" {
			l.document(at.Document, at.SHA256, "attestations", i)
		}
	}
	for i, r := range u.Reviews {
		l.requirement(r.Requirement, "reviews", i, "requirement")
		l.review(r, i)
	}
	for i, w := range u.Waivers {
		l.requirement(w.Requirement, "waivers", i, "requirement")
	}
	for i, name := range u.TrustedCAs {
		if _, err := os.Stat(filepath.Join(u.dir, local(name))); err != nil {
			l.say(lang.Tf("không có tệp %s", "there is no file %s", name), lang.T("sửa đường dẫn, tính từ thư mục của tệp đơn vị", "correct the path, which begins at the unit file's folder"), "trusted_cas", i)
		}
	}
	return l.problems.Err()
}

type unitLint struct {
	*unitFile
	doc      *yamldoc.Document
	lib      *judge.Library
	ids      []string
	problems yamldoc.Problems
	hashed   map[string]hashing
}

func (l *unitLint) say(what, instead lang.Text, path ...any) {
	l.problems = append(l.problems, l.doc.Problem(path, what, instead))
}

func (l *unitLint) requirement(id string, path ...any) {
	if slices.Contains(l.ids, id) {
		return
	}
	instead := lang.T("xem: sansang list requirements", "see: sansang list requirements")
	if near := lang.Nearest(id, l.ids); near != "" {
		instead = lang.Tf("có phải là %s?", "did you mean %s?", near)
	}
	l.say(lang.Tf("không có yêu cầu %s", "there is no requirement %s", id), instead, path...)
}

// scope finds the endpoints that the authorisation does not cover, as far as
// that can be told without asking a name server.
func (l *unitLint) scope() error {
	for i, h := range l.Hosts {
		if p, err := netip.ParsePrefix(h.CIDR); err == nil && inventory.Addresses(p) > inventory.MaxHosts {
			l.say(lang.Tf("%s có hơn %d địa chỉ, không quét hết được", "%s has more than %d addresses, too many to look at", h.CIDR, inventory.MaxHosts),
				lang.T("khai các máy đang dùng bằng những dải nhỏ hơn", "declare the hosts in use in smaller ranges"), "hosts", i, "cidr")
		}
	}
	if l.Authorisation == nil {
		return nil
	}
	s, err := scan.NewScope(l.Unit)
	if err != nil {
		return err
	}
	for i, e := range l.Endpoints {
		refused := s.Name(e.Host())
		if addr, err := netip.ParseAddr(e.Host()); err == nil {
			refused = s.Address(addr)
		}
		if refused != nil {
			l.say(lang.Tf("%s nằm ngoài phạm vi văn bản cho phép rà quét", "%s is outside the scope of the authorisation", e.Host()),
				lang.T("bỏ điểm kết nối này, hoặc bổ sung vào scope nếu văn bản có cho phép", "remove this endpoint, or add it to scope if the document permits it"), "endpoints", i, "target")
		}
	}
	for i, h := range l.Hosts {
		p, err := netip.ParsePrefix(h.CIDR)
		if err != nil {
			continue // told by Load
		}
		for _, end := range []netip.Addr{p.Addr(), inventory.Last(p)} {
			if s.Address(end) != nil {
				l.say(lang.Tf("%s nằm ngoài phạm vi văn bản cho phép rà quét", "%s is outside the scope of the authorisation", end),
					lang.T("bỏ dải này, hoặc bổ sung vào scope nếu văn bản có cho phép", "remove this range, or add it to scope if the document permits it"), "hosts", i, "cidr")
				break
			}
		}
	}
	return nil
}

// review finds a review of what nobody attests: it would be heard by nobody.
func (l *unitLint) review(r inventory.Review, i int) {
	about := slices.ContainsFunc(l.Attestations, r.Of)
	if auth := l.Authorisation; auth != nil && strings.EqualFold(auth.SHA256, r.SHA256) {
		about = true
	}
	if !about {
		l.say(lang.Tf("không có xác nhận nào cho %s với tài liệu này", "nothing attests %s with this document", r.Requirement),
			lang.T("sửa requirement, sha256 cho đúng với mục attestations, hoặc bỏ ý kiến này", "correct requirement and sha256 after attestations, or remove this review"), "reviews", i)
	}
}

func (l *unitLint) document(name, sum string, path ...any) {
	at := filepath.Join(l.dirOf(name), local(name))
	d, ok := l.hashed[at]
	if !ok {
		d.Document, d.err = l.unitFile.document(name)
		l.hashed[at] = d
	}
	switch {
	case d.err != nil:
		what, instead := why(name, d.err)
		l.say(what, instead, append(path, "document")...)
	case d.SHA256 != strings.ToLower(sum):
		l.say(lang.Tf("tệp %s không phải bản đã xác nhận", "the file %s is not the one attested", name), lang.Tf("nếu đúng là tệp này, viết sha256: %s", "if this is the file, write sha256: %s", d.SHA256), append(path, "sha256")...)
	}
}
