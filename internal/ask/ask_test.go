package ask

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

var update = flag.Bool("update", false, "write the transcripts anew")

// desk is a Host that has one file, and remembers what it was given.
type desk struct {
	kept []string
	full bool
}

func (d *desk) Look(path string) (Paper, error) {
	switch path {
	case "van-ban/quy chế.pdf":
		return Paper{Path: path}, nil
	case "ky.pdf":
		return Paper{Path: path, Note: lang.T("PDF, chữ ký số khớp với nội dung tệp: Nguyễn Văn An", "PDF, the digital signature fits the file: Nguyễn Văn An"),
			Signer: "Nguyễn Văn An", Signed: time.Date(2026, 10, 1, 20, 0, 0, 0, time.UTC)}, nil
	}
	return Paper{}, told{lang.Tf("Không có tệp %s.", "There is no file %s.", path)}
}

func (d *desk) Save(q Question, a Answer) (lang.Text, error) {
	if d.full {
		return lang.Text{}, errors.New("the disk is full")
	}
	d.kept = append(d.kept, strings.Join([]string{q.ID, string(a.Result), a.Document, a.Issued.Format(time.DateOnly), a.Until.Format(time.DateOnly), a.Issuer, a.Signer, a.By, a.Note}, "|"))
	return lang.T("Đã ghi vào don-vi.yaml.", "Kept in unit.yaml."), nil
}

type told struct{ lang.Text }

func (t told) Error() string { return t.En }

func three() []Question {
	one := func(id string, s judge.Severity, months int) Question {
		return Question{Months: months, Force: judge.Mandatory, Why: judge.Missing{Cause: fact.NoEvidence}, Result: judge.Result{
			ID: id, Severity: s, Title: lang.T("Quy chế bảo đảm an ninh mạng", "Cybersecurity regulation issued"),
			Need:     lang.T("Có quy chế bảo đảm an ninh mạng trong thiết kế, xây dựng, quản lý, vận hành hệ thống, được cấp có thẩm quyền ban hành.", "A regulation covers design, construction, management and operation of the system, issued by the competent authority."),
			Basis:    []judge.Basis{{Law: "Nghị định 331/2026/NĐ-CP", Article: "Điều 4", Status: judge.Verified}, {Law: "TCVN 14423:2026", Status: judge.Paraphrase}},
			Evidence: &judge.EvidenceRule{What: lang.T("Quyết định ban hành quy chế.", "The decision that issues it.")},
			Fix:      lang.T("Ban hành quy chế:\n    mẫu-quy-chế --của-bộ", "Issue it:\n    form --of-ministry"),
		}}
	}
	qs := []Question{one("ORG-04", judge.Critical, 12), one("LOG-02", judge.High, 0), one("DAT-01", judge.Low, 6)}
	qs[1].System, qs[1].Scan, qs[1].Why.Cause = &inventory.System{ID: "mot-cua", Name: "Một cửa điện tử"}, true, fact.Expired
	qs[1].Paper = &judge.Paper{Attestation: inventory.Attestation{Document: "van-ban/nhật ký.pdf"}}
	qs[2].Endpoint, qs[2].Force = "web", judge.Recommended
	return qs
}

func run(l lang.Lang, d *desk, input string) (string, Summary) {
	today, _ := inventory.ParseDate("2026-11-26")
	var out strings.Builder
	s := Run(context.Background(), strings.NewReader(input), &out, three(), d, Options{Lang: l, Width: 80, Today: today, Echo: true})
	return out.String(), s
}

