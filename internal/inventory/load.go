package inventory

import (
	_ "embed"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

// UnitSchema is the JSON Schema of unit files, for editors.
//
//go:embed unit.schema.json
var UnitSchema []byte

var schema = sync.OnceValue(func() *yamldoc.Schema { return yamldoc.MustSchema("unit.schema.json", UnitSchema) })

// Load reads a unit file. Its error, if it is the file's fault, is
// yamldoc.Problems: every mistake, with its place and what to write instead.
func Load(file string, data []byte) (Unit, error) {
	doc, err := yamldoc.Parse(file, data)
	if err != nil {
		return Unit{}, err
	}
	return Read(doc)
}

// Read reads a unit from a document or a part of one, as Load does.
func Read(doc *yamldoc.Document) (Unit, error) {
	if err := schema().Check(doc); err != nil {
		return Unit{}, err
	}
	r := review{doc: doc}
	r.prefixes()
	if r.problems != nil {
		return Unit{}, r.problems
	}
	var u Unit
	if err := doc.Decode(&u); err != nil {
		return Unit{}, fmt.Errorf("%s: %w", doc.File, err)
	}
	r.unit = &u
	r.run()
	if err := r.problems.Err(); err != nil {
		return Unit{}, err
	}
	return u, nil
}

var authorisations = sync.OnceValue(func() *yamldoc.Schema {
	return yamldoc.MustPart("unit.schema.json", UnitSchema, "/properties/authorisation")
})

// ReadAuthorisation reads the authorisation that stands at the top of a document
// which is no unit, and nil if there is none. Its error is as that of Load.
func ReadAuthorisation(doc *yamldoc.Document) (*Authorisation, error) {
	top, _ := doc.Value.(map[string]any)
	if top["authorisation"] == nil {
		return nil, nil
	}
	part := doc.Part("authorisation")
	if err := authorisations().Check(part); err != nil {
		return nil, err
	}
	r := review{doc: doc, unit: &Unit{}}
	r.prefixes()
	if r.problems != nil {
		return nil, r.problems
	}
	if err := part.Decode(&r.unit.Authorisation); err != nil {
		return nil, fmt.Errorf("%s: %w", doc.File, err)
	}
	r.authorisation()
	return r.unit.Authorisation, r.problems.Err()
}

// review finds what a schema cannot: references, order of dates, addresses.
type review struct {
	doc      *yamldoc.Document
	unit     *Unit
	problems yamldoc.Problems
}

func (r *review) say(what, instead lang.Text, path ...any) {
	r.problems = append(r.problems, r.doc.Problem(path, what, instead))
}

func (r *review) run() {
	systems := r.unique("systems", len(r.unit.Systems), func(i int) string { return r.unit.Systems[i].ID })
	endpoints := r.unique("endpoints", len(r.unit.Endpoints), func(i int) string { return r.unit.Endpoints[i].ID })
	for i := range r.unit.Endpoints {
		r.endpoint(i, systems)
	}
	for i, h := range r.unit.Hosts {
		r.refers(systems, h.System, "hosts", i, "system")
	}
	for i := range r.unit.Domains {
		r.domain(i, systems)
	}
	r.unique("domains", len(r.unit.Domains), func(i int) string { return r.unit.Domains[i].Name }, "name")
	for _, p := range r.unit.Places()[len(r.unit.Endpoints):] {
		endpoints = append(endpoints, p.ID)
	}
	for i, a := range r.unit.Attestations {
		r.attestation(i, a, systems, endpoints)
	}
	for i, v := range r.unit.Reviews {
		if v.Result == Refused && v.Reason == "" {
			r.say(lang.T("không nhận mà không nói vì sao", "refused without saying why"), lang.T("thêm dòng reason: với lý do, để đơn vị biết phải sửa gì", "add a line reason: so that the unit knows what to mend"), "reviews", i)
		}
	}
	for i, w := range r.unit.Waivers {
		r.refers(systems, w.System, "waivers", i, "system")
		r.refers(endpoints, w.Endpoint, "waivers", i, "endpoint")
	}
	r.authorisation()
}

// domain settles the name of a domain: as the DNS has it, and compared.
func (r *review) domain(i int, systems []string) {
	d := &r.unit.Domains[i]
	d.Name = strings.TrimSuffix(strings.ToLower(d.Name), ".")
	r.refers(systems, d.System, "domains", i, "system")
	if _, err := netip.ParseAddr(d.Name); err == nil || !strings.Contains(d.Name, ".") {
		r.say(lang.Tf("%q không phải tên miền", "%q is no domain name", d.Name), lang.T("viết tên miền như xa.tinh.gov.vn, không có www, http:// hay dấu /", "write a name such as xa.tinh.gov.vn, without www, http:// or a slash"), "domains", i, "name")
	}
}

func (r *review) unique(list string, n int, id func(int) string, field ...any) []string {
	if field == nil {
		field = []any{"id"}
	}
	var ids []string
	seen := map[string]bool{}
	for i := range n {
		if seen[id(i)] {
			r.say(lang.Tf("mã %q đã dùng ở trên", "the id %q is used above", id(i)), lang.T("đặt mã khác", "give it another id"), append([]any{list, i}, field...)...)
		}
		seen[id(i)] = true
		ids = append(ids, id(i))
	}
	return ids
}

func (r *review) refers(ids []string, id string, path ...any) {
	if id == "" {
		return
	}
	for _, have := range ids {
		if have == id {
			return
		}
	}
	hint := lang.Tf("dùng một trong: %s", "use one of: %s", few(ids))
	if len(ids) == 0 {
		hint = lang.T("đơn vị chưa khai mục nào như vậy", "the unit has declared none")
	}
	if near := lang.Nearest(id, ids[:min(len(ids), 1000)]); near != "" {
		hint = lang.Tf("có phải là %q?", "did you mean %q?", near)
	}
	r.say(lang.Tf("không có mã %q", "there is no %q", id), hint, path...)
}

// few lists the first of the ids: each mistake of a unit has such a list, and a
// unit may have a hundred thousand of both.
func few(ids []string) string {
	const most = 20
	if len(ids) > most {
		return strings.Join(ids[:most], ", ") + ", …"
	}
	return strings.Join(ids, ", ")
}

func (r *review) endpoint(i int, systems []string) {
	e := &r.unit.Endpoints[i]
	switch {
	case e.System != "":
		r.refers(systems, e.System, "endpoints", i, "system")
	case len(systems) == 1:
		e.System = systems[0]
	default:
		r.say(lang.Tf("điểm kết nối %q chưa nói thuộc hệ thống nào", "the endpoint %q does not say its system", e.ID),
			lang.Tf("thêm dòng system: với một trong: %s", "add a line system: with one of: %s", few(systems)), "endpoints", i)
	}
	if !r.target(e, i) {
		return
	}
	if e.Plain != "" {
		if _, err := ParseTarget(e.Plain); err != nil {
			r.say(lang.Tf("địa chỉ %q không dùng được", "the address %q cannot be used", e.Plain), lang.T("viết như http://may.xa.gov.vn/", "write it as http://host.xa.gov.vn/"), "endpoints", i, "plain")
		}
	}
	if addr, err := netip.ParseAddr(e.Host()); err == nil && len(r.unit.Hosts) > 0 && !r.declared(addr) {
		r.say(lang.Tf("địa chỉ %s không nằm trong dải nào ở mục hosts", "the address %s is in no range of hosts", addr), lang.T("thêm dải địa chỉ đó vào hosts, hoặc sửa target", "add its range to hosts, or correct the target"), "endpoints", i, "target")
	}
}

// target reads the target and settles the kind; it tells whether it could.
func (r *review) target(e *Endpoint, i int) bool {
	if strings.Contains(e.Target, "://") {
		u, err := ParseTarget(e.Target)
		if err != nil {
			r.say(lang.Tf("địa chỉ %q không dùng được (%v)", "the address %q cannot be used (%v)", e.Target, err), lang.T("viết như https://may.xa.gov.vn/ hoặc máy:cổng", "write it as https://host.xa.gov.vn/ or host:port"), "endpoints", i, "target")
			return false
		}
		if e.Kind != "" && string(e.Kind) != u.Scheme {
			r.say(lang.Tf("kind là %s nhưng địa chỉ là %s://", "kind is %s but the address is %s://", e.Kind, u.Scheme), lang.T("bỏ dòng kind", "remove the line kind"), "endpoints", i, "kind")
		}
		e.Kind = Kind(u.Scheme)
		return true
	}
	host, port, err := net.SplitHostPort(e.Target)
	if err != nil || host == "" || strings.ContainsAny(host, "@/\\% ") || ValidPort(port) != nil {
		r.say(lang.Tf("%q không phải là máy:cổng", "%q is not host:port", e.Target), lang.T("viết như 10.1.2.3:22, [2001:db8::1]:22 hoặc https://may.xa.gov.vn/", "write it as 10.1.2.3:22, [2001:db8::1]:22 or https://host.xa.gov.vn/"), "endpoints", i, "target")
		return false
	}
	if e.Kind == "" {
		r.say(lang.Tf("%q chưa nói giao thức gì", "%q does not say its protocol", e.Target), kindHint(port), "endpoints", i)
		return false
	}
	return true
}

// usual are the kinds of the ports on which a service usually is.
var usual = map[string]Kind{
	"80": HTTP, "443": HTTPS, "8443": HTTPS, "22": SSH,
	"25": SMTP, "587": SMTP, "24": LMTP, "110": POP3, "143": IMAP, "4190": Sieve, "21": FTP, "389": LDAP,
	"5222": XMPPClient, "5269": XMPPServer, "119": NNTP, "5432": Postgres, "3306": MySQL, "1433": MSSQL, "3389": RDP,
	"465": TLS, "563": TLS, "636": TLS, "990": TLS, "993": TLS, "995": TLS, "5223": TLS,
}

// kindHint says what to write, by the port if it is a well-known one.
func kindHint(port string) lang.Text {
	if k, ok := usual[port]; ok {
		return lang.Tf("cổng %s thường là: thêm dòng kind: %s", "port %s usually is this: add a line kind: %s", port, k)
	}
	return lang.T("thêm dòng kind: https, http, ssh, tls (mã hóa ngay từ đầu), tcp, hoặc smtp, imap, ldap, postgres… nếu mở đầu không mã hóa rồi chuyển sang TLS",
		"add a line kind: https, http, ssh, tls (from the first byte), tcp, or smtp, imap, ldap, postgres, … if it turns to TLS after a beginning in clear")
}

func (r *review) declared(addr netip.Addr) bool {
	for _, h := range r.unit.Hosts {
		if p, err := netip.ParsePrefix(h.CIDR); err == nil && p.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}

func (r *review) authorisation() {
	a := r.unit.Authorisation
	if a != nil && a.Until.Before(a.From.Time) {
		r.say(lang.T("ngày kết thúc trước ngày bắt đầu", "ends before it begins"), lang.Tf("viết ngày từ %s trở đi", "write a day from %s on", a.From.Format("2006-01-02")), "authorisation", "until")
	}
}

// prefixes reads the address ranges from the raw document, so that a bad one
// is told with its place.
func (r *review) prefixes() {
	top, _ := r.doc.Value.(map[string]any)
	hosts, _ := top["hosts"].([]any)
	for i, h := range hosts {
		m, _ := h.(map[string]any)
		r.prefix(m["cidr"], "hosts", i, "cidr")
	}
	auth, _ := top["authorisation"].(map[string]any)
	scope, _ := auth["scope"].(map[string]any)
	cidrs, _ := scope["cidrs"].([]any)
	for i, c := range cidrs {
		r.prefix(c, "authorisation", "scope", "cidrs", i)
	}
}

func (r *review) prefix(v any, path ...any) {
	s, _ := v.(string)
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		r.say(lang.Tf("%q không phải dải địa chỉ", "%q is no address range", s), lang.T("viết như 203.0.113.0/28 hoặc 2001:db8::/64", "write it as 203.0.113.0/28 or 2001:db8::/64"), path...)
	case p.Addr().Is4In6():
		r.say(lang.Tf("%q là địa chỉ IPv4 viết dạng IPv6", "%q is an IPv4 address written as IPv6", s), lang.T("viết dạng IPv4", "write it as IPv4"), path...)
	case p != p.Masked():
		r.say(lang.Tf("%q có bit ngoài phần mạng", "%q has bits beyond its prefix", s), lang.Tf("viết %s", "write %s", p.Masked()), path...)
	case p.Bits() == 0:
		r.say(lang.Tf("%q là toàn bộ Internet", "%q is the whole Internet", s), lang.T("viết đúng dải địa chỉ mà văn bản cho phép", "write the ranges that the document permits"), path...)
	}
}
