package hello

import (
	"errors"
	"io"
	"slices"
)

// FlightAsker asks like an Asker, by AskCertificate.
type FlightAsker func(Offer) (Flight, error)

// AskCertificate sends the offer and reads the whole flight, with a certificate
// in it. A server that finds out late that it has none that fits breaks off by
// an alert: that refuses, too.
func AskCertificate(rw io.ReadWriter, o Offer) (Flight, error) {
	f, broken, err := AskFlight(rw, o)
	var late *lateRefusal
	switch {
	case err != nil || !f.Accepted:
		return f, err
	case errors.As(broken, &late):
		return Flight{Answer: late.Answer}, nil
	case broken == nil && len(f.Chain) == 0:
		return f, errors.New("the server shows no certificate")
	}
	return f, broken
}

// Certificates are all that a server shows to the clients of one version and
// name.
type Certificates struct {
	Flights []Flight // one for each kind of key, in the order in which it chose
	Kinds   []string // "RSA", "ECDSA", …: of each flight
	Refusal string   // what it said to the rest; to all, if there is no flight
	Strange error    // why there may be yet another certificate; nil: there is none
	Hellos  int

	Doubtful bool // it refused all, and by what may mean something else: see Answer
}

// FindCertificates finds by elimination a certificate of each kind of key that
// the server has: it asks for any, then for one of another kind, until the
// server refuses. Of two with keys of one kind it sees one.
//
// An error means that there may be more kinds than were found.
func FindCertificates(o Offer, ask FlightAsker) (Certificates, error) {
	var out Certificates
	kinds, strange := o.kindsOf()
	if out.Strange = strange; len(kinds) == 0 {
		return out, nil
	}
	var kind uint16
	var said Answer // to the last hello
	var unanswered error
	h := &hunt{name: func(id uint16) string { return "a key of " + keyKinds[id].name }, chosen: func(Answer) uint16 { return kind }}
	h.ask = func(ids []uint16) (a Answer, err error) {
		f, err := ask(o.forKinds(ids))
		if err == nil && f.Accepted {
			kind, err = f.keyKind()
		}
		if unanswered = err; err == nil && f.Accepted && !slices.Contains(h.found, kind) {
			out.Flights, out.Kinds = append(out.Flights, f), append(out.Kinds, keyKinds[kind].name)
		}
		said = f.Answer
		return said, err
	}
	whole, err := h.atOnce([2][]uint16{kinds, kinds}, 0)
	switch out.Hellos, out.Refusal = h.hellos, h.refusal; {
	case err == nil && !whole && unanswered != nil: // of the first hello
		err = unanswered
	case err == nil && len(h.found) == 0:
		out.Refusal, out.Doubtful = h.dislikes, said.Doubtful
	case err == nil && !whole:
		err = errors.New("not all kinds of keys were asked for")
	}
	return out, err
}
