package foreign

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// fuzz feeds a reader: whatever comes, it gives an error or observations that
// are valid, and of nothing that the unit does not declare.
func fuzz(f *testing.F, format, pattern string, seeds ...string) {
	files, _ := filepath.Glob(filepath.Join(samples, pattern)) // the pattern is well-formed
	for _, file := range files {
		f.Add(sample(f, filepath.Base(file)))
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	all := append(endpoints(), inventory.Endpoint{ID: "here", Target: "https://127.0.0.1:36409/", Kind: inventory.HTTPS})
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = detect(data)
		r, err := Read("f", format, data)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q is not one line", err)
			}
			return
		}
		obs, _, err := r.Observations(Place{Endpoints: all, By: fact.Teller{Tool: "t", File: "f"}, At: time.Unix(1e9, 0)})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range obs {
			if err := o.Validate(); err != nil {
				t.Error(err)
			}
		}
	})
}

func FuzzTestSSL(f *testing.F)  { fuzz(f, "testssl", "testssl-*") }
func FuzzSSHAudit(f *testing.F) { fuzz(f, "ssh-audit", "ssh-audit-*") }
func FuzzXCCDF(f *testing.F)    { fuzz(f, "xccdf", "xccdf-*", arf) }

func FuzzSSLyze(f *testing.F) {
	fuzz(f, "sslyze", "sslyze-*", `{"sslyze_version":"6","date_scans_started":"2026-11-19T01:02:03","server_scan_results":[{"server_location":{"hostname":"127.0.0.1","port":36409},"connectivity_status":"COMPLETED","scan_result":{"heartbleed":{"status":"COMPLETED","result":{"is_vulnerable_to_heartbleed":true}},"tls_1_2_cipher_suites":{"status":"COMPLETED","result":{"is_tls_version_supported":true,"accepted_cipher_suites":[{}]}},"certificate_info":{"status":"COMPLETED","result":{"certificate_deployments":[{"received_certificate_chain":[{"as_pem":"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"}]}]}}}}]}`)
}

func FuzzNuclei(f *testing.F) {
	fuzz(f, "nuclei", "nuclei-*", `{"template-id":"CVE-2023-22515","info":{"name":"x","severity":"critical","classification":{"cve-id":["CVE-2023-22515"]}},"host":"https://127.0.0.1:36409","matched-at":"https://127.0.0.1:36409/x","timestamp":"2026-11-18T09:00:00Z"}`)
}

func FuzzOSCAL(f *testing.F) {
	fuzz(f, "oscal", "oscal-*", `{"assessment-results":{"metadata":{"title":"t"},"results":[{"start":"2026-11-01T00:00:00Z","observations":[{"uuid":"o","collected":"2026-10-30T00:00:00Z"}],"findings":[{"title":"a","target":{"target-id":"org-01_obj","status":{"state":"satisfied"}},"related-observations":[{"observation-uuid":"o"}]}]}]}}`)
}
