package holes

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"time"

	"github.com/sansang/sansang/internal/wire/hello"
)

// CCS is what a server said to a ChangeCipherSpec before any key was agreed on.
type CCS struct {
	Vulnerable bool
	Cut        bool   // it ended the connection without a word, which may be somebody else's doing
	Answer     string // "alert unexpected_message(10)"
}

// patience is how long a server is given to protest before it is asked on.
const patience = time.Second

// EarlyCCS looks for CVE-2014-0224. After the server's first flight comes a
// ChangeCipherSpec, which no key precedes. A server in its right mind ends the
// handshake there (RFC 5246 §7.1). One with the hole makes keys of an empty
// secret and says nothing; it then takes what follows in the clear for
// encrypted, so that it says bad_record_mac, or decryption_failed as servers
// of TLS 1.0 did. Only a server that decrypts can say so: the second record is
// 64 bytes long, enough for any cipher to get as far as its check.
func EarlyCCS(ctx context.Context, conn net.Conn, o hello.Offer) (CCS, error) {
	if _, err := greet(conn, o); err != nil {
		return CCS{}, err
	}
	if _, err := conn.Write(appendRecord(nil, recordCCS, o.Version, []byte{1})); err != nil {
		return CCS{}, err
	}
	first, err := hear(ctx, conn, patience, true)
	if code, alerted := first.first(); err != nil || alerted || first.end == cut {
		if code == alertBadRecordMAC || code == alertDecryptionFailed {
			err = fmt.Errorf("%s to a record in the clear", first)
		}
		return CCS{Cut: !alerted, Answer: first.String()}, err
	}
	if _, err := conn.Write(appendRecord(nil, recordCCS, o.Version, bytes.Repeat([]byte{1}, 64))); err != nil {
		return CCS{}, err
	}
	second, err := hear(ctx, conn, 5*patience, true)
	if err != nil {
		return CCS{}, err
	}
	switch code, _ := second.first(); code {
	case alertBadRecordMAC, alertDecryptionFailed:
		return CCS{Vulnerable: true, Answer: "silence, then " + second.String()}, nil
	case alertUnexpectedMessage: // late, or after passing over the first
		return CCS{Answer: second.String()}, nil
	}
	return CCS{}, fmt.Errorf("silence to an early ChangeCipherSpec, then %s", second)
}
