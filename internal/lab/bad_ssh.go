package lab

import "github.com/sansang/sansang/internal/lang"

var badSSH = []Recipe{
	{Name: "ssh-1-99", Kind: "ssh", Nature: Bad, About: lang.T(
		"Lời chào SSH-1.99, và thật sự vẫn nói giao thức SSH 1 đã bị phá.",
		"The greeting is SSH-1.99, and it really still speaks the broken protocol SSH 1."),
		start: ssh(func(d *sshd) { d.banner, d.version1 = "SSH-1.99-OpenSSH_9.9", publicKey1() })},
	{Name: "ssh-weak-kex", Kind: "ssh", Nature: Bad, About: lang.T(
		"Chỉ chào trao đổi khóa Diffie-Hellman dùng SHA-1.",
		"Offers only Diffie-Hellman key exchanges with SHA-1."),
		start: ssh(func(d *sshd) {
			d.kex = []string{
				"diffie-hellman-group1-sha1", "diffie-hellman-group14-sha1",
				"diffie-hellman-group-exchange-sha1", kexStrict,
			}
			d.prime = modp2048
		})},
	{Name: "ssh-small-gex", Kind: "ssh", Nature: Bad, About: lang.T(
		"Chào trao đổi nhóm Diffie-Hellman và luôn đưa nhóm 1024 bit, dù được xin bao nhiêu.",
		"Offers the Diffie-Hellman group exchange and always hands out a group of 1024 bits, whatever it was asked for."),
		start: ssh(func(d *sshd) {
			d.kex = append([]string{"diffie-hellman-group-exchange-sha256"}, d.kex...)
			d.prime = oakley2
		})},
	{Name: "ssh-weak-cipher", Kind: "ssh", Nature: Bad, About: lang.T(
		"Chỉ chào mật mã và mã xác thực yếu: 3DES, RC4, CBC, MD5, SHA-1 cắt ngắn.",
		"Offers only weak ciphers and MACs: 3DES, RC4, CBC, MD5, truncated SHA-1."),
		start: ssh(func(d *sshd) {
			d.ciphers = []string{"3des-cbc", "arcfour", "aes128-cbc"}
			d.macs = []string{"hmac-md5", "hmac-sha1-96"}
		})},
	{Name: "ssh-terrapin", Kind: "ssh", Nature: Bad, About: lang.T(
		"Chào ChaCha20 và CBC với MAC kiểu EtM mà thiếu trao đổi khóa nghiêm ngặt (lỗ hổng Terrapin).",
		"Offers ChaCha20 and CBC with EtM MACs without strict key exchange (Terrapin)."),
		start: ssh(func(d *sshd) {
			d.kex = d.kex[:len(d.kex)-1] // kexStrict
			d.ciphers = append(d.ciphers, "aes256-cbc", "aes128-cbc")
		})},
	{Name: "ssh-dss", Kind: "ssh", Nature: Bad, About: lang.T(
		"Khóa máy chủ chỉ có DSA và RSA ký bằng SHA-1.",
		"Its only host keys are DSA and RSA signing with SHA-1."),
		start: ssh(func(d *sshd) { d.hostKeys = []string{"ssh-dss", "ssh-rsa"} })},
	{Name: "ssh-rsa-1024", Kind: "ssh", Nature: Bad, About: lang.T(
		"Khóa máy chủ RSA chỉ dài 1024 bit.",
		"Its RSA host key has only 1024 bits."),
		start: sshWhole(func(w *wholeSSH) { w.rsaBits = 1024 })},
	{Name: "ssh-password", Kind: "ssh", Nature: Bad, About: lang.T(
		"Cho đăng nhập bằng mật khẩu, ngoài khóa.",
		"Lets users log in by password, beside keys."),
		start: sshWhole(func(w *wholeSSH) { w.password = true })},
	{Name: "ssh-no-login", Kind: "ssh", Nature: Bad, About: lang.T(
		"Cho mọi người vào mà không cần xác thực.",
		"Lets everybody in without authentication."),
		start: sshWhole(func(w *wholeSSH) { w.open = true })},
}
