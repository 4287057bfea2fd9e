package checks

import (
	"context"
	"errors"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/sshkex"
)

// TestGroupsRefused: a good-bye refuses a size only where its reason says so,
// or the server goes on to answer.
func TestGroupsRefused(t *testing.T) {
	prime := new(big.Int).SetBit(new(big.Int).Lsh(big.NewInt(1), 3071), 0, 1)
	given := asked{sizes: usualGroup, made: true, group: sshkex.Group{Prime: prime, Generator: big.NewInt(2)}}
	fair := given
	fair.group.Prime = new(big.Int).SetBit(new(big.Int).Lsh(big.NewInt(1), 2047), 0, 1)
	left := asked{made: true, sent: true, left: true, err: fact.Because(fact.Unanswered, "server disconnects, reason 11")}
	closed := asked{made: true, sent: true, err: fact.Because(fact.Reset, "closed")}
	early := asked{made: true, err: fact.Because(fact.Reset, "closed before its greeting")}
	refused := asked{made: true, sent: true, refused: true, left: true, err: fact.Because(fact.Unanswered, "server disconnects, reason 3")}
	blocked := asked{made: true, sent: true, left: true, err: fact.Because(fact.Blocked, "server disconnects, reason 12")}
	for name, c := range map[string]struct {
		small, fair asked
		bits        int // 0: not known
	}{
		"all refused, by reason": {refused, refused, 3072},
		"refused, then answered": {left, fair, 2048},
		"closed, then answered":  {closed, fair, 2048},
		"closed before asked":    {early, fair, 0},
		"all good-byes":          {left, left, 0},
		"turned away":            {blocked, fair, 0},
		"smallest given":         {fair, asked{}, 2048},
	} {
		s := Settings{Now: time.Now, Log: zerolog.Nop(), Timeout: time.Second,
			Dial: func(context.Context, string) (net.Conn, error) { return nil, errors.New("not again") }}
		e := inventory.Endpoint{ID: "e", Target: "127.0.0.1:22", Kind: inventory.SSH}
		a := &groupAsker{Probe: NewProbe(s, e, nil), ctx: t.Context(), usual: given, small: c.small, fair: c.fair}
		a.confirm()
		f, err := a.conclude(GroupExchange{Offered: true})
		if err != nil {
			t.Fatal(name, err)
		}
		if bits, u := f.MinBits.Get(); bits != c.bits || (u == nil) != (c.bits > 0) {
			t.Errorf("%s: %d, %v; want %d", name, bits, u, c.bits)
		}
	}
}
