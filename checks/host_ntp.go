package checks

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/udp"
)

// NTP is the fact of host.ntp.
type NTP struct {
	Answers      fact.Maybe[bool]    `json:"answers" vi:"trả giờ qua NTP" en:"gives the time by NTP"`
	Synchronised fact.Maybe[bool]    `json:"synchronised" vi:"tự nói là đã đồng bộ với nguồn giờ" en:"says that it is synchronised to a source"`
	Stratum      fact.Maybe[int]     `json:"stratum" vi:"tầng (1: có đồng hồ chuẩn; 16: chưa đồng bộ)" en:"stratum (1: has a reference clock; 16: not synchronised)"`
	Seconds      fact.Maybe[float64] `json:"skew_seconds" vi:"đồng hồ lệch so với máy quét (giây, dương là nhanh)" en:"clock against ours (seconds, positive is fast)"`
	Magnitude    fact.Maybe[float64] `json:"magnitude_seconds" vi:"độ lệch tuyệt đối (giây)" en:"size of the difference (seconds)"`
	Uncertainty  fact.Maybe[float64] `json:"uncertainty_seconds" vi:"sai số của phép đo (giây)" en:"uncertainty of the measurement (seconds)"`
	Control      fact.Maybe[bool]    `json:"mode6" vi:"cho ai cũng đọc biến điều khiển (mode 6)" en:"lets anybody read its variables (mode 6)"`
	Monlist      fact.Maybe[bool]    `json:"monlist" vi:"cho ai cũng đọc danh sách máy đã hỏi (mode 7 monlist)" en:"lets anybody read who asked it (mode 7 monlist)"`
	Silent       fact.Maybe[bool]    `json:"silent" vi:"im lặng với mọi câu hỏi: không trả lời, cũng không báo cổng đóng" en:"silent to every question: neither an answer nor word that the port is closed"`
	Replies      []Reply             `json:"replies" vi:"những gì đã trả lời, kèm cỡ" en:"what answered, with sizes"`
}

// HostNTP asks for the time as any client does, and in between whether the
// server tells strangers of itself.
var HostNTP = define(Check{
	ID:     "host.ntp",
	Refs:   []string{"RFC 5905 §7.3", "RFC 9327 §2", "CVE-2013-5211"},
	Speaks: inventory.OverHost,
	Touch:  Intrusive,
	Known:  fact.Probed,
}, func(ctx context.Context, p *Probe) (NTP, error) {
	first := p.askTime(ctx)
	f := NTP{Answers: first.answers(), Silent: fact.Known(false), Replies: []Reply{}}
	f.clock(first)
	if first.closed {
		f.Control, f.Monlist = fact.Known(false), fact.Known(false)
		return f, nil
	}
	control := udp.NewControl()
	var both sync.WaitGroup
	var told [2]told
	both.Go(func() { told[0] = p.tells(ctx, "ntp readvar", control.Send, control.Answered) })
	both.Go(func() { told[1] = p.tells(ctx, "ntp monlist", udp.Monlist, udp.MonlistAnswered) })
	both.Wait()
	again := sync.OnceValue(func() heard { return p.askTime(ctx).heard }) // once: servers limit how often they give the time
	f.Control, f.Monlist = told[0].settle(p, first.heard, again), told[1].settle(p, first.heard, again)
	f.Silent = keptSilent([]heard{first.heard, told[0].heard, told[1].heard})
	f.Replies = append(append(f.Replies, told[0].replies...), told[1].replies...)
	return f, nil
})

// timeHeard is an answer to a client's question for the time.
type timeHeard struct {
	heard
	said udp.NTPTime
}

func (p *Probe) askTime(ctx context.Context) (t timeHeard) {
	q := udp.NewNTP()
	t.heard = p.sendOver(ctx, question{port: udp.PortNTP, send: q.Send, accept: func(b []byte) (ok bool) {
		t.said, ok = q.Read(b, p.Now())
		return ok
	}})
	return t
}

// clock reads the time off an answer. The moment of sending is that of the
// first question, whichever was answered: that can only widen the uncertainty.
func (f *NTP) clock(t timeHeard) {
	why := t.why
	if t.answer != nil && t.said.Kiss != "" {
		why = unanswered("the server gives no time: it says " + t.said.Kiss)
	}
	if why != nil {
		f.Synchronised, f.Stratum = fact.Not[bool](why), fact.Not[int](why)
		f.Seconds, f.Magnitude, f.Uncertainty = fact.Not[float64](why), fact.Not[float64](why), fact.Not[float64](why)
		return
	}
	const noAlarm, mostStratum = 3, 15
	f.Synchronised = fact.Known(t.said.Leap != noAlarm && t.said.Stratum <= mostStratum)
	f.Stratum = fact.Known(t.said.Stratum)
	ahead, trip := t.said.Offset(t.sent, t.at)
	f.Seconds, f.Magnitude = fact.Known(seconds(ahead)), fact.Known(math.Abs(seconds(ahead)))
	f.Uncertainty = fact.Known(seconds(max(trip, 0)/2 + time.Millisecond))
}

// told is what came of a question that strangers should not be told.
type told struct {
	heard
	granted bool // the answer is no refusal
	replies []Reply
}

func (p *Probe) tells(ctx context.Context, name string, send []byte, read func([]byte) (granted, ok bool)) (t told) {
	q := question{port: udp.PortNTP, send: send, all: true, accept: func(b []byte) (ok bool) { t.granted, ok = read(b); return ok }}
	t.heard = p.sendOver(ctx, q)
	t.replies = t.reply(name, q)
	return t
}

// settle tells whether strangers are told. Servers that keep it to themselves
// say so, or are silent: that counts as a no where they gave the time right
// before and right after.
func (t told) settle(p *Probe, before heard, again func() heard) fact.Maybe[bool] {
	switch {
	case t.answer != nil:
		return fact.Known(t.granted)
	case t.closed:
		return fact.Known(false)
	case t.why.Cause != fact.Timeout:
		return fact.Not[bool](t.why)
	}
	return p.silentBetween(before, again, t.why)
}
