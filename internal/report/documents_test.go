package report

import (
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// documents are the golden cases.
func documents() map[string]Document {
	return map[string]Document{"ready": ready(), "not-ready": notReady(), "undetermined": undetermined(), "joined": joined(), "templates": withTemplates()}
}

func ready() Document {
	s := start()
	w := inventory.Waiver{Requirement: "WEB-06", Endpoint: "mot-cua", Reason: "Phần mềm một cửa nâng cấp xong trong tháng 12/2026.", Approver: "Nguyễn Văn An, Giám đốc Sở Khoa học và Công nghệ", Expires: date("2026-12-31")}
	s.change("WEB-06", []string{"mot-cua"}, func(f *judge.Finding) {
		f.Verdict, f.Waiver, f.Saw = judge.Waived, &w, []judge.Saw{saw("http.disclosure.server", "tiêu đề Server", "Server header", "nginx/1.18.0")}
	})
	s.change("TLS-06", []string{"cong-dvc"}, func(f *judge.Finding) {
		f.Warnings = []lang.Text{lang.T("chứng thư còn hạn dưới 30 ngày", "the certificate expires in less than 30 days")}
	})
	return s.document(judge.Ready)
}

func notReady() Document {
	s := start()
	var communes []string
	for _, e := range s.unit.Endpoints {
		if strings.HasPrefix(e.ID, "xa-") {
			communes = append(communes, e.ID)
		}
	}
	s.change("TLS-02", communes, fail(saw("tls.versions.tls10", "TLS 1.0", "TLS 1.0", true), saw("tls.versions.tls11", "TLS 1.1", "TLS 1.1", true)))
	s.change("TLS-02", []string{"mot-cua"}, fail(saw("tls.versions.tls10", "TLS 1.0", "TLS 1.0", false), saw("tls.versions.tls11", "TLS 1.1", "TLS 1.1", true)))
	s.change("TLS-06", []string{"mot-cua"}, fail(
		saw("tls.certificate.subject", "chủ thể", "subject", hostile),
		saw("tls.certificate.not_after", "hết hạn", "expires", time.Date(2026, 9, 30, 16, 59, 0, 0, time.UTC)),
		saw("tls.certificate.chain", "chuỗi chứng thư", "chain", []any{})))
	var many []any
	for _, n := range strings.Fields("JSESSIONID lang theme csrf a b c d e f g h i j k l m n o p") {
		many = append(many, map[string]any{"name": n, "secure": n != "JSESSIONID", "http_only": false, "same_site": ""})
	}
	s.change("WEB-05", []string{"cong-dvc", "mot-cua"}, fail(saw("http.cookies.all", "cookie", "cookies", many)))
	s.change("WEB-06", []string{"mot-cua"}, fail(saw("http.disclosure.server", "tiêu đề Server", "Server header", "Apache/2.4.6 "+hostile+strings.Repeat("A", 10_000))))
	s.change("WEB-02", communes[1:], fail(saw("http.headers.hsts_max_age", "thời hạn HSTS (giây)", "HSTS max-age (seconds)", int64(0))))
	s.change("TLS-06", []string{"cong-dvc"}, func(f *judge.Finding) {
		f.Warnings = []lang.Text{lang.T("chứng thư còn hạn dưới 30 ngày", "the certificate expires in less than 30 days")}
	})
	s.change("ORG-07", nil, lacking(judge.Manual, missing("attest.met", "tài liệu chứng minh", "document as evidence", fact.Because(fact.NoEvidence, "nothing attests ORG-07"))))
	s.change("LOG-02", nil, lacking(judge.Manual, missing("attest.met", "tài liệu chứng minh", "document as evidence", fact.Because(fact.Expired, "van-ban/nhat-ky.pdf was valid before 2026-10-01"))))
	w := inventory.Waiver{Requirement: "WEB-01", Endpoint: "xa-co-to", Reason: "Đường truyền ra đảo đang thay thiết bị.", Approver: "Trần Thị Bình", Expires: date("2026-12-31")}
	s.change("WEB-01", []string{"xa-co-to"}, func(f *judge.Finding) {
		f.Verdict, f.Waiver, f.Saw = judge.Waived, &w, []judge.Saw{saw("http.redirect.status", "mã trả lời", "status", int64(200))}
	})
	s.silent("ssh-qt", fact.Because(fact.Blocked, "the plain connection died in the middle of ssh.algorithms"), "SSH-02")
	s.silent("xa-ba-che", fact.Because(fact.Timeout, "no complete answer in the time given"), "TLS-02", "TLS-06", "WEB-01", "WEB-02", "WEB-05", "WEB-06")
	d := s.document(judge.NotReady)
	d.Judged.Waivers = []judge.WaiverNote{
		{Waiver: inventory.Waiver{Requirement: "TLS-06", Endpoint: "api-lgsp", Reason: "Chờ cấp chứng thư mới.", Approver: "Trần Thị Bình", Expires: date("2027-01-31")}},
		{Waiver: inventory.Waiver{Requirement: "SSH-02", Reason: "Thiết bị cũ.", Approver: "Trần Thị Bình", Expires: date("2026-06-30")}, Expired: true},
	}
	return d
}

func undetermined() Document {
	s := start()
	down := fact.Because(fact.Unreachable, "connection refused")
	for _, e := range []string{"api-lgsp", "mot-cua"} {
		s.silent(e, down, "NET-03", "TLS-02", "TLS-06", "TLS-08", "WEB-01", "WEB-02", "WEB-05", "WEB-06")
	}
	s.silent("ssh-qt", fact.Because(fact.Denied, "this machine refused to send"), "SSH-02")
	s.change("NET-03", []string{"cong-dvc"}, lacking(judge.Inconclusive, missing("vantage.zone", "vùng mạng nơi đặt máy quét", "the zone that the scan looked from", fact.Because(fact.Skipped, "the scan did not say where it looked from"))))
	s.change("ORG-01", nil, lacking(judge.Manual, missing("attest.met", "tài liệu chứng minh", "document as evidence", fact.Because(fact.Changed, "van-ban/qd-cap-do.pdf is another file than the one attested"))))
	s.change("ORG-07", nil, lacking(judge.Manual, missing("attest.met", "tài liệu chứng minh", "document as evidence", fact.Because(fact.NoEvidence, "nothing attests ORG-07"))))
	s.change("ORG-16", nil, func(f *judge.Finding) { f.Verdict, f.Saw, f.Decides = judge.NotApplicable, nil, false })
	d := s.document(judge.Undetermined,
		lang.T("7 yêu cầu chưa xác định được vì thiếu dữ kiện", "7 requirements are inconclusive for want of facts"),
		lang.T("2 yêu cầu còn chờ tài liệu chứng minh", "2 requirements await a document as evidence"),
		lang.T("đợt rà quét chưa chạy hết những việc đã định", "the scan did not look at all it had planned"))
	d.Assessment.End = nil // the scan was killed
	d.Assessment.Observations = d.Assessment.Observations[:len(d.Assessment.Observations)-9]
	d.Assessment.Header.Vantage.Zone = ""
	d.Assessment.Header.Policy.Version, d.Assessment.Header.Policy.SHA256 = "2026.10", digest("older policy")
	return d
}
