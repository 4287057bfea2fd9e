package lab

import "github.com/sansang/sansang/internal/lang"

var badTurn = []Recipe{
	{Name: "smtp-plain", Kind: "smtp", Nature: Bad, About: lang.T(
		"Máy chủ thư không có STARTTLS: thư và mật khẩu đi không mã hóa.",
		"A mail server without STARTTLS: mail and passwords travel in clear."),
		start: turning(talkSMTP, func(t *turner) { t.offers, t.login = false, true })},
	{Name: "smtp-auth-before-tls", Kind: "smtp", Nature: Bad, About: lang.T(
		"Máy chủ thư có STARTTLS nhưng cho đăng nhập cả khi chưa mã hóa.",
		"A mail server that offers STARTTLS but lets clients log in before it."),
		start: turning(talkSMTP, func(t *turner) { t.login = true })},
	{Name: "smtp-tls-refused", Kind: "smtp", Nature: Bad, About: lang.T(
		"Máy chủ thư báo có STARTTLS nhưng từ chối khi được yêu cầu (454).",
		"A mail server that lists STARTTLS but refuses it when asked (454)."),
		start: turning(talkSMTP, func(t *turner) { t.refuses = true })},
	{Name: "imap-login-before-tls", Kind: "imap", Nature: Bad, About: lang.T(
		"Hộp thư IMAP không cấm đăng nhập khi chưa mã hóa (thiếu LOGINDISABLED).",
		"An IMAP mailbox that does not forbid login before TLS (no LOGINDISABLED)."),
		start: turning(talkIMAP, func(t *turner) { t.login = true })},
	{Name: "smtp-injection", Kind: "smtp", Nature: Bad, About: lang.T(
		"Máy chủ thư thi hành bên trong TLS cả lệnh nhận trước khi mã hóa (STARTTLS injection).",
		"A mail server that obeys inside TLS what it was sent before it (STARTTLS injection)."),
		start: turning(talkSMTP, func(t *turner) { t.keeps = true })},
	{Name: "imap-injection", Kind: "imap", Nature: Bad, About: lang.T(
		"Hộp thư IMAP thi hành bên trong TLS cả lệnh nhận trước khi mã hóa (STARTTLS injection).",
		"An IMAP mailbox that obeys inside TLS what it was sent before it (STARTTLS injection)."),
		start: turning(talkIMAP, func(t *turner) { t.keeps = true })},
	{Name: "postgres-injection", Kind: "postgres", Nature: Bad, About: lang.T(
		"Cơ sở dữ liệu PostgreSQL nhận bên trong TLS cả dữ liệu gửi trước khi mã hóa (CVE-2021-23214).",
		"A PostgreSQL database that takes inside TLS what was sent before it (CVE-2021-23214)."),
		start: turning(talkPostgres, func(t *turner) { t.keeps = true })},
	{Name: "smtp-open-relay", Kind: "smtp", Nature: Bad, About: lang.T(
		"Máy chủ thư nhận chuyển thư cho tên miền của người khác (open relay).",
		"A mail server that takes mail for domains of others (open relay)."),
		start: turning(talkSMTP, func(t *turner) { t.relays = true })},
	{Name: "smtp-relay-in-tls", Kind: "smtp", Nature: Bad, About: lang.T(
		"Máy chủ thư đòi TLS trước mọi thư, rồi nhận chuyển cho tên miền của người khác.",
		"A mail server that asks for TLS before any mail, and then takes it for domains of others."),
		start: turning(talkSMTP, func(t *turner) { t.relays, t.first = true, true })},
	{Name: "smtp-percent-relay", Kind: "smtp", Nature: Bad, About: lang.T(
		"Máy chủ thư chuyển hộ thư khi địa chỉ có dấu phần trăm.",
		"A mail server that carries mail of others if the address has a percent sign."),
		start: turning(talkSMTP, func(t *turner) { t.percent = true })},
	{Name: "smtp-greylist", Kind: "smtp", Nature: Bad, About: lang.T(
		"Máy chủ thư bảo mọi nơi gửi thử lại sau (greylisting).",
		"A mail server that tells everybody to come back later (greylisting)."),
		start: turning(talkSMTP, func(t *turner) { t.later = true })},
	{Name: "ftp-login-before-tls", Kind: "ftp", Nature: Bad, About: lang.T(
		"Máy chủ FTP có TLS nhưng hỏi mật khẩu cả khi chưa mã hóa.",
		"An FTP server with TLS that asks for the password before it, too."),
		start: turning(talkFTP, func(t *turner) { t.login = true })},
	{Name: "ftp-user-unwelcome", Kind: "ftp", Nature: Bad, About: lang.T(
		"Máy chủ FTP từ chối người dùng lạ mà không nói gì về mã hóa.",
		"An FTP server that refuses unknown users without a word of encryption."),
		start: turning(talkFTP, func(t *turner) { t.later = true })},
	{Name: "postgres-plain", Kind: "postgres", Nature: Bad, About: lang.T(
		"Cơ sở dữ liệu PostgreSQL không bật TLS.",
		"A PostgreSQL database without TLS."),
		start: turning(talkPostgres, func(t *turner) { t.offers = false })},
}
