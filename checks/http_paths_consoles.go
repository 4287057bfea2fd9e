package checks

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/sansang/sansang/internal/webpage"
)

// sign is how one console shows itself. All that is set must hold.
type sign struct {
	name   string
	kind   string         // "console": of a device or server; "cms": of a site's content; "vpn": the door of a VPN, which is for users
	status int            // 0: 200
	title  *regexp.Regexp // of the page
	body   *regexp.Regexp
	header [2]string // name, and a part of its value ("": that it is there)
}

func re(s string) *regexp.Regexp { return regexp.MustCompile(s) }

// frontSigns are those of devices and programs that have an address to
// themselves: the first page shows them.
var frontSigns = []sign{
	{name: "Jenkins", kind: "console", status: anyStatus, header: [2]string{"X-Jenkins", ""}},
	{name: "Grafana", kind: "console", body: re(`window\.grafanaBootData`)},
	{name: "Kibana", kind: "console", status: anyStatus, header: [2]string{"Kbn-Name", ""}},
	{name: "Kibana", kind: "console", body: re(`<kbn-injected-metadata`)},
	{name: "cPanel, WHM", kind: "console", title: re(`^(?:cPanel|WHM) Login`), body: re(`id="login_form"`)},
	{name: "FortiGate", kind: "console", body: re(`ftnt-fortinet-grid|<f-icon class="ftnt-|name="fortinet"`)},
	{name: "PAN-OS", kind: "console", body: re(`(?s)/php/login\.php.*Palo Alto Networks|Palo Alto Networks.*/php/login\.php`)},
	{name: "Cisco ASDM", kind: "console", title: re(`Cisco ASDM`)},
	{name: "MikroTik WebFig", kind: "console", title: re(`^RouterOS`), body: re(`(?i)webfig|mikrotik`)},
	{name: "Hikvision", kind: "console", body: re(`["']/doc/page/login\.asp`)},
	{name: "Hikvision", kind: "console", status: anyStatus, header: [2]string{"Server", "Hikvision-Webs"}},
	{name: "WildFly, JBoss", kind: "console", status: http.StatusUnauthorized, header: [2]string{"Www-Authenticate", `realm="ManagementRealm"`}},
	{name: "Webmin", kind: "console", title: re(`^Login to (?:Webmin|Usermin)`)},
	{name: "Proxmox VE", kind: "console", title: re(`Proxmox Virtual Environment`)},
	{name: "VMware ESXi", kind: "console", body: re(`ng-app="esxUiApp"|ID_EESX_Welcome`)},
	{name: "VMware vCenter", kind: "console", body: re(`ID_VC_Welcome|<title>(?:Log In - )?vSphere`)},
	{name: "iDRAC", kind: "console", title: re(`iDRAC`)},
	{name: "iLO", kind: "console", title: re(`\biLO\b`), body: re(`Hewlett|HPE`)},
	{name: "Synology DSM", kind: "console", body: re(`SYNO\.SDS\.`)},
	{name: "QNAP QTS", kind: "console", body: re(`["']/cgi-bin/(?:QTS|authLogin)\.cgi`)},
	{name: "pfSense", kind: "console", title: re(`pfSense`), body: re(`usernamefld`)},
	{name: "OPNsense", kind: "console", title: re(`OPNsense`), body: re(`usernamefld`)},
	{name: "Portainer", kind: "console", title: re(`^Portainer$`)},
	{name: "Kubernetes Dashboard", kind: "console", title: re(`^Kubernetes Dashboard$`)},
	{name: "Adminer", kind: "console", body: re(`name=["']auth\[driver\]["']`)},
	{name: "phpMyAdmin", kind: "console", title: re(`phpMyAdmin`), body: re(`name="pma_(?:username|password)"|pma_navigation`)},
	{name: "Zimbra", kind: "console", title: re(`^Zimbra Administration`)},
	{name: "WebLogic", kind: "console", title: re(`Oracle WebLogic Server Administration Console`)},
	{name: "FortiGate SSL VPN", kind: "vpn", body: re(`/remote/login|fgt_lang`)},
	{name: "GlobalProtect", kind: "vpn", title: re(`^GlobalProtect Portal$`)},
	{name: "Cisco ASA WebVPN", kind: "vpn", body: re(`/\+CSCOE\+/logon\.html|/\+webvpn\+/`)},
}

