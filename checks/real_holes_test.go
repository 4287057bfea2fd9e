package checks

import "testing"

// TestRealCBC holds real servers that accept CBC against malformed records:
// OpenSSL with each kind of suite, and nginx in all versions.
func TestRealCBC(t *testing.T) {
	t.Parallel()
	for suite, name := range map[string]string{
		"ECDHE-RSA-AES128-SHA": "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "AES256-SHA": "TLS_RSA_WITH_AES_256_CBC_SHA",
		"ECDHE-RSA-AES128-SHA256": "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
	} {
		expect(t, sslServer(t, "-tls1_2", "-cipher", suite+":@SECLEVEL=0"), map[*Check]string{
			TLSCBCPadding: `{"seen_vulnerable": false, "vulnerable": false, "accepts_malformed": false, "tried": ["TLS 1.2 ` + name + `"]}`,
			TLSHoles:      `{"poodle": false, "drown": false, "freak": false, "logjam": false, "sweet32": false, "rc4": false, "beast": false, "lucky13": true}`,
		})
	}
	e := nginx(t, func(string) string { return "return 404;" }, "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0; gzip on; gzip_min_length 1;")
	expect(t, e, map[*Check]string{
		TLSCBCPadding: `{"vulnerable": false, "tried": ["TLS 1.2 TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS 1.1 TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS 1.0 TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"]}`,
		TLSHoles:      `{"poodle": false, "drown": false, "beast": true, "lucky13": true}`,
	})
}

// TestRealCompression looks at pages of nginx, compressed and not.
func TestRealCompression(t *testing.T) {
	t.Parallel()
	none := func(string) string { return "return 404;" }
	expect(t, nginx(t, none, "gzip on; gzip_min_length 1;"), map[*Check]string{HTTPCompression: `{"compresses": true, "encodings": ["gzip"], "reflects": false}`})
	expect(t, nginx(t, none, "gzip off;"), map[*Check]string{HTTPCompression: `{"compresses": false, "encodings": [], "reflects": false}`})
}
