package checks

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

// webRoot makes a site; everybody may read it, for servers change their user.
func webRoot(t *testing.T, files map[string]string) (dir, root string) {
	t.Helper()
	dir = t.TempDir()
	root = filepath.Join(t.TempDir(), "www")
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { //nolint:gosec // a web root is for all
		t.Fatal(err)
	}
	for path, content := range files {
		file := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // a web root is for all
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil { //nolint:gosec // a web root is for all
			t.Fatal(err)
		}
	}
	return dir, root
}

const realFront = `<!DOCTYPE html><html><head><title>Cổng thử</title><link rel="stylesheet" href="/anh/a.css"></head><body>x</body></html>`

func tidySite() map[string]string {
	return map[string]string{"index.html": realFront, "anh/a.css": "a{}", ".well-known/security.txt": "Contact: https://cong.example.test/bao\nExpires: " +
		time.Now().AddDate(0, 6, 0).UTC().Format(time.RFC3339) + "\n"}
}

func carelessSite() map[string]string {
	site := tidySite()
	delete(site, ".well-known/security.txt")
	site[".git/HEAD"], site[".git/config"] = "ref: refs/heads/main\n", "[core]\n\tbare = false\n"
	site[".env"] = "APP_KEY=bi-mat\nDB_PASSWORD=bi-mat\n"
	site["backup.sql"] = "-- MySQL dump 10.13\n--\nDROP TABLE IF EXISTS `x`;\n"
	return site
}

// webServer starts one and gives its endpoint.
type webServer func(t *testing.T, site map[string]string, tidy bool) inventory.Endpoint

func plainAt(address string) inventory.Endpoint {
	return inventory.Endpoint{ID: "web", Target: "http://" + address + "/", Kind: inventory.HTTP}
}

func realNginx(t *testing.T, site map[string]string, tidy bool) inventory.Endpoint {
	dir, root := webRoot(t, site)
	rules := "location ~ /\\.(?!well-known) { return 404; }"
	if !tidy {
		rules = "autoindex on;"
	}
	address := freeAddress(t)
	config := write(t, filepath.Join(dir, "nginx.conf"), fmt.Sprintf(`daemon off; pid %[1]s/pid; error_log stderr; events {}
http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
types { text/html html; text/css css; text/plain txt; }
server { listen %[2]s; root %[3]s; %[4]s } }`, dir, address, root, rules))
	daemon(t, address, program(t, "nginx"), "-c", config, "-e", "stderr")
	return plainAt(address)
}

func realApache(t *testing.T, site map[string]string, tidy bool) inventory.Endpoint {
	dir, root := webRoot(t, site)
	rules := "TraceEnable Off\n<DirectoryMatch \"/\\.(?!well-known)\">\nRequire all denied\n</DirectoryMatch>\n<Files \".env\">\nRequire all denied\n</Files>\n"
	options := "-Indexes"
	if !tidy {
		rules, options = "TraceEnable On\n<Location /server-status>\nSetHandler server-status\n</Location>\n", "+Indexes"
	}
	address := freeAddress(t)
	config := fmt.Sprintf("ServerRoot %[1]s\nServerName 127.0.0.1\nPidFile %[1]s/pid\nErrorLog /dev/stderr\nListen %[2]s\nDocumentRoot %[3]s\n", dir, address, root)
	for _, m := range []string{"mpm_event", "authz_core", "dir", "mime", "autoindex", "status"} {
		config += fmt.Sprintf("LoadModule %[1]s_module /usr/lib/apache2/modules/mod_%[1]s.so\n", m)
	}
	config += fmt.Sprintf("User www-data\nGroup www-data\nTypesConfig /etc/mime.types\nDirectoryIndex index.html\n<Directory %s>\nOptions %s\nRequire all granted\n</Directory>\n", root, options) + rules
	daemon(t, address, program(t, "apache2"), "-f", write(t, filepath.Join(dir, "apache.conf"), config), "-DFOREGROUND")
	return plainAt(address)
}

func realLighttpd(t *testing.T, site map[string]string, tidy bool) inventory.Endpoint {
	dir, root := webRoot(t, site)
	rules := `$HTTP["url"] =~ "^/\.(?!well-known)" { url.access-deny = ("") }`
	if !tidy {
		rules = "status.status-url = \"/server-status\"\ndir-listing.activate = \"enable\"\n"
	}
	address := freeAddress(t)
	host, port, _ := net.SplitHostPort(address)
	config := fmt.Sprintf("server.modules = (\"mod_access\", \"mod_status\", \"mod_indexfile\", \"mod_dirlisting\", \"mod_staticfile\")\nserver.document-root = %q\nserver.bind = %q\nserver.port = %s\nserver.errorlog = \"/dev/stderr\"\nindex-file.names = (\"index.html\")\nmimetype.assign = (\".html\" => \"text/html\", \".txt\" => \"text/plain\", \".css\" => \"text/css\")\n%s\n", root, host, port, rules)
	daemon(t, address, program(t, "lighttpd"), "-D", "-f", write(t, filepath.Join(dir, "lighttpd.conf"), config))
	return plainAt(address)
}

var webServers = map[string]webServer{"nginx": realNginx, "apache2": realApache, "lighttpd": realLighttpd}

