package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Task is one look at a unit, from its begin to the moment when its result is
// kept. Its methods may be called on nil.
type Task struct {
	of    *Telemetry
	ctx   context.Context
	span  trace.Span
	began time.Time
}

// Begin tells that a look begins.
func (t *Telemetry) Begin(run int64, unit, zone string, attempt int) *Task {
	if t == nil {
		return nil
	}
	k := &Task{of: t, ctx: context.Background(), began: time.Now()}
	if t.numbers != nil {
		t.numbers.running.Inc()
	}
	if t.spans != nil {
		k.ctx, k.span = t.spans.Tracer(scope).Start(k.ctx, "task", trace.WithAttributes(attribute.Int64("sansang.run", run),
			attribute.String("sansang.unit", unit), attribute.String("sansang.zone", zone), attribute.Int("sansang.attempt", attempt)))
	}
	return k
}

// Phase tells that a phase begins; the function that it gives, that it ends.
func (k *Task) Phase(name string) (end func()) {
	if k == nil {
		return func() {}
	}
	began := time.Now()
	var span trace.Span
	if k.span != nil {
		_, span = k.of.spans.Tracer(scope).Start(k.ctx, name)
	}
	return func() {
		if span != nil {
			span.End()
		}
		if n := k.of.numbers; n != nil {
			n.phases.WithLabelValues(name).Observe(time.Since(began).Seconds())
		}
	}
}

// Place tells of an endpoint that was looked at. Cause says why nothing is known
// of it; empty: it answered.
func (k *Task) Place(cause string) {
	if k != nil && k.of.numbers != nil {
		k.of.numbers.places.WithLabelValues(cause).Inc()
	}
}

// Connections tells how many connections the look took.
func (k *Task) Connections(n int) {
	if k == nil {
		return
	}
	if k.of.numbers != nil {
		k.of.numbers.connections.Add(float64(n))
	}
	if k.span != nil {
		k.span.SetAttributes(attribute.Int("sansang.connections", n))
	}
}

// The outcomes of a task.
const (
	Landed  = "landed"
	Failed  = "failed"
	Stopped = "stopped"
)

// End tells what came of the task. Verdict is that of the unit, where it was
// judged; err says why the task failed.
func (k *Task) End(outcome, verdict string, err error) {
	if k == nil {
		return
	}
	if n := k.of.numbers; n != nil {
		n.running.Dec()
		n.tasks.WithLabelValues(outcome).Inc()
		if verdict != "" {
			n.verdicts.WithLabelValues(verdict).Inc()
		}
	}
	if k.span != nil {
		k.span.SetAttributes(attribute.String("sansang.outcome", outcome), attribute.String("sansang.verdict", verdict))
		if err != nil {
			k.span.SetStatus(codes.Error, err.Error())
		}
		k.span.End()
	}
}
