//go:build unix

package checks

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

// aHost is an address of loopback with Debian's own servers on it.
type aHost struct {
	*testing.T
	address string
	dir     string
	ports   []int
}

func newHost(t *testing.T, address string) *aHost {
	return &aHost{T: t, address: address, dir: openFolder(t)}
}

// at takes a port of the host.
func (h *aHost) at(port int) string {
	h.ports = append(h.ports, port)
	return fmt.Sprintf("%s:%d", h.address, port)
}

// run starts a server that is told its address by its arguments.
func (h *aHost) run(port int, name string, args ...string) {
	h.Helper()
	daemon(h, h.at(port), program(h, name), args...)
}

func (h *aHost) file(name, content string, args ...any) string {
	h.Helper()
	path := write(h, filepath.Join(h.dir, name), fmt.Sprintf(content, args...))
	if err := os.Chmod(path, 0o644); err != nil {
		h.Fatal(err)
	}
	return path
}

func (h *aHost) folder(name string) string {
	h.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.Mkdir(path, 0o755); err != nil {
		h.Fatal(err)
	}
	return path
}

func (h *aHost) endpoint() inventory.Endpoint {
	return inventory.Endpoint{ID: "host:" + h.address, Target: h.address, Kind: inventory.Host, Zone: inventory.Internal, Ports: h.ports}
}

// The ports, beside the usual ones: tests need not be root.
const (
	ftpPort, telnetPort, ldapPort, smbPort, rsyncPort, rdpPort = 2121, 2323, 3890, 4450, 8730, 3390
	redisPort, memcachePort, mqttPort, proxyPort, socksPort    = 6379, 11211, 1883, 3128, 1080
	x11Port, vncPort                                           = 6037, 5937
)

// serve starts the servers with a log-in, or without.
func (h *aHost) serve(open bool) {
	h.Helper()
	pick := func(yes, no string) string {
		if open {
			return yes
		}
		return no
	}
	h.run(redisPort, "redis-server", "--bind", h.address, "--port", strconv.Itoa(redisPort), "--save", "", "--dir", h.dir, pick("--protected-mode", "--requirepass"), pick("no", "bí mật"))
	if open { // Debian's is built without the text protocol's log-in
		h.run(memcachePort, "memcached", "-l", h.address, "-p", strconv.Itoa(memcachePort), "-u", "nobody")
	}
	h.run(mqttPort, "mosquitto", "-c", h.file("mosquitto.conf", "listener %d %s\nallow_anonymous %s\n", mqttPort, h.address, pick("true", "false")))
	h.run(proxyPort, "tinyproxy", "-d", "-c", h.file("tinyproxy.conf", "Port %d\nListen %s\nTimeout 20\n%s\n", proxyPort, h.address, pick("", "BasicAuth a b")))
	h.run(socksPort, "danted", "-p", filepath.Join(h.dir, "danted.pid"), "-f", h.file("danted.conf", "internal: %s port = %d\nexternal: lo\nsocksmethod: %s\nclientmethod: none\nuser.unprivileged: nobody\nclient pass { from: 0/0 to: 0/0 }\nsocks pass { from: 0/0 to: 0/0 }\n", h.address, socksPort, pick("none", "username")))
	h.file("secrets", "x:y\n")
	h.run(rsyncPort, "rsync", "--daemon", "--no-detach", "--config", h.file("rsyncd.conf", "use chroot = no\nport = %d\naddress = %s\n[data]\npath = %s\n%s\n", rsyncPort, h.address, h.dir, pick("", "auth users = x\nsecrets file = "+h.dir+"/secrets")))
	h.run(ftpPort, "vsftpd", h.file("vsftpd.conf", "listen=YES\nlisten_address=%s\nlisten_port=%d\nanonymous_enable=%s\nno_anon_password=YES\nlocal_enable=YES\nsecure_chroot_dir=%s\nbackground=NO\nrun_as_launching_user=YES\n", h.address, ftpPort, pick("YES", "NO"), h.folder("empty")))
	h.ldap(pick("by * read", "by anonymous auth by users read"))
	h.vnc(pick("None", "VncAuth,TLSVnc"))
	h.x11(open)
}

