package roster

import (
	"strings"

	"github.com/sansang/sansang/internal/lang"
)

// A field is something that a column may hold. Its key is where the value goes
// in the unit file; names are other names of the column, folded.
type field struct {
	key   string
	name  lang.Text
	names string
}

// fields are all columns that are understood, in the order of a template.
var fields = []field{
	{key: "unit.id", name: lang.T("Mã định danh", "Unit ID"), names: "madinhdanhdientu madonvi unitid madinhdanhdonvi"},
	{key: "unit.name", name: lang.T("Tên đơn vị", "Unit name"), names: "donvi unit unitname fullnamevi coquan tencoquan"},
	{key: "unit.kind", name: lang.T("Loại đơn vị", "Unit kind"), names: "type unitkind unittype capdonvi capcoquan caphanhchinh"},
	{key: "unit.gso", name: lang.T("Mã đơn vị hành chính", "GSO code"), names: "gso gsocode code magso madvhc mahanhchinh"},
	{key: "unit.parent", name: lang.T("Mã đơn vị cấp trên", "Parent ID"), names: "parent donvicaptren captren tructhuoc madinhdanhcaptren parentunit"},
	{key: "parent.gso", name: lang.T("Mã đơn vị hành chính cấp trên", "Parent GSO code"), names: "provincecode matinh parentgso madvhccaptren"},
	{key: "merged.old", name: lang.T("Mã cũ đã sáp nhập", "Merged old codes"), names: "macu cacmacu sapnhaptu oldcodes oldcode mergedfrom merged mergedcodes"},
	{key: "merged.on", name: lang.T("Ngày sáp nhập", "Merged on"), names: "mergedon mergeday"},
	{key: "systems.id", name: lang.T("Mã hệ thống", "System ID"), names: "systemid mahttt"},
	{key: "systems.name", name: lang.T("Tên hệ thống", "System name"), names: "hethong system systemname hethongthongtin tenhethongthongtin"},
	{key: "systems.level", name: lang.T("Cấp độ", "Level"), names: "level systemlevel capdohethong capdoantoan capdoanninhmang capdoattt"},
	{key: "systems.purpose", name: lang.T("Mục đích", "Purpose"), names: "purpose"},
	{key: "systems.connects", name: lang.T("Kết nối CSDL dân cư", "Connects"), names: "connects ketnoicsdlqgvedancu ketnoi"},
	{key: "operator.id", name: lang.T("Mã đơn vị vận hành", "Operator ID"), names: "operatorid"},
	{key: "operator.name", name: lang.T("Đơn vị vận hành", "Operator"), names: "operator operatorname tendonvivanhanh"},
	{key: "endpoints.id", name: lang.T("Mã điểm kết nối", "Endpoint ID"), names: "endpointid"},
	{key: "endpoints.target", name: lang.T("Địa chỉ", "Target"), names: "target url diachiweb endpoint diemketnoi diachiketnoi address"},
	{key: "endpoints.kind", name: lang.T("Giao thức", "Protocol"), names: "protocol endpointkind loaidiemketnoi"},
	{key: "endpoints.zone", name: lang.T("Vùng mạng", "Zone"), names: "zone vung"},
	{key: "endpoints.server_name", name: lang.T("Tên máy chủ TLS", "Server name"), names: "servername tenmaychu tlsname sni"},
	{key: "endpoints.plain", name: lang.T("Địa chỉ http", "Plain HTTP"), names: "plain plainhttp diachihttpkhongmahoa"},
	{key: "domains", name: lang.T("Tên miền", "Domains"), names: "domain domains cactenmien tenmiencuadonvi"},
	{key: "hosts", name: lang.T("Dải địa chỉ của đơn vị", "Hosts"), names: "hosts daidiachi cacdaidiachi"},
	{key: "trusted_cas", name: lang.T("Tệp CA tin cậy", "Trusted CAs"), names: "trustedcas trustedca caturieng"},
	{key: "authorisation.by", name: lang.T("Người cho phép rà quét", "Authorised by"), names: "authorisedby authorizedby authorisationby nguoichophep coquanchophep"},
	{key: "authorisation.document", name: lang.T("Văn bản cho phép rà quét", "Authorisation document"), names: "authorisation authorization authorizationdocument vanbanchophep vanban"},
	{key: "authorisation.sha256", name: lang.T("SHA-256 của văn bản", "Authorisation SHA-256"), names: "sha256 sha256vanban authorizationsha256 documentsha256"},
	{key: "authorisation.from", name: lang.T("Cho phép từ ngày", "Authorised from"), names: "authorizedfrom from tungay"},
	{key: "authorisation.until", name: lang.T("Cho phép đến ngày", "Authorised until"), names: "authorizeduntil until denngay denhetngay chophepdenhetngay"},
	{key: "authorisation.hours", name: lang.T("Giờ được rà quét", "Authorised hours"), names: "hours authorizedhours gioraquet"},
	{key: "authorisation.names", name: lang.T("Tên miền được rà quét", "Authorised names"), names: "authorizednames scopenames names tenmienduocphep"},
	{key: "authorisation.cidrs", name: lang.T("Dải địa chỉ được rà quét", "Authorised CIDRs"), names: "authorizedcidrs scopecidrs cidrs cidr daidiachiduocphep"},
	{key: "authorisation.classes", name: lang.T("Phép thử được cho phép", "Authorised classes"), names: "authorizedclasses classes"},
	{key: "papers.requirement", name: lang.T("Mã yêu cầu", "Requirement"), names: "yeucau requirementid"},
	{key: "papers.system", name: lang.T("Hệ thống áp dụng", "For system"), names: "forsystem"},
	{key: "papers.endpoint", name: lang.T("Điểm kết nối áp dụng", "For endpoint"), names: "forendpoint"},
	{key: "attestations.document", name: lang.T("Tài liệu chứng minh", "Evidence document"), names: "tailieu evidence teptailieu"},
	{key: "attestations.sha256", name: lang.T("SHA-256 của tài liệu", "Evidence SHA-256"), names: "sha256tailieu"},
	{key: "attestations.result", name: lang.T("Kết quả chứng minh", "Evidence result"), names: "ketqua result"},
	{key: "attestations.issuer", name: lang.T("Cơ quan ban hành", "Issuer"), names: "noibanhanh"},
	{key: "attestations.issued", name: lang.T("Ngày ban hành", "Issued"), names: "issuedon"},
	{key: "attestations.until", name: lang.T("Có giá trị đến ngày", "Evidence until"), names: "cogiatriden hieulucden"},
	{key: "attestations.signer", name: lang.T("Người ký", "Signer"), names: "signedby"},
	{key: "attestations.by", name: lang.T("Người xác nhận", "Attested by"), names: "attester"},
	{key: "attestations.note", name: lang.T("Ghi chú của tài liệu", "Evidence note"), names: "ghichutailieu"},
	{key: "waivers.reason", name: lang.T("Lý do miễn trừ", "Waiver reason"), names: "lydo reason"},
	{key: "waivers.approver", name: lang.T("Người phê duyệt miễn trừ", "Waiver approver"), names: "nguoipheduyet approver"},
	{key: "waivers.expires", name: lang.T("Miễn trừ đến ngày", "Waived until"), names: "mientruden waiverexpires"},
}

