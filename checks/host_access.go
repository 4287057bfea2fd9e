package checks

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/service"
)

// Access is the fact of host.access: which services of a host let in
// whoever comes. What is false holds of the services that were recognised, and
// only where all open ports were.
type Access struct {
	Open         []OpenService    `json:"open_services" vi:"dịch vụ cho vào không cần xác thực" en:"services that let in without authentication"`
	Asked        []AskedService   `json:"asked" vi:"dịch vụ đã hỏi" en:"services that were asked"`
	AnyAnonymous fact.Maybe[bool] `json:"any_anonymous" vi:"có dịch vụ dữ liệu cho vào không cần xác thực, kể cả tài khoản không mật khẩu" en:"a data service lets in without authentication, accounts without password included"`
	Strangers    fact.Maybe[bool] `json:"open_to_strangers" vi:"có dịch vụ, trong số hỏi được mà không cần đăng nhập, cho người lạ vào" en:"of the services that can be asked without a log-in, one lets in strangers"`
	OpenProxy    fact.Maybe[bool] `json:"open_proxy" vi:"có máy chủ proxy mở" en:"an open proxy"`
	SMB1         fact.Maybe[bool] `json:"smb1" vi:"nhận SMB phiên bản 1" en:"accepts SMB version 1"`
	SMBUnsigned  fact.Maybe[bool] `json:"smb_without_signing" vi:"SMB không bắt buộc ký" en:"SMB without required signatures"`
	RDPNoNLA     fact.Maybe[bool] `json:"rdp_without_nla" vi:"RDP không bắt buộc NLA" en:"RDP without required NLA"`
	RDPPlain     fact.Maybe[bool] `json:"rdp_without_tls" vi:"RDP nhận mã hóa riêng cũ, không TLS" en:"RDP takes its own old encryption, without TLS"`
	VNCOpen      fact.Maybe[bool] `json:"vnc_without_password" vi:"VNC không cần mật khẩu" en:"VNC without password"`
	Telnet       fact.Maybe[bool] `json:"telnet" vi:"có Telnet" en:"Telnet is spoken"`
}

// OpenService is a service that let us in.
type OpenService struct {
	Port     int    `json:"port" vi:"cổng" en:"port"`
	Protocol string `json:"protocol" vi:"giao thức" en:"protocol"`
	Product  string `json:"product" vi:"sản phẩm" en:"product"`
	Proof    string `json:"proof" vi:"bằng chứng" en:"proof"`
}

// AskedService is one that was asked, whatever came of it.
type AskedService struct {
	Port     int    `json:"port" vi:"cổng" en:"port"`
	Protocol string `json:"protocol" vi:"giao thức" en:"protocol"`
	Answer   string `json:"answer" vi:"trả lời: open (mở), protected (có bảo vệ), unknown (chưa rõ)" en:"answer: open, protected or unknown"`
	Detail   string `json:"detail" vi:"chi tiết" en:"detail"`
}

// HostAccess asks each recognised service for what it gives only to those
// it knows, and sends no name with a password. Nobody who means well asks that
// of a server that is not his.
var HostAccess = define(Check{
	ID: "host.access",
	Refs: []string{"CWE-306", "MS-SMB2 §2.2.3", "MS-CIFS §2.2.4.52", "MS-RDPBCGR §2.2.1.1", "RFC 6143 §7.1.2", "RFC 4513 §5.1.1", "RFC 1928 §3", "RFC 9110 §9.3.6",
		"RFC 1813 §5.2.5", "MQTT 3.1.1 §3.1"},
	Speaks:   inventory.OverHost,
	Touch:    Intrusive,
	Known:    fact.Probed,
	Requires: []*Check{HostServices},
}, func(ctx context.Context, p *Probe) (Access, error) {
	s := Read[Services](p, HostServices)
	doors := make([]door, len(s.Services))
	p.beside(len(doors), func(i int) { doors[i] = p.knock(ctx, s.Services[i]) })
	if ctx.Err() != nil {
		return Access{}, ctx.Err()
	}
	_, gap := s.Complete.Get()
	return readDoors(doors, gap), nil
})

// door is a service that was asked.
type door struct {
	Spoken
	service.Access
	err error
}

