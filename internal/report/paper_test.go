package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// withPapers is a unit with documents in every kind of state.
func withPapers() Document {
	s := start()
	at := func(name string, edit func(*judge.Paper)) judge.Paper {
		left := 96
		p := judge.Paper{Attestation: inventory.Attestation{Requirement: "ORG-01", Document: name, SHA256: digest(name), Issuer: "UBND tỉnh Quảng Ninh",
			Issued: date("2026-03-01"), Signer: "Nguyễn Văn An, Chủ tịch"}, CountsUntil: date("2027-02-28"), DaysLeft: &left, State: judge.PaperInForce}
		edit(&p)
		return p
	}
	good := at("van-ban/qd-cap-do.pdf", func(p *judge.Paper) {
		p.State, p.Review = judge.PaperAccepted, &inventory.Review{Result: inventory.Accepted, By: "Lê Minh, PA05", On: date("2026-11-20")}
		p.Signature = &judge.Signature{State: judge.SignatureValid, Signer: "UBND tỉnh Quảng Ninh", Signed: time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)}
	})
	bad := at(hostile+".pdf", func(p *judge.Paper) {
		p.State, p.Review = judge.PaperRefused, &inventory.Review{Result: inventory.Refused, Reason: "thiếu dấu " + hostile, By: "Lê Minh, PA05", On: date("2026-11-21")}
	})
	s.change("ORG-01", nil, func(f *judge.Finding) { f.Papers = []judge.Paper{good} })
	s.change("ORG-07", nil, lacking(judge.Manual, missing("attest.met", "tài liệu chứng minh", "document as evidence", fact.Because(fact.Rejected, "van-ban/bb.pdf was refused by Lê Minh on 2026-11-21: thiếu dấu"))))
	s.change("ORG-07", nil, func(f *judge.Finding) { f.Papers = []judge.Paper{bad} })
	left := -1
	s.change("LOG-02", nil, func(f *judge.Finding) {
		f.Verdict, f.Saw = judge.Fail, nil
		f.Papers = []judge.Paper{
			{Attestation: inventory.Attestation{Result: inventory.NotMet, Issued: date("2026-11-20"), By: "Trần Bình"}, State: judge.PaperStated},
			at("van-ban/nhat-ky.pdf", func(p *judge.Paper) { p.State, p.DaysLeft = judge.PaperExpired, &left }),
		}
	})
	d := s.document(judge.NotReady)
	d.Judged.RunByOthers = []inventory.System{{ID: "lgsp", Name: "Nền tảng tích hợp", Level: 3, Operator: &inventory.Operator{ID: "H49", Name: "UBND tỉnh Quảng Ninh"}}}
	return d
}

// A report tells of each document what it is, who vouches for it, how it
// stands and what the auditor says.
func TestPapersAreTold(t *testing.T) {
	for l, want := range map[lang.Lang][]string{
		lang.Vi: {"TÀI LIỆU CHỨNG MINH (4)", "ORG-01 · được chấp nhận, có giá trị đến hết ngày 28/02/2027 (còn 96 ngày)",
			"van-ban/qd-cap-do.pdf (SHA-256 " + digest("van-ban/qd-cap-do.pdf")[:12] + ")", "UBND tỉnh Quảng Ninh, 01/03/2026, người ký: Nguyễn Văn An, Chủ tịch",
			"chấp nhận (Lê Minh, PA05, 20/11/2026)", "chữ ký số khớp với nội dung tệp: UBND tỉnh Quảng Ninh, tự ghi ký lúc 01/03/2026 10:00", "ORG-07 · không chấp nhận",
			"LOG-02 · hết hiệu lực sau ngày 28/02/2027", "đơn vị tự nhận: chưa đạt (Trần Bình, 20/11/2026)",
			"van-ban/bb.pdf không được chấp nhận (Lê Minh, ngày 21/11/2026): thiếu dấu", "Nền tảng tích hợp: UBND tỉnh Quảng Ninh (H49)"},
		lang.En: {"DOCUMENTS AS EVIDENCE (4)", "ORG-01 · accepted, counts through 2027-02-28 (days left: 96)", "accepted (Lê Minh, PA05, 2026-11-20)",
			"the digital signature fits the file: UBND tỉnh Quảng Ninh, by its own word of 2026-03-01 10:00", "ORG-07 · refused", "LOG-02 · expired after 2027-02-28", "the unit says of itself: not met (Trần Bình, 2026-11-20)"},
	} {
		for _, f := range Formats() {
			var b bytes.Buffer
			if err := f.Render(&b, withPapers(), Options{Lang: l, Width: 80}); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(strings.Fields(b.String()), " ")
			if strings.ContainsAny(b.String(), "\x1b\u202e") {
				t.Errorf("%s, %s: what came from outside is not cleaned", f.Name, l)
			}
			switch f.Name {
			case "text":
				for _, w := range want {
					if !strings.Contains(got, w) {
						t.Errorf("text, %s: lacks %q", l, w)
					}
				}
				for line := range strings.Lines(b.String()) {
					if width(strings.TrimRight(line, "\n")) > 80 {
						t.Errorf("line wider than 80: %s", line)
					}
				}
			case "html":
				if !strings.Contains(got, `id="tai-lieu"`) || !strings.Contains(got, "Lê Minh, PA05") {
					t.Errorf("html, %s: lacks the documents", l)
				}
			case "json":
				for _, w := range []string{`"state": "accepted"`, `"days_left": 96`, `"reason": "thiếu dấu`, `"state": "valid"`, `"run_by_others"`} {
					if !strings.Contains(got, w) {
						t.Errorf("json: lacks %s", w)
					}
				}
			}
		}
	}
}

// TestPlaceName: places that the program named read as they do in a report.
func TestPlaceName(t *testing.T) {
	for id, want := range map[string]string{"host:10.0.0.1": "máy 10.0.0.1", "domain:xa.gov.vn": "tên miền xa.gov.vn", "trang-xa – https://xa.gov.vn/": "trang-xa – https://xa.gov.vn/"} {
		if got := placeName(id).Vi; got != want {
			t.Errorf("%q reads %q, want %q", id, got, want)
		}
	}
}
