package lab

import "github.com/sansang/sansang/internal/lang"

// unitZone is the zone that recipes spoil.
const unitZone = DNSName + "."

// paperOf spoils how the unit's zone is signed.
func paperOf(w paperwork) starter {
	return naming(func(n *namer) { n.paper[unitZone] = w })
}

// with puts records in place of those of the same name and type.
func with(records ...string) starter {
	return naming(func(n *namer) { n.extra = records })
}

// without takes records away: "name TYPE".
func without(records ...string) starter {
	return naming(func(n *namer) { n.drop = records })
}

var goodDNS = []Recipe{
	{Name: "dns-good", Kind: "dns", Nature: Good, About: lang.T(
		"Tên miền xa.gov.vn khai báo đầy đủ, ký DNSSEC hợp lệ từ gốc xuống.",
		"The domain xa.gov.vn, complete and signed so that it holds from the root down."),
		start: naming()},
	{Name: "dns-nsec3", Kind: "dns", Nature: Good, About: lang.T(
		"Như dns-good, vùng gov.vn và xa.gov.vn dùng NSEC3.",
		"As dns-good, with NSEC3 in gov.vn and xa.gov.vn."),
		start: naming(func(n *namer) {
			n.paper["gov.vn."], n.paper[unitZone] = paperwork{hashed: true}, paperwork{hashed: true}
			n.extra = []string{"xa.gov.vn. 60 NSEC3PARAM 1 0 0 -"}
		})},
	{Name: "dns-no-mail", Kind: "dns", Nature: Good, About: lang.T(
		"Tên miền không dùng thư, khai báo đúng như vậy (null MX, SPF -all, DMARC reject).",
		"A domain without mail that says so (null MX, SPF -all, DMARC reject)."),
		start: with(`xa.gov.vn. 60 MX 0 .`, `xa.gov.vn. 60 TXT "v=spf1 -all"`)},
}

