package telemetry_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/telemetry"
)

func one(t *telemetry.Telemetry) {
	k := t.Begin(7, "H29.12", "internal", 1)
	k.Phase("look")()
	k.Place("")
	k.Place("timeout")
	k.Connections(41)
	k.End(telemetry.Landed, "not-ready", nil)
	t.Begin(7, "H29.13", "internal", 2).End(telemetry.Failed, "", errors.New("disk full"))
}

func TestNothingIsStartedUnasked(t *testing.T) {
	got, err := telemetry.Start(t.Context(), telemetry.Options{})
	if got != nil || err != nil {
		t.Fatal(got, err)
	}
	one(got)
	got.Close(t.Context())
	if got.Address() != "" {
		t.Error("it listens")
	}
}

func TestNumbersAndSpans(t *testing.T) {
	var mu sync.Mutex
	var sent bytes.Buffer
	var path string
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		path = r.URL.Path
		_, _ = io.Copy(&sent, r.Body)
	}))
	defer collector.Close()
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1") // is not to be asked
	got, err := telemetry.Start(t.Context(), telemetry.Options{Metrics: "127.0.0.1:0", Traces: collector.URL, Zone: "internal",
		Limit: func() int { return 12 }, Retries: func() int64 { return 3 }, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	one(got)
	resp, err := http.Get("http://" + got.Address() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`sansang_tasks_total{outcome="landed",zone="internal"} 1`,
		`sansang_tasks_total{outcome="failed",zone="internal"} 1`,
		`sansang_units_total{verdict="not-ready",zone="internal"} 1`,
		`sansang_endpoints_total{cause="timeout",zone="internal"} 1`,
		`sansang_connections_total{zone="internal"} 41`,
		`sansang_tasks_running{zone="internal"} 0`,
		`sansang_tasks_limit{zone="internal"} 12`,
		`sansang_database_retries_total{zone="internal"} 3`,
		`sansang_phase_seconds_count{phase="look",zone="internal"} 1`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(string(text), "H29") {
		t.Error("the numbers name a unit")
	}
	got.Close(t.Context())
	mu.Lock()
	defer mu.Unlock()
	if path != "/v1/traces" {
		t.Errorf("sent to %q", path)
	}
	for _, want := range []string{"H29.12", "look", "disk full", "sansang.run"} {
		if !strings.Contains(sent.String(), want) {
			t.Errorf("the spans do not tell %q", want)
		}
	}
	if _, err := http.Get("http://" + got.Address() + "/metrics"); err == nil {
		t.Error("it still listens")
	}
}

func TestMistakes(t *testing.T) {
	taken := httptest.NewServer(http.NotFoundHandler())
	defer taken.Close()
	for _, o := range []telemetry.Options{{Metrics: "9464"}, {Metrics: ":9464"}, {Metrics: "127.0.0.1:x"}, {Metrics: strings.TrimPrefix(taken.URL, "http://")},
		{Traces: "127.0.0.1:4318"}, {Traces: "ftp://x"}, {Traces: "http://"}} {
		_, err := telemetry.Start(t.Context(), o)
		var speaker lang.Speaker
		if !errors.As(err, &speaker) || speaker.In(lang.Vi) == speaker.In(lang.En) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
