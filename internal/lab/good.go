package lab

import (
	"net/http"
	"time"

	"github.com/sansang/sansang/internal/lang"
)

var good = []Recipe{
	{Name: "https-good", Kind: "https", Nature: Good, About: lang.T(
		"Trang HTTPS làm đúng mọi mặt: TLS 1.2 và 1.3, chứng thư số hợp lệ, đủ tiêu đề an toàn, cookie được bảo vệ.",
		"An HTTPS site that does everything right: TLS 1.2 and 1.3, a valid certificate, all security headers, a guarded cookie."),
		start: https()},
	{Name: "https-fragments", Kind: "https", Nature: Good, About: lang.T(
		"Như https-good, nhưng cắt thông điệp bắt tay chưa mã hóa thành từng mảnh một byte, điều mà chuẩn cho phép.",
		"Like https-good, but cuts what is not yet encrypted of the handshake into fragments of one byte, as it may."),
		start: https(func(w *website) { w.behind = crumble })},
	{Name: "https-h2", Kind: "https", Nature: Good, About: lang.T(
		"Như https-good, và nói được cả HTTP/2.",
		"Like https-good, and speaks HTTP/2 too."),
		start: https(func(w *website) { w.tls.NextProtos = []string{"h2", "http/1.1"} })},
	{Name: "http-redirect", Kind: "http", Nature: Good, About: lang.T(
		"Cổng HTTP chỉ làm một việc: chuyển hướng vĩnh viễn (301) sang HTTPS trên cùng máy chủ.",
		"An HTTP port that does one thing: redirect for good (301) to HTTPS on the same host."),
		start: redirects(http.StatusMovedPermanently)},
	{Name: "ssh-good", Kind: "ssh", Nature: Good, About: lang.T(
		"Máy chủ SSH chỉ chào các thuật toán mạnh, kể cả trao đổi khóa hậu lượng tử và chống Terrapin.",
		"An SSH server that offers strong algorithms only, with post-quantum key exchange and the guard against Terrapin."),
		start: sshWhole()},
	{Name: "smtp-good", Kind: "smtp", Nature: Good, About: lang.T(
		"Máy chủ thư: chuyển sang TLS bằng STARTTLS, chỉ cho đăng nhập sau đó.",
		"A mail server: turns to TLS by STARTTLS and lets clients log in only then."),
		start: turning(talkSMTP)},
	{Name: "ftp-good", Kind: "ftp", Nature: Good, About: lang.T(
		"Máy chủ FTP chuyển sang TLS khi được yêu cầu và chỉ nhận mật khẩu sau đó.",
		"An FTP server that turns to TLS when asked and takes passwords only inside it."),
		start: turning(talkFTP)},
	{Name: "imap-good", Kind: "imap", Nature: Good, About: lang.T(
		"Hộp thư IMAP: chuyển sang TLS bằng STARTTLS, chỉ cho đăng nhập sau đó.",
		"An IMAP mailbox: turns to TLS by STARTTLS and lets clients log in only then."),
		start: turning(talkIMAP)},
	{Name: "postgres-good", Kind: "postgres", Nature: Good, About: lang.T(
		"Cơ sở dữ liệu PostgreSQL đồng ý chuyển sang TLS.",
		"A PostgreSQL database that agrees to turn to TLS."),
		start: turning(talkPostgres)},
	{Name: "tcp-open", Kind: "tcp", Nature: Good, About: lang.T(
		"Cổng TCP mở: nhận kết nối, đọc và im lặng nửa phút rồi đóng.",
		"An open TCP port: accepts, reads in silence for half a minute, then closes."),
		start: raw(func(c *conn) { c.drain(30 * time.Second) })},
}
