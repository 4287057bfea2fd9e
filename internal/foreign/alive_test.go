package foreign

import (
	"testing"

	"github.com/sansang/sansang/internal/fact"
)

// A server of which no version was seen may have been silent to all.
func TestNoToEveryVersionIsNoAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		format, file string
		open         bool
	}{
		"testssl, none": {"testssl", `[{"id":"TLS1","ip":"127.0.0.1/127.0.0.1","port":"443","severity":"INFO","finding":"not offered"},{"id":"TLS1_2","ip":"127.0.0.1/127.0.0.1","port":"443","severity":"INFO","finding":"not offered"}]`, true},
		"testssl, one":  {"testssl", `[{"id":"TLS1","ip":"127.0.0.1/127.0.0.1","port":"443","severity":"INFO","finding":"not offered"},{"id":"TLS1_2","ip":"127.0.0.1/127.0.0.1","port":"443","severity":"OK","finding":"offered"}]`, false},
		"sslyze, none":  {"sslyze", `{"sslyze_version":"6.0.0","server_scan_results":[{"server_location":{"hostname":"127.0.0.1","port":443},"connectivity_status":"COMPLETED","scan_result":{"tls_1_0_cipher_suites":{"status":"COMPLETED","result":{"is_tls_version_supported":false,"accepted_cipher_suites":[]}}}}]}`, true},
		"sslyze, one":   {"sslyze", `{"sslyze_version":"6.0.0","server_scan_results":[{"server_location":{"hostname":"127.0.0.1","port":443},"connectivity_status":"COMPLETED","scan_result":{"tls_1_0_cipher_suites":{"status":"COMPLETED","result":{"is_tls_version_supported":false,"accepted_cipher_suites":[]}},"tls_1_2_cipher_suites":{"status":"COMPLETED","result":{"is_tls_version_supported":true,"accepted_cipher_suites":[{}]}}}}]}`, false},
	} {
		r, err := Read("x.json", c.format, []byte(c.file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		found := false
		for _, told := range r.Told {
			if told.Check != "tls.versions" {
				continue
			}
			found = true
			if _, open := told.Fields["tls10"].(*fact.Unknown); open != c.open || !open && told.Fields["tls10"] != false {
				t.Errorf("%s: TLS 1.0 is %v, want it open: %v", name, told.Fields["tls10"], c.open)
			}
		}
		if !found {
			t.Errorf("%s: no versions are told", name)
		}
	}
}