const anyStatus = -1

// besideSigns are those of programs that live beside a site, by path.
var besideSigns = []struct {
	path string
	sign
}{
	{"/phpmyadmin/", sign{name: "phpMyAdmin", kind: "console", title: re(`phpMyAdmin`), body: re(`name="pma_(?:username|password)"|pma_navigation`)}},
	{"/manager/html", sign{name: "Tomcat Manager", kind: "console", status: http.StatusUnauthorized, header: [2]string{"Www-Authenticate", `realm="Tomcat Manager Application"`}}},
	{"/jmx-console/", sign{name: "JBoss JMX console", kind: "console", title: re(`JBoss JMX Management Console`)}},
	{"/console/login/LoginForm.jsp", sign{name: "WebLogic", kind: "console", title: re(`Oracle WebLogic Server Administration Console`)}},
	{"/zimbraAdmin/", sign{name: "Zimbra", kind: "console", title: re(`^Zimbra Administration`)}},
	{"/ecp/", sign{name: "Exchange ECP", kind: "console", status: http.StatusFound, header: [2]string{"Location", "/owa/auth/logon.aspx"}}},
	{"/wp-login.php", sign{name: "WordPress", kind: "cms", body: re(`(?s)id="loginform".*name="wp-submit"|id="wp-submit"`)}},
	{"/administrator/", sign{name: "Joomla", kind: "cms", body: re(`(?s)name="option"\s+value="com_login"|com_login.*name="passwd"`)}},
	{"/user/login", sign{name: "Drupal", kind: "cms", body: re(`name="form_id" value="user_login(?:_form)?"`)}},
	{"/Login", sign{name: "DotNetNuke", kind: "cms", body: re(`(?s)dnn_ctr.*(?:txtUsername|Login_Login)`)}},
	{"/group/control_panel", sign{name: "Liferay", kind: "cms", status: http.StatusFound, header: [2]string{"Location", "/c/portal/login"}}},
	{"/admin/", sign{name: "Django admin", kind: "cms", title: re(`Django`), body: re(`csrfmiddlewaretoken`)}},
}

// consoleKinds gives the kind by what was recognised.
var consoleKinds = map[string]string{}

var consolePaths, frontShapes = func() (paths []wanted, front []shape) {
	for _, s := range frontSigns {
		front = append(front, s.shape())
	}
	for _, b := range besideSigns {
		paths = append(paths, wanted{path: b.path, groups: []string{groupConsoles}, follow: true, shapes: append([]shape{b.shape()}, front...)})
	}
	return paths, append(append(front, listingShapes...), defaultShapes...)
}()

func (s sign) shape() shape {
	what := groupConsoles + ":" + s.name
	consoleKinds[what] = s.kind
	return shape{what, s.proof}
}

// proof says what of the sign was seen; "" if not all of it was.
func (s sign) proof(pg *page) string {
	if s.status == 0 && pg.Status != http.StatusOK || s.status > 0 && pg.Status != s.status {
		return ""
	}
	var said []string
	if name, part := s.header[0], s.header[1]; name != "" {
		value := pg.Header.Get(name)
		if value == "" || !strings.Contains(strings.ToLower(value), strings.ToLower(part)) {
			return ""
		}
		said = append(said, strings.TrimSuffix(name+": "+part, ": "))
	}
	if s.title != nil {
		title := webpage.Read(pg.Body, pg.URL).Title
		if !s.title.MatchString(title) {
			return ""
		}
		said = append(said, "title "+oneLine(title, 80))
	}
	if s.body != nil {
		m := s.body.Find(pg.Body)
		if m == nil {
			return ""
		}
		said = append(said, "page holds "+oneLine(string(m), 60))
	}
	return strings.Join(said, "; ")
}
