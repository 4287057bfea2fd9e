package nuclei

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/projectdiscovery/fastdialer/fastdialer"
	"github.com/projectdiscovery/nuclei/v3/pkg/protocols/common/protocolinit"
	"github.com/projectdiscovery/retryablehttp-go"
	"github.com/projectdiscovery/tlsx/pkg/tlsx/openssl"
	"github.com/projectdiscovery/useragent"
)

// What retryablehttp dials with when an answer is not HTTP/1: it asks again
// by a second client of its own, which follows redirects, resolves names by
// public servers and honours proxies. A target could send the scanner
// anywhere by it. Every such client, made before or after, holds the dialer
// that this variable points to.
//
//go:linkname spare github.com/projectdiscovery/retryablehttp-go.fd
var spare *fastdialer.Dialer

// Whether fastdialer leaves out its second try, by another TLS library and in
// TLS even where plain text was asked for. Only the environment sets it.
//
//go:linkname noSecondTry github.com/projectdiscovery/fastdialer/fastdialer.disableZTLSFallback
var noSecondTry bool

// errSpare is what the second client gets: what was answered is no HTTP/1.
var errSpare = errors.New("the answer is not HTTP/1")

// nowhere is an address to which no datagram can be sent: port 0.
const nowhere = "127.0.0.1:0"

func orNowhere(address string) string {
	if address == "" {
		return nowhere
	}
	return address
}

var (
	errSpareOpen = errors.New("nuclei: the second HTTP client cannot be closed")
	sealed       = seal() // done in whatever process this package is linked
	knownNames   atomic.Pointer[string]
	once         sync.Once
	errOnce      error
)

// seal closes what would dial without asking anybody, and tells whether it
// could.
func seal() bool {
	noSecondTry = true
	openssl.BinaryPath = ""
	fastdialer.MaxDialCacheSize, fastdialer.MaxDNSItems = 1, 16 // each dialer takes room for as many, 0.5 MB
	quench()
	forget()
	// Whatever resolves a name by Go's own resolver asks ours.
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: dialNames} //nolint:forbidigo // the field, not the function
	retryablehttp.DefaultHostSprayingTransport()                         // makes the dialer
	if spare == nil {
		return false
	}
	o := fastdialer.DefaultOptions
	o.HostsFile, o.ResolversFile, o.EnableFallback, o.DisableZtlsFallback = false, false, false, true
	o.BaseResolvers, o.MaxRetries, o.CacheType = []string{nowhere}, 1, fastdialer.Memory
	o.Dialer = &net.Dialer{Timeout: time.Second, Control: func(string, string, syscall.RawConn) error { return errSpare }}
	closed, err := fastdialer.NewDialer(o)
	if err != nil {
		return false
	}
	*spare = *closed
	return true
}

func dialNames(ctx context.Context, network, _ string) (net.Conn, error) {
	to := knownNames.Load()
	if to == nil {
		return nil, errors.New("no names are known")
	}
	return (&net.Dialer{}).DialContext(ctx, network, *to)
}

// harden sets what is one for the process.
func harden(c Config) error {
	if !sealed {
		return errSpareOpen
	}
	if c.Names != "" {
		knownNames.Store(&c.Names)
	}
	once.Do(func() {
		bridge(c.Trace)
		if c.Agent != "" {
			useragent.UserAgents = []*useragent.UserAgent{{Raw: c.Agent}}
		}
		// The client of dns templates, and what else nuclei makes once. The
		// dialers that come with it are nobody's.
		o := options(c, max(c.Timeout, shortest), "sansang")
		errOnce = protocolinit.Init(o)
		protocolinit.Close(o.ExecutionId)
	})
	return errOnce
}
