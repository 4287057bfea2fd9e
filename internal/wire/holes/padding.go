package holes

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/wire/hello"
)

// Flaw is one way in which a record under CBC is malformed.
type Flaw int

// The flaws, after Young, "Zombie POODLE, GOLDENDOODLE, and How TLSv1.3 Can Save
// Us All" (2019), and Merget et al., "Scalable Scanning and Automatic
// Classification of TLS Padding Oracle Vulnerabilities" (2019).
const (
	NoFlaw       Flaw = iota
	WrongPadding      // the padding's bytes are wrong, and the MAC is right
	WrongFirst        // only the first of them is: what POODLE changes
	LongPadding       // claims to be longer than the record
	WrongMAC          // and right padding
	EmptyMAC          // a wrong MAC of no data at all: CVE-2019-1559
	NoMAC             // right padding that leaves no room for one: CVE-2016-2107
)

const flaws = 7 // how many there are, with none

var flawNames = [...]string{"no flaw", "wrong padding", "wrong first byte of padding", "padding too long", "wrong MAC", "wrong MAC, no data", "padding and no MAC"}

func (f Flaw) String() string { return flawNames[f] }

// seal makes the next record, malformed as the flaw says. Its padding is more
// than a block long: whoever looks at the last block only will show it.
func (d *cbcDirection) seal(kind byte, data []byte, flaw Flaw) []byte {
	if flaw == EmptyMAC {
		data = nil
	}
	size := d.block.BlockSize()
	b := slices.Concat(data, d.mac(kind, data))
	end := len(b)
	n := 3*size - end%size
	for range n {
		b = append(b, byte(n-1))
	}
	switch flaw {
	case NoFlaw:
	case WrongPadding:
		for i := end; i < len(b)-1; i++ {
			b[i] ^= 0x55
		}
	case WrongFirst:
		b[end] ^= 0x80
	case LongPadding:
		b[len(b)-1] = 0xff
	case WrongMAC, EmptyMAC:
		b[end-1] ^= 0x80
	case NoMAC:
		for i := range b {
			b[i] = byte(len(b) - 1)
		}
	}
	d.sequence++
	iv := d.chained
	var out []byte
	if d.version > hello.TLS10 {
		iv = random(size)
		out = iv
	}
	cipher.NewCBCEncrypter(d.block, iv).CryptBlocks(b, b)
	d.chained = slices.Clone(b[len(b)-size:])
	return appendRecord(nil, kind, d.version, append(slices.Clone(out), b...))
}

// idle is data that no protocol makes anything of: an empty line.
var idle = []byte("\r\n")

// Padding completes a handshake under CBC, sends one record with the flaw and
// gives the suite, and what the server says within d, in words that are equal
// if and only if replies cannot be told apart.
func Padding(ctx context.Context, conn net.Conn, v hello.Version, name string, flaw Flaw, d time.Duration) (suite uint16, said string, err error) {
	s, err := cbcSessionWith(ctx, conn, v, name)
	if err != nil {
		return 0, "", err
	}
	if _, err := conn.Write(s.ours.seal(recordApplication, idle, flaw)); err != nil && !isCut(err) { // of a cut, reading tells
		return s.suite, "", err
	}
	said, err = s.hear(ctx, d)
	return s.suite, said, err
}

// hear listens for d, or until the connection ends.
func (s *cbcSession) hear(ctx context.Context, d time.Duration) (string, error) {
	defer listenFor(ctx, s.conn, d)()
	var said []string
	for range maxUnasked {
		kind, data, err := s.theirs.read(s.in)
		switch {
		case err != nil && ctx.Err() != nil:
			return "", ctx.Err()
		case errors.Is(err, os.ErrDeadlineExceeded):
			return words(said), nil
		case isCut(err):
			return words(append(said, "end of connection")), nil
		case err != nil:
			return "", err
		case kind == recordAlert && len(data) == 2:
			said = append(said, alertName(data[1]))
		case kind == recordApplication && len(data) > 0 && !slices.Contains(said, "data"):
			said = append(said, "data")
		}
	}
	return words(said), nil
}

func words(said []string) string {
	if len(said) == 0 {
		return silence
	}
	return strings.Join(said, ", ")
}

// PaddingOracle is what the replies of a server to all flaws tell.
type PaddingOracle struct {
	Vulnerable bool
	Accepts    bool     // it takes a malformed record for a good one: POODLE over TLS
	Said       []string // each flaw and its reply
}

// FindPadding sends a good record and one of each flaw, each on a connection of
// its own. A server must answer all flaws alike, and not as it answers the good
// one (RFC 5246 §6.2.3.2). Where it does not, all is sent again twice, and only
// what comes three times counts. An error means that nothing was told.
func FindPadding(send func(Flaw, time.Duration) (string, error)) (PaddingOracle, error) {
	first, err := sendFlaws(send, patience)
	if err != nil {
		return PaddingOracle{}, err
	}
	o := PaddingOracle{}
	for f, reply := range first {
		o.Said = append(o.Said, Flaw(f).String()+": "+reply)
	}
	good, bad := first[NoFlaw], first[NoFlaw+1:]
	switch {
	case strings.HasPrefix(good, "alert") && !strings.HasPrefix(good, alertName(alertCloseNotify)): // a farewell is no complaint
		return o, fmt.Errorf("%s to a good record", good)
	case alike(bad) && bad[0] != good:
		return o, nil
	case alike(bad):
		return o, fmt.Errorf("%s to good and malformed records alike", good)
	}
	for _, d := range []time.Duration{patience, 2 * patience} {
		again, err := sendFlaws(send, d)
		if err != nil {
			return o, err
		}
		if !slices.Equal(first, again) {
			return o, fmt.Errorf("replies differ, but not three times in the same way: %s", strings.Join(again, " | "))
		}
	}
	o.Vulnerable, o.Accepts = true, slices.Contains(bad, good)
	return o, nil
}

func sendFlaws(send func(Flaw, time.Duration) (string, error), d time.Duration) ([]string, error) {
	var out []string
	for f := range Flaw(flaws) {
		said, err := send(f, d)
		if err != nil {
			return nil, err
		}
		out = append(out, said)
	}
	return out, nil
}
