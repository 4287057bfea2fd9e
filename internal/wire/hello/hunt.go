package hello

import (
	"errors"
	"fmt"
	"slices"
)

// hunt is an elimination under way, of suites or of groups.
type hunt struct {
	ask      func(ids []uint16) (Answer, error)
	chosen   func(Answer) uint16
	name     func(id uint16) string
	hellos   int
	found    []uint16
	choices  []Choice
	read     int // so many suites of a list it is known to read
	refusal  string
	dislikes string
}

// Choice is what a server chose of a list.
type Choice struct {
	Of     []uint16
	Chosen uint16
}

// atOnce eliminates all of a list in one go; the two lists, of the same, are
// offered by turns. That is not whole if the server does not take so long a
// list, or if nothing shows that it reads it: known is how many stand at the
// end of either that it may well have read without having chosen them.
func (h *hunt) atOnce(lists [2][]uint16, known int) (whole bool, err error) {
	h.read = max(h.read, batchSize) // that much is read by anyone
	for turn := len(h.found); ; turn++ {
		offered := without(h.found, lists[turn%2])
		if len(offered) == 0 {
			return true, nil
		}
		a, err := h.try(offered)
		switch {
		case len(h.found) == 0 && err == nil && !a.Accepted, len(h.found) == 0 && mayDislike(err):
			h.dislikes = reason(a, err)
			return false, nil
		case err != nil:
			return false, err
		case !a.Accepted:
			h.refusal = a.Said
			return len(offered) <= h.read, nil
		}
		h.read = max(h.read, slices.Index(offered, h.chosen(a))+known)
	}
}

// inLots eliminates what is left in lots that no server chokes on. A lot at
// which the server cuts the connection, before it accepted anything, has to
// wait until there is a suite to compare with.
func (h *hunt) inLots(lots [][]uint16) error {
	for waited := 0; len(lots) > 0; {
		offered := without(h.found, lots[0])
		if len(offered) == 0 {
			lots = lots[1:]
			continue
		}
		a, err := h.try(offered)
		switch {
		case len(h.found) == 0 && (errors.Is(err, ErrCut) || err == nil && a.Doubtful):
			if waited++; waited > len(lots) {
				return errors.Join(fmt.Errorf("%w: %s", errNoLot, a.Said), err)
			}
			lots = append(lots[1:], lots[0])
			continue
		case err != nil:
			return err
		case !a.Accepted:
			h.refusal, lots = a.Said, lots[1:]
		}
		waited = 0
	}
	return nil
}

var errNoLot = errors.New("no lot was answered")

// mayWantShort tells whether nothing was accepted because the hellos were long.
func (h *hunt) mayWantShort(err error) bool {
	return len(h.found) == 0 && (err == nil || mayDislike(err) || errors.Is(err, errNoLot))
}

// try offers the suites and strikes the one that is chosen. Where the server
// only cuts the connection, or fails, it asks again between two hellos that
// the server answers, so that what it gives is an answer.
func (h *hunt) try(offered []uint16) (Answer, error) {
	a, err := h.put(offered)
	if len(h.found) == 0 || !errors.Is(err, ErrCut) && (err != nil || !a.Doubtful) {
		return a, err
	}
	said := reason(a, err)
	if err := h.alive(); err != nil {
		return Answer{}, err
	}
	if a, err = h.put(offered); a.Accepted || err == nil && !a.Doubtful || err != nil && !errors.Is(err, ErrCut) {
		return a, err
	}
	if err := h.alive(); err != nil {
		return Answer{}, err
	}
	return Answer{Said: fmt.Sprintf("%s, twice, while it accepts %s before and after", said, h.name(h.found[0]))}, nil
}

// put sends one hello.
func (h *hunt) put(offered []uint16) (Answer, error) {
	a, err := h.send(offered)
	if err == nil && a.Accepted {
		id := h.chosen(a)
		if slices.Contains(h.found, id) { // which was not offered: it takes this and nothing else
			return Answer{Said: "chooses " + h.name(id) + " again"}, nil
		}
		h.found = append(h.found, id)
		h.choices = append(h.choices, Choice{offered, id})
	}
	return a, err
}

func (h *hunt) send(offered []uint16) (Answer, error) {
	if h.hellos++; h.hellos > MaxHellos {
		return Answer{}, fmt.Errorf("%d hellos were not enough", MaxHellos)
	}
	return h.ask(offered)
}

// alive asks for what the server accepted before.
func (h *hunt) alive() error {
	a, err := h.send(h.found[:1])
	if err == nil && !a.Accepted {
		err = fmt.Errorf("accepted %s before, and then: %s", h.name(h.found[0]), a.Said)
	}
	return err
}

// mayDislike tells whether the length of the hello may be the reason.
func mayDislike(err error) bool { return errors.Is(err, ErrCut) || errors.Is(err, ErrSilent) }

func reason(a Answer, err error) string {
	if err != nil {
		return err.Error()
	}
	return a.Said
}

// without gives the list but for what was found.
func without(found, list []uint16) []uint16 {
	return slices.DeleteFunc(slices.Clone(list), func(id uint16) bool { return slices.Contains(found, id) })
}
