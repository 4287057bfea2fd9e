package checks

import (
	"fmt"
	"net"
	"path/filepath"
	"testing"

	"github.com/sansang/sansang/internal/inventory"
)

// TestRealXRDP looks at Debian's RDP server, with TLS and with RDP's own
// encryption only. openssl does not know RDP; sslscan does.
func TestRealXRDP(t *testing.T) {
	path := program(t, "xrdp")
	for layer, want := range map[string]string{
		"tls": `{"offered": true, "refused": false, "greeting": "", "auth_before_tls": {"unknown": {"cause": "skipped"}}}`,
		"rdp": `{"offered": false, "refused": false}`,
	} {
		t.Run(layer, func(t *testing.T) {
			dir := openFolder(t)
			writeCertificate(t, dir)
			address, _ := freeAddressOf(t, "127.0.0.1")
			_, port, _ := net.SplitHostPort(address)
			config := write(t, filepath.Join(dir, "xrdp.ini"), fmt.Sprintf(
				"[Globals]\nport=tcp://127.0.0.1:%s\nsecurity_layer=%s\ncertificate=%[3]s/cert.pem\nkey_file=%[3]s/key.pem\nssl_protocols=TLSv1.2, TLSv1.3\n"+
					"[Logging]\nLogFile=%[3]s/log\nEnableSyslog=false\nEnableConsole=true\n", port, layer, dir))
			daemon(t, address, path, "--nodaemon", "--config", config)
			e := inventory.Endpoint{ID: "xrdp", Target: address, Kind: inventory.RDP}
			expect(t, e, map[*Check]string{TLSStartTLS: want})
			if layer == "tls" {
				expect(t, e, map[*Check]string{TLSVersions: modern, TLSCertificate: `{"subject": "CN=nginx", "self_signed": true}`})
				compareSSLScan(t, e)
			}
		})
	}
}
