package checks

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// wanted is one path and what it may show.
type wanted struct {
	path   string
	groups []string
	shapes []shape
	ranged bool // its first bytes are enough
	follow bool // a redirect within the origin leads to what is looked for
}

// shape recognises one thing by its content. proof is "" where it is another;
// it never holds a value that could be a secret.
type shape struct {
	what string // "group:name"
	is   func(*page) (proof string)
}

type recognised struct{ what, proof string }

func recognise(shapes []shape, pg *page) recognised {
	if encodingOf(pg) != "" {
		return recognised{}
	}
	for _, s := range shapes {
		if proof := s.is(pg); proof != "" {
			return recognised{s.what, proof}
		}
	}
	return recognised{}
}

// served tells of an answer that gives the thing itself.
func served(pg *page) bool {
	return pg.Status == http.StatusOK || pg.Status == http.StatusPartialContent
}

// begins recognises a file by its first bytes.
func begins(magic, says string) func(*page) string {
	return func(pg *page) string {
		if served(pg) && bytes.HasPrefix(pg.Body, []byte(magic)) {
			return says
		}
		return ""
	}
}

// matches recognises a text by a pattern in its beginning.
func matches(pattern, says string) func(*page) string {
	re := regexp.MustCompile(pattern)
	return func(pg *page) string {
		if served(pg) && re.Match(pg.Body) {
			return says
		}
		return ""
	}
}

func secretFile(path, name string, ranged bool, is func(*page) string) wanted {
	return wanted{path: path, groups: []string{groupFiles}, ranged: ranged, shapes: []shape{{groupFiles + ":" + name, is}}}
}

func debugPage(path, name string, is func(*page) string) wanted {
	return wanted{path: path, groups: []string{groupDebug}, shapes: []shape{{groupDebug + ":" + name, is}}}
}

func apiDocs(path string) wanted {
	return wanted{path: path, groups: []string{groupAPI}, shapes: []shape{{groupAPI + ":openapi", openAPI}}}
}

// pathsWanted is the fixed list. Where several would show the same, one is
// asked for.
var pathsWanted = append([]wanted{
	secretFile("/.git/HEAD", "git", true, matches(`^(?:ref: refs/\S+|[0-9a-f]{40})\s*$`, "HEAD names a branch or commit")),
	secretFile("/.git/config", "git", true, matches(`^\s*\[core\]\s*\n`, "begins with [core]")),
	secretFile("/.svn/entries", "subversion", true, matches(`^(?:[89]|10)\r?\n\r?\ndir\r?\n|^<\?xml[^>]*>\s*<wc-entries`, "entries of a working copy")),
	secretFile("/.svn/wc.db", "subversion", true, begins("SQLite format 3\x00", "SQLite database")),
	secretFile("/.env", "env", true, envFile),
	secretFile("/.DS_Store", "ds-store", true, begins("\x00\x00\x00\x01Bud1", "Finder index of a folder")),
	secretFile("/web.config", "web.config", true, matches(`(?s)^\s*(?:\x{feff})?(?:<\?xml[^>]*\?>)?\s*(?:<!--.*?-->\s*)*<configuration[\s>]`, "XML with <configuration>")),
	secretFile("/backup.zip", "backup", true, begins("PK\x03\x04", "ZIP archive")),
	secretFile("/backup.sql", "backup", true, matches(`(?i)^(?:\s*--[^\n]*\n|\s*\\restrict [^\n]*\n|\s*/\*[^\n]*\n|\s*\n)*\s*(?:/\*!|SET |CREATE TABLE|CREATE DATABASE|DROP TABLE|INSERT INTO|PRAGMA |BEGIN)`, "SQL statements")),
	secretFile("/index.php.bak", "source", true, matches(`^\s*<\?(?:php|=)`, "source of a PHP program")),
	debugPage("/phpinfo.php", "phpinfo", phpInfo),
	debugPage("/info.php", "phpinfo", phpInfo),
	debugPage("/server-status", "server-status", matches(`<h1>\s*Apache Server Status for |<title>Apache Status</title>|<h1>Server-Status`, "status of the server")),
	debugPage("/actuator/env", "actuator", matches(`^\s*\{[\s\S]*"propertySources"\s*:\s*\[`, "propertySources of Spring Boot")),
	debugPage("/elmah.axd", "elmah", matches(`(?i)<title>Error Log for |Powered by <a[^>]*>ELMAH`, "ELMAH error log")),
	debugPage("/trace.axd", "trace.axd", matches(`(?i)<h1>Application Trace</h1>|<title>Application Trace`, "ASP.NET application trace")),
	apiDocs("/v2/api-docs"), apiDocs("/v3/api-docs"), apiDocs("/openapi.json"), apiDocs("/swagger/v1/swagger.json"),
}, consolePaths...)

