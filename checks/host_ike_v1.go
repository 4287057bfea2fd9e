package checks

import (
	"context"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/udp"
)

// v1 tells of IKEv1 in main mode: whether it is taken at all, and each weak
// offer. It is taken where any offer is; it is not where all were refused, or
// met with silence by a gateway that answers version 2.
func (t *ikeTalk) v1(ctx context.Context) (out [4]fact.Maybe[bool]) {
	out[0] = t.taken1(ctx, t.main)
	for i, o := range weakOffers {
		if t.main.answer == nil { // version 1 is silent as a whole
			out[i+1] = out[0]
			continue
		}
		said, _ := t.begin(ctx, udp.NewMain(o))
		out[i+1] = t.taken1(ctx, said)
		switch {
		case fact.Is(out[i+1], true):
			out[0] = fact.Known(true)
		case !fact.Is(out[i+1], false) && fact.Is(out[0], false):
			out[0] = out[i+1]
		}
	}
	return out
}

// taken1 tells whether a message of version 1 was taken. What refuses it
// decides: no proposal, no such exchange, no such version.
func (t *ikeTalk) taken1(ctx context.Context, s ikeSaid) fact.Maybe[bool] {
	switch {
	case s.answer == nil && s.why.Cause == fact.Timeout:
		return t.p.silentBetween(t.heard, t.alive(ctx), s.why)
	case s.answer == nil:
		return fact.Not[bool](s.why)
	case s.Accepted:
		return fact.Known(true)
	case s.Version == 2, s.Notify == udp.NotifyNoProposal, s.Notify == udp.NotifyExchange, s.Notify == udp.NotifyMajorVersion:
		return fact.Known(false)
	}
	return fact.Not[bool](odd(s))
}

// aggressive tells whether aggressive mode is taken, in which a gateway sends a
// proof of its shared key to whoever asks. Gateways may be silent to a name
// that they do not know, or say that it is wrong, so only a refusal of the mode
// itself, or of version 1 as a whole, is a no.
func (t *ikeTalk) aggressive(ctx context.Context, main fact.Maybe[bool]) fact.Maybe[bool] {
	if t.main.answer == nil && fact.Is(main, false) {
		return main // version 1 is silent as a whole
	}
	refused := 0
	var last fact.Maybe[bool]
	groups := []int{14, 2}
	for _, group := range groups {
		said, _ := t.begin(ctx, udp.NewAggressive(group))
		switch {
		case said.answer == nil:
			last = fact.Not[bool](said.why)
		case said.Accepted && said.Hash:
			return fact.Known(true)
		case said.Notify == udp.NotifyAuth:
			last = fact.Not[bool](unanswered("the gateway refuses a made-up name in aggressive mode, which does not tell what it does with others"))
		case !said.Accepted && fact.Is(t.taken1(ctx, said), false):
			refused++
		default:
			last = fact.Not[bool](odd(said))
		}
	}
	if refused == len(groups) {
		return fact.Known(false)
	}
	return last
}
