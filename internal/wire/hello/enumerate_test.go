package hello

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// paperServer answers offers as a server would that accepts some suites, so
// that enumeration can be tried at random without a network.
type paperServer struct {
	accepts  []uint16 // its favourite first
	own      bool     // it keeps its own order
	chacha   bool     // but for clients that put ChaCha20 first
	refuses  func() (Answer, error)
	tooLong  int // it dislikes lists of more than so many; 0: none
	dislikes func() (Answer, error)
	reads    int // it reads only so many; 0: all
	lasts    int // it falls silent after so many; 0: never
	asked    int
}

func refusal(a Answer, err error) func() (Answer, error) {
	return func() (Answer, error) { return a, err }
}

var (
	plainRefusal = refusal(Answer{Said: "alert handshake_failure(40)"}, nil)
	inDoubt      = refusal(Answer{Said: "alert internal_error(80)", Doubtful: true}, nil)
	cuts         = refusal(Answer{}, fmt.Errorf("%w: reset", ErrCut))
	isSilent     = refusal(Answer{}, fmt.Errorf("%w: timeout", ErrSilent))
)

func (s *paperServer) ask(o Offer) (Answer, error) {
	if s.asked++; s.lasts > 0 && s.asked > s.lasts {
		return isSilent()
	}
	offered := o.Suites
	if s.tooLong > 0 && len(offered) > s.tooLong {
		return s.dislikes()
	}
	if s.reads > 0 && len(offered) > s.reads {
		offered = offered[:s.reads]
	}
	chosen := firstOf(offered, s.accepts)
	if s.own {
		accepts := slices.Clone(s.accepts)
		if known := firstOf(offered, slices.Concat(usual, usual13)); s.chacha && isChaCha(known) {
			slices.SortStableFunc(accepts, func(a, b uint16) int { return rank(b)/3 - rank(a)/3 })
		}
		chosen = firstOf(accepts, offered)
	}
	if chosen == 0 {
		return s.refuses()
	}
	return Answer{Accepted: true, Hello: ServerHello{Version: o.Version, Suite: chosen}}, nil
}

// TestSuitesFindsAll tries servers at random: the list is exact, in the order
// of a server that has one, and costs about as much as it must.
func TestSuitesFindsAll(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		v := []Version{SSL3, TLS10, TLS12, TLS13}[r.IntN(4)]
		first, rest := suitesOf(v)
		pool := slices.Clone(first)
		if r.IntN(2) == 0 {
			pool = append(pool, rest...)
		}
		r.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
		s := &paperServer{accepts: pool[:1+r.IntN(min(len(pool), 40))], own: r.IntN(2) == 0}
		s.refuses = []func() (Answer, error){plainRefusal, inDoubt, cuts}[r.IntN(3)]
		// With all of AES-GCM struck, ChaCha20 comes first in what is left, and
		// such a server no longer shows its order.
		s.chacha = r.IntN(2) == 0 && slices.ContainsFunc(without(s.accepts, first), func(id uint16) bool { return rank(id) <= 1 })
		if r.IntN(3) == 0 {
			s.tooLong = 100 + r.IntN(100)
			s.dislikes = []func() (Answer, error){plainRefusal, inDoubt, cuts, isSilent}[r.IntN(4)]
		}
		if r.IntN(4) == 0 {
			s.reads = 100
		}
		var before []Choice
		for _, o := range []Offer{Offers(v, "")[0], Long(v, "")} {
			if a, err := s.ask(o); r.IntN(2) == 0 && err == nil && a.Accepted {
				before = append(before, Choice{o.Suites, a.Hello.Suite})
			}
		}
		s.asked = 0
		l, err := Suites(Offer{Version: v}, s.ask, before...)
		name := fmt.Sprintf("%s, %d suites, own order %v, too long %d, reads %d, %d before", v, len(s.accepts), s.own, s.tooLong, s.reads, len(before))
		if err != nil {
			// A server that accepts nothing usual and cuts the connection leaves lots unanswered.
			t.Fatalf("%s: %v", name, err)
		}
		want := s.accepts
		if !s.own {
			want = ours(v, want)
		}
		if !s.own && len(want) == 1 {
			s.own = true
		}
		if !slices.Equal(l.Suites, want) || l.ServerOrder != s.own || l.OrderUnseen != nil {
			t.Fatalf("%s:\n%x, own order %v, %v; want\n%x", name, l.Suites, l.ServerOrder, l.OrderUnseen, want)
		}
		if l.Hellos != s.asked {
			t.Fatalf("%s: counts %d hellos of %d", name, l.Hellos, s.asked)
		}
		usual := len(without(first, want)) == 0
		if floor := len(want) + 1; s.tooLong == 0 && s.reads == 0 && usual && l.Hellos > floor+1+3 {
			t.Errorf("%s: %d hellos, where %d must be", name, l.Hellos, floor)
		}
	}
}

func ours(v Version, some []uint16) []uint16 {
	first, rest := suitesOf(v)
	return slices.DeleteFunc(slices.Concat(first, rest), func(id uint16) bool { return !slices.Contains(some, id) })
}

// TestSuitesNeverGuesses holds that a look that was cut off gives no list.
func TestSuitesNeverGuesses(t *testing.T) {
	for lasts := 1; lasts < 8; lasts++ {
		s := &paperServer{accepts: []uint16{0xc02f, 0xc030, 0x002f, 0x0035, 0x000a, 0x0005, 0x0004}, own: true, refuses: plainRefusal, lasts: lasts}
		if l, err := Suites(Offer{Version: TLS12}, s.ask); !errors.Is(err, ErrSilent) || l.Suites != nil {
			t.Errorf("silent after %d: %x, %v", lasts, l.Suites, err)
		}
	}
	everything, rest := suitesOf(TLS12)
	s := &paperServer{accepts: append(everything, rest...), refuses: plainRefusal}
	if l, err := Suites(Offer{Version: TLS12}, s.ask); err == nil || l.Suites != nil || s.asked != MaxHellos {
		t.Errorf("a server that accepts everything: %d suites, %v after %d hellos", len(l.Suites), err, s.asked)
	}
	for name, refuses := range map[string]func() (Answer, error){"refuses": plainRefusal, "fails": inDoubt, "cuts": cuts, "is silent": isSilent} {
		s := &paperServer{refuses: refuses}
		if l, err := Suites(Offer{Version: TLS12}, s.ask); err == nil {
			t.Errorf("a server that %s always: %x", name, l.Suites)
		}
	}
	// It follows its client, and falls silent at the hello that would show it.
	s = &paperServer{accepts: []uint16{0xc02f, 0xc030}, refuses: plainRefusal, lasts: 3}
	if l, err := Suites(Offer{Version: TLS12}, s.ask); err != nil || len(l.Suites) != 2 || !errors.Is(l.OrderUnseen, ErrSilent) {
		t.Errorf("order unseen: %+v, %v", l, err)
	}
}