func TestRealWebTidy(t *testing.T) {
	for name, start := range webServers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := carelessSite() // its secrets are there, and guarded
			delete(site, "backup.sql")
			site[".well-known/security.txt"] = tidySite()[".well-known/security.txt"]
			e := start(t, site, true)
			expect(t, e, map[*Check]string{
				HTTPExposed:     `{"files": [], "debug": [], "listings": [], "defaults": [], "api_docs": []}`,
				HTTPConsoles:    `{"found": []}`,
				HTTPMethods:     `{"trace": false, "track": false}`,
				HTTPSecurityTxt: `{"found": true, "contacts": ["https://cong.example.test/bao"], "expired": false, "mistakes": ["not at https://…/.well-known/security.txt: §3"]}`,
				HTTPPage:        `{"title": "Cổng thử", "without_sri": []}`,
				HTTPCORS:        `{"universal": false, "reflected": false}`,
				HTTPEntries:     `{"http": {"live": true, "status": 200, "canonical": true}, "https": {"live": false}}`,
			})
			oneConnection(t, e)
		})
	}
}

// oneConnection holds that the real servers keep the connection of a walk.
func oneConnection(t *testing.T, e inventory.Endpoint) {
	t.Helper()
	if obs := observe(t, HTTPPaths, e, 10*time.Second); obs.Made > 1 {
		t.Errorf("http.paths made %d connections", obs.Made)
	}
}

func TestRealWebCareless(t *testing.T) {
	for name, start := range webServers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := start(t, carelessSite(), false)
			var f Exposed
			decodeFact(t, e, HTTPExposed, &f)
			paths := func(m interface{ MarshalJSON() ([]byte, error) }) string {
				b, _ := m.MarshalJSON()
				var list []Exposure
				if err := json.Unmarshal(b, &list); err != nil {
					return string(b)
				}
				s := ""
				for _, x := range list {
					s += x.Path + " "
				}
				return s
			}
			if got := paths(f.Files); got != "/.git/HEAD /.git/config /.env /backup.sql " {
				t.Errorf("files %s", got)
			}
			if got := paths(f.Listings); got != "/anh/ " {
				t.Errorf("listings %s", got)
			}
			if got := paths(f.Debug); name != "nginx" && got != "/server-status " {
				t.Errorf("debug %s", got)
			}
			expect(t, e, map[*Check]string{
				HTTPMethods:     fmt.Sprintf(`{"trace": %v, "track": false}`, name == "apache2"),
				HTTPSecurityTxt: `{"found": false}`,
			})
		})
	}
}

// TestRealDefaultPages holds that what Debian's packages put there is known.
func TestRealDefaultPages(t *testing.T) {
	for file, want := range map[string]string{
		"/usr/share/nginx/html/index.html":           "nginx",
		"/usr/share/apache2/default-site/index.html": "Apache",
		"/usr/share/lighttpd/index.html":             "lighttpd",
	} {
		b, err := os.ReadFile(file) //nolint:gosec // fixed names
		if err != nil {
			t.Logf("%s: %v", file, err)
			continue
		}
		e := realNginx(t, map[string]string{"index.html": string(b)}, true)
		expect(t, e, map[*Check]string{HTTPExposed: fmt.Sprintf(`{"defaults": [{"path": "/", "what": %q}]}`, want)})
	}
}

// TestRealLimits holds that a proxy which limits requests is no proof of
// anything after the limit.
func TestRealLimits(t *testing.T) {
	behind := realNginx(t, carelessSite(), true)
	address, dir := freeAddress(t), t.TempDir()
	config := write(t, filepath.Join(dir, "haproxy.cfg"), fmt.Sprintf(`
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend in
  bind %s
  stick-table type ip size 1k expire 60s store http_req_cnt
  http-request track-sc0 src
  http-request deny deny_status 429 if { sc_http_req_cnt(0) gt 16 }
  default_backend out
backend out
  server a %s
`, address, behind.Address()))
	daemon(t, address, program(t, "haproxy"), "-db", "-q", "-f", config)
	expect(t, plainAt(address), map[*Check]string{
		HTTPExposed: `{"debug": {"unknown": {"cause": "blocked"}}, "api_docs": {"unknown": {"cause": "blocked"}}}`,
	})
}

// TestRealHTTP2 asks nginx over HTTP/2, once agreed and once not.
func TestRealHTTP2(t *testing.T) {
	for extra, want := range map[string]string{" http2": `{"http2": true, "downgrade": false}`, "": `{"http2": false}`} {
		dir, address := t.TempDir(), freeAddress(t)
		writeCertificate(t, dir)
		config := write(t, filepath.Join(dir, "nginx.conf"), fmt.Sprintf(`daemon off; pid %[1]s/pid; error_log stderr; events {}
http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
ssl_certificate %[1]s/cert.pem; ssl_certificate_key %[1]s/key.pem;
server { listen %[2]s ssl%[3]s; return 200 "x"; } }`, dir, address, extra))
		daemon(t, address, program(t, "nginx"), "-c", config, "-e", "stderr")
		expect(t, inventory.Endpoint{ID: "nginx", Target: "https://" + address + "/", Kind: inventory.HTTPS, Plain: "http://" + freeAddress(t) + "/"},
			map[*Check]string{HTTPEntries: want})
	}
}
