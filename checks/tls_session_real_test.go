package checks

import (
	"testing"

	"github.com/sansang/sansang/internal/inventory"
)

// TestRealSessions looks at servers whose settings say what there is to see.
func TestRealSessions(t *testing.T) {
	web := func(string) string { return "return 404;" }
	for name, c := range map[string]struct {
		start func(*testing.T) inventory.Endpoint
		want  string
	}{
		"openssl": {func(t *testing.T) inventory.Endpoint { return openssl(t, "RSA") },
			`{"extended_master_secret": true, "encrypt_then_mac": true, "resumes_by_id": true, "resumes_by_ticket": true, "ticket_seconds12": 7200, "ticket_seconds13": 7200, "early_data": 0}`},
		"openssl, no CBC, no tickets": {func(t *testing.T) inventory.Endpoint {
			return openssl(t, "RSA -no_ticket -cipher ECDHE+AESGCM -num_tickets 0")
		}, `{"encrypt_then_mac": {"unknown": {"cause": "prerequisite"}}, "resumes_by_id": true, "resumes_by_ticket": false, "ticket_seconds12": 0, "ticket_seconds13": 0, "early_data": 0}`},
		"openssl, wants a certificate": {func(t *testing.T) inventory.Endpoint { return openssl(t, "RSA -Verify 1 -verify_return_error") },
			`{"extended_master_secret": true, "resumes_by_id": {"unknown": {"cause": "prerequisite"}}, "early_data": {"unknown": {"cause": "prerequisite"}}}`},
		"openssl, asks for a certificate, another group": {func(t *testing.T) inventory.Endpoint { return openssl(t, "ECDSA -verify 1 -groups P-384") },
			`{"resumes_by_ticket": true, "ticket_seconds13": 7200, "early_data": 0}`},
		"openssl, TLS 1.3 only": {func(t *testing.T) inventory.Endpoint {
			return openssl(t, "RSA -tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256")
		}, `{"extended_master_secret": {"unknown": {"cause": "prerequisite"}}, "resumes_by_id": false, "ticket_seconds13": 7200}`},
		"openssl, AES-CCM only": {func(t *testing.T) inventory.Endpoint {
			return openssl(t, "RSA -tls1_3 -ciphersuites TLS_AES_128_CCM_SHA256")
		}, `{"resumes_by_ticket": false, "early_data": {"unknown": {"cause": "prerequisite"}}}`},
		"nginx with early data": {func(t *testing.T) inventory.Endpoint {
			return nginx(t, web, "ssl_protocols TLSv1.2 TLSv1.3; ssl_early_data on; ssl_session_cache shared:S:1m; ssl_session_timeout 30m;")
		}, `{"resumes_by_id": true, "resumes_by_ticket": true, "ticket_seconds12": 1800, "ticket_seconds13": 1800, "early_data": 16384}`},
		"nginx without": {func(t *testing.T) inventory.Endpoint {
			return nginx(t, web, "ssl_protocols TLSv1.2 TLSv1.3; ssl_session_tickets off;")
		}, `{"resumes_by_id": false, "resumes_by_ticket": false, "ticket_seconds12": 0, "early_data": 0}`},
		"GnuTLS": {withGnuTLS("NORMAL"), `{"extended_master_secret": true, "encrypt_then_mac": true, "resumes_by_id": true, "resumes_by_ticket": true, "ticket_seconds12": 21600, "ticket_seconds13": 21600, "early_data": 0}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, c.start(t), map[*Check]string{TLSSession: c.want})
		})
	}
}

// gnutls starts gnutls-serv as it comes.
