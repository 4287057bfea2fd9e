package holes

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Oracle is what the replies of a server to all vectors tell: ROBOT,
// CVE-2017-13099 and its kin.
type Oracle struct {
	Vulnerable bool
	// Weak tells of an oracle that only knows well-formed plaintexts from
	// others; an attack then takes too long to be of use.
	Weak bool
	Said []string // the replies by vector, a line each way
}

// Send makes a connection, sends one vector on it and gives the reply.
type Send func(v Vector, whole bool, d time.Duration) (string, error)

// Beside does n things, at the same time or one after the other.
type Beside func(n int, do func(i int))

// FindOracle sends all vectors, with what follows a ClientKeyExchange and
// without. Where replies differ it sends all again and listens longer: only
// what comes twice is an oracle, for one server out of several behind an
// address, or a slow line, makes differences too. An error means that neither
// an oracle was seen nor its absence.
func FindOracle(send Send, beside Beside) (Oracle, error) {
	var seen Oracle
	for _, whole := range []bool{true, false} {
		replies, settled, err := settle(send, beside, whole)
		if err != nil {
			return Oracle{}, err
		}
		way := "ClientKeyExchange alone: "
		if whole {
			way = "ClientKeyExchange to Finished: "
		}
		seen.Said = append(seen.Said, way+strings.Join(replies, " | "))
		switch {
		case !settled:
			return Oracle{}, fmt.Errorf("replies differ, but not twice in the same way: %s", strings.Join(replies, " | "))
		case alike(replies) && whole && replies[0] == silence:
			return Oracle{}, errors.New("silence to every Finished, though each is false")
		case alike(replies):
			continue
		}
		seen.Vulnerable, seen.Weak = true, alike(replies[WrongStart:WrongVersion])
		return seen, nil
	}
	return seen, nil
}

// settle sends all vectors until the replies are alike, or differ twice in the
// same way. Replies that are alike only later settle it if there was a silence
// among those that differed, so that we may not have listened for long enough.
func settle(send Send, beside Beside, whole bool) (replies []string, settled bool, err error) {
	doubt := false
	for _, d := range []time.Duration{patience / 4, 2 * patience, 3 * patience} {
		last := replies
		if replies, err = sendAll(send, beside, whole, d); err != nil {
			return nil, false, err
		}
		hasty := last == nil && whole && replies[0] == silence // a false Finished is answered, sooner or later
		switch {
		case alike(replies) && !hasty:
			return replies, !doubt, nil
		case slices.Equal(last, replies):
			return replies, true, nil
		}
		doubt = doubt || !slices.Contains(replies, silence)
	}
	return replies, false, nil
}

var silence = reply{}.String()

func sendAll(send Send, beside Beside, whole bool, d time.Duration) ([]string, error) {
	said, errs := make([]string, vectors), make([]error, vectors)
	beside(vectors, func(i int) { said[i], errs[i] = send(Vector(i), whole, d) })
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return said, nil
}

func alike(replies []string) bool { return len(slices.Compact(slices.Clone(replies))) == 1 }
