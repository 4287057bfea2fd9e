package checks

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/inventory"
)

// What follows starts three servers of Debian's for a test, each with a
// certificate of RSA and, if the options hold the word ECDSA, one of ECDSA
// too (or instead, where a server can have only one).

const apacheConfig = `
ServerRoot %[1]s
ServerName localhost
PidFile %[1]s/pid
Mutex file:%[1]s
ErrorLog /dev/stderr
Listen %[2]s
User www-data
Group www-data
DocumentRoot %[1]s
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
LoadModule socache_shmcb_module /usr/lib/apache2/modules/mod_socache_shmcb.so
SSLEngine on
SSLCertificateFile %[1]s/rsa-cert.pem
SSLCertificateKeyFile %[1]s/rsa-key.pem
SSLSessionCache shmcb:%[1]s/cache(512000)
<Directory />
AllowOverride None
</Directory>
`

// apache starts Apache httpd with mod_ssl and further directives.
func apache(t testing.TB, directives string) inventory.Endpoint {
	path, dir, address := program(t, "apache2"), t.TempDir(), freeAddress(t)
	writeCertificate(t, dir)
	writeRSACertificate(t, dir)
	config := fmt.Sprintf(apacheConfig, dir, address)
	if rest, ok := strings.CutPrefix(directives, "ECDSA\n"); ok {
		directives = fmt.Sprintf("SSLCertificateFile %[1]s/cert.pem\nSSLCertificateKeyFile %[1]s/key.pem\n", dir) + rest
	}
	directives = strings.ReplaceAll(directives, "DIR", dir)
	write(t, filepath.Join(dir, "dh.pem"), ffdhe2048)
	daemon(t, address, path, "-f", write(t, filepath.Join(dir, "apache.conf"), config+directives+"\n"), "-DFOREGROUND")
	return inventory.Endpoint{ID: "apache2", Target: address, Kind: inventory.TLS}
}

// gnutls starts gnutls-serv, the one of GnuTLS. It listens on every address,
// for it has no option for one.
func gnutls(t testing.TB, priority string, options ...string) inventory.Endpoint {
	path, dir, address := program(t, "gnutls-serv"), t.TempDir(), freeAddress(t)
	writeCertificate(t, dir)
	writeRSACertificate(t, dir)
	prefix := "rsa-"
	if rest, ok := strings.CutPrefix(priority, "ECDSA "); ok {
		prefix, priority = "", rest
	}
	_, port, _ := net.SplitHostPort(address)
	args := []string{"--quiet", "--http", "--priority", priority, "--port", port,
		"--x509certfile", filepath.Join(dir, prefix+"cert.pem"), "--x509keyfile", filepath.Join(dir, prefix+"key.pem")}
	daemon(t, address, path, append(args, options...)...)
	return inventory.Endpoint{ID: "gnutls-serv", Target: address, Kind: inventory.TLS}
}

const stunnelConfig = `
foreground = yes
pid =
debug = crit
[tls]
accept = %[2]s
cert = %[1]s/rsa-cert.pem
key = %[1]s/rsa-key.pem
exec = /bin/cat
execArgs = cat
`

// stunnel starts stunnel in front of a service that repeats what it hears.
func stunnel(t testing.TB, options string) inventory.Endpoint {
	path, dir, address := program(t, "stunnel"), t.TempDir(), freeAddress(t)
	writeRSACertificate(t, dir)
	daemon(t, address, path, write(t, filepath.Join(dir, "stunnel.conf"), fmt.Sprintf(stunnelConfig, dir, address)+options+"\n"))
	return inventory.Endpoint{ID: "stunnel", Target: address, Kind: inventory.TLS}
}

// TestRealApacheALPN holds that Apache's answer to a client that offers h2
// alone is understood: without mod_http2 it says http/1.1, which no client
// offered.
func TestRealApacheALPN(t *testing.T) {
	t.Parallel()
	expect(t, apache(t, ""), map[*Check]string{TLSFeatures: `{"alpn": ["http/1.1"], "http2": false, "client_certificate": "none", "resumption": true}`})
}
