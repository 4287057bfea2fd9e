package checks

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// realPort is a real server that stands for a well-known port; every other one
// is closed.
type realPort struct {
	port int
	at   netip.AddrPort
}

func (r *realPort) At(port int) (netip.AddrPort, bool) { return r.at, port == r.port }

func (r *realPort) host() inventory.Endpoint { return hostAt(r) }

// freeUDP gives a place of loopback where nobody listens.
func freeUDP(t testing.TB) netip.AddrPort {
	t.Helper()
	at := func(port int) netip.AddrPort {
		return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(port))
	}
	port, err := freePort(func(port int) (io.Closer, error) { return net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at(port))) })
	if err != nil {
		t.Fatal(err)
	}
	return at(port)
}

// udpDaemon runs a server in the foreground until the end of the test, and
// waits until the place is taken.
func udpDaemon(t *testing.T, port int, at netip.AddrPort, path string, args ...string) *realPort {
	t.Helper()
	return udpDaemonWith(t, nil, port, at, path, args...)
}

func udpDaemonWith(t *testing.T, environ []string, port int, at netip.AddrPort, path string, args ...string) *realPort {
	t.Helper()
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), environ...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", path, said.String())
		}
	})
	taken := fmt.Sprintf(":%04X 00000000:0000", at.Port()) // as the kernel lists it; to try would stand in the server's way
	for range 300 {
		if list, err := os.ReadFile("/proc/net/udp"); err != nil || strings.Contains(string(list), taken) {
			return &realPort{port, at}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s does not listen at %s", path, at)
	return nil
}

func TestRealSNMP(t *testing.T) {
	t.Parallel()
	path := program(t, "snmpd")
	for _, c := range []struct{ name, config, want string }{
		{"version 3 only", "rouser monitor authpriv\n", `{"v3": true, "default_community": false, "silent": false}`},
		{"public", "rocommunity public 127.0.0.1\n", `{"v3": true, "default_community": true}`},
		{"private of version 1 alone", "com2sec a 127.0.0.1 private\ngroup g v1 a\nview all included .1\naccess g \"\" v1 noauth exact all none none\n", `{"v3": true, "default_community": true}`},
		{"public for another source", "com2sec a 192.0.2.1 public\ngroup g v2c a\nview all included .1\naccess g \"\" v2c noauth exact all none none\n", `{"v3": true, "default_community": false}`},
		{"public that may read nothing", "com2sec a 127.0.0.1 public\n", `{"v3": true, "default_community": false}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir, at := t.TempDir(), freeUDP(t)
			config := write(t, filepath.Join(dir, "snmpd.conf"), "agentaddress udp:"+at.String()+"\n"+c.config)
			r := udpDaemonWith(t, []string{"SNMP_PERSISTENT_DIR=" + dir}, 161, at, path, "-f", "-Lo", "-C", "-c", config, "-p", filepath.Join(dir, "pid"))
			expect(t, r.host(), map[*Check]string{HostSNMP: c.want})
		})
	}
}

func TestRealNTP(t *testing.T) {
	t.Parallel()
	const path = "/usr/sbin/chronyd" // not among the peers: Debian would remove another keeper of the time for it
	if _, err := os.Stat(path); err != nil || os.Getuid() != 0 {
		t.Skip("chronyd is not installed, or we are not root")
	}
	for _, c := range []struct{ name, config, want string }{
		{"a server", "local stratum 5\n", `{"answers": true, "synchronised": true, "stratum": 5, "skew_seconds": 0.0, "mode6": false, "monlist": false, "replies": []}`},
		{"without a source", "", `{"answers": true, "synchronised": false, "mode6": false, "monlist": false}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir, at := t.TempDir(), freeUDP(t)
			config := write(t, filepath.Join(dir, "chrony.conf"), fmt.Sprintf("port %d\nbindaddress 127.0.0.1\nallow 127.0.0.1\ncmdport 0\nbindcmdaddress %[2]s/sock\npidfile %[2]s/pid\nuser root\n", at.Port(), dir)+c.config)
			r := udpDaemon(t, 123, at, path, "-d", "-x", "-f", config)
			expect(t, r.host(), map[*Check]string{HostNTP: c.want})
		})
	}
}