// envLine is a setting as environment files have it.
var envLine = regexp.MustCompile(`(?m)^(?:export )?([A-Z][A-Z0-9_]{2,60})=`)

// envFile recognises settings, and names the first of them without a value.
func envFile(pg *page) string {
	if !served(pg) || bytes.ContainsAny(pg.Body[:min(len(pg.Body), 200)], "<{\x00") {
		return ""
	}
	names := envLine.FindAllSubmatch(pg.Body, 4)
	if len(names) < 2 {
		return ""
	}
	var said []string
	for _, m := range names {
		said = append(said, string(m[1])+"=***")
	}
	return strings.Join(said, ", ")
}

var phpVersion = regexp.MustCompile(`PHP Version (?:</?[a-z]+[^>]*>)*\s*(\d+\.\d+\.\d+)`)

func phpInfo(pg *page) string {
	if !served(pg) || !bytes.Contains(pg.Body, []byte("phpinfo()")) && !bytes.Contains(pg.Body, []byte("PHP Credits")) {
		return ""
	}
	if m := phpVersion.FindSubmatch(pg.Body); m != nil {
		return "phpinfo(), PHP " + string(m[1])
	}
	return ""
}

var openAPIVersion = regexp.MustCompile(`"(openapi|swagger)"\s*:\s*"([\d.]{1,12})"`)

func openAPI(pg *page) string {
	m := openAPIVersion.FindSubmatch(pg.Body)
	if !served(pg) || m == nil || !bytes.HasPrefix(bytes.TrimSpace(pg.Body), []byte("{")) || !bytes.Contains(pg.Body, []byte(`"paths"`)) && pg.Cut == nil {
		return ""
	}
	return fmt.Sprintf("%s %s", m[1], m[2])
}

// listingShapes are how servers list a folder that has no page of its own.
var listingShapes = []shape{
	{groupListing + ":lighttpd", matches(`<title>Index of /[^<]*</title>[\s\S]*<div class="foot">`, "title \"Index of /\"")},
	{groupListing + ":Apache, nginx", matches(`(?i)<title>Index of /[^<]*</title>[\s\S]*(?:Parent Directory|<a href="\.\./">|<h1>Index of /)`, "title \"Index of /\"")},
	{groupListing + ":IIS", matches(`(?i)<title>[^<]+ - /[^<]*</title></head><body><H1>[^<]+</H1><hr>\s*<pre>`, "title with host and folder over a plain list")},
	{groupListing + ":Python", matches(`<title>Directory listing for /`, "title \"Directory listing for\"")},
	{groupListing + ":Tomcat", matches(`<title>Directory Listing For \[?/`, "title \"Directory Listing For\"")},
	{groupListing + ":Jetty", matches(`<title>Directory: /`, "title \"Directory: /\"")},
	{groupListing + ":Go", matches(`^(?:<!doctype html>\s*<meta name="viewport"[^>]*>\s*)?<pre>\n<a href="[^"]+">[^<]+</a>\n`, "bare list of links")},
}

// defaultShapes are the pages that software shows until somebody puts a site in
// its place.
var defaultShapes = []shape{
	{groupDefault + ":nginx", matches(`<title>Welcome to nginx!</title>|<title>Test Page for the Nginx HTTP Server`, "\"Welcome to nginx!\"")},
	{groupDefault + ":Apache", matches(`<title>Apache2 (?:Debian|Ubuntu) Default Page|<title>(?:Test Page for the )?(?:Apache )?HTTP Server Test Page|<title>Test Page for the Apache HTTP Server`, "default page of Apache")},
	{groupDefault + ":It works!", matches(`^\s*<html>\s*<body>\s*<h1>It works!</h1>\s*</body>\s*</html>\s*$`, "\"It works!\"")},
	{groupDefault + ":IIS", matches(`<title>IIS Windows(?: Server)?</title>|<title>IIS(?:7|8|8\.5|10)(?:\.0)?(?: Detailed Error[^<]*)?</title>`, "title of IIS")},
	{groupDefault + ":Tomcat", matches(`<title>Apache Tomcat/[\d.]+</title>[\s\S]*(?:successfully installed Tomcat|Manager App)`, "default page of Tomcat")},
	{groupDefault + ":lighttpd", matches(`(?i)You should replace this page with your own web pages as soon as possible|Placeholder page[\s\S]*lighttpd`, "placeholder page")},
	{groupDefault + ":WildFly, JBoss", matches(`<title>Welcome to (?:WildFly|JBoss)`, "\"Welcome to WildFly/JBoss\"")},
	{groupDefault + ":XAMPP", matches(`<title>Welcome to XAMPP</title>`, "\"Welcome to XAMPP\"")},
}
