package lab

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"strings"

	"github.com/sansang/sansang/internal/lang"
)

var badTLS = []Recipe{
	{Name: "https-tls10", Kind: "https", Nature: Bad, About: lang.T(
		"Vẫn nhận TLS 1.0 và TLS 1.1 bên cạnh các phiên bản tốt.",
		"Still accepts TLS 1.0 and TLS 1.1 beside the good versions."),
		start: https(oldVersions)},
	{Name: "https-tls13-missing", Kind: "https", Nature: Bad, About: lang.T(
		"Chỉ nói TLS 1.2, chưa có TLS 1.3.",
		"Speaks TLS 1.2 only; TLS 1.3 is missing."),
		start: https(func(w *website) { w.tls.MaxVersion = tls.VersionTLS12 })},
	{Name: "https-ssl3", Kind: "https", Nature: Bad, About: lang.T(
		"Vẫn trả lời lời chào SSL 3.0 (lỗ hổng POODLE).",
		"Still answers an SSL 3.0 hello (POODLE)."),
		start: https(func(w *website) { w.behind = front(answerSSL3).listener })},
	{Name: "https-ssl2", Kind: "https", Nature: Bad, About: lang.T(
		"Vẫn trả lời lời chào SSL 2.0 (lỗ hổng DROWN).",
		"Still answers an SSL 2.0 hello (DROWN)."),
		start: https(func(w *website) { w.behind = front(answerSSL2).listener })},

	{Name: "cert-expired", Kind: "https", Nature: Bad, About: lang.T(
		"Chứng thư số đã hết hạn mười ngày.",
		"The certificate expired ten days ago."),
		start: https(validity(-100*day, 90*day))},
	{Name: "cert-not-yet-valid", Kind: "https", Nature: Bad, About: lang.T(
		"Chứng thư số mười ngày nữa mới có hiệu lực.",
		"The certificate becomes valid only in ten days."),
		start: https(validity(10*day, 90*day))},
	{Name: "cert-long-life", Kind: "https", Nature: Bad, About: lang.T(
		"Chứng thư số có thời hạn 825 ngày, dài quá mức cho phép.",
		"The certificate lives for 825 days, longer than is allowed."),
		start: https(validity(-day, 825*day))},
	{Name: "cert-self-signed", Kind: "https", Nature: Bad, About: lang.T(
		"Chứng thư số tự ký, không tổ chức nào chứng thực.",
		"The certificate signs itself; no authority vouches for it."),
		start: https(func(w *website) { w.paper.issuer = nil })},
	{Name: "cert-untrusted", Kind: "https", Nature: Bad, About: lang.T(
		"Chứng thư số do một tổ chức chứng thực không ai tin cậy cấp.",
		"The certificate comes from an authority that nobody trusts."),
		start: https(func(w *website) { w.paper.issuer = stranger() })},
	{Name: "cert-missing-intermediate", Kind: "https", Nature: Bad, About: lang.T(
		"Máy chủ không gửi chứng thư số trung gian, nên chuỗi bị đứt.",
		"The server withholds the intermediate certificate, so the chain is broken."),
		start: https(func(w *website) { w.paper.alone = true })},
	{Name: "cert-wrong-name", Kind: "https", Nature: Bad, About: lang.T(
		"Chứng thư số cấp cho một tên miền khác.",
		"The certificate is for another name."),
		start: https(func(w *website) {
			w.paper.leaf.Subject.CommonName = "ten-khac.invalid"
			w.paper.leaf.DNSNames, w.paper.leaf.IPAddresses = []string{"ten-khac.invalid"}, nil
		})},
	{Name: "cert-rsa-1024", Kind: "https", Nature: Bad, About: lang.T(
		"Khóa RSA của chứng thư số chỉ dài 1024 bit.",
		"The certificate's RSA key has only 1024 bits."),
		start: https(func(w *website) {
			w.paper.key = func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 1024) }
		})},
	{Name: "cert-name-too-long", Kind: "https", Nature: Bad, About: lang.T(
		"Tên (CN) trong chứng thư số dài hơn 64 ký tự mà chuẩn cho phép.",
		"The common name in the certificate is longer than the 64 characters that the standard allows."),
		start: https(func(w *website) { w.paper.leaf.Subject.CommonName = strings.Repeat("may-chu.", 10) + "localhost" })},
	{Name: "cert-second-weak", Kind: "https", Nature: Bad, About: lang.T(
		"Bên cạnh chứng thư số ECDSA tốt còn một chứng thư số RSA 1024 bit đã hết hạn, chỉ máy khách cũ mới thấy.",
		"Beside a good ECDSA certificate keeps one of RSA with 1024 bits that has expired; only old clients see it."),
		start: https(func(w *website) {
			second := w.paper.validFrom(-100*day, 90*day)
			second.key = func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 1024) }
			w.also = []paper{second}
		})},
	{Name: "cert-sha1", Kind: "https", Nature: Bad, About: lang.T(
		"Chứng thư số được ký bằng hàm băm SHA-1 đã bị phá.",
		"The certificate is signed with SHA-1, which is broken."),
		start: https(func(w *website) { w.paper.leaf.SignatureAlgorithm = x509.ECDSAWithSHA1 })},
}
