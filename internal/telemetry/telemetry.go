// Package telemetry tells machines how a run goes: Prometheus by numbers,
// OpenTelemetry by spans. Nothing listens and nothing is sent unless it is asked
// for, and numbers name no unit.
package telemetry

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/sansang/sansang/internal/lang"
)

// Options say where to listen and whom to tell. An empty Options is neither.
type Options struct {
	Metrics string // "127.0.0.1:9464", where Prometheus is answered at /metrics
	Traces  string // "http://127.0.0.1:4318", of a collector that takes OTLP over HTTP

	Version string
	Zone    string // that is looked from

	Limit   func() int   // units that may be looked at at the same time now; may be nil
	Retries func() int64 // transactions that were tried again; may be nil
	Log     zerolog.Logger
}

// Telemetry is what was started. All methods may be called on nil, and then do
// nothing.
type Telemetry struct {
	numbers *numbers
	spans   *trace.TracerProvider
	server  *http.Server
	address string
	log     zerolog.Logger
}

// Fault is a mistake in the options.
type Fault struct{ lang.Text }

func (f Fault) Error() string { return f.En }

// Start listens and gets ready to send; nil where neither is asked for.
func Start(ctx context.Context, o Options) (*Telemetry, error) {
	if o.Metrics == "" && o.Traces == "" {
		return nil, nil
	}
	t := &Telemetry{log: o.Log}
	var err error
	if o.Traces != "" {
		if t.spans, err = tracer(ctx, o); err != nil {
			return nil, err
		}
	}
	if o.Metrics == "" {
		return t, nil
	}
	host, port, err := net.SplitHostPort(o.Metrics)
	if n, nerr := strconv.ParseUint(port, 10, 16); err != nil || nerr != nil || n > 0 && host == "" {
		return nil, errors.Join(Fault{lang.Tf("--metrics %q không phải địa chỉ và cổng; viết như 127.0.0.1:9464", "--metrics %q is no address and port; write it as 127.0.0.1:9464", o.Metrics)}, t.stop(ctx))
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Metrics)
	if err != nil {
		return nil, errors.Join(Fault{lang.Tf("--metrics %s: không mở được cổng này (%v); chọn cổng khác", "--metrics %s: cannot listen there (%v); choose another port", o.Metrics, bare(err))}, t.stop(ctx))
	}
	t.numbers = newNumbers(o)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(t.numbers.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second}))
	t.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 1 << 14}
	t.address = listener.Addr().String()
	go func() {
		if err := t.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			t.log.Warn().Err(err).Msg("metrics are no longer served")
		}
	}()
	return t, nil
}

// Address is where Prometheus is answered; empty: nowhere.
func (t *Telemetry) Address() string {
	if t == nil {
		return ""
	}
	return t.address
}

// Close sends what is still to be sent, for some seconds and even if ctx has
// ended, and listens no more.
func (t *Telemetry) Close(ctx context.Context) {
	if t == nil {
		return
	}
	if err := t.stop(ctx); err != nil {
		t.log.Warn().Err(err).Msg("some traces were not sent")
	}
	if t.server != nil {
		_ = t.server.Close()
	}
}

func (t *Telemetry) stop(ctx context.Context) error {
	if t.spans == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return t.spans.Shutdown(ctx)
}

// bare is what went wrong on a socket, without its address.
func bare(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}