func (h *aHost) ldap(access string) {
	h.Helper()
	config := h.file("slapd.conf", "include /etc/ldap/schema/core.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\npidfile %[1]s/slapd.pid\ndatabase mdb\nsuffix dc=xa,dc=vn\ndirectory %[2]s\naccess to * %[3]s\n", h.dir, h.folder("ldap"), access)
	add := exec.Command(program(h, "slapadd"), "-f", config, "-l", h.file("x.ldif", "dn: dc=xa,dc=vn\nobjectClass: dcObject\nobjectClass: organization\no: xa\ndc: xa\n"))
	if out, err := add.CombinedOutput(); err != nil {
		h.Fatalf("%v\n%s", err, out)
	}
	h.run(ldapPort, "slapd", "-d", "0", "-f", config, "-h", fmt.Sprintf("ldap://%s:%d/", h.address, ldapPort))
}

func (h *aHost) vnc(types string) {
	h.Helper()
	h.file("passwd", "\x17\x52\x6b\x06\x23\x4e\x58\x07")
	h.run(vncPort, "Xtigervnc", fmt.Sprintf(":%d", vncPort-5900+len(types)), "-rfbport", strconv.Itoa(vncPort), "-interface", h.address, "-SecurityTypes", types, "-rfbauth", filepath.Join(h.dir, "passwd"), "-geometry", "320x200",
		"-BlacklistThreshold", "1000000") // the test looks again and again; by default the sixth who does not log in is shut out
}

// x11 listens on every address, so there can be one only at a time.
func (h *aHost) x11(open bool) {
	h.Helper()
	args := []string{fmt.Sprintf(":%d", x11Port-6000), "-listen", "tcp", "-nolisten", "unix", "-screen", "0", "320x200x8"}
	if open {
		args = append(args, "-ac")
	} else { // a cookie: family Wild, no address, no number, MIT-MAGIC-COOKIE-1
		args = append(args, "-auth", h.file("cookie", "\xff\xff\x00\x00\x00\x00\x00\x12MIT-MAGIC-COOKIE-1\x00\x10%s", "0123456789abcdef"))
	}
	h.run(x11Port, "Xvfb", args...)
}

// TestRealServices looks at a host whose services let in everybody, and at one
// whose services do not.
func TestRealServices(t *testing.T) {
	open := newHost(t, "127.0.45.1")
	t.Run("open", func(t *testing.T) {
		open.T = t
		open.serve(true)
		var s Services
		begun := time.Now()
		decodeFact(t, open.endpoint(), HostServices, &s)
		var a Access
		decodeFact(t, open.endpoint(), HostAccess, &a)
		t.Logf("%d ports recognised twice and asked in %v", len(s.Services), time.Since(begun))
		var ports []int
		for _, o := range a.Open {
			ports = append(ports, o.Port)
		}
		slices.Sort(ports)
		want := slices.Sorted(slices.Values(open.ports))
		if !slices.Equal(ports, want) {
			t.Errorf("open ports %v, want %v\n%+v", ports, want, a.Asked)
		}
		compareServices(t, open.endpoint(), s)
	})
	t.Run("guarded", func(t *testing.T) {
		h := newHost(t, "127.0.45.2")
		h.serve(false)
		expect(t, h.endpoint(), map[*Check]string{HostAccess: `{"open_services": [], "vnc_without_password": false, "open_proxy": false, "telnet": false, "smb1": false}`})
		var a Access
		decodeFact(t, h.endpoint(), HostAccess, &a)
		for _, d := range a.Asked {
			if d.Answer != "protected" && d.Protocol != "ftp" {
				t.Errorf("%+v", d)
			}
		}
	})
}

