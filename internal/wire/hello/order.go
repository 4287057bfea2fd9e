package hello

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// order tells whether the server keeps an order of its own; h.found is in it
// then.
//
// The lists of the elimination run forward and backward by turns. A server that
// follows its client takes each time the first one that it accepts at all; one
// choice that is another shows a server with its own order, at no cost. If all
// choices fit the client's order, one more hello offers the first choice last.
func (h *suiteHunt) order() (own bool, unseen error) {
	if len(h.found) < 2 {
		return true, nil // there is nothing for a client to choose
	}
	if h.apart {
		if err := h.sideBySide(); err != nil {
			return false, err
		}
	}
	last := append(forward(h.found[1:]), h.found[0])
	return h.chooses(append(h.othersOfGCM(), last...), last[0])
}

// chooses tells whether one of the choices was not the first of its list that
// the server accepts, or else whether it is not of one more list: the first
// choice of all stands at that one's end.
func (h *hunt) chooses(last []uint16, first uint16) (own bool, unseen error) {
	for i, c := range h.choices {
		if c.Chosen != firstOf(c.Of, h.found[i:]) && slices.Contains(c.Of, c.Chosen) {
			return true, nil
		}
	}
	a, err := h.send(last)
	switch {
	case err != nil:
		return false, err
	case !a.Accepted:
		return false, fmt.Errorf("accepted each of them before, and then: %s", a.Said)
	}
	return h.chosen(a) != first, nil
}

// turned gives the list forward and backward by turns.
//
// Many servers put ChaCha20 first for a client that does so, as one without
// AES in its processor would. OpenSSL and Go look for that at the first suite
// of the client's that they know, and Go takes only ECDHE with AES-GCM for the
// contrary. So what is usual begins with that either way.
func turned(turn int, list []uint16) []uint16 {
	list = slices.Clone(list)
	if turn%2 == 1 {
		slices.Reverse(list)
	}
	return forward(list)
}

// forward gives ECDHE with AES-GCM first and ChaCha20 last.
func forward(list []uint16) []uint16 {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b uint16) int { return rank(a) - rank(b) })
	return list
}

func rank(id uint16) int {
	s := Find(uint32(id))
	switch gcm := strings.HasPrefix(s.Encryption, "AES_") && strings.HasSuffix(s.Encryption, "_GCM"); {
	case gcm && s.KeyExchange == "ECDHE":
		return 0
	case gcm:
		return 1
	case isChaCha(id):
		return 3
	}
	return 2
}

func isChaCha(id uint16) bool { return strings.HasPrefix(Find(uint32(id)).Encryption, "CHACHA") }

// othersOfGCM are usual suites with AES-GCM that the server does not accept.
func (h *suiteHunt) othersOfGCM() []uint16 {
	first, _ := suitesOf(h.version)
	return slices.DeleteFunc(forward(without(h.found, first)), func(id uint16) bool { return rank(id) > 1 })
}

// sideBySide eliminates the suites that were found once more, without the
// rest: what was chosen of several lots tells nothing about their order.
func (h *suiteHunt) sideBySide() error {
	all, refused := h.inOurOrder(), h.othersOfGCM()
	lists := [2][]uint16{slices.Concat(refused, turned(0, all)), slices.Concat(refused, turned(1, all))}
	h.found, h.choices = nil, nil
	for turn := range all {
		offered := without(h.found, lists[turn%2])
		a, err := h.put(offered)
		if err == nil && !a.Accepted {
			err = errors.New("refused suites that it accepted before: " + a.Said)
		}
		if err != nil {
			h.found = all
			return err
		}
	}
	return nil
}

// inOurOrder gives what was found in an order that does not depend on the
// server: the usual ones first, the rest by number.
func (h *suiteHunt) inOurOrder() []uint16 {
	first, rest := suitesOf(h.version)
	return slices.DeleteFunc(append(first, rest...), func(id uint16) bool { return !slices.Contains(h.found, id) })
}

// firstOf gives the first of a list that is among some.
func firstOf(list, some []uint16) uint16 {
	for _, id := range list {
		if slices.Contains(some, id) {
			return id
		}
	}
	return 0
}
