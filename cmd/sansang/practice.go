package main

import (
	"context"
	_ "embed"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"text/template"
	"time"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lab"
	"github.com/sansang/sansang/internal/scan"
)

// practice is a folder of unit files for servers that run on this machine:
// one unit that is ready, one that is not, one that cannot be told, and one of
// hostile servers only.
type practice struct {
	dir     string
	address string // of the unit in work
	servers []*lab.Server
	units   []practiceUnit
}

// practiceUnit is what the template of a unit file is filled with.
type practiceUnit struct {
	File, ID, Name, About string
	Address               string // of all its servers
	Endpoints             []practiceEndpoint
	Attested              []string // requirements that are attested as met
	NotMet                []string // and as not met
	Waivers               []practiceWaiver
	DocumentSHA           string
	From, Until, Issued   string
}

// Ports lists what the servers of the unit listen on.
func (u practiceUnit) Ports() string {
	var out []string
	for _, e := range u.Endpoints {
		for _, target := range []string{e.Target, e.Plain} {
			if _, port, err := net.SplitHostPort(strings.TrimSuffix(target[strings.LastIndex(target, "//")+1:], "/")); err == nil {
				out = append(out, strings.TrimPrefix(port, "/"))
			}
		}
	}
	return strings.Join(out, ", ")
}

type practiceEndpoint struct{ ID, Target, Kind, Zone, Plain, About string }

type practiceWaiver struct{ Requirement, Endpoint string }

const practiceDocument = "van-ban/tai-lieu-thuc-hanh.txt"

//go:embed practice.yaml.tmpl
var practiceTemplate string

// newPractice starts the servers and writes the folder. The caller closes it.
func (a *app) newPractice(ctx context.Context, dir string) (*practice, error) {
	p := &practice{dir: dir}
	if err := p.build(ctx); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *practice) close() {
	for _, s := range p.servers {
		_ = s.Close()
	}
}

func (p *practice) build(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Join(p.dir, "van-ban"), 0o755); err != nil {
		return err
	}
	document := "Tài liệu thực hành của sansang, không phải văn bản thật.\nPractice document of sansang, not a real one.\n"
	files := map[string][]byte{practiceDocument: []byte(document), "lab-ca.pem": lab.CAPEM(), "unit.schema.json": inventory.UnitSchema}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(p.dir, name), content, 0o644); err != nil {
			return err
		}
	}
	attested, err := attestable()
	if err != nil {
		return err
	}
	for i, unit := range []func(context.Context, []string) (practiceUnit, error){p.ready, p.notReady, p.undetermined, p.hostile} {
		p.address = practiceAddress(ctx, i)
		u, err := unit(ctx, attested)
		if err != nil {
			return err
		}
		u.Address = p.address
		today := time.Now().In(inventory.Vietnam)
		u.DocumentSHA = digest([]byte(document))
		u.From, u.Until, u.Issued = today.AddDate(0, 0, -1).Format(time.DateOnly), today.AddDate(0, 0, 30).Format(time.DateOnly), today.AddDate(0, 0, -3).Format(time.DateOnly)
		if err := p.write(u); err != nil {
			return err
		}
		p.units = append(p.units, u)
	}
	return nil
}

func (p *practice) write(u practiceUnit) error {
	t, err := template.New("unit").Parse(practiceTemplate)
	if err != nil {
		return err
	}
	var sb strings.Builder
	if err := t.Execute(&sb, u); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(p.dir, u.File), []byte(sb.String()), 0o644)
}

// attestable lists the requirements that a person attests.
func attestable() ([]string, error) {
	policy, err := loadPolicy(defaultPolicy)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range policy.Requirements {
		if r.Evidence != nil && r.Evidence.From == "" && readsAttest(r) {
			ids = append(ids, r.ID)
		}
	}
	return ids, nil
}

func readsAttest(r *judge.Requirement) bool {
	return slices.ContainsFunc(append([]judge.Rule{r.Rule}, r.Also...), func(rule judge.Rule) bool { return strings.Contains(rule.Expect, "attest.") })
}

