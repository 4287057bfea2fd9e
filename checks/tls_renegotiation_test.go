package checks

import (
	"testing"

	"github.com/sansang/sansang/internal/fact"
)

// Only a renegotiation that was seen is insecure, and only the announcement of
// RFC 5746 rules one out.
func TestInsecureRenegotiation(t *testing.T) {
	unseen := fact.Not[bool](fact.Because(fact.Timeout, "x"))
	for name, c := range map[string]struct {
		secure bool
		taken  fact.Maybe[bool]
		want   fact.Maybe[bool]
		cause  fact.Cause
	}{
		"announced":               {secure: true, taken: fact.Known(true), want: fact.Known(false)},
		"announced, not asked":    {secure: true, taken: unseen, want: fact.Known(false)},
		"old and taken":           {taken: fact.Known(true), want: fact.Known(true)},
		"old and refused":         {taken: fact.Known(false), cause: fact.Unanswered},
		"old and not seen at all": {taken: unseen, cause: fact.Timeout},
	} {
		got := insecure(c.secure, c.taken)
		value, u := got.Get()
		want, wantUnknown := c.want.Get()
		if c.cause == "" && (u != nil || wantUnknown != nil || value != want) || c.cause != "" && (u == nil || u.Cause != c.cause) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