func (p *Probe) knock(ctx context.Context, s Spoken) door {
	t := service.Target{Host: p.Endpoint.Host(), Port: s.Port, Dial: p.toPort(s.Port), Wait: p.patience().Answer, Quiet: hush,
		Service:  s.service(),
		DialPort: func(ctx context.Context, port int) (net.Conn, error) { return p.toPort(port)(ctx) }}
	a, err := service.Ask(ctx, t)
	return door{s, a, err}
}

// data tells whether there is something behind the door that a log-in should
// guard.
func (d door) data() bool {
	return service.DataService(d.service(), d.Port) && !errors.Is(d.err, service.ErrNoQuestion)
}

func (s Spoken) service() service.Service {
	return service.Service{Protocol: s.Protocol, TLS: s.TLS, Product: s.Product, Version: s.Version}
}

// mayProxy tells whether the door may lead elsewhere. A web server that proved
// to be a data service was not asked; one that did not say what it is, and was
// not asked either, may.
func (d door) mayProxy() bool {
	return service.MayProxy(d.service()) && (d.Door == service.Untold || len(d.Traits) > 0 || d.Product == "")
}

// gap says why something is not known of the door.
func (d door) gap() *fact.Unknown {
	if d.err == nil {
		return fact.Because(fact.Skipped, fmt.Sprintf("port %d (%s) was not asked that", d.Port, d.Protocol))
	}
	return aboutPort(fmt.Sprintf("port %d (%s)", d.Port, d.Protocol), d.err)
}

func readDoors(doors []door, gap *fact.Unknown) Access {
	f := Access{Open: []OpenService{}, Asked: []AskedService{}}
	for _, d := range doors {
		a := AskedService{d.Port, d.Protocol, "protected", d.Proof}
		switch d.Door {
		case service.Shut:
		case service.Open:
			a.Answer = "open"
			f.Open = append(f.Open, OpenService{d.Port, d.Protocol, d.Product, d.Proof})
		case service.Untold:
			if !d.data() && d.Protocol != "ms-wbt-server" {
				continue // there is nothing to tell
			}
			a.Answer, a.Detail = "unknown", serviceError(d.err).Detail
		}
		f.Asked = append(f.Asked, a)
	}
	isOpen := func(d door) (bool, bool) { return d.Door == service.Open, d.Door != service.Untold }
	trait := func(name string, bad bool) func(door) (bool, bool) {
		return func(d door) (bool, bool) { v, told := d.Traits[name]; return v == bad, told }
	}
	speaks := func(names ...string) func(door) bool {
		return func(d door) bool {
			for _, n := range names {
				if d.Protocol == n {
					return true
				}
			}
			return false
		}
	}
	counts := func(d door) bool { return d.data() || d.Door == service.Open }
	f.AnyAnonymous = anyOf(doors, gap, counts, isOpen)
	f.Strangers = anyOf(doors, gap, counts, func(d door) (bool, bool) {
		return d.Door == service.Open, d.Door != service.Untold || errors.Is(d.err, service.ErrNeedsLogin)
	})
	f.OpenProxy = anyOf(doors, gap, door.mayProxy, trait(service.OpenProxy, true))
	f.SMB1 = anyOf(doors, gap, speaks("microsoft-ds"), trait(service.SMB1, true))
	f.SMBUnsigned = anyOf(doors, gap, speaks("microsoft-ds"), trait(service.SMBSigning, false))
	f.RDPNoNLA = anyOf(doors, gap, speaks("ms-wbt-server"), trait(service.RDPWithNLA, false))
	f.RDPPlain = anyOf(doors, gap, speaks("ms-wbt-server"), trait(service.RDPPlain, true))
	f.VNCOpen = anyOf(doors, gap, speaks("rfb"), isOpen)
	f.Telnet = anyOf(doors, gap, speaks("telnet"), func(door) (bool, bool) { return true, true })
	return f
}

// anyOf tells whether something is seen at one of the doors that it may be at.
// It is not, only if each of them told so and every open port is known.
func anyOf(doors []door, gap *fact.Unknown, may func(door) bool, is func(door) (yes, told bool)) fact.Maybe[bool] {
	for _, d := range doors {
		if !may(d) {
			continue
		}
		switch yes, told := is(d); {
		case told && yes:
			return fact.Known(true)
		case !told && gap == nil:
			gap = d.gap()
		}
	}
	if gap != nil {
		return fact.Not[bool](gap)
	}
	return fact.Known(false)
}