// nmapNames are names of nmap that are not those of IANA.
var nmapNames = map[string]string{"vnc": "rfb", "memcached": "memcache", "X11": "x11", "netbios-ssn": "microsoft-ds", "socks5": "socks", "mosquitto": "mqtt"}

var nmapLine = regexp.MustCompile(`(?m)^(\d+)/tcp +open +(\S+)`)

// compareServices compares names with those of nmap.
func compareServices(t *testing.T, e inventory.Endpoint, s Services) {
	t.Helper()
	var list []string
	for _, p := range e.Ports {
		list = append(list, strconv.Itoa(p))
	}
	out, err := exec.CommandContext(t.Context(), program(t, "nmap"), "-n", "-Pn", "-sT", "--version-intensity", "6", "-sV", "-p", strings.Join(list, ","), e.Target).Output()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", out)
	theirs := map[string]string{}
	for _, m := range nmapLine.FindAllStringSubmatch(string(out), -1) {
		name := strings.TrimSuffix(m[2], "?")
		if iana, ok := nmapNames[name]; ok {
			name = iana
		}
		theirs[m[1]] = name
	}
	for _, x := range s.Services {
		if got := theirs[strconv.Itoa(x.Port)]; got != x.Protocol {
			t.Errorf("port %d: nmap says %q, we say %q", x.Port, got, x.Protocol)
		}
	}
	if len(s.Services) != len(e.Ports) {
		t.Errorf("%d of %d ports recognised: %+v", len(s.Services), len(e.Ports), s)
	}
}

// TestRealSMB looks at samba as it comes, and as it was.
func TestRealSMB(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("smbd runs as root only")
	}
	for name, c := range map[string]struct{ settings, want string }{
		"new": {"server min protocol = SMB2\nserver signing = mandatory", `{"smb1": false, "smb_without_signing": false}`},
		"old": {"server min protocol = NT1", `{"smb1": true, "smb_without_signing": true}`},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, "127.0.45.3")
			config := h.file("smb.conf", "[global]\nsmb ports = %d\ninterfaces = %s/8\nbind interfaces only = yes\n%s\n", smbPort, h.address, c.settings)
			var options []string
			for _, d := range []string{"private dir", "lock directory", "state directory", "cache directory", "pid directory", "ncalrpc dir"} {
				options = append(options, "--option="+d+"="+h.folder(strings.Fields(d)[0]))
			}
			h.run(smbPort, "smbd", append(options, "-F", "-s", config, "-l", h.dir)...)
			expect(t, h.endpoint(), map[*Check]string{
				HostServices: `{"services": [{"protocol": "microsoft-ds"}]}`,
				HostAccess:   c.want,
			})
		})
	}
}

// TestRealDesktopsAndShells looks at xrdp and at a telnet server.
func TestRealDesktopsAndShells(t *testing.T) {
	h := newHost(t, "127.0.45.4")
	writeCertificate(t, h.dir)
	h.run(rdpPort, "xrdp", "-n", "-c", h.file("xrdp.ini", "[Globals]\nport=tcp://%s:%d\nsecurity_layer=negotiate\ncertificate=%[3]s/cert.pem\nkey_file=%[3]s/key.pem\n[Logging]\nLogFile=/dev/null\n[Xorg]\nname=x\nlib=libxup.so\n", h.address, rdpPort, h.dir))
	h.run(telnetPort, "socat", fmt.Sprintf("TCP-LISTEN:%d,bind=%s,fork,reuseaddr", telnetPort, h.address), "EXEC:"+program(t, "telnetd"))
	expect(t, h.endpoint(), map[*Check]string{
		HostServices: `{"services": [{"protocol": "telnet"}, {"protocol": "ms-wbt-server"}]}`,
		HostAccess:   `{"rdp_without_nla": true, "rdp_without_tls": true, "telnet": true, "open_services": []}`,
	})
}

