package hello

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
)

// GroupChoice is an answer and the group that the server chose with it.
type GroupChoice struct {
	Answer
	Group uint16
	Curve uint16 // of the key in the server's certificate, if it is one of ECDSA
}

// GroupAsker asks like an Asker, by AskGroup.
type GroupAsker func(Offer) (GroupChoice, error)

// GroupListing is every group with which a server exchanges keys.
type GroupListing struct {
	Groups      []uint16 // in the server's order if it has one, else in ours
	ServerOrder bool     // what is chosen does not depend on the client's order
	OrderUnseen error    // why ServerOrder is not known
	Refusal     string   // what the server said to the rest
	Hellos      int
}

// AskGroup sends the offer and reads on until the server has named a group: in
// TLS 1.3 it is in the ServerHello, before that in the ServerKeyExchange.
func AskGroup(rw io.ReadWriter, o Offer) (GroupChoice, error) {
	if o.Version == TLS13 {
		a, err := Ask(rw, o)
		if err == nil && a.Accepted && a.Hello.Group == 0 {
			err = errors.New("ServerHello without a group")
		}
		return GroupChoice{Answer: a, Group: a.Hello.Group}, err
	}
	f, broken, err := AskFlight(rw, o)
	switch {
	case err != nil || !f.Accepted:
		return GroupChoice{Answer: f.Answer}, err
	case f.Exchange == nil && broken != nil:
		return GroupChoice{}, broken
	case f.Exchange == nil || f.Exchange.Group == 0:
		return GroupChoice{}, errors.New("no ServerKeyExchange with a group")
	}
	return GroupChoice{Answer: f.Answer, Group: f.Exchange.Group, Curve: f.curve()}, nil
}

// curve is that of the certificate's key; 0: none that Go knows.
func (f Flight) curve() uint16 {
	leaf, err := x509.ParseCertificate(f.Leaf)
	if err != nil {
		return 0
	}
	key, ok := leaf.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return 0
	}
	return map[elliptic.Curve]uint16{elliptic.P224(): 21, elliptic.P256(): groupP256, elliptic.P384(): groupP384, elliptic.P521(): groupP521}[key.Curve]
}

// Groups finds by elimination the groups of o's version, with o's suites.
//
// Up to TLS 1.2 a server with an ECDSA key refuses a client that does not name
// the key's own curve (RFC 8422 §4), so that curve stays, at the end of the
// list. When it is chosen again there is no other group that such a client
// could get.
//
// The lists run forward and backward by turns, so that the order mostly comes
// for free: see order. With keys at hand a server takes what there is a key
// of, and its order stays unseen.
func Groups(o Offer, ask GroupAsker) (GroupListing, error) {
	var keep uint16
	h := &hunt{name: GroupName, chosen: func(a Answer) uint16 { return a.Hello.Group }}
	withKeys, apart := o.Shares == nil, false
	h.ask = func(ids []uint16) (Answer, error) {
		o.Groups = ids
		if withKeys && o.Version == TLS13 {
			o.Groups, o.Shares = o.keyed(ids, h.found, apart)
		}
		if keep != 0 && !slices.Contains(ids, keep) {
			o.Groups = append(slices.Clone(ids), keep)
		}
		c, err := ask(o)
		if err != nil || !c.Accepted {
			return c.Answer, err
		}
		if !slices.Contains(o.Groups, c.Group) && !slices.Contains(h.found, c.Group) && c.Group < explicitPrimeCurve {
			return Answer{}, fmt.Errorf("chooses the group %s, which was not offered", GroupName(c.Group))
		}
		if o.Version < TLS13 && keep == 0 {
			keep = c.Curve
		}
		c.Hello.Group = c.Group
		return c.Answer, nil
	}
	backward := slices.Clone(groups)
	slices.Reverse(backward)
	whole, err := h.atOnce([2][]uint16{groups, backward}, 0)
	if apart = !whole && h.mayWantShort(err); apart {
		o = o.small().with(o.Suites)
		o.Groups = []uint16{}
		if !withKeys {
			o.Shares = []uint16{}
		}
		err = h.inLots(slices.Collect(slices.Chunk(groups, o.room())))
	}
	if err == nil && len(h.found) == 0 {
		err = errors.New("accepts no group: " + h.dislikes)
	}
	l := GroupListing{Groups: h.found, Refusal: h.refusal, OrderUnseen: errApart}
	if err == nil && !apart {
		l.ServerOrder, l.OrderUnseen = h.groupOrder(withKeys && o.Version == TLS13)
	}
	if l.OrderUnseen != nil || !l.ServerOrder {
		l.Groups = slices.Concat(without(without(h.found, groups), groups), without(groups, h.found))
	}
	l.Hellos = h.hellos
	return l, err
}

// keyed gives the groups to offer and those to send a key of, for a server that
// wants one: two of what is asked for, or else one that was found before.
func (o Offer) keyed(ids, found []uint16, short bool) (groups, shares []uint16) {
	most := 2
	if short {
		most = 1
	}
	for _, g := range slices.Concat(ids, found) {
		asked := slices.Contains(ids, g)
		if !canKey(g) || short && !slices.Contains(usualGroups, g) || !asked && len(shares) > 0 || len(shares) == most {
			continue
		}
		if shares = append(shares, g); !asked {
			ids = append(slices.Clone(ids), g)
		}
	}
	return ids, shares
}

var errApart = errors.New("the server takes only short hellos, so it was asked for some groups at a time")

var errWithKeys = errors.New("the server was asked with keys at hand, among which it chooses")

func (h *hunt) groupOrder(withKeys bool) (own bool, unseen error) {
	switch {
	case len(h.found) < 2:
		return true, nil // there is nothing for a client to choose
	case withKeys:
		return false, errWithKeys
	}
	return h.chooses(append(slices.Clone(h.found[1:]), h.found[0]), h.found[1])
}