// start runs a practice server as an endpoint of a unit.
func (p *practice) start(id, recipe, zone string, opts ...lab.Option) (practiceEndpoint, error) {
	s, err := lab.Start(recipe, append(opts, lab.Listen(net.JoinHostPort(p.address, "0")))...)
	if err != nil {
		return practiceEndpoint{}, err
	}
	p.servers = append(p.servers, s)
	e := practiceEndpoint{ID: id, Target: s.URL(), Zone: zone, About: recipe}
	if !strings.Contains(e.Target, "://") {
		e.Kind = s.Kind
	}
	return e, nil
}

// site runs an HTTPS server and its plain twin.
func (p *practice) site(id, recipe, twin string) (practiceEndpoint, error) {
	e, err := p.start(id, recipe, "internet")
	if err != nil {
		return e, err
	}
	var opts []lab.Option
	if twin != "http-content" {
		opts = append(opts, lab.RedirectTo(e.Target))
	}
	plain, err := p.start("", twin, "", opts...)
	e.Plain = plain.Target
	return e, err
}

func (p *practice) ready(_ context.Context, attested []string) (practiceUnit, error) {
	u := practiceUnit{File: "xa-san-sang.yaml", ID: "H99.01", Name: "Xã Thực Hành Một", About: "đạt mọi yêu cầu bắt buộc: kết luận SẴN SÀNG, mã thoát 0", Attested: attested}
	web, err := p.site("cong-dich-vu", "https-good", "http-redirect")
	if err != nil {
		return u, err
	}
	ssh, err := p.start("quan-tri-ssh", "ssh-good", "admin")
	u.Endpoints = []practiceEndpoint{web, ssh}
	return u, err
}

func (p *practice) notReady(_ context.Context, attested []string) (practiceUnit, error) {
	u := practiceUnit{File: "xa-chua-dat.yaml", ID: "H99.02", Name: "Xã Thực Hành Hai", About: "còn nhiều lỗi: kết luận CHƯA ĐẠT, mã thoát 1", NotMet: []string{"ORG-12"},
		Waivers: []practiceWaiver{{"WEB-06", "bao-loi"}}}
	u.Attested = slices.DeleteFunc(slices.Clone(attested), func(id string) bool { return id == "ORG-12" || id == "DAT-04" })
	for _, w := range []struct{ id, recipe, twin string }{
		{"cong-dich-vu", "https-tls10", "http-content"}, {"chung-thu-het-han", "cert-expired", "http-redirect"},
		{"trang-cu", "server-version", "http-redirect"}, {"dang-nhap", "cookies-insecure", "http-redirect"},
		{"bao-loi", "stack-trace", "http-redirect"}, {"sai-gio", "clock-wrong", "http-redirect"}, {"thieu-tieu-de", "headers-none", "http-302"},
	} {
		e, err := p.site(w.id, w.recipe, w.twin)
		if err != nil {
			return u, err
		}
		u.Endpoints = append(u.Endpoints, e)
	}
	for _, w := range []struct{ id, recipe string }{{"ssh-mat-ma-yeu", "ssh-weak-cipher"}, {"ssh-trao-khoa-yeu", "ssh-weak-kex"}} {
		e, err := p.start(w.id, w.recipe, "admin")
		if err != nil {
			return u, err
		}
		u.Endpoints = append(u.Endpoints, e)
	}
	p.forgotten("2323")
	return u, nil
}

// forgotten leaves Telnet on a port that the unit does not declare, where it is
// free.
func (p *practice) forgotten(port string) {
	if s, err := lab.Start("telnet", lab.Listen(net.JoinHostPort(p.address, port))); err == nil {
		p.servers = append(p.servers, s)
	}
}