var badDNS = []Recipe{
	{Name: "dns-unsigned", Kind: "dns", Nature: Bad, About: lang.T(
		"Vùng không ký; vùng cha chứng minh là không có DS (NSEC).",
		"A zone that is not signed; its parent proves that there is no DS (NSEC)."),
		start: paperOf(paperwork{unsigned: true})},
	{Name: "dns-unsigned-nsec3", Kind: "dns", Nature: Bad, About: lang.T(
		"Vùng không ký; vùng cha chứng minh bằng NSEC3.",
		"A zone that is not signed; its parent proves it by NSEC3."),
		start: naming(func(n *namer) {
			n.paper["gov.vn."], n.paper[unitZone] = paperwork{hashed: true}, paperwork{unsigned: true}
		})},
	{Name: "dns-no-ds", Kind: "dns", Nature: Bad, About: lang.T(
		"Vùng đã ký nhưng vùng cha không có DS.",
		"A zone that is signed while its parent has no DS."),
		start: paperOf(paperwork{orphan: true})},
	{Name: "dns-expired", Kind: "dns", Nature: Bad, About: lang.T(
		"Chữ ký của vùng đã hết hạn từ hôm qua.",
		"Signatures of the zone that ended yesterday."),
		start: paperOf(paperwork{ended: true})},
	{Name: "dns-early", Kind: "dns", Nature: Bad, About: lang.T(
		"Chữ ký của vùng đến ngày mai mới có hiệu lực.",
		"Signatures of the zone that begin tomorrow."),
		start: paperOf(paperwork{early: true})},
	{Name: "dns-forged", Kind: "dns", Nature: Bad, About: lang.T(
		"Chữ ký không phải của khóa mà vùng công bố.",
		"Signatures that are not by the key that the zone publishes."),
		start: paperOf(paperwork{forged: true})},
	{Name: "dns-wrong-ds", Kind: "dns", Nature: Bad, About: lang.T(
		"DS ở vùng cha là của khóa khác.",
		"A DS at the parent that is of another key."),
		start: paperOf(paperwork{wrongDS: true})},
	{Name: "dns-nsec3-salted", Kind: "dns", Nature: Bad, About: lang.T(
		"NSEC3 có muối và 10 vòng lặp, trái RFC 9276.",
		"NSEC3 with a salt and 10 iterations, against RFC 9276."),
		start: naming(func(n *namer) {
			n.paper[unitZone] = paperwork{hashed: true, salt: "AABBCCDD", rounds: 10}
			n.extra = []string{"xa.gov.vn. 60 NSEC3PARAM 1 0 10 AABBCCDD"}
		})},
	{Name: "dns-axfr-open", Kind: "dns", Nature: Bad, About: lang.T(
		"Máy chủ tên miền trao toàn bộ vùng cho bất kỳ ai (AXFR).",
		"A name server that hands the whole zone to anybody (AXFR)."),
		start: naming(func(n *namer) { n.transfers = true })},
	{Name: "dns-recursion-open", Kind: "dns", Nature: Bad, About: lang.T(
		"Máy chủ tên miền phân giải hộ bất kỳ ai.",
		"A name server that resolves for anybody."),
		start: naming(func(n *namer) { n.recurses = true })},
	{Name: "dns-version", Kind: "dns", Nature: Bad, About: lang.T(
		"Máy chủ tên miền cho biết phiên bản phần mềm.",
		"A name server that tells its version."),
		start: naming(func(n *namer) { n.version = "9.11.4-P2-RedHat" })},
	{Name: "dns-no-tcp", Kind: "dns", Nature: Bad, About: lang.T(
		"Máy chủ tên miền không trả lời qua TCP.",
		"A name server that does not answer over TCP."),
		start: naming(func(n *namer) { n.noTCP = true })},
	{Name: "dns-lame", Kind: "dns", Nature: Bad, About: lang.T(
		"Máy chủ được ủy quyền nhưng không biết vùng (REFUSED).",
		"Servers that the zone is delegated to and that do not know it (REFUSED)."),
		start: naming(func(n *namer) { n.refuses = true })},
	{Name: "dns-stale", Kind: "dns", Nature: Bad, About: lang.T(
		"Máy chủ tên miền giữ bản vùng cũ (serial nhỏ hơn).",
		"A name server with an old version of the zone (a lower serial)."),
		start: with("xa.gov.vn. 60 SOA ns1.xa.gov.vn. quantri.xa.gov.vn. 2025010101 3600 900 604800 300")},
	{Name: "dns-one-server", Kind: "dns", Nature: Bad, About: lang.T(
		"Chỉ có một máy chủ tên miền.",
		"A zone with one name server."),
		start: with("xa.gov.vn. 60 NS ns1.xa.gov.vn.")},
	{Name: "dns-dangling", Kind: "dns", Nature: Bad, About: lang.T(
		"Máy chủ tên miền, máy chủ thư và bí danh www trỏ tới tên không tồn tại.",
		"A name server, a mail server and the alias www that lead to names which do not exist."),
		start: naming(func(n *namer) {
			n.drop = []string{"ns2.xa.gov.vn. A", "mail.xa.gov.vn. A", "www.xa.gov.vn. A", "www.xa.gov.vn. AAAA", "xa.gov.vn. AAAA", "_443._tcp.www.xa.gov.vn. TLSA"}
			n.extra = []string{"www.xa.gov.vn. 60 CNAME trang-cu.khac.vn."}
		})},
	{Name: "dns-alias-loop", Kind: "dns", Nature: Bad, About: lang.T(
		"Bí danh www trỏ vòng về chính nó.",
		"The alias www that leads back to itself."),
		start: naming(func(n *namer) {
			n.drop = []string{"www.xa.gov.vn. A", "www.xa.gov.vn. AAAA", "_443._tcp.www.xa.gov.vn. TLSA"}
			n.extra = []string{"www.xa.gov.vn. 60 CNAME tin.xa.gov.vn."}
		})},
	{Name: "dns-bare", Kind: "dns", Nature: Bad, About: lang.T(
		"Tên miền không có CAA, SPF, DMARC, DKIM, MTA-STS, TLSA.",
		"A domain without CAA, SPF, DMARC, DKIM, MTA-STS or TLSA."),
		start: without("xa.gov.vn. CAA", "xa.gov.vn. TXT", "_dmarc.xa.gov.vn. TXT", "thu._domainkey.xa.gov.vn. TXT",
			"_mta-sts.xa.gov.vn. TXT", "_smtp._tls.xa.gov.vn. TXT", "_443._tcp.www.xa.gov.vn. TLSA", "xa.gov.vn. AAAA", "www.xa.gov.vn. AAAA")},
	{Name: "dns-mail-open", Kind: "dns", Nature: Bad, About: lang.T(
		"SPF cho mọi người gửi (+all), DMARC chỉ theo dõi và báo cho nơi không nhận, khóa DKIM đã thu hồi.",
		"SPF that lets everybody send (+all), DMARC that only watches and reports to who does not take it, a revoked DKIM key."),
		start: with(`xa.gov.vn. 60 TXT "v=spf1 mx +all"`, `_dmarc.xa.gov.vn. 60 TXT "v=DMARC1; p=none; rua=mailto:x@reports.example"`,
			`thu._domainkey.xa.gov.vn. 60 TXT "v=DKIM1; p="`)},
	{Name: "dns-mail-macro", Kind: "dns", Nature: Bad, About: lang.T(
		"SPF dẫn tới bản ghi phụ thuộc nơi gửi (macro).",
		"SPF that leads to a record which depends on who sends (a macro)."),
		start: with(`xa.gov.vn. 60 TXT "v=spf1 include:%{i}.khac.vn -all"`)},
	{Name: "dns-stripped", Kind: "dns", Nature: Bad, About: lang.T(
		"Máy phân giải bỏ hết chữ ký: không nói được gì về DNSSEC.",
		"A resolver that leaves every signature out: it says nothing of DNSSEC."),
		start: naming(func(n *namer) { n.strips = true })},
	{Name: "dns-no-proof", Kind: "dns", Nature: Bad, About: lang.T(
		"Máy phân giải bỏ bằng chứng là không có DS.",
		"A resolver that leaves out the proof that there is no DS."),
		start: paperOf(paperwork{unsigned: true, silent: true})},
	{Name: "dns-mail-broken", Kind: "dns", Nature: Bad, About: lang.T(
		"SPF trỏ vòng và sai cú pháp, DMARC sai chính sách, MTA-STS và TLS-RPT thiếu mục.",
		"SPF in a loop and malformed, DMARC with no known policy, MTA-STS and TLS reports with parts missing."),
		start: with(`xa.gov.vn. 60 TXT "v=spf1 include:xa.gov.vn ipv4:192.0.2.1 -all"`, `_dmarc.xa.gov.vn. 60 TXT "v=DMARC1; p=deny"`,
			`_mta-sts.xa.gov.vn. 60 TXT "v=STSv1"`, `_smtp._tls.xa.gov.vn. 60 TXT "v=TLSRPTv1"`)},
}

