package report

import (
	"strings"

	"github.com/sansang/sansang/internal/lang"
)

// Laws are cited as they are written, in Vietnamese. An English reader is told
// the kind of each document and of its parts; its number stays, for that is
// what it is found by.
var cited = strings.NewReplacer(
	"Nghị định ", "Decree ", "Thông tư ", "Circular ", "Quyết định ", "Decision ", "Luật ", "Law ", "Công văn ", "Official letter ",
	"Điều ", "article ", "khoản ", "clause ", "điểm ", "point ", "Phụ lục ", "annex ", "Phần ", "part ", "Mẫu số ", "form ", "Danh mục, số ", "list, no. ", "ở cấp độ ", "at level ", "cấp độ ", "level ",
	"sửa đổi ", "amending ", "áp dụng tương tự", "applied by analogy", "bắt buộc áp dụng", "mandatory", "khuyến nghị áp dụng", "recommended",
	"thuật toán không có điểm yếu đã công bố", "algorithms without published weakness", "hệ thống lưu trữ tài liệu điện tử", "systems that keep electronic records",
	"hệ thống định danh và xác thực điện tử", "the electronic-identity system", "doanh nghiệp cung cấp dịch vụ trên mạng", "enterprises that serve over the network",
	"rà soát hằng năm", "reviewed yearly", "Hoa Kỳ, tham khảo", "United States, for reference",
)

// Cite writes the name or a part of a law in the reader's language.
func Cite(s string, l lang.Lang) string {
	if l != lang.En {
		return s
	}
	return cited.Replace(s)
}