func TestRealResolver(t *testing.T) {
	t.Parallel()
	path := program(t, "unbound")
	for _, c := range []struct{ access, want string }{
		{"refuse", `{"dns_recursion": false}`},
		{"allow", `{"dns_recursion": true}`},
		{"deny", `{"dns_recursion": {"unknown": {"cause": "timeout"}}}`}, // silence
	} {
		t.Run(c.access, func(t *testing.T) {
			t.Parallel()
			dir, at := openFolder(t), freeUDP(t)
			zone := write(t, filepath.Join(dir, "root.zone"), ". 86400 IN SOA a. b. 1 1800 900 604800 86400\n. 86400 IN NS a.\na. 86400 IN A 127.0.0.1\n")
			config := write(t, filepath.Join(dir, "unbound.conf"), fmt.Sprintf("server:\n  interface: 127.0.0.1@%d\n  port: %[1]d\n  access-control: 127.0.0.0/8 %s\n  chroot: \"\"\n  directory: %q\n  pidfile: pid\n  username: \"\"\n  use-syslog: no\nremote-control:\n  control-enable: no\nauth-zone:\n  name: \".\"\n  zonefile: %q\n  for-downstream: no\n  for-upstream: yes\n", at.Port(), c.access, dir, zone))
			r := udpDaemon(t, 53, at, path, "-d", "-c", config)
			expect(t, r.host(), map[*Check]string{HostAmplifiers: c.want})
		})
	}
}

func TestRealBIND(t *testing.T) {
	t.Parallel()
	path := program(t, "named")
	for _, c := range []struct{ name, config, want string }{
		{"authoritative", "recursion no;", `{"dns_recursion": false}`},
		{"recursion for others", "recursion yes; allow-recursion { 192.0.2.1; }; allow-query-cache { 192.0.2.1; };", `{"dns_recursion": false}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir, at := openFolder(t), freeUDP(t)
			config := write(t, filepath.Join(dir, "named.conf"), fmt.Sprintf("options { directory %q; pid-file none; session-keyfile none; listen-on port %d { 127.0.0.1; }; listen-on-v6 { none; }; dnssec-validation no; %s }; controls { };\n", dir, at.Port(), c.config))
			r := udpDaemon(t, 53, at, path, "-g", "-c", config)
			expect(t, r.host(), map[*Check]string{HostAmplifiers: c.want})
		})
	}
}

func TestRealMemcached(t *testing.T) {
	t.Parallel()
	at := freeUDP(t)
	r := udpDaemon(t, 11211, at, program(t, "memcached"), "-u", "nobody", "-l", "127.0.0.1", "-p", "0", "-U", fmt.Sprint(at.Port()))
	expect(t, r.host(), map[*Check]string{HostAmplifiers: `{"memcached": true, "chargen": false, "replies": [{"service": "memcached"}]}`})
}

func TestRealTFTP(t *testing.T) {
	t.Parallel()
	path := program(t, "in.tftpd")
	if os.Getuid() != 0 {
		t.Skip("in.tftpd wants to be root")
	}
	at := freeUDP(t)
	r := udpDaemon(t, 69, at, path, "-L", "-a", at.String(), "-u", "nobody", "-s", openFolder(t))
	expect(t, r.host(), map[*Check]string{HostTFTP: `{"answers": true, "silent": false}`})
}

func TestRealIPMI(t *testing.T) {
	t.Parallel()
	path := program(t, "ipmi_sim")
	for _, c := range []struct{ name, lan, users, want string }{
		{"careful", "allowed_auths_admin md5", "user 2 true \"admin\" \"secret\" admin 10 md5", `{"answers": true, "v20": true, "no_authentication": false, "anonymous": false, "null_user": false, "clear_password": false}`},
		{"loose", "allowed_auths_admin none straight md5", "user 1 true \"\" \"\" admin 10 none straight md5", `{"answers": true, "v20": true, "no_authentication": true, "anonymous": true, "clear_password": true}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir, at := t.TempDir(), freeUDP(t)
			commands := write(t, filepath.Join(dir, "sim.emu"), "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\nmc_enable 0x20\n")
			config := write(t, filepath.Join(dir, "lan.conf"), fmt.Sprintf("name \"sim\"\nset_working_mc 0x20\nstartlan 1\n addr 127.0.0.1 %d\n priv_limit admin\n %s\n guid a123456789abcdefa123456789abcdef\nendlan\n%s\n", at.Port(), c.lan, c.users))
			r := udpDaemon(t, 623, at, path, "-c", config, "-f", commands, "-s", dir, "-n")
			expect(t, r.host(), map[*Check]string{HostIPMI: c.want})
		})
	}
}

