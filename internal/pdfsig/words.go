package pdfsig

import (
	"strings"

	"github.com/sansang/sansang/internal/lang"
)

// Detail says beside the state what a person should know of it: why, whose
// certificate, and whether that leads to a root that was given.
func (r *Result) Detail() lang.Text {
	var parts []lang.Text
	if !r.Why.Empty() {
		parts = append(parts, r.Why)
	}
	if n := len(r.Signatures); n > 1 {
		parts = append(parts, lang.Tf("%d chữ ký", "%d signatures", n))
	}
	if s := r.Last(); s != nil && s.Chain != "" {
		if of := s.Issuer.String(); of != "" {
			parts = append(parts, lang.Tf("chứng thư số do %s cấp", "certificate issued by %s", of))
		}
		parts = append(parts, chains[s.Chain])
	}
	var vi, en []string
	for _, p := range parts {
		vi, en = append(vi, p.Vi), append(en, p.En)
	}
	return lang.T(strings.Join(vi, "; "), strings.Join(en, "; "))
}

var chains = map[Chain]lang.Text{
	ChainNotChecked: lang.T("chưa kiểm tra chứng thư số có do CA tin cậy cấp hay không", "whether a trusted CA vouches for the certificate was not checked"),
	ChainTrusted:    lang.T("chứng thư số do CA đã khai ở trusted_cas bảo đảm, chưa kiểm tra có bị thu hồi hay không", "a CA of trusted_cas vouches for the certificate; whether it was revoked was not checked"),
	ChainUntrusted:  lang.T("chứng thư số không do CA nào đã khai ở trusted_cas bảo đảm", "no CA of trusted_cas vouches for the certificate"),
}

// String is the name as a person reads it.
func (n Name) String() string {
	switch {
	case n.Common == "":
		return n.Organisation
	case n.Organisation == "" || n.Organisation == n.Common:
		return n.Common
	}
	return n.Common + ", " + n.Organisation
}
