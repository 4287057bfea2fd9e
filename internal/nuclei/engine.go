package nuclei

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/logrusorgru/aurora"
	"github.com/projectdiscovery/gologger"
	"github.com/projectdiscovery/nuclei/v3/pkg/catalog/disk"
	"github.com/projectdiscovery/nuclei/v3/pkg/input"
	"github.com/projectdiscovery/nuclei/v3/pkg/protocols"
	"github.com/projectdiscovery/nuclei/v3/pkg/protocols/common/globalmatchers"
	"github.com/projectdiscovery/nuclei/v3/pkg/protocols/common/protocolstate"
	"github.com/projectdiscovery/nuclei/v3/pkg/templates"
	"github.com/projectdiscovery/nuclei/v3/pkg/types"
)

// Config says how an engine works.
type Config struct {
	Timeout  time.Duration             // of one exchange
	Agent    string                    // User-Agent, where the template names none; one for the process
	Folder   string                    // private, for files of templates; there are none
	Resolver string                    // "ip:port" that dns templates ask; one for the process; empty: none is asked
	Names    string                    // "ip:port" of the resolver that knows the targets' names; empty: none is known
	Allow    func(netip.AddrPort) bool // which addresses may be connected to; nil: none
	Relayed  bool                      // whether somebody else times the connections
	// Direct connects to an address of Allow for HTTP, or gives nil where it has
	// to be connected to as others are; nil: it never can.
	Direct func(context.Context, netip.AddrPort) net.Conn
	Trace  func(level string, message string) // what the engine says; nil: nobody listens
}

// Bounds of the engine.
const (
	relayedTimeout = 60 * time.Second // where the relay is the authority
	shortest       = 3 * time.Second  // below it tlsx shares its options between connections
	mostBody       = 4 << 20          // of a response; above 8 MB nuclei would cut it in silence
)

// Engine runs templates on one target at a time.
type Engine struct {
	config  Config
	timeout time.Duration
	options *types.Options
	base    *protocols.ExecutorOptions
	dialers *protocolstate.Dialers
	wire    *wire
	tap     tap // of rawhttp's connections

	allow   atomic.Pointer[func(netip.AddrPort) bool]
	stopped atomic.Bool // a run was, and something of it may go on

	mu     sync.Mutex
	loaded map[string]*template
	taken  int // templates, those that were refused too
	closed bool
}

var engines atomic.Uint64 // made so far; names them

// New makes an engine. It opens no connection.
func New(c Config) (*Engine, error) {
	if err := harden(c); err != nil {
		return nil, err
	}
	e := &Engine{config: c, timeout: max(c.Timeout, shortest), loaded: map[string]*template{}}
	if c.Relayed {
		e.timeout = relayedTimeout
	}
	e.Obey(c.Allow)
	e.options = options(c, e.timeout, fmt.Sprintf("sansang-%d", engines.Add(1)))
	var err error
	if e.dialers, err = e.dialersFor(e.options, &e.tap); err != nil {
		return nil, err
	}
	e.wire = newWire(e)
	e.base = &protocols.ExecutorOptions{
		Options: e.options, Progress: silent{}, Catalog: disk.NewCatalog(c.Folder),
		Colorizer: aurora.NewAurora(false), ResumeCfg: types.NewResumeCfg(), Parser: templates.NewParser(),
		InputHelper: input.NewHelper(), GlobalMatchers: globalmatchers.New(), DoNotCache: true, Logger: gologger.DefaultLogger,
	}
	return e, nil
}

// Obey sets which addresses may be connected to from now on; nil: none.
func (e *Engine) Obey(allow func(netip.AddrPort) bool) {
	if allow == nil {
		allow = func(netip.AddrPort) bool { return false }
	}
	e.allow.Store(&allow)
}

// Rest ends what the engine holds of its target and keeps the templates that it
// has read, which takes longer than to run them. It tells whether the engine
// may have another target: not if a run was stopped, nor with templates that
// have dialers of their own, for something of those may still be under way.
func (e *Engine) Rest() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.stopped.Load() || e.dialers.RawHTTPClient != nil {
		return false
	}
	for _, t := range e.loaded {
		if t.alone {
			return false
		}
	}
	e.Obey(nil)
	e.wire.close()
	e.wire.memo.forget()
	fast, err := e.fast(&e.tap) // the old one remembers what names stood for
	if err != nil {
		return false
	}
	e.dialers.Fastdialer.Close()
	e.dialers.Fastdialer = fast
	return true
}

// options are those of one engine.
func options(c Config, timeout time.Duration, id string) *types.Options {
	o := types.DefaultOptions()
	o.ExecutionId = id
	o.Logger = gologger.DefaultLogger
	o.Timeout = int((timeout + time.Second - 1) / time.Second)
	o.Retries = 1 // tlsx never connects with none; HTTP is told in its context
	o.NoInteractsh, o.NoHostErrors, o.DisableClustering = true, true, true
	o.MatcherStatus, o.NoColor, o.OmitTemplate = true, true, true
	o.IPVersion = []string{"4", "6"}
	o.InternalResolversList = []string{orNowhere(c.Resolver)}
	o.Templates = []string{c.Folder}
	o.ResponseReadSize = mostBody
	o.ScanStrategy = "host-spray" // keeps connections for the next request
	o.SetTimeouts(&types.Timeouts{
		DialTimeout: timeout, TcpReadTimeout: timeout, HttpResponseHeaderTimeout: timeout, HttpTimeout: 2 * timeout,
		JsCompilerExecutionTimeout: 2 * timeout, CodeExecutionTimeout: timeout,
	})
	return o
}

// Close ends what the engine holds open.
func (e *Engine) Close() {
	e.mu.Lock()
	closed, loaded := e.closed, e.loaded
	e.closed, e.loaded = true, nil
	e.mu.Unlock()
	if closed {
		return
	}
	e.wire.close()
	e.wire.memo.forget()
	e.tap.close()
	for _, t := range loaded {
		t.release()
	}
	forgetDialers(e.options.ExecutionId)
}

var errClosed = errors.New("the engine is closed")
