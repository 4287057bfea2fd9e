package templates_test

import (
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

const nginxConfig = `
daemon off; master_process off; user root; pid %[1]s/pid; error_log stderr crit;
events {}
http {
	access_log off; default_type text/plain; types { text/html html; }
	client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
	server { listen %[2]s; root %[1]s/site; }
	server { listen %[3]s; root %[1]s/site; location / { try_files /index.html =404; } }
	server { listen %[4]s; root %[1]s/open; location = /nginx_status { stub_status; } }
}
`

// opened are files that a site should not serve, and the template of each.
var opened = map[string]struct{ stem, text string }{
	".hg/requires":                 {"http_mercurial", "dotencode\nfncache\nrevlogv1\nstore\n"},
	".htpasswd":                    {"http_htpasswd", "quantri:$apr1$aaaaaaaa$bbbbbbbbbbbbbbbbbbbbbb\n"},
	".npmrc":                       {"http_npmrc", "//registry.example.test/:_authToken=***\n"},
	"server.key":                   {"http_private_key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"},
	"wp-content/debug.log":         {"http_wp_debug_log", "[12-Mar-2025 07:11:02 UTC] PHP Notice:  x\n"},
	"dump.sql":                     {"http_database_dump", "-- MySQL dump 10.13\n/*!40101 SET NAMES utf8 */;\n"},
	"docker-compose.yml":           {"http_docker_compose", "services:\n  web:\n    image: nginx\n"},
	"storage/logs/laravel.log":     {"http_laravel_log", "[2025-03-11 09:12:01] production.ERROR: x\n"},
	"metrics":                      {"http_prometheus_metrics", "# TYPE up gauge\nup 1\n"},
	"crossdomain.xml":              {"http_crossdomain_open", `<cross-domain-policy><allow-access-from domain="*"/></cross-domain-policy>`},
	"actuator":                     {"http_actuator_index", `{"_links":{"heapdump":{"href":"http://h/actuator/heapdump"}}}`},
	"wp-config.php.bak":            {"http_wordpress_config_copy", "<?php\ndefine( 'DB_NAME', 'x' );\n"},
	"web.config.old":               {"http_web_config_copy", "<configuration>\n</configuration>\n"},
	"composer.lock":                {"http_composer_installed", `{"packages": [{"name": "a/b", "version": "1.0"}]}`},
	".aws/credentials":             {"http_aws_credentials", "[default]\naws_access_key_id = ***\n"},
	"examples/servlets/index.html": {"http_tomcat_examples", `<title>Servlet Examples</title><a href="servlet/HelloWorldExample">`},
}

// TestRealNginx holds all templates over HTTP against a site of nginx, one that
// answers every path with its page, and one that serves what it should not.
func TestRealNginx(t *testing.T) {
	if noWall != nil {
		t.Skip(noWall)
	}
	path, err := exec.LookPath("nginx")
	if err != nil && os.Getenv("SANSANG_REAL") == "1" {
		t.Fatal(err)
	} else if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	put := func(name, text string) {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("site/index.html", "<!DOCTYPE html><html><head><title>Cổng thông tin</title></head><body><h1>Tin tức</h1></body></html>\n")
	found := map[string]bool{"http_nginx_status": true}
	for name, o := range opened {
		put(filepath.Join("open", name), o.text)
		found[o.stem] = true
	}
	at := map[string]string{}
	for _, name := range []string{"site", "one page", "open"} {
		at[name] = lifelessServer(t, nil)
	}
	put("nginx.conf", fmt.Sprintf(nginxConfig, dir, at["site"], at["one page"], at["open"]))
	start(t, at["open"], path, "-c", filepath.Join(dir, "nginx.conf"), "-e", "stderr")
	for name, expected := range map[string]map[string]bool{"site": {}, "one page": {}, "open": found} {
		t.Run(name, func(t *testing.T) {
			if got, want := everywhere(t, at[name]), slices.Sorted(maps.Keys(expected)); !slices.Equal(got, want) {
				t.Errorf("found %q, not %q", got, want)
			}
		})
	}
}

// everywhere runs all templates over HTTP on a server and gives those that
// found something.
func everywhere(t *testing.T, address string) []string {
	files, err := filepath.Glob("*/http_*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	session := open(t, patient, "http", address)
	var mu sync.Mutex
	found := []string{}
	t.Run("templates", func(t *testing.T) {
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				f := readForm(t, file, text)
				switch o := ask(t, session, f.scheme, f.template, ownPages(t)); nature(o) {
				case "good":
				case "bad":
					mu.Lock()
					defer mu.Unlock()
					found = append(found, f.stem)
				default:
					t.Errorf("says %s: %s", nature(o), shown(o))
				}
			})
		}
	})
	slices.Sort(found)
	return found
}

// start runs a server until the end of the test and waits until it answers.
func start(t *testing.T, address, path string, args ...string) {
	t.Helper()
	c := exec.Command(path, args...)
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	for range 100 {
		if conn, err := net.Dial("tcp", address); err == nil {
			_ = conn.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("nginx does not answer")
}
