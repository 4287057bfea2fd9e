package foreign

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Of a certificate alone, without those that were sent along, this is told.
var leafFields = []string{"subject", "issuer", "names", "not_before", "not_after", "lifetime_days", "name_matches", "self_signed", "key_type", "key_bits", "roca"}

var chainFields = append([]string{"chain", "chain_ordered", "root_sent"}, leafFields...)

// parsePEM reads a certificate in PEM whose lines may have been joined.
func parsePEM(s string) (*x509.Certificate, bool) {
	_, s, ok := strings.Cut(s, "-----BEGIN CERTIFICATE-----")
	s, _, end := strings.Cut(s, "-----END CERTIFICATE-----")
	if !ok || !end {
		return nil, false
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		return nil, false
	}
	c, err := x509.ParseCertificate(der)
	return c, err == nil
}

// certificateOf tells of the certificate what the fields name, by what an
// endpoint is called. trusted adds what the tool says of trust.
func certificateOf(chain []*x509.Certificate, fields []string, trusted bool) func(inventory.Endpoint) map[string]any {
	return func(e inventory.Endpoint) map[string]any {
		f, err := checks.ReadCertificate(chain, e.Name())
		if err != nil {
			return map[string]any{"subject": fact.FromError(err)}
		}
		out := only(f, fields...)
		if trusted { // by the lists that the tool has; whether the unit declares another is not its matter
			out["trusted"] = true
		}
		return out
	}
}

// only gives the fields of a fact that have these names.
func only(f any, names ...string) map[string]any {
	var all map[string]json.RawMessage
	b, err := json.Marshal(f)
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	out := map[string]any{}
	for _, name := range names {
		if v, ok := all[name]; ok && err == nil {
			out[name] = v
		}
	}
	return out
}
