package lab

import "github.com/sansang/sansang/internal/lang"

// Any check may be pointed at any of these, so their kind is tcp: what they do
// is no part of a protocol. Those named for http speak it in clear.
var hostile = []Recipe{
	{Name: "closes", Kind: "tcp", Nature: Hostile, About: lang.T(
		"Nhận kết nối rồi đóng ngay, không nói gì.",
		"Accepts and closes at once, without a word."),
		start: raw((*conn).finish)},
	{Name: "resets", Kind: "tcp", Nature: Hostile, About: lang.T(
		"Nhận kết nối rồi cắt ngang bằng RST.",
		"Accepts and cuts the connection with RST."),
		start: raw(reset)},
	{Name: "never-answers", Kind: "tcp", Nature: Hostile, About: lang.T(
		"Nhận kết nối, đọc mọi thứ, không bao giờ trả lời.",
		"Accepts, reads everything, never answers."),
		start: raw(func(c *conn) { c.drain(maxLife) })},
	{Name: "one-byte-a-second", Kind: "tcp", Nature: Hostile, About: lang.T(
		"Trả lời nghe có lý, nhưng mỗi giây một byte và không bao giờ hết.",
		"Gives a plausible answer, one byte a second, without end."),
		start: raw(dripAnswer)},
	{Name: "garbage", Kind: "tcp", Nature: Hostile, About: lang.T(
		"Tuôn byte ngẫu nhiên vô tận, nhanh hết mức bên kia đọc được.",
		"Pours out random bytes without end, as fast as the peer reads."),
		start: raw(garbage)},
	{Name: "dies-midway", Kind: "tcp", Nature: Hostile, About: lang.T(
		"Ba kết nối đầu như https-good, rồi đóng cổng: các kết nối sau bị từ chối.",
		"Is https-good for three connections, then closes its port: later ones are refused."),
		start: diesAfter(3)},

	{Name: "redirect-endless", Kind: "tcp", Nature: Hostile, About: lang.T(
		"HTTP: mỗi yêu cầu lại bị chuyển hướng (302) tới một đường dẫn mới trên chính nó.",
		"HTTP: redirects (302) every request to a new path on itself."),
		start: redirectsForEver()},
	{Name: "redirect-outside", Kind: "tcp", Nature: Hostile, About: lang.T(
		"HTTP: chuyển hướng (302) tới 198.51.100.7, một địa chỉ ngoài phạm vi không bao giờ được chạm tới.",
		"HTTP: redirects (302) to 198.51.100.7, an address out of scope that must never be contacted."),
		start: redirectsOutside()},
	{Name: "gzip-bomb", Kind: "tcp", Nature: Hostile, About: lang.T(
		"HTTP: nội dung nén 10 MB, giải nén ra 10 GB.",
		"HTTP: a compressed body of 10 MB that unpacks to 10 GB."),
		start: bomb{mebibytes: 10 << 10, crc: zerosCRC}.start()},
	{Name: "endless-body", Kind: "tcp", Nature: Hostile, About: lang.T(
		"HTTP: nội dung không bao giờ hết.",
		"HTTP: a body without end."),
		start: rawHTTP(endlessBody)},
	{Name: "header-10mb", Kind: "tcp", Nature: Hostile, About: lang.T(
		"HTTP: một tiêu đề dài 10 MB.",
		"HTTP: one header of 10 MB."),
		start: rawHTTP(hugeHeader)},
	{Name: "endless-headers", Kind: "tcp", Nature: Hostile, About: lang.T(
		"HTTP: gửi tiêu đề này đến tiêu đề khác, không bao giờ tới nội dung.",
		"HTTP: sends header after header and never comes to the body."),
		start: rawHTTP(endlessHeaders)},

	{Name: "cert-5mb", Kind: "tcp", Nature: Hostile, About: lang.T(
		"TLS: gửi chuỗi chứng thư số nặng 5 MB.",
		"TLS: sends a certificate chain of 5 MB."),
		start: hugeCertificate(5 << 20)},
	{Name: "cert-16mb", Kind: "tcp", Nature: Hostile, About: lang.T(
		"TLS: gửi chuỗi chứng thư số nặng 16 MB, dài hết mức một thông điệp có thể.",
		"TLS: sends a certificate chain of 16 MB, as long as a message can be."),
		start: hugeCertificate(most24)},
	{Name: "tls-garbage", Kind: "tcp", Nature: Hostile, About: lang.T(
		"TLS: trả lời lời chào bằng bản ghi đúng khuôn dạng nhưng ruột vô nghĩa.",
		"TLS: answers a hello with a well-formed record full of nonsense."),
		start: raw(tlsGarbage)},
	{Name: "tls-endless-warnings", Kind: "tcp", Nature: Hostile, About: lang.T(
		"TLS: trả lời lời chào bằng vô số cảnh báo, không bao giờ tới câu trả lời.",
		"TLS: answers a hello with warnings without end and never comes to an answer."),
		start: raw(flood(recordAlert, 1, 112))}, // unrecognized_name
	{Name: "tls-endless-empty", Kind: "tcp", Nature: Hostile, About: lang.T(
		"TLS: trả lời lời chào bằng vô số bản ghi rỗng.",
		"TLS: answers a hello with empty records without end."),
		start: raw(flood(recordHandshake))},
	{Name: "tls-endless-ccs", Kind: "tcp", Nature: Hostile, About: lang.T(
		"TLS: trả lời lời chào bằng vô số thông điệp ChangeCipherSpec, thứ mà máy trạm TLS 1.3 bỏ qua.",
		"TLS: answers a hello with ChangeCipherSpec without end, which clients of TLS 1.3 pass over."),
		start: raw(flood(recordCCS, 1))},
	{Name: "tls-endless-retry", Kind: "tcp", Nature: Hostile, About: lang.T(
		"TLS 1.3: gửi vô số HelloRetryRequest, lần nào cũng đòi lời chào khác.",
		"TLS 1.3: sends HelloRetryRequest without end, each asking for another hello."),
		start: raw(retryForEver)},
	{Name: "tls13-garbage", Kind: "tcp", Nature: Hostile, About: lang.T(
		"TLS 1.3: gửi ServerHello đúng khuôn dạng rồi tuôn bản ghi vô nghĩa vô tận.",
		"TLS 1.3: sends a well-formed ServerHello, then records of nonsense without end."),
		start: raw(hello13ThenNonsense)},
	{Name: "tls-absurd-lengths", Kind: "tcp", Nature: Hostile, About: lang.T(
		"TLS: gửi ServerHello mà các độ dài bên trong vượt quá chính nó.",
		"TLS: sends a ServerHello whose inner lengths go beyond its end."),
		start: raw(absurdLengths)},
	{Name: "tls-announces-16mb", Kind: "tcp", Nature: Hostile, About: lang.T(
		"TLS: báo sắp gửi chứng thư số 16 MB rồi im lặng.",
		"TLS: announces a certificate message of 16 MB, then falls silent."),
		start: raw(announcesMuch)},

	{Name: "ssh-endless-banner", Kind: "tcp", Nature: Hostile, About: lang.T(
		"SSH: gửi vô số dòng trước lời chào, không bao giờ tới lời chào.",
		"SSH: sends lines before the greeting without end and never greets."),
		start: raw(endlessBanner)},
	{Name: "ssh-huge-kexinit", Kind: "tcp", Nature: Hostile, About: lang.T(
		"SSH: báo gói tin KEXINIT dài 2 GB rồi nhỏ giọt từng byte.",
		"SSH: announces a KEXINIT packet of 2 GB, then drips it byte by byte."),
		start: raw(hugeKexInit)},
	{Name: "ssh-key-0-bits", Kind: "tcp", Nature: Hostile, About: lang.T(
		"SSH: đưa khóa máy chủ RSA có mô-đun bằng 0.",
		"SSH: shows an RSA host key whose modulus is 0."),
		start: ssh(func(d *sshd) { d.hostKeys, d.keyBlob = []string{"rsa-sha2-512"}, absurdRSA(0) })},
	{Name: "ssh-key-64k-bits", Kind: "tcp", Nature: Hostile, About: lang.T(
		"SSH: đưa khóa máy chủ RSA dài 65536 bit.",
		"SSH: shows an RSA host key of 65536 bits."),
		start: ssh(func(d *sshd) { d.hostKeys, d.keyBlob = []string{"rsa-sha2-512"}, absurdRSA(65536) })},
	{Name: "ssh-absurd-groups", Kind: "tcp", Nature: Hostile, About: lang.T(
		"SSH: trao đổi nhóm với mô-đun lần lượt là 0, 1, số chẵn, số dài 100000 bit.",
		"SSH: group exchange with the moduli 0, 1, an even number and one of 100000 bits, in turn."),
		start: ssh(absurdGroups)},
	{Name: "ssh-ext-info-flood", Kind: "tcp", Nature: Hostile, About: lang.T(
		"SSH: sau khi đổi khóa gửi thông tin mở rộng không dứt.",
		"SSH: tells extensions without end after the key exchange."),
		start: ssh(func(d *sshd) { d.talkAfter = extInfoFlood })},
	{Name: "ssh-endless-notices", Kind: "tcp", Nature: Hostile, About: lang.T(
		"SSH: trả lời yêu cầu đăng nhập bằng thông báo không dứt.",
		"SSH: answers a log-in by notices without end."),
		start: ssh(func(d *sshd) { d.talkAfter = endlessNotices })},
	{Name: "ssh-failures-first", Kind: "tcp", Nature: Hostile, About: lang.T(
		"SSH: từ chối đăng nhập không dứt khi chưa ai xin đăng nhập.",
		"SSH: refuses log-ins without end before anybody wants to log in."),
		start: ssh(func(d *sshd) { d.talkAfter = failuresFirst })},
	{Name: "ssh-penalty", Kind: "tcp", Nature: Hostile, About: lang.T(
		"SSH: trả lời hai kết nối đầu, rồi phạt người hỏi: từ chối mọi kết nối sau.",
		"SSH: answers the first two connections, then punishes who asks: it turns away all later ones."),
		start: ssh(func(d *sshd) { d.first = 2 })},
}