var hostileDNS = []Recipe{
	{Name: "dns-fails", Kind: "tcp", Nature: Hostile, About: lang.T(
		"Trả lời SERVFAIL cho mọi câu hỏi.",
		"Answers SERVFAIL to every question."),
		start: naming(func(n *namer) { n.fails = true })},
	{Name: "dns-mute", Kind: "tcp", Nature: Hostile, About: lang.T(
		"Nhận câu hỏi tên miền và im lặng.",
		"Takes questions of the DNS and stays silent."),
		start: naming(func(n *namer) { n.mute = true })},
	{Name: "dns-cut", Kind: "tcp", Nature: Hostile, About: lang.T(
		"Luôn nói câu trả lời bị cắt (TC), cả qua TCP.",
		"Says for ever that the answer is cut (TC), over TCP too."),
		start: naming(func(n *namer) { n.cut = true })},
	{Name: "dns-wrong-id", Kind: "tcp", Nature: Hostile, About: lang.T(
		"Trả lời với số hiệu của câu hỏi khác.",
		"Answers with the number of another question."),
		start: naming(func(n *namer) { n.wrongID = true })},
	{Name: "dns-other-question", Kind: "tcp", Nature: Hostile, About: lang.T(
		"Trả lời một câu hỏi khác.",
		"Answers another question."),
		start: naming(func(n *namer) { n.other = true })},
	{Name: "dns-garbage", Kind: "tcp", Nature: Hostile, About: lang.T(
		"Trả lời bằng dữ liệu không phải DNS.",
		"Answers with what is not DNS."),
		start: naming(func(n *namer) { n.garbage = true })},
}
