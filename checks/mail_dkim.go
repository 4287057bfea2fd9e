package checks

import (
	"context"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/mailauth"
)

// DKIM is the fact of mail.dkim.
type DKIM struct {
	Keys []MailKey `json:"keys" vi:"khóa DKIM của các selector đã khai" en:"DKIM keys of the declared selectors"`
}

// MailKey is the key of one selector.
type MailKey struct {
	Selector string   `json:"selector" vi:"selector" en:"selector"`
	Present  bool     `json:"present" vi:"có bản ghi" en:"has a record"`
	Type     string   `json:"type" vi:"loại khóa" en:"key type"`
	Bits     int      `json:"bits" vi:"độ dài khóa (bit)" en:"key size (bits)"`
	Revoked  bool     `json:"revoked" vi:"đã thu hồi" en:"revoked"`
	Testing  bool     `json:"testing" vi:"đang thử (t=y)" en:"in testing (t=y)"`
	SHA1     bool     `json:"sha1" vi:"chỉ dùng SHA-1" en:"SHA-1 only"`
	Problems []string `json:"problems" vi:"lỗi" en:"problems"`
}

// MailDKIM reads the keys of the selectors that the unit declares. Nothing else
// tells which there are.
var MailDKIM = define(Check{
	ID:     "mail.dkim",
	Refs:   []string{"RFC 6376 §3.6.1", "RFC 8301 §3", "RFC 8463 §4"},
	Speaks: inventory.OverDNS,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (DKIM, error) {
	f := DKIM{Keys: []MailKey{}}
	if len(p.Endpoint.DKIM) == 0 {
		return f, fact.Because(fact.Skipped, "the unit file names no DKIM selectors of this domain (dkim: [...])")
	}
	if _, err := p.zone(ctx); err != nil {
		return f, err
	}
	for _, selector := range p.Endpoint.DKIM {
		k, err := mailauth.ReadDKIM(ctx, mailNames{p}, selector, p.domain())
		if err != nil {
			return f, err
		}
		if k.Records > 1 {
			k.Problems = append(k.Problems, "there is more than one record")
		}
		f.Keys = append(f.Keys, MailKey{selector, k.Records > 0, oneLine(k.KeyType, 200), k.Bits, k.Revoked, k.Testing, k.SHA1, k.Problems})
	}
	return f, nil
})
