// Package holes asks a server for known holes of TLS that its first flight
// does not show: each probe is one connection on which, after an honest hello,
// something is said that no client says.
//
// A probe tells of a hole only by what the server did, and of its absence only
// by what the server did too; where it did neither, the probe gives an error.
// None reads more of a server's memory than shows the hole, and none keeps it.
package holes

import (
	"errors"
	"fmt"
	"io"

	"github.com/sansang/sansang/internal/wire/hello"
)

// Refused tells that the server did not accept the hello of a probe, so that
// nothing was probed. Another hello may suit it.
type Refused struct{ hello.Answer }

func (r *Refused) Error() string { return "the hello was " + r.String() }

// greet sends the hello and reads the server's first flight to its end.
func greet(rw io.ReadWriter, o hello.Offer) (hello.Flight, error) {
	f, broken, err := hello.AskFlight(rw, o)
	switch {
	case err != nil:
		return f, err
	case !f.Accepted:
		return f, &Refused{f.Answer}
	case broken != nil:
		return f, fmt.Errorf("the first flight broke off: %w", broken)
	case !f.Done:
		return f, errors.New("the first flight has no end")
	}
	return f, nil
}
