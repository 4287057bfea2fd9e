package checks

import (
	"context"
	"math"
	"net/http"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Skew is the fact of clock.skew.
type Skew struct {
	Seconds     float64 `json:"skew_seconds" vi:"đồng hồ máy chủ lệch so với máy quét (giây, dương là nhanh)" en:"server's clock against ours (seconds, positive is fast)"`
	Magnitude   float64 `json:"magnitude_seconds" vi:"độ lệch tuyệt đối (giây)" en:"size of the difference (seconds)"`
	Uncertainty float64 `json:"uncertainty_seconds" vi:"sai số của phép đo (giây)" en:"uncertainty of the measurement (seconds)"`
}

const (
	clockSamples  = 2
	clockAttempts = 4
	clockAgree    = 2 * time.Second
)

// ClockSkew compares the Date of two answers with our clock. The paths asked
// for do not exist, so no cache can answer with an old Date, and an answer
// with an Age says itself that it is not fresh.
var ClockSkew = define(Check{
	ID:     "clock.skew",
	Refs:   []string{"RFC 9110 §6.6.1", "RFC 9111 §5.1", "RFC 5905 §8"},
	Speaks: inventory.OverHTTP,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Skew, error) {
	var samples []clockSample
	for range clockAttempts {
		pg, err := p.get(ctx, unlikely(p.Endpoint.URL()), nil)
		if err != nil {
			return Skew{}, err
		}
		if pg.Header.Get("Age") != "" {
			continue // out of a cache
		}
		s, err := sampleClock(pg)
		if err != nil {
			return Skew{}, err
		}
		if samples = append(samples, s); len(samples) == clockSamples {
			return compareClocks(samples[0], samples[1])
		}
	}
	return Skew{}, unanswered("a cache answers, not the server")
})

// clockSample is one comparison: how far the server is ahead, give or take.
type clockSample struct{ ahead, err time.Duration }

// sampleClock takes the Date to stand for the middle of its second, and the
// moment of the answer for the middle between sending and receiving.
func sampleClock(pg *page) (clockSample, error) {
	date, err := http.ParseTime(pg.Header.Get("Date"))
	if err != nil {
		return clockSample{}, unanswered("the answer has no Date that can be read")
	}
	trip := pg.Got.Sub(pg.Sent)
	return clockSample{
		ahead: date.Add(time.Second / 2).Sub(pg.Sent.Add(trip / 2)),
		err:   time.Second/2 + trip/2,
	}, nil
}

// compareClocks takes the surer of two samples that agree. Two that do not may
// come from two servers behind one address.
func compareClocks(a, b clockSample) (Skew, error) {
	if (a.ahead - b.ahead).Abs() > clockAgree {
		return Skew{}, unanswered("two answers show two clocks")
	}
	if b.err < a.err {
		a = b
	}
	s := seconds(a.ahead)
	return Skew{Seconds: s, Magnitude: math.Abs(s), Uncertainty: seconds(a.err)}, nil
}

// seconds keeps milliseconds: more would only look precise.
func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
