package checks

import (
	"context"
	"time"
)

// Pace is what a check asks of one connection beside its address.
type Pace struct {
	Within time.Duration // the longest to connect, if that is less than the scan's
	Begun  func()        // called when the first packet is about to leave, after any wait
}

type paceKey struct{}

// WithPace sets the pace of the connections that are made with the context.
func WithPace(ctx context.Context, p Pace) context.Context {
	return context.WithValue(ctx, paceKey{}, p)
}

// PaceOf gives the pace that a dialer is to keep, or the zero one.
func PaceOf(ctx context.Context) Pace {
	p, _ := ctx.Value(paceKey{}).(Pace)
	return p
}