// The dialogue, word for word, in both languages.
func TestTranscripts(t *testing.T) {
	for l, input := range map[lang.Lang]string{
		lang.Vi: "xem\n?\nc\nkhông-có.pdf\n'van-ban/quy chế.pdf'\nhôm qua\n1/12/2026\n24/11/2025\n1/1/2025\n2026-12-31\n\nUBND tỉnh Gia Lai\nTrần Bình, Chủ tịch\n\n\n[L]\nb\nk\nchưa có máy chủ nhật ký\n\n\nB\n",
		lang.En: "look\n?\ny\nnone.pdf\n'van-ban/quy chế.pdf'\nyesterday\n1/12/2026\n24/11/2025\n1/1/2025\n2026-12-31\n\nUBND tỉnh Gia Lai\nTrần Bình, Chủ tịch\n\n\n[B]\ns\nn\nno log server yet\n\n\nS\n",
	} {
		d := &desk{}
		out, s := run(l, d, input)
		if s != (Summary{Asked: 3, Answered: 2, Skipped: 1}) {
			t.Errorf("%s: %+v", l, s)
		}
		note := map[lang.Lang]string{lang.Vi: "chưa có máy chủ nhật ký", lang.En: "no log server yet"}[l]
		if got, want := strings.Join(d.kept, "\n"), "ORG-04|met|van-ban/quy chế.pdf|2025-11-24|2026-12-31|UBND tỉnh Gia Lai|Trần Bình, Chủ tịch|Trần Bình, Chủ tịch|\n"+
			"LOG-02|not-met||2026-11-26|0001-01-01|||Trần Bình, Chủ tịch|"+note; got != want {
			t.Errorf("%s: kept\n%s\nwant\n%s", l, got, want)
		}
		for _, line := range strings.Split(out, "\n") {
			if n := utf8.RuneCountInString(line); n > 80 {
				t.Errorf("%s: %d columns: %s", l, n, line)
			}
		}
		path := filepath.Join("testdata", string(l)+".txt")
		if *update {
			if err := os.WriteFile(path, []byte(out), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(path); err != nil || string(want) != out {
			t.Errorf("%s: %v; the dialogue is\n%s", l, err, out)
		}
	}
}

// A signature of the file is proposed, and taken with Enter.
func TestSignatureIsProposed(t *testing.T) {
	d := &desk{}
	out, _ := run(lang.Vi, d, "c\nky.pdf\n\n\nBộ Công an\n\n\n\n")
	if want := "ORG-04|met|ky.pdf|2026-10-02|0001-01-01|Bộ Công an|Nguyễn Văn An|Nguyễn Văn An|"; len(d.kept) != 1 || d.kept[0] != want {
		t.Errorf("kept %q, want %q\n%s", d.kept, want, out)
	}
}

// Wherever the input ends or the person leaves, what was answered is kept and
// what was not is not.
func TestEnds(t *testing.T) {
	whole := []string{"c", "ky.pdf", "", "", "Bộ Công an", "", "", "", "k", "thiếu", "", "", "b"}
	for n := range len(whole) + 1 {
		for _, end := range []string{"", "t\n"} {
			d := &desk{}
			_, s := run(lang.Vi, d, strings.Join(append(whole[:n:n], ""), "\n")+end)
			kept := 0
			if n >= 8 {
				kept++
			}
			if n >= 12 {
				kept++
			}
			if len(d.kept) != kept || s.Answered != kept || s.Skipped != n/13 || s.Open() != 3-kept-n/13 {
				t.Errorf("after %d lines and %q: %+v, kept %q", n, end, s, d.kept)
			}
		}
	}
}

func TestBackAndTrouble(t *testing.T) {
	d := &desk{full: true}
	out, s := run(lang.Vi, d, "l\nc\nl\nk\n\nTrần Bình\nkhông\nk\n\nTrần Bình\nc\n"+"k\n"+strings.Repeat("x", 300)+"\n\x1b[2J\nTrần \x1b[31mBình\n\n")
	for _, want := range []string{"Đây là việc đầu tiên.", "Không ghi.", "the disk is full", "Dài quá 200 chữ"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if s.Answered != 0 || strings.Contains(out, "\x1b") {
		t.Errorf("%+v\n%q", s, out)
	}
}

func TestContextEnds(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	r, w, err := os.Pipe() // nothing ever comes
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = r.Close(), w.Close() }()
	if s := Run(ctx, r, &strings.Builder{}, three(), &desk{}, Options{Width: 80}); s.Answered != 0 || s.Open() != 3 {
		t.Errorf("%+v", s)
	}
}

func TestDay(t *testing.T) {
	for in, want := range map[string]string{
		"24/11/2026": "2026-11-24", "4/1/2026": "2026-01-04", "24-11-2026": "2026-11-24", "24.11.2026": "2026-11-24", "2026-11-24": "2026-11-24",
		"11/24/2026": "", "31/02/2026": "", "24/11/26": "", "2026-13-01": "", "": "", "mai": "",
	} {
		d, ok := day(in)
		if ok != (want != "") || ok && d.Format(time.DateOnly) != want {
			t.Errorf("day(%q) = %v %v, want %q", in, d, ok, want)
		}
	}
}

func TestPaths(t *testing.T) {
	for in, want := range map[string]string{
		"a.pdf": "a.pdf", "'/a/b c.pdf'": "/a/b c.pdf", `"C:\a b\c.pdf"`: `C:\a b\c.pdf`, `& 'C:\a b.pdf'`: `C:\a b.pdf`,
		"'/a/it'\\''s.pdf'": "/a/it's.pdf", "file:///a/b%20c.pdf": "/a/b c.pdf", "file:///C:/a%20b.pdf": "C:/a b.pdf", "'file:///a/Quy%20ch%E1%BA%BF.pdf'": "/a/Quy chế.pdf",
	} {
		if got := paths(in); got[0] != want {
			t.Errorf("paths(%q) = %q, want first %q", in, got, want)
		}
	}
	if got := paths(`/a/Quy\ ch\(1\).pdf`); len(got) != 2 || got[1] != "/a/Quy ch(1).pdf" {
		t.Errorf("escaped: %q", got)
	}
}
