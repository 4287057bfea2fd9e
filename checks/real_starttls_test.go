package checks

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/starttls"
)

// openFolder is a temporary folder that a server may enter which gave up its
// privileges; the ones of package testing may be entered by their owner only.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sansang-real-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// servant is who a server of Debian's runs as: the user of its package, if the
// tests run as root, and otherwise whoever runs them.
func servant(t *testing.T, packaged string) string {
	t.Helper()
	if os.Getuid() == 0 {
		return packaged
	}
	u, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	return u.Username
}

// modern is what a server with OpenSSL's present defaults accepts.
const modern = `{"ssl2": false, "ssl3": false, "tls12": true, "tls13": true}`

// turns holds that a server turns to TLS, that every TLS check sees through
// it, and that openssl and sslscan agree.
func turns(t *testing.T, e inventory.Endpoint, turning string) {
	t.Helper()
	expect(t, e, map[*Check]string{
		TLSStartTLS:    turning,
		TLSVersions:    modern,
		TLSCertificate: `{"subject": "CN=nginx", "self_signed": true, "key_type": "ECDSA", "key_bits": 256}`,
	})
	if said, ok := openSSL(t, e); !ok {
		t.Errorf("openssl finds no TLS:\n%s", said)
	}
	if protocol, _ := e.StartTLS(); starttls.Injectable(starttls.Protocol(protocol)) {
		expect(t, e, map[*Check]string{StartTLSInjection: `{"vulnerable": false}`})
	}
	if sslscanKnows[e.Kind] != "" {
		compareSSLScan(t, e)
	}
}

// doesNotTurn holds that a server which speaks the protocol offers no TLS.
func doesNotTurn(t *testing.T, e inventory.Endpoint) {
	t.Helper()
	expect(t, e, map[*Check]string{TLSStartTLS: `{"offered": false, "refused": false}`})
	obs := observe(t, TLSVersions, e, 10*time.Second)
	if obs.Unknown == nil || obs.Unknown.Detail != "the server offers no STARTTLS" {
		t.Errorf("tls.versions: %v, %s", obs.Unknown, obs.Value)
	}
	if said, ok := openSSL(t, e); ok {
		t.Errorf("openssl finds TLS:\n%s", said)
	}
}

// openSSL asks openssl to turn to TLS.
func openSSL(t *testing.T, e inventory.Endpoint) (said string, ok bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	protocol := string(e.Kind)
	if e.Kind == inventory.XMPPClient {
		protocol = "xmpp"
	}
	args := []string{"s_client", "-brief", "-starttls", protocol, "-connect", e.Address()}
	if strings.HasPrefix(protocol, "xmpp") {
		args = append(args, "-name", e.Name())
	}
	out, err := exec.CommandContext(ctx, program(t, "openssl"), args...).CombinedOutput()
	return fmt.Sprintf("%s%v", out, err), strings.Contains(string(out), "CONNECTION ESTABLISHED")
}

// TestRealDovecot looks at Debian's IMAP, POP3, ManageSieve, LMTP and
// submission server, which does without root. It takes a client of its own
// address for a safe one, so it listens on another.
func TestRealDovecot(t *testing.T) {
	path, dir := program(t, "dovecot"), openFolder(t)
	writeCertificate(t, dir)
	config := fmt.Sprintf(dovecotConfig, dir, servant(t, "dovecot"), servant(t, "dovenull"))
	kinds := map[string]inventory.Kind{"imap-login imap": inventory.IMAP, "pop3-login pop3": inventory.POP3,
		"managesieve-login sieve": inventory.Sieve, "submission-login submission": inventory.SMTP, "lmtp lmtp": inventory.LMTP}
	var endpoints []inventory.Endpoint
	for names, kind := range kinds {
		address, port := freeAddressOf(t, "127.0.0.2")
		service, listener, _ := strings.Cut(names, " ")
		config += fmt.Sprintf("service %s {\n chroot =\n inet_listener %s {\n address = 127.0.0.2\n port = %s\n }\n}\n", service, listener, port)
		endpoints = append(endpoints, inventory.Endpoint{ID: string(kind), Target: address, Kind: kind})
	}
	daemon(t, endpoints[0].Address(), path, "-F", "-c", write(t, filepath.Join(dir, "dovecot.conf"), config))
	for _, e := range endpoints {
		t.Run(e.ID, func(t *testing.T) {
			turns(t, e, `{"offered": true, "refused": false, "auth_before_tls": false}`)
		})
	}
}

const dovecotConfig = `
base_dir = %[1]s/run
state_dir = %[1]s/state
default_internal_user = %[2]s
default_login_user = %[3]s
default_internal_group =
log_path = /dev/stderr
listen = 127.0.0.2
protocols = imap pop3 sieve submission lmtp
submission_relay_host = 127.0.0.1
ssl = required
ssl_cert = <%[1]s/cert.pem
ssl_key = <%[1]s/key.pem
passdb {
 driver = static
 args = password=x
}
userdb {
 driver = static
 args = uid=%[2]s home=%[1]s
}
service anvil {
 chroot =
}
service imap-login {
 inet_listener imaps {
  port = 0
 }
}
service pop3-login {
 inet_listener pop3s {
  port = 0
 }
}
service submission-login {
 inet_listener submissions {
  port = 0
 }
}
`

