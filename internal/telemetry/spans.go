package telemetry

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/sansang/sansang/internal/lang"
)

// scope names whose spans these are.
const scope = "github.com/sansang/sansang"

// tracer makes what sends spans, to the collector that was named and by no
// proxy of the environment. That it cannot be reached is logged and stops
// nothing.
func tracer(ctx context.Context, o Options) (*trace.TracerProvider, error) {
	to, err := url.Parse(o.Traces)
	if err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https" {
		return nil, Fault{lang.Tf("--traces %q không phải địa chỉ của bộ thu OTLP; viết như http://127.0.0.1:4318", "--traces %q is no address of an OTLP collector; write it as http://127.0.0.1:4318", o.Traces)}
	}
	if strings.Trim(to.Path, "/") == "" {
		to.Path = "/v1/traces"
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { o.Log.Warn().Err(err).Msg("traces") }))
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(to.String()), otlptracehttp.WithTimeout(5*time.Second),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: true, InitialInterval: time.Second, MaxInterval: 5 * time.Second, MaxElapsedTime: 10 * time.Second}),
		otlptracehttp.WithProxy(func(*http.Request) (*url.URL, error) { return nil, nil }))
	if err != nil {
		return nil, err
	}
	return trace.NewTracerProvider(trace.WithBatcher(exporter),
		trace.WithResource(resource.NewSchemaless(attribute.String("service.name", "sansang"), attribute.String("service.version", o.Version)))), nil
}
