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
	more bool   // the last part is a phrase itself
}{
	{phrase(`nothing attests \S+`), "", false},
	{phrase(`no complete answer in the time given`), "không có câu trả lời đầy đủ trong thời gian cho phép", false},
	{phrase(`the name server did not answer for (\S+)`), "máy chủ tên miền không trả lời về $1", false},
	{phrase(`the name (\S+) does not resolve`), "không phân giải được tên $1", false},
	{phrase(`the name (\S+) has no address`), "tên $1 không có địa chỉ", false},
	{phrase(`connection refused`), "kết nối bị từ chối", false},
	{phrase(`no route to the address`), "không có đường đi tới địa chỉ", false},
	{phrase(`this machine refused to send`), "máy quét không cho gửi đi", false},
	{phrase(`connection reset by the peer`), "phía máy chủ ngắt kết nối", false},
	{phrase(`connection closed by the peer before an answer`), "phía máy chủ đóng kết nối trước khi trả lời", false},
	{phrase(`the time budget of the endpoint is spent`), "hết thời gian dành cho điểm kết nối này", false},
	{phrase(`the rate limit left no time for this connection`), "giới hạn tốc độ không còn thời gian cho kết nối này", false},
	{phrase(`stopped answering during (\S+) \([a-z-]+: (.+)\)`), "ngừng trả lời khi đang xem $1: ", true},
	{phrase(`answered other hellos before: (.+)`), "trước đó có trả lời các lần bắt tay khác: ", true},
	{phrase(`an error page was not seen whole: (.+)`), "không xem được trọn trang báo lỗi: ", true},
	{phrase(`(\S+) is no HTML page`), "$1 không phải trang HTML", false},
	{phrase(`nothing listens at (\S+)`), "không có dịch vụ tại $1", false},
	{phrase(`nothing comes back from (\S+)`), "$1 im lặng với mọi lần kết nối", false},
	{phrase(`the scan was stopped`), "đợt rà quét bị dừng", false},
	{phrase(`the scan ended before this was looked at`), "đợt rà quét kết thúc trước khi xem đến mục này", false},
	{phrase(`the scan did not say where it looked from`), "đợt rà quét không cho biết máy quét đặt ở đâu", false},
	{phrase(`the unit declares no connecting system`), "đơn vị chưa khai báo hệ thống kết nối", false},
	{phrase(`(\S+) is not this machine, and there is no authorisation`), "$1 không phải máy này và không có văn bản cho phép", false},
	{phrase(`(\S+) is outside the authorised ranges`), "$1 nằm ngoài các dải địa chỉ được phép", false},
	{phrase(`the name (\S+) is not among the authorised names`), "tên $1 không nằm trong các tên được phép", false},
	{phrase(`the name (\S+) is neither declared nor authorised`), "tên $1 không được khai báo và không được phép", false},
	{phrase(`the authorisation holds from ` + isoDate + ` until ` + isoDate), "văn bản cho phép có hiệu lực từ ngày $3/$2/$1 đến ngày $6/$5/$4", false},
	{phrase(`the authorisation holds during (\S+)`), "văn bản chỉ cho phép trong khung giờ $1", false},
	{phrase(`seen on ` + isoDate), "dữ kiện ngày $3/$2/$1", false},
	{phrase(`(\S+) is ([a-z]+); only ([a-z, ]+) counts`), "$1 được biết bằng cách $2, chỉ nhận $3", false},
	{phrase(`(.+) is told by other tools alone: import their result with sansang import`), "$1 chỉ có từ công cụ khác: nhập kết quả bằng sansang import", false},
	{phrase(`not covered by the import`), "tệp kết quả đã nhập không nói đến", false},
	{phrase(`the file tells two different things of it`), "tệp kết quả nói hai điều khác nhau về mục này", false},
	{phrase(`the flat form does not say whether every suite was asked for: write it with (\S+)`), "dạng tệp này không cho biết đã hỏi đủ mọi bộ mật mã hay chưa: ghi bằng $1", false},
	{phrase(`a baseline is measured on the machine itself: import the result of a tool such as OpenSCAP with sansang import`), "cấu hình chuẩn được đo ngay trên máy: nhập kết quả của công cụ như OpenSCAP bằng sansang import", false},
	{phrase(`(.+) gives no definite answer: (.+)`), "$1 không trả lời dứt khoát: $2", false},
	{phrase(`(.+) was not looked at`), "$1 chưa được xem", false},
	{phrase(`(.+) was not read`), "chưa đọc được $1", false},
	{phrase(`cannot read the file: (.+)`), "không đọc được tệp: ", true},
	{phrase(`(.+) is another file than the one attested`), "$1 không phải tệp đã được xác nhận", false},
	{phrase(`(.+) was refused by (.+) on ` + isoDate + `: (.+)`), "$1 không được chấp nhận ($2, ngày $5/$4/$3): $6", false},
	{phrase(`nobody has accepted (.+) yet`), "chưa có ý kiến chấp nhận $1", false},
	{phrase(`(.+) is valid from ` + isoDate), "$1 có hiệu lực từ ngày $4/$3/$2", false},
	{phrase(`(.+) was valid before ` + isoDate), "$1 hết hiệu lực từ ngày $4/$3/$2", false},
	{phrase(`the unit file declares no hosts`), "tệp đơn vị chưa khai mục hosts", false},
	{phrase(`the unit file does not say its domains`), "tệp đơn vị chưa khai mục domains", false},
	{phrase(`the range lists no ports, and endpoints declared by name may be on it`), "dải địa chỉ không liệt kê ports, mà điểm kết nối khai bằng tên miền có thể nằm ở đó", false},
	{phrase(`(\S+) has more than (\d+) addresses: declare the hosts in smaller ranges`), "$1 có hơn $2 địa chỉ: khai các máy bằng những dải nhỏ hơn", false},
	{phrase(`port (\d+) is not in the list of ports that was asked`), "cổng $1 không có trong danh sách cổng đã hỏi", false},
	{phrase(`none of (\d+) ports gave any answer`), "không cổng nào trong $1 cổng trả lời", false},
	{phrase(`no answer, between signs of life that did not all come`), "không trả lời, mà dấu hiệu máy còn sống trước và sau cũng không đủ", false},
	{phrase(`no answer to (\d+) questions over UDP: nobody listens, or something keeps silent`), "không trả lời $1 câu hỏi qua UDP: không có dịch vụ, hoặc bị chặn im lặng", false},
	{phrase(`the host says that the UDP port is closed`), "máy báo cổng UDP đóng", false},
	{phrase(`the host answered at first, and then no more`), "máy lúc đầu trả lời, sau đó thôi", false},
	{phrase(`the host accepts connections on every port, whether or not anything listens there`), "máy nhận kết nối ở mọi cổng, dù có dịch vụ hay không", false},
	{phrase(`a default community is a credential: the authorisation must name the class (\S+)`), "community mặc định là mật khẩu: văn bản phải cho phép đích danh, mục classes ghi $1", false},
	{phrase(`this system names no resolver; give one with --resolver`), "máy quét chưa có máy phân giải tên miền: nêu bằng --resolver", false},
	{phrase(`not looked at from the Internet: .*`), "chưa nhìn từ Internet: rà quét từ đó với --vantage internet rồi ghép các hồ sơ bằng sansang merge", false},
	{phrase(`not looked at from .*: scan from there with (.+) and join the records with sansang merge`), "chưa nhìn từ vùng mạng cần nhìn: rà quét từ đó với $1 rồi ghép các hồ sơ bằng sansang merge", false},
	{phrase(`takes many handshakes: asked only by scan --thorough`), "cần nhiều lần bắt tay: chỉ thử khi quét với --thorough", false},
	{phrase(`accepts CBC only in suites that this tool's TLS library lacks`), "chỉ nhận CBC ở những bộ mật mã mà thư viện TLS của công cụ không có", false},
	{phrase(`it is not known how to try this in (\S+)`), "chưa có cách thử điều này với $1", false},
	{phrase(`(\S+) came without TLS`), "$1 không đi qua TLS", false},
	{phrase(`sansang-nuclei cannot be started: (.+)`), "không chạy được sansang-nuclei: ", true},
	{phrase(`there is no such file`), "không có tệp này", false},
	{phrase(`it may not be run`), "không có quyền chạy tệp này", false},
	{phrase(`sansang-nuclei is of version (.+), sansang of (.+)`), "sansang-nuclei thuộc phiên bản $1, sansang thuộc phiên bản $2", false},
	{phrase(`sansang-nuclei did not come up: (.+)`), "sansang-nuclei không khởi động được: $1", false},
	{phrase(`the template worker ended while it ran this: (.+)`), "tiến trình chạy mẫu bị kết thúc khi đang chạy mẫu này: $1", false},
	{phrase(`the engine does not take the template: (.+)`), "bộ máy nuclei không nhận mẫu này: $1", false},
	{phrase(`this scan has no template worker`), "đợt rà quét này không có tiến trình chạy mẫu", false},
	{phrase(`no templates were given`), "đợt rà quét này không được giao mẫu nào", false},
	{phrase(`template (.+) is refused`), "mẫu $1 bị từ chối, không chạy", false},
	{phrase(`the product is there, and does not show what would tell`), "có sản phẩm này, nhưng không cho biết phiên bản", false},
	{phrase(`not asked: (\d+) questions in a row before it had no answer \((.+)\)`), "không hỏi nữa vì $1 câu hỏi liền trước không được trả lời: ", true},
	{phrase(`no request was answered`), "không câu hỏi nào được trả lời", false},
	{phrase(`only (\d+) of (\d+) requests were answered`), "chỉ $1 trong $2 câu hỏi được trả lời", false},
	{phrase(`nothing came from the target`), "máy chủ không gửi lại gì", false},
	{phrase(`the answer did not come to an end in the time given`), "câu trả lời không kết thúc trong thời gian cho phép", false},
	{phrase(`the server asks to slow down`), "máy chủ đề nghị hỏi chậm lại", false},
	{phrase(`the body was cut off(?:: .+)?`), "nội dung trả lời bị cắt dở", false},
	{phrase(`the answer is not HTTP/1`), "câu trả lời không phải HTTP/1", false},
	{phrase(`an expression of the template could not be evaluated on the answer`), "không tính được một biểu thức của mẫu trên câu trả lời này", false},
	{phrase(`the answer holds an expression that the engine would have evaluated`), "câu trả lời chứa biểu thức mà bộ máy nuclei sẽ thực hiện, nên dừng", false},
	{phrase(`a module of the script connects by itself, which only the wall around the engine can hold`), "đoạn mã của mẫu tự kết nối, chỉ được chạy khi có không gian mạng riêng", false},
	{phrase(`a path that does not exist is answered with (\d+) as well, and it was not seen whether by the site itself`), "đường dẫn không tồn tại cũng được trả lời $1, không rõ là do chính trang web hay do bộ lọc đứng trước", false},
	{phrase(`a path that does not exist is answered otherwise than before the templates`), "đường dẫn không tồn tại được trả lời khác so với trước khi chạy mẫu: có thể bộ lọc đã bắt đầu chặn", false},
	{phrase(`a path that does not exist had no answer at first, and now one that is no 404`), "đường dẫn không tồn tại lúc đầu không được trả lời, sau đó được trả lời nhưng không phải 404", false},
	{phrase(`a path that does not exist has no status`), "câu trả lời cho đường dẫn không tồn tại không có mã trạng thái", false},
	{phrase(`a POST to a path that does not exist is answered with (\d+) as well`), "yêu cầu POST tới đường dẫn không tồn tại cũng bị trả lời $1", false},
	{phrase(`a path that does not exist is answered with (\d+)(?: as well)?`), "đường dẫn không tồn tại cũng bị trả lời $1", false},
	{phrase(`every path is sent to the same place elsewhere`), "mọi đường dẫn đều bị chuyển đến cùng một nơi khác", false},
	{phrase(`every path is sent elsewhere`), "mọi đường dẫn đều bị chuyển sang máy chủ khác", false},
	{phrase(`the scan took other templates by the name (\S+)`), "đợt rà quét dùng bộ mẫu khác với bộ mẫu $1 của chính sách", false},
	{phrase(`the template went for (\S+), which is not the target`), "mẫu định kết nối tới $1, không phải đích được khai báo", false},
	{phrase(`the address is not one that may be connected to(?:: .+)?`), "mẫu định kết nối tới địa chỉ không phải đích được khai báo", false},
	{phrase(`the name server gave no answer(?:: .+)?`), "máy chủ tên miền không trả lời", false},
	{phrase(`every path is answered with the same page`), "mọi đường dẫn đều được trả lời bằng cùng một trang", false},
	{phrase(`answer(?:s|ed) with (\d+)`), "trả lời với mã $1", false},
	{phrase(`a path that does not exist: (.+)`), "đường dẫn không tồn tại: ", true},
	{phrase(`not confirmed: (.+)`), "chưa được xác nhận lại: ", true},
	{phrase(`template:(\S+): (.+)`), "mẫu $1: ", true},
	{phrase(`port (\d+): (.+)`), "cổng $1: ", true},
	{phrase(`(TLS 1\.\d|SSL \d\.0): (.+)`), "$1: ", true},
	{phrase(`([a-z]+\.[a-z0-9_]+): (.+)`), "$1: ", true}, // of a check that the fact rests on
}

const isoDate = `(\d{4})-(\d\d)-(\d\d)`

func phrase(s string) *regexp.Regexp { return regexp.MustCompile(`^` + s + `$`) }

// detail tells a phrase of the record, cleaned and cut; "" if it adds nothing.
func (v view) detail(s string) string {
	s = s[:min(len(s), 1000)] // longer ones are not ours, and would be cut anyway
	for _, p := range phrases {
		m := p.like.FindStringSubmatchIndex(s)
		if m == nil {
			continue
		}
		if p.vi != "" && v.lang != lang.Vi {
			break
		}
		told := string(p.like.ExpandString(nil, p.vi, s, m))
		if p.more {
			told += v.detail(s[m[len(m)-2]:m[len(m)-1]])
		}
		return outside(told, maxString)
	}
	return outside(s, maxString)
}