// TestRealVsftpd looks at an FTP server with TLS and without.
func TestRealVsftpd(t *testing.T) {
	path := program(t, "vsftpd")
	for name, c := range map[string]struct {
		config string
		hold   func(*testing.T, inventory.Endpoint)
	}{
		"with TLS": {"ssl_enable=YES\nrsa_cert_file=%[1]s/cert.pem\nrsa_private_key_file=%[1]s/key.pem\nssl_ciphers=HIGH\n", func(t *testing.T, e inventory.Endpoint) {
			turns(t, e, `{"offered": true, "refused": false, "auth_before_tls": {"unknown": {"cause": "skipped"}}}`)
			expect(t, e, map[*Check]string{StartTLSLogin: `{"before_tls": false}`})
		}},
		"without": {"# %[1]s\n", func(t *testing.T, e inventory.Endpoint) {
			doesNotTurn(t, e)
			expect(t, e, map[*Check]string{StartTLSLogin: `{"before_tls": true}`})
		}},
		"with TLS that nobody must use": {"ssl_enable=YES\nforce_local_logins_ssl=NO\nrsa_cert_file=%[1]s/cert.pem\nrsa_private_key_file=%[1]s/key.pem\nssl_ciphers=HIGH\n", func(t *testing.T, e inventory.Endpoint) {
			expect(t, e, map[*Check]string{StartTLSLogin: `{"before_tls": true}`})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := openFolder(t)
			writeCertificate(t, dir)
			if err := os.Mkdir(filepath.Join(dir, "empty"), 0o555); err != nil {
				t.Fatal(err)
			}
			address, port := freeAddressOf(t, "127.0.0.1")
			config := fmt.Sprintf(c.config+"listen=YES\nlisten_ipv6=NO\nlisten_address=127.0.0.1\nlisten_port=%[2]s\nbackground=NO\nsecure_chroot_dir=%[1]s/empty\nlocal_enable=YES\nanonymous_enable=NO\nseccomp_sandbox=NO\n", dir, port)
			if os.Getuid() != 0 {
				config += "run_as_launching_user=YES\n"
			}
			daemon(t, address, path, write(t, filepath.Join(dir, "vsftpd.conf"), config))
			c.hold(t, inventory.Endpoint{ID: "vsftpd", Target: address, Kind: inventory.FTP})
		})
	}
}

const postfixConfig = `
compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = /dev/stdout
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example
mydestination =
smtpd_banner = $myhostname ESMTP Postfix
alias_maps =
smtpd_tls_cert_file = %[1]s/cert.pem
smtpd_tls_key_file = %[1]s/key.pem
`

// postfixServices are two mail servers in one, with TLS and without.
const postfixServices = `
127.0.0.1:%[1]s inet n - n - - smtpd -o smtpd_tls_security_level=may -o mynetworks=192.0.2.1/32
127.0.0.1:%[2]s inet n - n - - smtpd -o smtpd_tls_security_level=none -o mynetworks=127.0.0.0/8
postlog unix-dgram n - n - 1 postlogd
anvil unix - - n - 1 anvil
rewrite unix - - n - - trivial-rewrite
cleanup unix n - n - 0 cleanup
proxymap unix - - n - - proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
`

// TestRealPostfix looks at Debian's mail server, which only root can start.
func TestRealPostfix(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can start postfix; dovecot's submission server stands for it")
	}
	path, dir := program(t, "postfix"), openFolder(t)
	writeCertificate(t, dir)
	owner, err := user.Lookup("postfix")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(owner.Uid)
	for _, name := range []string{"queue", "data"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(filepath.Join(dir, "data"), uid, -1); err != nil {
		t.Fatal(err)
	}
	with, withPort := freeAddressOf(t, "127.0.0.1")
	without, withoutPort := freeAddressOf(t, "127.0.0.1")
	write(t, filepath.Join(dir, "main.cf"), fmt.Sprintf(postfixConfig, dir))
	write(t, filepath.Join(dir, "master.cf"), fmt.Sprintf(postfixServices, withPort, withoutPort))
	// Its master leaves the process that was started; its own command finds it
	// by its pid file. That must happen also when it did not come up in time.
	stop := sync.OnceFunc(func() {
		if out, err := exec.Command(path, "-c", dir, "abort").CombinedOutput(); err != nil {
			t.Logf("stopping postfix: %v\n%s", err, out)
		}
	})
	t.Cleanup(stop)
	daemon(t, with, path, "-c", dir, "start-fg")
	t.Cleanup(stop)
	turns(t, inventory.Endpoint{ID: "postfix", Target: with, Kind: inventory.SMTP}, `{"offered": true, "refused": false, "greeting": "mail.example ESMTP Postfix", "auth_before_tls": false}`)
	doesNotTurn(t, inventory.Endpoint{ID: "postfix", Target: without, Kind: inventory.SMTP})
	expect(t, inventory.Endpoint{ID: "postfix", Target: with, Kind: inventory.SMTP}, map[*Check]string{SMTPRelay: `{"open": false, "vrfy": true}`})
	expect(t, inventory.Endpoint{ID: "postfix", Target: without, Kind: inventory.SMTP}, map[*Check]string{SMTPRelay: `{"open": true, "vrfy": true}`})
	var left []string
	for range 100 { // its cleanup daemon takes back what was begun
		left = nil
		for _, queue := range []string{"maildrop", "incoming", "active", "deferred"} {
			all, err := filepath.Glob(filepath.Join(dir, "queue", queue, "*"))
			if err != nil {
				t.Fatal(err)
			}
			left = append(left, all...)
		}
		if len(left) == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if len(left) > 0 {
		t.Errorf("left in the queue: %v", left)
	}
}
