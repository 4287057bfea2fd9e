package nuclei

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/projectdiscovery/fastdialer/fastdialer"
	"github.com/projectdiscovery/networkpolicy"
	"github.com/projectdiscovery/nuclei/v3/pkg/protocols/common/protocolstate"
	"github.com/projectdiscovery/nuclei/v3/pkg/types"
	"github.com/projectdiscovery/retryablehttp-go"
	mapsutil "github.com/projectdiscovery/utils/maps"
	"golang.org/x/net/proxy"
)

var (
	errOutside = errors.New("the address is not one that may be connected to")
	errNoName  = errors.New("the name of the target is not resolved")
)

// allowed is asked after names are resolved and before anything is sent.
func (e *Engine) allowed(network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err == nil && (*e.allow.Load())(netip.AddrPortFrom(to.Addr().Unmap(), to.Port())) {
		return nil
	}
	return fmt.Errorf("%w: %s %s", errOutside, network, address)
}

// dialer obeys Allow.
func (e *Engine) dialer() *net.Dialer {
	return &net.Dialer{Timeout: e.timeout, KeepAlive: -1, Control: e.allowed}
}

// fast makes a dialer of the kind that nuclei takes, whose connections are
// listened to. Those over TLS, that it makes itself, are not.
func (e *Engine) fast(listen *tap) (*fastdialer.Dialer, error) {
	o := fastdialer.DefaultOptions
	o.BaseResolvers = []string{orNowhere(e.config.Names)}
	o.HostsFile, o.ResolversFile, o.EnableFallback, o.DisableZtlsFallback = false, false, false, true
	o.CacheType, o.MaxRetries, o.MaxTemporaryErrors = fastdialer.Memory, 2, 0
	o.DialerTimeout = e.timeout + 2*time.Second // later than the dialer's own, with which it would race
	o.Dialer = e.dialer()
	var through proxy.Dialer = plain{e.dialer(), listen}
	o.ProxyDialer = &through
	return fastdialer.NewDialer(o)
}

// dialers of nuclei, by the name in the options. Init would make a data base
// in a file for each.
//
//go:linkname allDialers github.com/projectdiscovery/nuclei/v3/pkg/protocols/common/protocolstate.dialers
var allDialers *mapsutil.SyncLockMap[string, *protocolstate.Dialers]

// dialersFor makes the dialers that nuclei finds by the name in the options.
func (e *Engine) dialersFor(o *types.Options, listen *tap) (*protocolstate.Dialers, error) {
	fast, err := e.fast(listen)
	if err != nil {
		return nil, err
	}
	policy, err := only(netip.Addr{})
	if err != nil {
		return nil, err
	}
	d := &protocolstate.Dialers{Fastdialer: fast, NetworkPolicy: policy, HTTPClientPool: mapsutil.NewSyncLockMap[string, *retryablehttp.Client]()}
	protocolstate.SetLfaAllowed(o)
	return d, allDialers.Set(o.ExecutionId, d)
}

func forgetDialers(id string) {
	protocolstate.Close(id)
	protocolstate.LfaAllowed.Delete(id)
}

// release ends what the template holds.
func (t *template) release() {
	t.tap.close()
	if t.dialers != nil {
		forgetDialers(t.id)
	}
}

// only is a policy for the modules of scripts that have dialers of their own:
// the one address they may reach. An empty list would allow all; an address
// without a prefix length is read wrongly where it is IPv6.
func only(addr netip.Addr) (*networkpolicy.NetworkPolicy, error) {
	one := netip.MustParsePrefix("255.255.255.255/32")
	if addr.IsValid() {
		one = netip.PrefixFrom(addr.Unmap().WithZone(""), addr.Unmap().BitLen())
	}
	return networkpolicy.New(networkpolicy.Options{AllowList: []string{one.String()}})
}

// narrow lets the scripts of a template reach this host.
func (e *Engine) narrow(t *template, host string) (err error) {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		data, err := e.dialers.Fastdialer.GetDNSData(host)
		if err != nil || len(data.A)+len(data.AAAA) == 0 {
			return errNoName
		}
		addr, _ = netip.ParseAddr(append(data.A[:len(data.A):len(data.A)], data.AAAA...)[0])
	}
	t.dialers.NetworkPolicy, err = only(addr)
	return err
}

// connect is for HTTP: it resolves by Names and tries the addresses in turn.
func (e *Engine) connect(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs := []string{host}
	if net.ParseIP(host) == nil {
		data, err := e.dialers.Fastdialer.GetDNSData(host)
		if err != nil || len(data.A)+len(data.AAAA) == 0 {
			return nil, errNoName
		}
		addrs = append(data.A[:len(data.A):len(data.A)], data.AAAA...)
	}
	d := e.dialer()
	for _, a := range addrs {
		var c net.Conn
		if c, err = e.reach(ctx, d, network, net.JoinHostPort(a, port)); err == nil {
			return c, nil
		}
	}
	return nil, err
}

// reach connects to an address: as sansang lends it, where it does.
func (e *Engine) reach(ctx context.Context, d *net.Dialer, network, address string) (net.Conn, error) {
	if to, err := netip.ParseAddrPort(address); err == nil && e.config.Direct != nil && e.allowed(network, address, nil) == nil {
		if c := e.config.Direct(ctx, netip.AddrPortFrom(to.Addr().Unmap(), to.Port())); c != nil {
			return c, nil
		}
	}
	return d.DialContext(ctx, network, address)
}
