package report

import (
	"regexp"

	"github.com/sansang/sansang/internal/lang"
)

// The record keeps one technical phrase in English for each thing that was not
// seen. These are the phrases that the tool itself writes often; any other is
// shown as it is, since a detail in the wrong language beats none.
var phrases = []struct {
	like *regexp.Regexp
	vi   string // with $1 … for the parts; empty: says no more than the cause
}{
	{phrase(`nothing attests \S+`), ""},
	{phrase(`no complete answer in the time given`), "không có câu trả lời đầy đủ trong thời gian cho phép"},
	{phrase(`the name server did not answer for (\S+)`), "máy chủ tên miền không trả lời về $1"},
	{phrase(`the name (\S+) does not resolve`), "không phân giải được tên $1"},
	{phrase(`connection refused`), "kết nối bị từ chối"},
	{phrase(`no route to the address`), "không có đường đi tới địa chỉ"},
	{phrase(`this machine refused to send`), "máy quét không cho gửi đi"},
	{phrase(`connection reset by the peer`), "phía máy chủ ngắt kết nối"},
	{phrase(`connection closed by the peer before an answer`), "phía máy chủ đóng kết nối trước khi trả lời"},
	{phrase(`the scan was stopped`), "đợt rà quét bị dừng"},
	{phrase(`the scan ended before this was looked at`), "đợt rà quét kết thúc trước khi xem đến mục này"},
	{phrase(`the scan did not say where it looked from`), "đợt rà quét không cho biết máy quét đặt ở đâu"},
	{phrase(`the unit declares no connecting system`), "đơn vị chưa khai báo hệ thống kết nối"},
	{phrase(`seen on (\d{4})-(\d\d)-(\d\d)`), "dữ kiện ngày $3/$2/$1"},
	{phrase(`(.+) was not looked at`), "$1 chưa được xem"},
	{phrase(`(.+) was not read`), "chưa đọc được $1"},
	{phrase(`(.+) is another file than the one attested`), "$1 không phải tệp đã được xác nhận"},
	{phrase(`(.+) is valid from (\d{4})-(\d\d)-(\d\d)`), "$1 có hiệu lực từ ngày $4/$3/$2"},
	{phrase(`(.+) was valid before (\d{4})-(\d\d)-(\d\d)`), "$1 hết hiệu lực từ ngày $4/$3/$2"},
}

func phrase(s string) *regexp.Regexp { return regexp.MustCompile(`^` + s + `$`) }

// detail tells a phrase of the record, cleaned and cut; "" if it adds nothing.
func (v view) detail(s string) string {
	for _, p := range phrases {
		if m := p.like.FindStringSubmatchIndex(s); m != nil {
			if v.lang == lang.Vi || p.vi == "" {
				s = string(p.like.ExpandString(nil, p.vi, s, m))
			}
			break
		}
	}
	return outside(s, maxString)
}
