package checks

import (
	"context"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Certificates is the fact of tls.certificates. What was seen stands in Seen
// even if there may be more; Whole tells whether that is all.
type Certificates struct {
	KeyTypes    fact.Maybe[[]string] `json:"key_types" vi:"các loại khóa máy chủ có cho tên này" en:"kinds of keys that the server has for this name"`
	Seen        []Shown              `json:"seen" vi:"mọi chứng thư số đã thấy" en:"all certificates seen"`
	Whole       fact.Maybe[bool]     `json:"whole" vi:"đã thấy đủ mọi loại chứng thư số máy chủ đưa ra cho tên này" en:"every kind that the server shows for this name was seen"`
	WithoutName fact.Maybe[string]   `json:"without_name" vi:"chứng thư số đưa ra khi máy khách không nêu tên (SNI): same (như khi nêu tên), other (khác), none (không có)" en:"what a client gets that sends no name (SNI): same, other or none"`
}

// Shown is one certificate and the chain that came with it.
type Shown struct {
	WithName     bool        `json:"with_name" vi:"đưa ra cho máy khách hỏi đúng tên" en:"shown to clients that ask for the name"`
	WithoutName  bool        `json:"without_name" vi:"đưa ra cho máy khách không nêu tên" en:"shown to clients that send no name"`
	Protocols    []string    `json:"protocols" vi:"các phiên bản đã thấy" en:"versions under which it was seen"`
	Subject      string      `json:"subject" vi:"chủ thể" en:"subject"`
	Names        []string    `json:"names" vi:"các tên miền và địa chỉ được cấp (SAN)" en:"names and addresses it is for (SAN)"`
	NameMatches  bool        `json:"name_matches" vi:"khớp với tên máy chủ" en:"matches the server's name"`
	NotBefore    time.Time   `json:"not_before" vi:"có hiệu lực từ" en:"valid from"`
	NotAfter     time.Time   `json:"not_after" vi:"có hiệu lực đến" en:"valid until"`
	LifetimeDays int64       `json:"lifetime_days" vi:"thời hạn (ngày)" en:"lifetime (days)"`
	SHA256       string      `json:"sha256" vi:"dấu vân tay SHA-256" en:"SHA-256 fingerprint"`
	KeyType      string      `json:"key_type" vi:"loại khóa" en:"key type"`
	KeyBits      int64       `json:"key_bits" vi:"độ dài khóa (bit)" en:"key size (bits)"`
	Signature    string      `json:"signature_algorithm" vi:"thuật toán ký" en:"signature algorithm"`
	ROCA         bool        `json:"roca" vi:"khóa RSA mang dấu vết lỗi ROCA (CVE-2017-15361)" en:"RSA key bears the mark of ROCA (CVE-2017-15361)"`
	Chain        []ChainLink `json:"chain" vi:"chuỗi gửi kèm, gồm cả chính nó" en:"the chain that came with it, itself included"`
}

// ChainLink is one certificate of a chain, by its place in it.
type ChainLink struct {
	Position      int64  `json:"position" vi:"vị trí trong chuỗi (0: máy chủ)" en:"place in the chain (0: the server's)"`
	Subject       string `json:"subject" vi:"chủ thể" en:"subject"`
	KeyType       string `json:"key_type" vi:"loại khóa" en:"key type"`
	KeyBits       int64  `json:"key_bits" vi:"độ dài khóa (bit)" en:"key size (bits)"`
	Signature     string `json:"signature_algorithm" vi:"thuật toán ký" en:"signature algorithm"`
	SignatureHash string `json:"signature_hash" vi:"hàm băm của chữ ký" en:"hash of the signature"`
	SelfSigned    bool   `json:"self_signed" vi:"tự ký" en:"self-signed"`
}

// TLSCertificates finds by elimination a certificate of each kind of key, in
// each version and without a name: see hello.FindCertificates. Whether it is
// trusted is for tls.certificate to see.
var TLSCertificates = define(Check{
	ID:       "tls.certificates",
	Refs:     []string{"RFC 5246 §7.4.2", "RFC 8446 §4.4.2.2", "RFC 8446 §4.2.3", "RFC 6066 §3", "RFC 5280 §4.1"},
	Speaks:   inventory.OverTLS,
	Touch:    Polite,
	Known:    fact.Observed,
	Requires: []*Check{TLSSuites},
}, func(ctx context.Context, p *Probe) (Certificates, error) {
	s := &certificateSurvey{p: p, suites: newGroupSurvey(p, Read[Suites](p, TLSSuites))}
	s.withName(ctx)
	if len(s.rows) == 0 {
		return Certificates{}, s.unseen
	}
	without := s.withoutName(ctx)
	return s.fact(without), nil
})
