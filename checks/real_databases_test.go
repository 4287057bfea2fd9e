//go:build unix

package checks

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/sansang/sansang/internal/inventory"
)

// asServant lets a command run as the user of a package, for servers that
// refuse to run as root, and gives it the folder.
func asServant(t *testing.T, packaged, dir string) *syscall.SysProcAttr {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup(packaged)
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(files, dir) {
		if err := os.Chown(f, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// postgresProgram finds a program of PostgreSQL, which Debian keeps in a
// folder for each version.
func postgresProgram(t *testing.T, name string) string {
	t.Helper()
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name); len(found) > 0 {
		return found[len(found)-1]
	}
	return program(t, name)
}

// TestRealPostgres looks at PostgreSQL with TLS and without.
func TestRealPostgres(t *testing.T) {
	initdb, postgres, dir := postgresProgram(t, "initdb"), postgresProgram(t, "postgres"), openFolder(t)
	writeCertificate(t, dir)
	as := asServant(t, "postgres", dir)
	data := filepath.Join(dir, "data")
	create := exec.Command(initdb, "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C")
	create.SysProcAttr, create.Dir = as, dir
	if out, err := create.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, c := range map[string]struct {
		options []string
		hold    func(*testing.T, inventory.Endpoint)
	}{
		"with TLS": {[]string{"-l", "-c", "ssl_cert_file=" + dir + "/cert.pem", "-c", "ssl_key_file=" + dir + "/key.pem"}, func(t *testing.T, e inventory.Endpoint) {
			turns(t, e, `{"offered": true, "refused": false, "auth_before_tls": {"unknown": {"cause": "skipped"}}}`)
		}},
		"without": {nil, doesNotTurn},
	} {
		t.Run(name, func(t *testing.T) {
			address, port := freeAddressOf(t, "127.0.0.1")
			daemonAs(t, as, address, postgres, append(c.options, "-D", data, "-h", "127.0.0.1", "-p", port, "-k", dir, "-c", "fsync=off")...)
			c.hold(t, inventory.Endpoint{ID: "postgres", Target: address, Kind: inventory.Postgres})
		})
	}
}

// TestRealMariaDB looks at MariaDB with TLS and without. It needs no tables
// for what comes before a login.
func TestRealMariaDB(t *testing.T) {
	path := program(t, "mariadbd")
	for name, c := range map[string]struct {
		tls  bool
		hold func(*testing.T, inventory.Endpoint)
	}{
		"with TLS": {true, func(t *testing.T, e inventory.Endpoint) {
			turns(t, e, `{"offered": true, "refused": false, "auth_before_tls": {"unknown": {"cause": "skipped"}}}`)
		}},
		"without": {false, doesNotTurn},
	} {
		t.Run(name, func(t *testing.T) {
			dir := openFolder(t)
			writeCertificate(t, dir)
			address, port := freeAddressOf(t, "127.0.0.1")
			options := []string{"--no-defaults", "--datadir=" + dir, "--bind-address=127.0.0.1", "--port=" + port, "--socket=" + dir + "/s", "--pid-file=" + dir + "/pid",
				"--skip-grant-tables", "--skip-networking=0", "--skip-innodb", "--default-storage-engine=Aria"}
			if c.tls {
				options = append(options, "--ssl-cert="+dir+"/cert.pem", "--ssl-key="+dir+"/key.pem")
			}
			if os.Getuid() == 0 {
				options = append(options, "--user=root") // the user mysql comes with another package
			}
			daemon(t, address, path, options...)
			c.hold(t, inventory.Endpoint{ID: "mariadb", Target: address, Kind: inventory.MySQL})
		})
	}
}

// TestRealOpenLDAP looks at slapd with TLS and without.
func TestRealOpenLDAP(t *testing.T) {
	path := program(t, "slapd")
	for name, c := range map[string]struct {
		config string
		hold   func(*testing.T, inventory.Endpoint)
	}{
		"with TLS": {"TLSCertificateFile %[1]s/cert.pem\nTLSCertificateKeyFile %[1]s/key.pem\n", func(t *testing.T, e inventory.Endpoint) {
			turns(t, e, `{"offered": true, "refused": false, "auth_before_tls": {"unknown": {"cause": "skipped"}}}`)
		}},
		"without": {"# %[1]s\n", doesNotTurn},
	} {
		t.Run(name, func(t *testing.T) {
			dir := openFolder(t)
			writeCertificate(t, dir)
			address, _ := freeAddressOf(t, "127.0.0.1")
			config := write(t, filepath.Join(dir, "slapd.conf"), fmt.Sprintf(c.config+"pidfile %[1]s/pid\n", dir))
			daemon(t, address, path, "-d", "0", "-f", config, "-h", "ldap://"+address+"/")
			c.hold(t, inventory.Endpoint{ID: "slapd", Target: address, Kind: inventory.LDAP})
		})
	}
}
