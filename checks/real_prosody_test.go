//go:build unix

package checks

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

const prosodyConfig = `
data_path = "%[1]s"
pidfile = "%[1]s/pid"
log = { { levels = { min = "info" }, to = "console" } }
interfaces = { "127.0.0.1" }
c2s_ports = { %[2]s }
s2s_ports = { %[3]s }
modules_enabled = { "tls", "saslauth", "dialback" }
modules_disabled = { "admin_shell" }
c2s_require_encryption = %[4]v
allow_unencrypted_plain_auth = %[5]v
authentication = "internal_hashed"
ssl = { certificate = "%[1]s/cert.pem", key = "%[1]s/key.pem" }
VirtualHost "mail.example"
`

// TestRealProsody looks at Debian's XMPP server, for clients and for servers,
// with login inside TLS only and with login before it.
func TestRealProsody(t *testing.T) {
	path := program(t, "prosody")
	for _, strict := range []bool{true, false} {
		t.Run(fmt.Sprintf("strict %v", strict), func(t *testing.T) {
			dir := openFolder(t)
			writeCertificate(t, dir)
			client, clientPort := freeAddressOf(t, "127.0.0.1")
			server, serverPort := freeAddressOf(t, "127.0.0.1")
			config := write(t, filepath.Join(dir, "prosody.cfg.lua"), fmt.Sprintf(prosodyConfig, dir, clientPort, serverPort, strict, !strict))
			as := asServant(t, "prosody", dir)
			if err := os.Chmod(config, 0o644); err != nil {
				t.Fatal(err)
			}
			daemonAs(t, as, client, path, "-F", "--config", config)
			before := fmt.Sprint(!strict)
			turns(t, inventory.Endpoint{ID: "c2s", Target: client, Kind: inventory.XMPPClient, ServerName: "mail.example"},
				`{"offered": true, "refused": false, "greeting": "mail.example", "auth_before_tls": `+before+`}`)
			turns(t, inventory.Endpoint{ID: "s2s", Target: server, Kind: inventory.XMPPServer, ServerName: "mail.example"},
				`{"offered": true, "refused": false, "auth_before_tls": false}`)
			stranger := inventory.Endpoint{ID: "c2s", Target: client, Kind: inventory.XMPPClient, ServerName: "elsewhere.example"}
			if obs := observe(t, TLSStartTLS, stranger, 10*time.Second); obs.Unknown == nil {
				t.Errorf("a server of another name gives %s", obs.Value)
			}
		})
	}
}
