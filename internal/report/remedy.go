package report

import (
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// remedy says what to do about a gap. What the operator did not say is not
// looked for on the network.
func remedy(m judge.Missing) lang.Text {
	root, _, _ := strings.Cut(m.Path, ".")
	switch {
	case m.Cause == fact.Skipped && root == "vantage":
		return lang.T("Rà quét lại và cho biết máy quét đặt ở vùng mạng nào, bằng tùy chọn --vantage.",
			"Scan again and say with --vantage in which zone the scanning machine stands.")
	case m.Cause == fact.Elsewhere && len(m.From) > 0:
		flag := "--vantage " + string(m.From[0])
		return lang.Tf("Rà quét từ %[1]s với %[3]s, rồi ghép các hồ sơ: sansang merge A.jsonl B.jsonl -o C.jsonl",
			"Scan from %[2]s with %[3]s and join the records: sansang merge A.jsonl B.jsonl -o C.jsonl", m.From[0].Text().Vi, m.From[0].Text().En, flag)
	case m.Cause == fact.Skipped && root == "system":
		return lang.T("Khai báo hệ thống kết nối và cấp độ đã được phê duyệt trong tệp khai báo đơn vị.",
			"Declare the connecting system and its approved level in the unit file.")
	case m.Cause == fact.Skipped && (root == "hosts" || root == "domains" || m.Path == "endpoint.ports"):
		return lang.T("Khai báo điều này trong tệp khai báo đơn vị; sau đó rà quét lại.",
			"Declare it in the unit file; then scan again.")
	case m.Cause == fact.Skipped && strings.HasSuffix(m.Detail, " with sansang import"):
		return lang.T("Chạy công cụ ấy trên chính máy đó, nhập tệp kết quả bằng sansang import, rồi ghép các hồ sơ bằng sansang merge.",
			"Run such a tool on the machine itself, import its result file with sansang import, and join the records with sansang merge.")
	case m.Cause == fact.Skipped && m.Detail == "not covered by the import":
		return lang.T("Chạy lại công cụ ấy cho đủ rồi nhập lại, hoặc rà quét bằng sansang.",
			"Run that tool in full and import its file again, or scan with sansang.")
	case strings.HasSuffix(m.Detail, " is not in the list of ports that was asked"):
		return lang.T("Rà quét lại với danh sách cổng mặc định (bỏ --ports), hoặc --ports all.",
			"Scan again with the default list of ports (without --ports), or with --ports all.")
	case strings.Contains(m.Detail, "sansang-nuclei "):
		return lang.T("Đặt tệp sansang-nuclei của cùng bản phát hành cạnh tệp sansang trên máy quét, rồi rà quét lại.",
			"Put the sansang-nuclei of the same release beside sansang on the scanning machine; then scan again.")
	case m.Cause == fact.Skipped && strings.HasSuffix(m.Detail, " is refused"):
		return lang.T("Xem vì sao mẫu bị từ chối (sansang list templates THƯ-MỤC): sửa hoặc thay mẫu; nếu thiếu loại được phép thì ghi ở authorisation.classes khi văn bản có cho phép; sau đó rà quét lại.",
			"See why the template is refused (sansang list templates FOLDER): mend or replace it; where a class is lacking add it to authorisation.classes if the document permits it; then scan again.")
	case m.Cause == fact.Skipped && strings.HasSuffix(m.Detail, "no templates were given"):
		return lang.T("Rà quét lại với --templates THƯ-MỤC.", "Scan again with --templates FOLDER.")
	case m.Cause == fact.Unanswered && strings.HasSuffix(m.Detail, "the product is there, and does not show what would tell"):
		return lang.T("Sản phẩm không cho biết phiên bản qua mạng: xem phiên bản ngay trên máy chủ, cập nhật nếu cần, và lập tài liệu chứng minh nếu yêu cầu có nhận.",
			"The product does not tell its version over the network: look on the server itself, update where needed, and supply a document where the requirement takes one.")
	case m.Cause == fact.OutOfScope && strings.HasPrefix(m.Path, "host.snmp."):
		return lang.T("Xin văn bản cho phép đích danh việc thử community SNMP mặc định, ghi classes: [snmp-default] ở mục authorisation; sau đó rà quét lại.",
			"Have the authorisation permit by name that default SNMP communities are tried, and write classes: [snmp-default] under authorisation; then scan again.")
	}
	if t, ok := remedies[m.Cause]; ok {
		return t
	}
	return remedies[fact.Broken]
}

var remedies = map[fact.Cause]lang.Text{
	fact.Unreachable: lang.T("Kiểm tra máy chủ đang hoạt động, khai báo đúng địa chỉ và máy quét kết nối tới được; sau đó rà quét lại.",
		"See that the server runs, that its address is declared rightly and that the scanning machine can reach it; then scan again."),
	fact.Timeout: lang.T("Kiểm tra máy chủ và tường lửa có trả lời máy quét hay không; nếu đường truyền chậm thì tăng thời gian chờ; sau đó rà quét lại.",
		"See whether server and firewall answer the scanning machine; on a slow line allow more time; then scan again."),
	fact.Reset: lang.T("Kiểm tra thiết bị đứng trước máy chủ (tường lửa, cân bằng tải) có ngắt kết nối của máy quét hay không; sau đó rà quét lại.",
		"See whether a device before the server (firewall, load balancer) cuts the scanner’s connections; then scan again."),
	fact.Blocked: lang.T("Đề nghị bộ phận quản lý tường lửa, IPS cho phép địa chỉ máy quét trong thời gian rà quét; sau đó rà quét lại.",
		"Ask those in charge of the firewall or IPS to let the scanning machine through for the time of the scan; then scan again."),
	fact.Denied: lang.T("Máy quét tự chặn kết nối ra ngoài: sửa tường lửa hoặc quyền trên máy quét; sau đó rà quét lại.",
		"The scanning machine itself refused to connect: mend its firewall or permissions; then scan again."),
	fact.OutOfScope: lang.T("Bổ sung địa chỉ này vào văn bản cho phép rà quét, hoặc sửa khai báo điểm kết nối; sau đó rà quét lại.",
		"Have this address added to the written authorisation, or correct the declared endpoint; then scan again."),
	fact.Skipped: lang.T("Rà quét lại cho đủ, không bỏ qua mục này.",
		"Scan again in full, without leaving this out."),
	fact.Prerequisite: lang.T("Xử lý phần dữ kiện còn thiếu mà mục này dựa vào; sau đó rà quét lại.",
		"Supply the facts that this rests on; then scan again."),
	fact.Unanswered: lang.T("Kiểm tra loại dịch vụ đã khai báo cho điểm kết nối; nếu khai báo đúng thì kiểm tra máy chủ; sau đó rà quét lại.",
		"Check what kind of service the endpoint is declared to be; if that is right, check the server; then scan again."),
	fact.Broken: lang.T("Đây không phải lỗi của đơn vị: gửi hồ sơ đánh giá cho nơi cung cấp công cụ, cập nhật công cụ rồi rà quét lại.",
		"This is no fault of the unit: send the assessment file to the maintainers of the tool, update it and scan again."),
	fact.Stale: lang.T("Rà quét lại để có dữ kiện mới.",
		"Scan again for fresh facts."),
	fact.NoEvidence: lang.T("Lập hoặc tìm tài liệu, khai báo trong mục attestations của tệp khai báo đơn vị, rồi đánh giá lại.",
		"Prepare or find the document, declare it under attestations in the unit file, then assess again."),
	fact.Changed: lang.T("Đối chiếu lại tài liệu; nếu nội dung đúng thì xác nhận lại với mã băm mới.",
		"Compare the document again; if its content is right, attest it again with its new hash."),
	fact.OtherWay: lang.T("Xem cách biết mà chính sách chấp nhận (mục known); dùng phép kiểm tra biết bằng cách đó, hoặc chính sách khác, rồi đánh giá lại.",
		"See which ways of knowing the policy takes (known); use a check that knows in such a way, or another policy, then assess again."),
	fact.Elsewhere: lang.T("Rà quét lại từ vùng mạng mà yêu cầu đòi hỏi (--vantage), rồi ghép các hồ sơ bằng: sansang merge",
		"Scan again from the zone that the requirement asks for (--vantage), and join the records with: sansang merge"),
	fact.Rejected: lang.T("Sửa theo lý do mà người đánh giá nêu, lập tài liệu mới và khai báo thay cho tài liệu này, rồi đánh giá lại.",
		"Mend what the auditor names, issue a new document and declare it in place of this one, then assess again."),
	fact.Unreviewed: lang.T("Đề nghị người đánh giá xem tài liệu và ghi ý kiến (sansang evidence review), rồi đánh giá lại.",
		"Ask the auditor to look at the document and record the result (sansang evidence review), then assess again."),
	fact.Expired: lang.T("Thay bằng tài liệu còn hiệu lực, sửa ngày tháng trong mục attestations, rồi đánh giá lại.",
		"Replace it by a document in force, correct the dates under attestations, then assess again."),
}