func (p *practice) undetermined(ctx context.Context, attested []string) (practiceUnit, error) {
	u := practiceUnit{File: "xa-chua-du-can-cu.yaml", ID: "H99.03", Name: "Xã Thực Hành Ba", About: "không lỗi nào thấy được, nhưng chưa thấy đủ: kết luận CHƯA ĐỦ CĂN CỨ, mã thoát 3"}
	u.Attested = slices.DeleteFunc(slices.Clone(attested), func(id string) bool { return strings.HasPrefix(id, "ACC-") })
	web, err := p.site("cong-dich-vu", "https-good", "http-redirect")
	if err != nil {
		return u, err
	}
	mute, err := p.start("may-im-lang", "never-answers", "internal")
	if err != nil {
		return u, err
	}
	mute.Kind = "ssh"
	off, err := closedPort(ctx, p.address)
	if err != nil {
		return u, err
	}
	u.Endpoints = []practiceEndpoint{web, mute, {ID: "may-tat", Target: "https://" + off + "/", Zone: "internal", About: "không có máy chủ nào ở cổng này"}}
	return u, nil
}

// hostile declares twenty hostile endpoints.
func (p *practice) hostile(context.Context, []string) (practiceUnit, error) {
	u := practiceUnit{File: "may-chu-thu-dich.yaml", ID: "H99.04", Name: "Máy chủ thù địch", About: "hai mươi máy chủ cố làm hỏng công cụ quét: không bao giờ SẴN SÀNG"}
	recipes := slices.DeleteFunc(lab.Recipes(), func(r lab.Recipe) bool { return r.Nature != lab.Hostile })
	for i := range 20 {
		r := recipes[i%len(recipes)]
		kind := hostileKind(r.Name)
		e, err := p.start(fmt.Sprintf("%s-%d", r.Name, i+1), r.Name, "internal")
		if err != nil {
			return u, err
		}
		e.Kind = kind
		u.Endpoints = append(u.Endpoints, e)
	}
	return u, nil
}

// hostileKind is the protocol at which a hostile server is worst.
func hostileKind(recipe string) string {
	switch {
	case strings.HasPrefix(recipe, "ssh-"):
		return "ssh"
	case strings.HasPrefix(recipe, "redirect-"), strings.HasPrefix(recipe, "header-"), recipe == "gzip-bomb", recipe == "endless-headers":
		return "http"
	}
	return "https"
}

// practiceHost is the address of loopback that every system has.
const practiceHost = "127.0.0.1"

// practiceAddress gives each practice unit an address of its own, as far as
// this system has more than one of loopback; macOS has not.
func practiceAddress(ctx context.Context, unit int) string {
	own := fmt.Sprintf("127.83.83.%d", unit+1)
	if _, err := closedPort(ctx, own); err != nil {
		return practiceHost
	}
	return own
}

// only keeps a scan to the practice servers. What else this machine runs, on
// all of its addresses, is not the practice unit's: there a connection is
// refused, and a datagram goes to a port on which nothing listens.
func (p *practice) only(s *scan.Scan) {
	tcp, silent := s.Dial, ""
	s.Dial = func(ctx context.Context, address string) (net.Conn, error) {
		to, ours := p.place(address)
		if ours && !slices.ContainsFunc(p.servers, func(s *lab.Server) bool { return s.AddrPort == to }) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
		}
		return tcp(ctx, address)
	}
	if c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(practiceHost)}); err == nil {
		_, silent, _ = net.SplitHostPort(c.LocalAddr().String())
		_ = c.Close()
	}
	for _, udp := range []*checks.DialFunc{&s.Packet, &s.Wide} {
		dial := *udp
		*udp = func(ctx context.Context, address string) (net.Conn, error) {
			if to, ours := p.place(address); ours && silent != "" {
				address = net.JoinHostPort(to.Addr().String(), silent)
			}
			return dial(ctx, address)
		}
	}
}

// place tells whether an address is one of the practice units'.
func (p *practice) place(address string) (to netip.AddrPort, ours bool) {
	to, err := netip.ParseAddrPort(address)
	return to, err == nil && slices.ContainsFunc(p.units, func(u practiceUnit) bool { return u.Address == to.Addr().String() })
}

// closedPort finds a port on which nothing listens.
func closedPort(ctx context.Context, address string) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