// TestRealDatabaseDoors looks at PostgreSQL that trusts, and that does not, and at
// MariaDB, of which only a log-in would tell.
func TestRealDatabaseDoors(t *testing.T) {
	for way, want := range map[string]string{"trust": `{"any_anonymous": true}`, "scram-sha-256": `{"any_anonymous": false}`} {
		t.Run(way, func(t *testing.T) {
			h := newHost(t, "127.0.45.5")
			secret := h.file("secret", "x\n")
			as := asServant(t, "postgres", h.dir)
			data := filepath.Join(h.dir, "data")
			create := exec.Command(postgresProgram(t, "initdb"), "-D", data, "-A", way, "--pwfile", secret, "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C")
			create.SysProcAttr, create.Dir = as, h.dir
			if out, err := create.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			daemonAs(t, as, h.at(5432), postgresProgram(t, "postgres"), "-D", data, "-h", h.address, "-p", "5432", "-k", h.dir, "-c", "fsync=off")
			expect(t, h.endpoint(), map[*Check]string{HostAccess: want})
		})
	}
	t.Run("MariaDB", func(t *testing.T) {
		h := newHost(t, "127.0.45.6")
		options := []string{"--no-defaults", "--datadir=" + h.dir, "--bind-address=" + h.address, "--port=3306", "--socket=" + h.dir + "/s", "--pid-file=" + h.dir + "/pid",
			"--skip-grant-tables", "--skip-networking=0", "--skip-innodb", "--default-storage-engine=Aria"}
		if os.Getuid() == 0 {
			options = append(options, "--user=root")
		}
		h.run(3306, "mariadbd", options...)
		expect(t, h.endpoint(), map[*Check]string{
			HostServices: `{"services": [{"protocol": "mysql", "product": "MariaDB"}]}`,
			HostAccess:   `{"any_anonymous": {"unknown": {"cause": "skipped"}}, "open_services": []}`,
		})
	})
}

// TestRealEtcd looks at etcd as it comes, and with its log-in turned on.
func TestRealEtcd(t *testing.T) {
	h := newHost(t, "127.0.45.7")
	client := fmt.Sprintf("http://%s:2379", h.address)
	h.run(2379, "etcd", "--data-dir", filepath.Join(h.dir, "data"), "--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", "http://"+h.address+":2380")
	expect(t, h.endpoint(), map[*Check]string{HostAccess: `{"open_to_strangers": true}`})
	for _, c := range [][2]string{{"user/add", `{"name":"root","password":"x"}`}, {"role/add", `{"name":"root"}`}, {"user/grant", `{"user":"root","role":"root"}`}, {"enable", `{}`}} {
		r, err := http.Post(client+"/v3/auth/"+c[0], "application/json", strings.NewReader(c[1]))
		if err != nil || r.StatusCode != http.StatusOK {
			t.Fatal(c, r, err)
		}
		_ = r.Body.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	expect(t, h.endpoint(), map[*Check]string{HostAccess: `{"any_anonymous": false, "asked": [{"port": 2379, "protocol": "http", "answer": "protected", "detail": "etcd: POST /v3/kv/range: 400"}]}`})
}

// TestNothingOfAnybodyIsKept holds that names of databases do not come into
// the evidence.
func TestNothingOfAnybodyIsKept(t *testing.T) {
	for recipe, secret := range map[string]string{"mongodb-open": "admin\x00\x00", "elasticsearch-open": "yellow"} {
		e := endpointOf(t, HostAccess, recipe)
		obs := observe(t, HostAccess, e, 10*time.Second)
		if raw, _ := json.Marshal(obs.Value); !strings.Contains(string(raw), `"any_anonymous":true`) {
			t.Errorf("%s: %s", recipe, raw)
		}
		for _, ev := range obs.Evidence {
			if strings.Contains(string(ev.Received), secret) {
				t.Errorf("%s: evidence holds %q", recipe, ev.Received)
			}
		}
	}
}
