package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// numbers are what Prometheus is told. Labels take few values: no unit and no
// endpoint is named, lest whoever reads them learn who is weak.
type numbers struct {
	registry    *prometheus.Registry
	tasks       *prometheus.CounterVec   // by outcome
	verdicts    *prometheus.CounterVec   // of units, each time that one is judged
	places      *prometheus.CounterVec   // endpoints looked at, by cause; "" answered
	phases      *prometheus.HistogramVec // seconds
	running     prometheus.Gauge
	connections prometheus.Counter
}

func newNumbers(o Options) *numbers {
	n := &numbers{registry: prometheus.NewRegistry()}
	label := prometheus.Labels{"zone": o.Zone}
	counters := func(name, help, by string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: label}, []string{by})
	}
	n.tasks = counters("sansang_tasks_total", "Looks at a unit from one zone that ended, by outcome: landed, failed, stopped.", "outcome")
	n.verdicts = counters("sansang_units_total", "Units that were judged, by verdict.", "verdict")
	n.places = counters("sansang_endpoints_total", "Endpoints that were looked at, by the cause for which nothing is known of them; an empty cause: it answered.", "cause")
	n.phases = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sansang_phase_seconds", Help: "Seconds that each phase of a task took: look, judge, land.", ConstLabels: label,
		Buckets: []float64{.005, .02, .1, .5, 1, 2, 5, 10, 20, 40, 90, 180, 600, 1800}}, []string{"phase"})
	n.running = prometheus.NewGauge(prometheus.GaugeOpts{Name: "sansang_tasks_running", Help: "Looks at a unit that are under way.", ConstLabels: label})
	n.connections = prometheus.NewCounter(prometheus.CounterOpts{Name: "sansang_connections_total", Help: "Connections that were attempted by looks that ended.", ConstLabels: label})
	n.registry.MustRegister(n.tasks, n.verdicts, n.places, n.phases, n.running, n.connections,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if o.Limit != nil {
		n.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "sansang_tasks_limit", Help: "Looks that may be under way at the same time now.", ConstLabels: label},
			func() float64 { return float64(o.Limit()) }))
	}
	if o.Retries != nil {
		n.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "sansang_database_retries_total", Help: "Transactions that were tried again.", ConstLabels: label},
			func() float64 { return float64(o.Retries()) }))
	}
	return n
}
