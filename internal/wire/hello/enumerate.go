package hello

import (
	"errors"
	"fmt"
	"slices"
)

// Asker sends an offer, on a connection of its own, and gives the answer. Where
// there was none its error wraps ErrCut or ErrSilent if it is one of them.
type Asker func(Offer) (Answer, error)

// What a server may do in place of an answer, and perhaps because of the offer.
var (
	ErrCut    = errors.New("the server cut the connection")
	ErrSilent = errors.New("the server said nothing")
)

// MaxHellos bounds the look at one version. OpenSSL with everything turned on
// and keys of every kind accepts about 130 suites.
const MaxHellos = 240

// Listing is every suite of one version that a server accepts.
type Listing struct {
	Suites      []uint16 // in the server's order if it has one, else in ours
	ServerOrder bool     // what is chosen does not depend on the client's order
	OrderUnseen error    // why ServerOrder is not known
	Refusal     string   // what the server said to the rest
	Dislikes    string   // what it said to a long hello, if it takes only short ones
	Hellos      int      // sent
}

// Suites finds by elimination which suites of o's version the server accepts:
// it offers all that remain, strikes the one that is chosen and asks again
// until the server refuses. That takes one hello for each accepted suite and
// one for the refusal; the order mostly comes for free, see order.
//
// The first hello names everything, with what is usual at its end: a server
// that chooses it has read past all the rest, so it is no surprise to it that
// the list goes on. One that does not take so long a hello is asked in lots,
// and one that takes none of those in lots that make short hellos. An error
// means that the list is not whole.
//
// What the server chose before, of lists with all suites, need not be asked
// again; of other lists it is passed over.
func Suites(o Offer, ask Asker, before ...Choice) (Listing, error) {
	h := &suiteHunt{version: o.Version, hunt: hunt{
		ask:    func(ids []uint16) (Answer, error) { o.Suites = ids; return ask(o) },
		chosen: func(a Answer) uint16 { return a.Hello.Suite },
		name:   func(id uint16) string { return Find(uint32(id)).Name },
	}}
	err := h.find(before)
	if h.mayWantShort(err) {
		o = o.small()
		err = h.inShort(o.room())
	}
	if err == nil && len(h.found) == 0 {
		err = fmt.Errorf("%s accepts no suite, though the version: %s", h.version, h.refusal)
	}
	l := Listing{Refusal: h.refusal, Dislikes: h.dislikes}
	if err == nil {
		l.ServerOrder, l.OrderUnseen = h.order()
		l.Suites = h.found
		if l.OrderUnseen != nil || !l.ServerOrder {
			l.Suites = h.inOurOrder()
		}
	}
	l.Hellos = h.hellos
	return l, err
}

// suiteHunt is the enumeration of one version's suites.
type suiteHunt struct {
	hunt
	version Version
	apart   bool // the choices were made of lots, not of all suites at once
}

func (h *suiteHunt) find(before []Choice) error {
	first, rest := suitesOf(h.version)
	for _, c := range before {
		if len(h.found) == 0 && len(without(c.Of, slices.Concat(first, rest))) == 0 {
			h.found, h.choices = []uint16{c.Chosen}, []Choice{c}
			h.read = slices.Index(c.Of, c.Chosen) + len(first)
		}
	}
	whole, err := h.atOnce(poolOf(h.version).lists, len(first))
	if err == nil && !whole {
		h.apart = true
		err = h.inLots(append([][]uint16{first}, slices.Collect(slices.Chunk(rest, batchSize))...))
	}
	return err
}

// inShort asks in lots of so many.
func (h *suiteHunt) inShort(room int) error {
	first, rest := suitesOf(h.version)
	return h.inLots(slices.Collect(slices.Chunk(slices.Concat(first, rest), room)))
}
