package checks

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/service"
)

// Services is the fact of host.services: what the open ports of a host speak.
type Services struct {
	Services     []Spoken         `json:"services" vi:"dịch vụ nhận ra được" en:"services recognised"`
	Unrecognised []int            `json:"unrecognised" vi:"cổng mở đã hỏi nhưng không nhận ra giao thức" en:"open ports that were asked and not recognised"`
	Unasked      []int            `json:"unasked" vi:"cổng mở chưa hỏi được" en:"open ports that were not asked"`
	Complete     fact.Maybe[bool] `json:"complete" vi:"mọi cổng mở trong danh sách đã hỏi đều nhận ra giao thức" en:"every open port of the list that was asked is recognised"`
}

// Spoken is what one port speaks.
type Spoken struct {
	Port     int    `json:"port" vi:"cổng" en:"port"`
	Protocol string `json:"protocol" vi:"giao thức (tên của IANA)" en:"protocol (name by IANA)"`
	TLS      bool   `json:"tls" vi:"trong TLS từ byte đầu" en:"inside TLS from the first byte"`
	Product  string `json:"product" vi:"sản phẩm tự xưng" en:"product, as it says"`
	Version  string `json:"version" vi:"phiên bản tự xưng" en:"version, as it says"`
	Banner   string `json:"banner" vi:"lời đầu của máy chủ" en:"how it begins"`
	Barred   bool   `json:"wants_certificate" vi:"TLS đòi chứng thư số phía gọi" en:"TLS wants a certificate of its client"`
}

// maxAsked bounds the ports of one host that are asked; a host with more is
// one that answers everywhere.
const maxAsked = 64

// HostServices asks the ports that are open. It is intrusive, for a service
// that is not where it usually is gets questions in other protocols than its
// own: what a firewall does about that must touch nothing seen before.
var HostServices = define(Check{
	ID:       "host.services",
	Refs:     []string{"IANA Service Name and Transport Protocol Port Number Registry", "RFC 6335"},
	Speaks:   inventory.OverHost,
	Touch:    Intrusive,
	Known:    fact.Observed,
	Requires: []*Check{HostPorts},
}, func(ctx context.Context, p *Probe) (Services, error) {
	all := Read[Ports](p, HostPorts)
	ports := all.Seen
	_, gap := all.Open.Get()
	f := Services{Services: []Spoken{}, Unrecognised: []int{}, Unasked: []int{}}
	f.Unasked = append(f.Unasked, ports[min(maxAsked, len(ports)):]...)
	ports = ports[:min(maxAsked, len(ports))]
	seen, why := make([]service.Service, len(ports)), make([]error, len(ports))
	p.beside(len(ports), func(i int) {
		seen[i], why[i] = service.Recognise(ctx, p.toPort(ports[i]), ports[i], p.patience(), p.beside)
	})
	if ctx.Err() != nil {
		return Services{}, ctx.Err()
	}
	for i, port := range ports {
		f.add(port, seen[i], why[i], &gap)
	}
	if len(f.Unasked) > 0 && gap == nil {
		gap = fact.Because(fact.Skipped, fmt.Sprintf("of %d open ports %d were not asked", len(ports)+len(f.Unasked), len(f.Unasked)))
	}
	if f.Complete = fact.Known(true); gap != nil {
		f.Complete = fact.Not[bool](gap)
	}
	return f, nil
})

// add puts a port where it belongs. One that was open and now is closed may
// shut us out, so it is not told either.
func (f *Services) add(port int, s service.Service, err error, gap **fact.Unknown) {
	at := fmt.Sprintf("port %d", port)
	switch {
	case errors.Is(err, service.ErrMute), errors.Is(err, service.ErrStrange):
		f.Unrecognised = append(f.Unrecognised, port)
	case err != nil:
		f.Unasked = append(f.Unasked, port)
	default:
		f.Services = append(f.Services, Spoken{port, s.Protocol, s.TLS, s.Product, s.Version, s.Banner, s.WantsCertificate})
		if s.Protocol == "" && !s.WantsCertificate { // what wants one lets in no stranger
			err = errors.New("what is inside TLS is not recognised")
		}
	}
	if err != nil && *gap == nil {
		*gap = aboutPort(at, err)
	}
}

// aboutPort says why something of a port was not seen.
func aboutPort(at string, err error) *fact.Unknown {
	u := serviceError(err)
	return fact.Because(u.Cause, at+": "+u.Detail)
}

// serviceError names the errors of package service.
func serviceError(err error) *fact.Unknown {
	switch {
	case errors.Is(err, service.ErrNoTouch), errors.Is(err, service.ErrNeedsLogin), errors.Is(err, service.ErrNoQuestion):
		return fact.Because(fact.Skipped, unanswered(err.Error()).Detail)
	case errors.Is(err, service.ErrMute):
		return fact.Because(fact.Timeout, err.Error())
	case errors.Is(err, service.ErrStrange):
		return unanswered(err.Error())
	}
	return fact.FromError(blame(err))
}

// toPort dials a port of the host.
func (p *Probe) toPort(port int) service.Dial {
	return func(ctx context.Context) (net.Conn, error) {
		return p.DialTo(ctx, net.JoinHostPort(p.Endpoint.Host(), strconv.Itoa(port)))
	}
}

// How long a port may take to greet or to answer. One that takes longer is not
// recognised, which is a gap and no more.
const (
	greetWithin  = time.Second
	answerWithin = 2500 * time.Millisecond
)

func (p *Probe) patience() service.Patience {
	return service.Patience{Greeting: min(p.Timeout, greetWithin), Answer: min(p.Timeout, answerWithin)}
}
