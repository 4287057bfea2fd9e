package report

import (
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// catalogue is requirements as the shipped policy words them, enough of every
// kind to fill each part of a report.
var catalogue = []judge.Result{
	{
		ID: "ORG-01", Title: lang.T("Hồ sơ cấp độ đã được phê duyệt, từ cấp độ 3 trở lên", "Approved security level, level 3 or higher"),
		Need:     lang.T("Hệ thống kết nối có quyết định phê duyệt cấp độ từ 3 trở lên.", "The connecting system has a decision that approves its level, 3 or higher."),
		Basis:    laws("NĐ 70/2024/NĐ-CP", "Điều 7 khoản 2", judge.Verified, "NĐ 331/2026/NĐ-CP", "Điều 13, Điều 18 khoản 2", judge.Paraphrase),
		Legacy:   "7.1.1",
		Strength: judge.StrengthA, Severity: judge.Critical,
		Evidence: &judge.EvidenceRule{What: lang.T("Quyết định phê duyệt cấp độ (Mẫu 06, Mẫu 07)", "Decision that approves the level (forms 06 and 07)"), ValidMonths: 12},
		Fix:      lang.T("Lập, thẩm định, phê duyệt hồ sơ đề xuất cấp độ trước khi đề nghị kết nối.", "Draw up, appraise and approve the level dossier before asking for a connection."),
	},
	{
		ID: "ORG-07", Title: lang.T("Kiểm tra, đánh giá an ninh, an toàn của Bộ Công an", "Security inspection by the Ministry of Public Security"),
		Need:     lang.T("Đã được kiểm tra bằng trang thiết bị, phần mềm của Công an nhân dân và không còn tồn tại.", "Inspected with equipment and software of the People's Public Security, with no finding left open."),
		Basis:    laws("TT 46/2022/TT-BCA", "Điều 6 khoản 2", judge.Paraphrase),
		Legacy:   "7.1.4.3",
		Strength: judge.StrengthA, Severity: judge.Critical,
		Evidence: &judge.EvidenceRule{What: lang.T("Biên bản hoặc kết luận kiểm tra", "Minutes or conclusion of the inspection"), ValidMonths: 12},
		Fix:      lang.T("Khắc phục các tồn tại, đề nghị kiểm tra lại.", "Remedy the findings, then ask for another inspection."),
	},
	{
		ID: "ORG-16", Title: lang.T("Văn bản cho phép rà quét", "Written authorisation for this scan"),
		Need:     lang.T("Chủ quản hệ thống cho phép rà quét bằng văn bản, nêu rõ phạm vi và thời hạn.", "The owner of the system authorises the scan in writing, with its scope and term."),
		Basis:    laws("Luật 116/2025/QH15", "Điều 7 khoản 3", judge.Verified),
		Strength: judge.StrengthA, Severity: judge.Critical,
		Evidence: &judge.EvidenceRule{What: lang.T("Văn bản cho phép rà quét", "Letter of authorisation"), From: "authorisation"},
		Fix:      lang.T("Xin phê duyệt của chủ quản trước khi rà quét.", "Obtain the owner's approval before scanning."),
	},
	{
		ID: "NET-03", Title: lang.T("Kết nối qua Mạng truyền số liệu chuyên dùng", "Connected through the specialised data network"),
		Need:     lang.T("Máy chủ kết nối không truy cập được từ Internet.", "The connecting host cannot be reached from the Internet."),
		Basis:    laws("TT 06/2026/TT-BKHCN", "Điều 6 khoản 1", judge.Unverified),
		Legacy:   "7.2.1.1",
		Strength: judge.StrengthB, Severity: judge.Critical,
		Fix: lang.T("Đưa máy chủ kết nối vào sau cổng kết nối TSLCD.", "Move the connecting host behind the TSLCD gateway."),
	},
	{
		ID: "TLS-02", Title: lang.T("Không dùng SSL 2/3, TLS 1.0, TLS 1.1", "No SSL 2/3, TLS 1.0 or TLS 1.1"),
		Need:     lang.T("Máy chủ không chấp nhận phiên bản SSL 3, TLS 1.0 hoặc TLS 1.1.", "The server accepts none of SSL 3, TLS 1.0 and TLS 1.1."),
		Basis:    laws("QCVN 12:2026/BCA", "3.16.2.2.1", judge.Paraphrase, "TCVN 14423:2026", "5.5.2.1c", judge.Paraphrase),
		Legacy:   "7.2.3.4",
		Strength: judge.StrengthB, Severity: judge.Critical,
		Fix: lang.T("Đặt phiên bản tối thiểu là TLS 1.2 rồi nạp lại cấu hình:\n  nginx:  ssl_protocols TLSv1.2 TLSv1.3;\n  Apache: SSLProtocol -all +TLSv1.2 +TLSv1.3",
			"Set TLS 1.2 as the minimum, then reload the configuration:\n  nginx:  ssl_protocols TLSv1.2 TLSv1.3;\n  Apache: SSLProtocol -all +TLSv1.2 +TLSv1.3"),
	},
	{
		ID: "TLS-06", Title: lang.T("Chứng thư hợp lệ: đúng tên, được tin cậy, còn hạn", "Certificate valid for the name, trusted, in date"),
		Need:     lang.T("Tên trong chứng thư khớp tên máy chủ, chuỗi chứng thư đầy đủ, còn thời hạn.", "The certificate names the server, its chain is complete and it is in date."),
		Basis:    laws("TCVN 14423:2026", "5.4.2.4b", judge.Paraphrase),
		Legacy:   "7.2.3.4",
		Strength: judge.StrengthB, Severity: judge.Critical,
		Fix: lang.T("Gia hạn chứng thư, cài đủ chuỗi chứng thư trung gian.", "Renew the certificate and install the whole chain."),
	},
	{
		ID: "TLS-08", Title: lang.T("Thời hạn chứng thư, tự động gia hạn", "Lifetime of the certificate, renewed by itself"),
		Need:     lang.T("Chứng thư công cộng có thời hạn không quá 200 ngày.", "A public certificate is valid for 200 days at most."),
		Basis:    laws("CA/B Forum SC-081v3", "", judge.Verified),
		Strength: judge.StrengthC, Severity: judge.Medium,
		Fix: lang.T("Tự động gia hạn chứng thư (ACME).", "Renew certificates automatically (ACME)."),
	},
	{
		ID: "SSH-02", Title: lang.T("Thuật toán trao đổi khóa SSH", "SSH key exchange"),
		Need:     lang.T("Không dùng nhóm Diffie-Hellman 1 hoặc SHA-1.", "No Diffie-Hellman group 1 and no SHA-1."),
		Basis:    laws("TCVN 14423:2026", "5.4.2.4b", judge.Paraphrase),
		Legacy:   "7.2.1.7",
		Strength: judge.StrengthB, Severity: judge.High,
		Fix: lang.T("Chỉ giữ curve25519-sha256, mlkem768x25519-sha256.", "Keep only curve25519-sha256 and mlkem768x25519-sha256."),
	},
	{
		ID: "WEB-01", Title: lang.T("Chuyển hướng HTTP sang HTTPS", "HTTP redirects to HTTPS"),
		Need:     lang.T("Cổng 80 đóng, hoặc chuyển hướng ngay sang HTTPS của cùng máy chủ.", "Port 80 is closed, or redirects at once to HTTPS on the same host."),
		Basis:    laws("TCVN 14423:2026", "5.12.2.4a", judge.Paraphrase),
		Legacy:   "7.2.3.4",
		Strength: judge.StrengthB, Severity: judge.High,
		Fix: lang.T("Cấu hình chuyển hướng 301.", "Add a 301 redirect."),
	},
	{
		ID: "WEB-02", Title: lang.T("HSTS", "HSTS"),
		Need:     lang.T("Tiêu đề Strict-Transport-Security có max-age từ một năm.", "The header Strict-Transport-Security has a max-age of a year or more."),
		Basis:    laws("OWASP ASVS 5.0", "3.4.1", judge.Verified),
		Strength: judge.StrengthC, Severity: judge.Medium,
		Fix: lang.T("Gửi tiêu đề HSTS với thời hạn một năm.", "Send HSTS with a year."),
	},
	{
		ID: "WEB-05", Title: lang.T("Cờ bảo mật của cookie phiên", "Flags of session cookies"),
		Need:     lang.T("Cookie phiên có đủ Secure, HttpOnly, SameSite.", "Session cookies carry Secure, HttpOnly and SameSite."),
		Basis:    laws("TCVN 14423:2026", "5.17.2.3", judge.Paraphrase),
		Legacy:   "7.2.3.1",
		Strength: judge.StrengthB, Severity: judge.High,
		Fix: lang.T("Đặt đủ ba cờ.", "Set all three flags."),
	},
	{
		ID: "WEB-06", Title: lang.T("Không lộ phiên bản phần mềm, lỗi hệ thống", "No version or stack trace is disclosed"),
		Need:     lang.T("Tiêu đề Server, X-Powered-By không nêu phiên bản.", "The headers Server and X-Powered-By name no version."),
		Basis:    laws("TCVN 14423:2026", "5.17.2.3", judge.Paraphrase),
		Legacy:   "7.2.3.6",
		Strength: judge.StrengthB, Severity: judge.Medium,
		Fix: lang.T("Tắt thông tin phiên bản và chế độ gỡ lỗi.", "Turn off version banners and debug mode."),
	},
	{
		ID: "LOG-02", Title: lang.T("Thời gian lưu nhật ký", "Log retention"),
		Need:     lang.T("Nhật ký kết nối, chia sẻ, khai thác được lưu đủ thời gian.", "Logs of connections, sharing and queries are kept long enough."),
		Basis:    laws("TT 46/2022/TT-BCA", "Điều 8 khoản 1", judge.Paraphrase),
		Legacy:   "7.2.1.4",
		Strength: judge.StrengthA, Severity: judge.High,
		Evidence: &judge.EvidenceRule{What: lang.T("Ảnh chụp cấu hình lưu nhật ký có xác nhận", "Attested picture of the log settings"), ValidMonths: 6},
		Fix:      lang.T("Tăng thời gian lưu trữ lên 12 tháng.", "Extend the retention to 12 months."),
	},
}

// laws makes bases from triples of law, article and status.
func laws(triples ...any) []judge.Basis {
	var out []judge.Basis
	for i := 0; i < len(triples); i += 3 {
		out = append(out, judge.Basis{Law: triples[i].(string), Article: triples[i+1].(string), Status: triples[i+2].(judge.Status)})
	}
	return out
}

// declared is the unit that the fixtures are about.
func declared() inventory.Unit {
	u := inventory.Unit{
		Unit: inventory.Identity{ID: "H49", GSO: "22", Name: "Ủy ban nhân dân tỉnh Quảng Ninh", Kind: inventory.Province},
		Systems: []inventory.System{
			{ID: "dvc", Name: "Hệ thống thông tin giải quyết thủ tục hành chính", Level: 3},
			{ID: "lgsp", Name: "Nền tảng tích hợp, chia sẻ dữ liệu", Level: 3},
		},
		Authorisation: &inventory.Authorisation{By: "Chủ tịch UBND tỉnh", Document: "van-ban/1520-UBND-cho-phep.pdf", From: date("2026-11-01"), Until: date("2026-12-15")},
	}
	add := func(id, system, target string, k inventory.Kind) {
		u.Endpoints = append(u.Endpoints, inventory.Endpoint{ID: id, System: system, Target: target, Kind: k, Zone: inventory.Internet})
	}
	add("cong-dvc", "dvc", "https://dichvucong.quangninh.example/", inventory.HTTPS)
	add("mot-cua", "dvc", "https://motcua.quangninh.example/", inventory.HTTPS)
	add("api-lgsp", "lgsp", "https://lgsp.quangninh.example:8443/dan-cu/v1/", inventory.HTTPS)
	add("ssh-qt", "lgsp", "10.22.8.15:22", inventory.SSH)
	for _, c := range []string{"ha-long", "uong-bi", "dong-trieu", "cam-pha", "mong-cai", "van-don", "co-to", "ba-che", "tien-yen", "binh-lieu", "dam-ha", "hai-ha", "quang-yen", "hoanh-bo"} {
		add("xa-"+c, "dvc", "https://"+c+".quangninh.example/", inventory.HTTPS)
	}
	return u
}

func date(s string) inventory.Date {
	d, err := inventory.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}