// TestRealIKE looks at strongSwan, whose connections are loaded one after the
// other into one charon.
func TestRealIKE(t *testing.T) {
	t.Parallel()
	path, swanctl := program(t, "/usr/lib/ipsec/charon"), program(t, "swanctl")
	if os.Getuid() != 0 {
		t.Skip("charon wants to be root")
	}
	dir, at, nat := openFolder(t), freeUDP(t), freeUDP(t)
	socket := "unix://" + filepath.Join(dir, "vici.sock")
	conf := write(t, filepath.Join(dir, "strongswan.conf"), fmt.Sprintf(`charon {
  port = %d
  port_nat_t = %d
  install_routes = no
  block_threshold = 100
  i_dont_care_about_security_and_use_aggressive_mode_psk = yes
  load = random nonce aes des sha1 sha2 md5 hmac gmp openssl kdf gcm pem pkcs1 x509 pubkey socket-default kernel-netlink vici
  plugins { vici { socket = %s } }
}
swanctl { load = random nonce aes sha1 sha2 pem pkcs1 x509 pubkey openssl }
`, at.Port(), nat.Port(), socket))
	environ := []string{"STRONGSWAN_CONF=" + conf}
	r := udpDaemonWith(t, environ, 4500, at, path)
	for _, c := range []struct{ name, connection, want string }{
		{"version 2, strong", "version = 2\nproposals = aes256-sha256-modp2048,aes256gcm16-prfsha384-ecp384",
			`{"answers": true, "v2": true, "v1_main": false, "v1_aggressive": false, "v2_weak_encryption": false, "v2_weak_hash": false, "v2_weak_groups": false, "turns_us_away": false}`},
		{"version 2, another group", "version = 2\nproposals = aes256gcm16-prfsha384-ecp384",
			`{"v2": true, "v2_weak_encryption": false, "v2_weak_hash": false, "v2_weak_groups": false, "turns_us_away": false}`},
		{"version 2, weak", "version = 2\nproposals = 3des-sha1-modp2048,aes128-md5-modp2048,aes128-sha256-modp1024",
			`{"v2": true, "v2_weak_encryption": true, "v2_weak_hash": true, "v2_weak_groups": true, "turns_us_away": false}`},
		{"version 2, weak all together", "version = 2\nproposals = aes256-sha256-modp2048,3des-md5-modp1024",
			`{"v2": true, "v2_weak_encryption": true, "v2_weak_hash": true, "v2_weak_groups": true}`},
		{"version 1, strong and seldom", "version = 1\nproposals = aes256-sha512-modp4096",
			`{"answers": true, "v1_main": true, "v1_weak": {"unknown": {"cause": "unanswered"}}}`},
		{"version 1, weak", "version = 1\nproposals = 3des-sha1-modp1024,aes128-md5-modp1024,aes128-sha1-modp1024,aes128-sha256-modp2048",
			`{"answers": true, "v1_main": true, "v1_weak": true}`},
		{"version 1, aggressive", "version = 1\naggressive = yes\nproposals = aes128-sha1-modp1024",
			`{"answers": true, "v1_main": true, "v1_aggressive": true, "v1_weak": true}`},
		{"both versions", "proposals = aes256-sha256-modp2048",
			`{"v2": true, "v1_main": true, "v2_weak_encryption": false, "v2_weak_hash": false, "v2_weak_groups": false}`},
		{"for another partner", "version = 2\nremote_addrs = 192.0.2.1\nproposals = aes256-sha256-modp2048",
			`{"answers": true, "v1_main": false, "v2_weak_encryption": {"unknown": {"cause": "prerequisite"}}, "turns_us_away": true}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := write(t, filepath.Join(dir, "swanctl.conf"), "connections {\n c {\n local_addrs = 127.0.0.1\n"+c.connection+"\n local {\n auth = psk\n }\n remote {\n auth = psk\n }\n children {\n x {\n }\n }\n }\n}\nsecrets {\n ike-x {\n secret = practice\n }\n}\n")
			for _, load := range []string{"--load-conns", "--load-creds"} {
				cmd := exec.Command(swanctl, load, "--file", file, "--uri", socket)
				cmd.Env = append(os.Environ(), environ...)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
			}
			expect(t, r.host(), map[*Check]string{HostIKE: c.want})
			var f IKE
			decodeFact(t, r.host(), HostIKE, &f)
			const aes128SHA1Group2 = "--trans=7/128,2,1,2"
			for mode, of := range map[string]struct {
				taken fact.Maybe[bool]
				args  []string
			}{
				"Main Mode Handshake":       {f.Main, []string{"--trans=7/256,4,1,14", "--trans=7/256,6,1,16", aes128SHA1Group2}},
				"Aggressive Mode Handshake": {f.Aggressive, []string{"--aggressive", aes128SHA1Group2}},
			} {
				if said := ikeScan(t, at, of.args...); strings.Contains(said, mode) != fact.Is(of.taken, true) {
					t.Errorf("ike-scan sees it otherwise than %v: %s", of.taken, said)
				}
			}
		})
	}
}

// ikeScan gives what ike-scan says of the same place.
func ikeScan(t *testing.T, at netip.AddrPort, args ...string) string {
	t.Helper()
	args = append([]string{"--nat-t", fmt.Sprint("--dport=", at.Port()), "--sport=0"}, append(args, at.Addr().String())...)
	out, err := exec.Command(program(t, "ike-scan"), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}
