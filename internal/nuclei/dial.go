package nuclei

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"github.com/projectdiscovery/fastdialer/fastdialer"
	"github.com/projectdiscovery/networkpolicy"
	"github.com/projectdiscovery/nuclei/v3/pkg/protocols/common/protocolstate"
	"github.com/projectdiscovery/nuclei/v3/pkg/types"
	"golang.org/x/net/proxy"
)

var errOutside = errors.New("the address is not one that may be connected to")

// allowed is asked after names are resolved and before anything is sent.
func (e *Engine) allowed(network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err == nil && e.config.Allow != nil && e.config.Allow(netip.AddrPortFrom(to.Addr().Unmap(), to.Port())) {
		return nil
	}
	return fmt.Errorf("%w: %s %s", errOutside, network, address)
}

// dialer obeys Allow.
func (e *Engine) dialer() *net.Dialer {
	return &net.Dialer{Timeout: e.timeout, KeepAlive: -1, Control: e.allowed}
}

// plain is a proxy to nowhere: with one, fastdialer does not keep the first
// error of an address for ever.
type plain struct {
	*net.Dialer
	wrap func(net.Conn) net.Conn // nil: as it is
	open *opened
}

// Dial connects.
func (p plain) Dial(network, address string) (net.Conn, error) {
	c, err := p.Dialer.Dial(network, address)
	if err != nil {
		return nil, err
	}
	c = p.open.add(c)
	if p.wrap != nil {
		c = p.wrap(c)
	}
	return c, nil
}

// opened are connections that nobody has closed yet: scripts and rawhttp
// leave some behind.
type opened struct {
	mu sync.Mutex
	by map[*closing]struct{}
}

type closing struct {
	net.Conn
	of *opened
}

func (o *opened) add(c net.Conn) net.Conn {
	o.mu.Lock()
	defer o.mu.Unlock()
	w := &closing{c, o}
	o.by[w] = struct{}{}
	return w
}

func (o *opened) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for c := range o.by {
		_ = c.Conn.Close()
	}
	clear(o.by)
}

// Close closes the connection and forgets it.
func (c *closing) Close() error {
	c.of.mu.Lock()
	delete(c.of.by, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// fast makes a dialer of the kind that nuclei takes.
func (e *Engine) fast(wrap func(net.Conn) net.Conn) (*fastdialer.Dialer, error) {
	o := fastdialer.DefaultOptions
	o.BaseResolvers = []string{orNowhere(e.config.Names)}
	o.HostsFile, o.ResolversFile, o.EnableFallback, o.DisableZtlsFallback = false, false, false, true
	o.CacheType, o.MaxRetries, o.MaxTemporaryErrors = fastdialer.Memory, 2, 0
	o.DialerTimeout = e.timeout + 2*time.Second // later than the dialer's own, with which it would race
	o.Dialer = e.dialer()
	var through proxy.Dialer = plain{e.dialer(), wrap, &e.open}
	o.ProxyDialer = &through
	return fastdialer.NewDialer(o)
}

// guard puts dialers that obey Allow where nuclei has its own.
func (e *Engine) guard() error {
	e.dialers = protocolstate.GetDialersWithId(e.options.ExecutionId)
	e.dialers.Fastdialer.Close()
	var err error
	if e.quick, err = e.fast(nil); err != nil {
		return err
	}
	e.dialers.Fastdialer = e.quick
	return e.restrict(netip.Addr{})
}

// talking are the options of templates that only talk over TCP, whose dialer
// reads with patience. Dialers are found by the name in the options.
func (e *Engine) talking() (*types.Options, error) {
	if e.tcp != nil {
		return e.tcp, nil
	}
	o := options(e.config, e.timeout, e.options.ExecutionId+"-tcp")
	if err := protocolstate.Init(o); err != nil {
		return nil, err
	}
	d := protocolstate.GetDialersWithId(o.ExecutionId)
	d.Fastdialer.Close()
	var err error
	if d.Fastdialer, err = e.fast(patience); err != nil {
		return nil, err
	}
	d.NetworkPolicy, e.tcp = e.dialers.NetworkPolicy, o
	return o, nil
}

// restrict tells the modules of scripts that have dialers of their own which
// one address they may reach. An empty list would allow all; an address
// without a prefix length is read wrongly where it is IPv6.
func (e *Engine) restrict(addr netip.Addr) error {
	only := netip.MustParsePrefix("255.255.255.255/32")
	if addr.IsValid() {
		only = netip.PrefixFrom(addr, addr.BitLen())
	}
	p, err := networkpolicy.New(networkpolicy.Options{AllowList: []string{only.String()}})
	if err != nil {
		return err
	}
	e.dialers.NetworkPolicy, e.policy = p, addr
	return nil
}

// connect is for HTTP: it resolves by Names and tries the addresses in turn.
func (e *Engine) connect(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs := []string{host}
	if net.ParseIP(host) == nil {
		data, err := e.quick.GetDNSData(host)
		if err != nil || len(data.A)+len(data.AAAA) == 0 {
			return nil, &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
		}
		addrs = append(data.A[:len(data.A):len(data.A)], data.AAAA...)
	}
	d := e.dialer()
	for _, a := range addrs {
		var c net.Conn
		if c, err = d.DialContext(ctx, network, net.JoinHostPort(a, port)); err == nil {
			return c, nil
		}
	}
	return nil, err
}
