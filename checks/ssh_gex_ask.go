package checks

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/hello"
	"github.com/sansang/sansang/internal/wire/sshkex"
)

// groupAsker asks for groups, each on a connection of its own.
type groupAsker struct {
	*Probe
	ctx                context.Context
	usual, small, fair asked

	first    string   // host key algorithm to ask for when there is none left to prove
	unproved []string // those left
	keys     []HostKey
}

// asked is one request and what came of it.
type asked struct {
	sizes   sshkex.Sizes
	group   sshkex.Group
	err     error // nil also if it was not asked
	made    bool
	sent    bool // the server had come as far as to hear it
	refused bool
	left    bool // the server said good-bye by message
}

func (a *groupAsker) ask(to *asked, sizes sshkex.Sizes) {
	*to = asked{sizes: sizes, made: true}
	to.err = a.converse(a.ctx, a.Endpoint.Address(), func(_ context.Context, conn net.Conn) error {
		s, k, err := a.kexInit(conn)
		if err != nil {
			return err
		}
		to.sent = true
		proof, err := s.ExchangeIn(k, a.algorithm(), sizes)
		if to.group = proof.Group; to.group.Prime == nil {
			var no *sshkex.Disconnected
			if errors.As(err, &no) {
				to.refused, to.left = no.Refuses(), true
			}
			return turned(err)
		}
		if err == nil {
			a.prove(proof)
		}
		return nil // the group is what was asked for
	})
	var said string
	if to.err != nil {
		said = to.err.Error()
	} else {
		said = fmt.Sprintf("%d bits %s", to.group.Bits(), hello.PrimeName(to.group.Prime))
	}
	a.Note(fmt.Sprintf("asked for a group of %d to %d bits", sizes.Min, sizes.Max), []byte(said))
}

// algorithm is that of the host key to ask for.
func (a *groupAsker) algorithm() string {
	if len(a.unproved) > 0 {
		return a.unproved[0]
	}
	return a.first
}

// prove keeps the host key of an exchange; what it does not prove is left to
// ssh.hostkeys.
func (a *groupAsker) prove(proof *sshkex.Proof) {
	if len(a.unproved) == 0 {
		return
	}
	a.unproved = a.unproved[1:]
	if key, err := proved(proof); err == nil {
		a.keys = append(a.keys, key)
	}
}

// confirm takes closes for refusals. A server may refuse a size by a message;
// many just close, or say good-bye for a reason that may have nothing to do
// with it. That counts only if the requests directly before and
// directly after were answered, since otherwise it may be the doing of
// something in between.
func (a *groupAsker) confirm() {
	cut := func(x asked) bool {
		if x.err == nil || x.refused || !x.sent {
			return false
		}
		cause := fact.FromError(x.err).Cause
		return cause == fact.Reset || x.left && cause != fact.Blocked
	}
	if a.usual.err != nil || !cut(a.small) && !cut(a.fair) {
		return
	}
	after := a.fair
	if after.err != nil {
		a.ask(&after, usualGroup)
	}
	if after.err == nil {
		a.small.refused, a.fair.refused = a.small.refused || cut(a.small), a.fair.refused || cut(a.fair)
	}
}

// conclude makes the fact of what was given. The smallest is known only where
// each smaller size was refused.
func (a *groupAsker) conclude(f GroupExchange) (GroupExchange, error) {
	var smallest sshkex.Group
	var missed *fact.Unknown
	for _, x := range []asked{a.usual, a.small, a.fair} {
		switch {
		case !x.made:
		case x.err == nil:
			f.Given = append(f.Given, GivenGroup{Min: int(x.sizes.Min), Want: int(x.sizes.Want), Max: int(x.sizes.Max),
				Bits: x.group.Bits(), Name: hello.PrimeName(x.group.Prime)})
			if smallest.Prime == nil || x.group.Bits() < smallest.Bits() {
				smallest = x.group
			}
		case !x.refused && missed == nil:
			missed = fact.FromError(x.err)
		}
	}
	if smallest.Prime == nil {
		if missed == nil {
			missed = unanswered("the server offers group exchange and refuses every size")
		}
		return f, missed
	}
	f.Keys = append(f.Keys, a.keys...)
	prime, safe := a.primes()
	f.Prime, f.Safe = fact.Known(prime), fact.Known(safe)
	if a.usual.err != nil {
		f.UsualBits = fact.Not[int](fact.FromError(a.usual.err))
	} else {
		f.UsualBits = fact.Known(a.usual.group.Bits())
	}
	if missed != nil {
		f.MinBits, f.Fallback = fact.Not[int](missed), fact.Not[bool](missed)
		return f, nil
	}
	f.MinBits = fact.Known(smallest.Bits())
	f.Fallback = fact.Known(hello.PrimeName(smallest.Prime) != "" && a.usual.err == nil && a.usual.group.Bits() > smallest.Bits())
	return f, nil
}

// primes tests every modulus that is not one of a standard.
func (a *groupAsker) primes() (prime, safe bool) {
	prime, safe = true, true
	for _, x := range []asked{a.usual, a.small, a.fair} {
		n := x.group.Prime
		if !x.made || x.err != nil || hello.NamedPrime(hello.PrimeName(n)) != nil {
			continue
		}
		t := primality(n)
		prime = prime && t.prime
		safe = safe && t.safe
	}
	return prime, safe
}

// unseen says of every part the same.
func (f *GroupExchange) unseen(u *fact.Unknown) {
	f.MinBits, f.UsualBits = fact.Not[int](u), fact.Not[int](u)
	f.Prime, f.Safe, f.Fallback = fact.Not[bool](u), fact.Not[bool](u), fact.Not[bool](u)
}
