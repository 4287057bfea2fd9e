package report

import (
	"strings"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// caveat stands on every report in full: no program may speak for the Ministry.
var caveat = lang.T(
	"Kết quả này là căn cứ tự đánh giá mức độ sẵn sàng; việc kiểm tra, kết luận chính thức thuộc thẩm quyền Bộ Công an.",
	"This result is evidence for a self-assessment of readiness; the official inspection and its conclusion belong to the Ministry of Public Security.")

var kindWords = map[inventory.UnitKind]lang.Text{
	inventory.Ministry:   lang.T("bộ, cơ quan ngang bộ", "ministry"),
	inventory.Province:   lang.T("cấp tỉnh", "province"),
	inventory.Commune:    lang.T("cấp xã", "commune"),
	inventory.Enterprise: lang.T("doanh nghiệp", "enterprise"),
	inventory.Other:      lang.T("cơ quan, tổ chức khác", "other body"),
}

// unitMeanings and verdictMeanings are the glossary.
var unitMeanings = map[judge.UnitVerdict]lang.Text{
	judge.Ready: lang.T(
		"Mọi yêu cầu quyết định đã xét đều đạt hoặc đang được miễn trừ.",
		"Every deciding requirement that was judged is met, or waived for the time being."),
	judge.NotReady: lang.T(
		"Có yêu cầu quyết định không đạt. Khắc phục các mục dưới đây rồi đánh giá lại.",
		"A deciding requirement is not met. Fix the items below, then assess again."),
	judge.Undetermined: lang.T(
		"Không thấy yêu cầu quyết định nào không đạt, nhưng còn thiếu dữ kiện hoặc tài liệu nên chưa thể kết luận.",
		"No deciding requirement was seen to fail, but facts or documents are missing, so nothing can be concluded."),
}

var verdictMeanings = map[judge.Verdict]lang.Text{
	judge.Fail: lang.T(
		"Đã quan sát được và không đúng yêu cầu.",
		"It was seen, and it is not as required."),
	judge.Inconclusive: lang.T(
		"Không quan sát được điều cần biết. Không suy ra tốt hay xấu.",
		"What must be known was not seen. Nothing good or bad follows from that."),
	judge.Manual: lang.T(
		"Máy không xét được; đơn vị cần cung cấp tài liệu chứng minh.",
		"No machine can tell; the unit must supply a document as evidence."),
	judge.Waived: lang.T(
		"Không đạt, nhưng người có thẩm quyền cho miễn trừ đến một ngày xác định.",
		"Not met, but excused until a set date by somebody entitled to."),
	judge.Pass: lang.T(
		"Đã quan sát được và đúng yêu cầu.",
		"It was seen, and it is as required."),
	judge.NotApplicable: lang.T(
		"Yêu cầu không liên quan đến đối tượng này.",
		"The requirement does not concern this."),
}

// family is a family of requirements, by the letters before the number.
type family struct {
	Code string
	Name lang.Text
}

var families = []family{
	{"ORG", lang.T("Tổ chức và pháp lý", "Organisation and law")},
	{"NET", lang.T("Mạng", "Network")},
	{"EXP", lang.T("Dịch vụ bị phơi lộ", "Forbidden exposure")},
	{"TLS", lang.T("Mã hóa đường truyền và chứng thư", "TLS and certificates")},
	{"SSH", lang.T("Quản trị từ xa qua SSH", "Remote administration by SSH")},
	{"WEB", lang.T("Ứng dụng web và API", "Web and API")},
	{"VULN", lang.T("Lỗ hổng bảo mật", "Vulnerabilities")},
	{"ACC", lang.T("Tài khoản và truy cập", "Accounts and access")},
	{"LOG", lang.T("Nhật ký và giám sát", "Logs and monitoring")},
	{"END", lang.T("Máy trạm và máy chủ", "Workstations and servers")},
	{"DAT", lang.T("Dữ liệu", "Data")},
	{"DNS", lang.T("Tên miền", "Domain names")},
	{"MAIL", lang.T("Thư điện tử", "Mail")},
}

// familyCode gives the family of a requirement: "TLS" of "TLS-02".
func familyCode(id string) string {
	code, _, _ := strings.Cut(id, "-")
	return code
}