// unclear are names that people give to several fields. Which it is is told by
// the others having columns of their own.
var unclear = map[string][]string{
	"ma": {"unit.id", "endpoints.id", "systems.id"}, "id": {"unit.id", "endpoints.id", "systems.id"},
	"ten": {"unit.name", "systems.name"}, "name": {"unit.name", "systems.name"},
	"kind": {"unit.kind", "endpoints.kind"}, "loai": {"unit.kind", "endpoints.kind"},
	"cap": {"unit.kind", "systems.level"},
}

// unused are columns that lists have and that say nothing to us. Those of the
// statistics office's files that are told unverified would have packets sent to
// names, or units called by codes, that nobody has confirmed.
var unused = func() map[string]lang.Text {
	m := map[string]lang.Text{}
	for _, n := range strings.Fields("stt tt sothutu no ghichu note notes remark remarks communes xa phuong dackhu") {
		m[n] = lang.Text{}
	}
	for _, n := range strings.Fields("hcode hcodestatus provincehcodeunverified derivedomain deriveddomain deriveddomainunverified absorbedprovincesclosedcodes") {
		m[n] = lang.T("chưa được đối chiếu nên không dùng", "is not verified, and so is not used")
	}
	return m
}()

// known finds fields by folded name.
var known = func() map[string]string {
	m := map[string]string{}
	for _, f := range fields {
		for _, n := range append(strings.Fields(f.names), fold(f.name.Vi, ""), fold(f.name.En, "")) {
			if other, twice := m[n]; twice && other != f.key {
				panic(n + " names both " + other + " and " + f.key)
			}
			m[n] = f.key
		}
	}
	return m
}()

func fieldOf(key string) field {
	for _, f := range fields {
		if f.key == key {
			return f
		}
	}
	return field{key: key, name: lang.T(key, key)}
}
