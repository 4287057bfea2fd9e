package checks

import (
	"bytes"
	"context"
	"regexp"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// AnonymousData is the fact of http.anonymous_data. Numbers are counted, each
// once, and never kept.
type AnonymousData struct {
	Status  int             `json:"status" vi:"mã trạng thái HTTP khi chưa xác thực" en:"HTTP status without authentication"`
	Numbers fact.Maybe[int] `json:"numbers" vi:"số chuỗi 12 chữ số có cấu trúc số định danh cá nhân" en:"strings of 12 digits built like personal identity numbers"`
	Named   fact.Maybe[int] `json:"named" vi:"trong đó, số chuỗi đứng ngay sau tên như CCCD, số định danh" en:"those of them that follow a name such as CCCD or identity number"`
}

// HTTPAnonymousData asks for the declared address as somebody whom nobody
// knows, and counts what looks like identity numbers.
var HTTPAnonymousData = define(Check{
	ID:     "http.anonymous_data",
	Refs:   []string{"CWE-306", "CWE-359", "Thông tư 59/2021/TT-BCA (cấu trúc số định danh)"},
	Speaks: inventory.OverHTTP,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (AnonymousData, error) {
	u := p.Endpoint.URL()
	s := p.session(ctx, u)
	s.quiet = true
	defer s.close()
	pg, err := s.get(u.RequestURI())
	if err != nil {
		return AnonymousData{}, err
	}
	f := AnonymousData{Status: pg.Status}
	var unseen *fact.Unknown
	if unseen = unreadable(pg); unseen == nil && pg.Cut != nil { // a refusal or a redirect too may have a body
		unseen = unanswered("the body is larger than what is read")
	}
	numbers, named := identityNumbers(pg.Body)
	f.Numbers, f.Named = half(numbers, numbers > 0, unseen), half(named, named > 0, unseen)
	return f, nil
})

var (
	// identityNumber is province, century and sex, year of birth, six digits.
	identityNumber = regexp.MustCompile(`(?:^|[^0-9.])(0(?:0[12468]|1[0124579]|2[024567]|3[01345678]|4[0245689]|5[124568]|6[024678]|7[024579]|8[0234679]|9[1-6])[0-3]\d{8})(?:[^0-9]|$)`)
	// identityName is how fields with such a number are called, up to it and
	// not beyond another field.
	identityName = regexp.MustCompile(`(?i)(?:cccd|cmnd|can_?cuoc|căn cước|so_?dinh_?danh|định danh|ma_?dinh_?danh|citizen_?id|national_?id|identity_?(?:no|number)|personal_?id)[^0-9,;}]{0,40}$`)
)

// identityNumbers counts strings built like identity numbers, and those that
// are called so.
func identityNumbers(body []byte) (numbers, named int) {
	seen := map[string]bool{}
	for at := 0; at < len(body) && len(seen) < 1000; {
		m := identityNumber.FindSubmatchIndex(body[at:])
		if m == nil {
			break
		}
		start, end := at+m[2], at+m[3]
		at = end
		number := string(body[start:end])
		if seen[number] {
			continue
		}
		seen[number] = true
		numbers++
		before := body[max(0, start-100):start]
		if identityName.Match(bytes.ToValidUTF8(before, nil)) {
			named++
		}
	}
	return numbers, named
}
