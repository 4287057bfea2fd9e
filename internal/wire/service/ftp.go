package service

import (
	"context"
	"strings"
)

// askFTP names the user anonymous and no password, for even that of convention
// (RFC 1635 §2) is one. A server that lets in without any says 230.
func askFTP(ctx context.Context, t Target) (a Access, err error) {
	err = t.speak(ctx, func(k *talk) error {
		said, err := k.hear(ftpReply)
		if !text(said, "220") {
			return strange(said, err)
		}
		said, err = k.ask("USER anonymous\r\n", ftpReply)
		switch {
		case text(said, "230"):
			a = open("USER anonymous: %s", firstLine(said))
		case text(said, "530", "532", "550"):
			a = shut("USER anonymous: %s", firstLine(said))
		case text(said, "331", "332"):
			return ErrNeedsLogin
		default:
			return strange(said, err)
		}
		_ = k.say("QUIT\r\n")
		return nil
	})
	return a, err
}

// ftpReply tells of a whole answer: its last line has a space after the digits,
// RFC 959 §4.2.
func ftpReply(s string) bool {
	if !line(s) {
		return false
	}
	all := strings.Split(strings.TrimRight(s, "\r\n"), "\n")
	last := all[len(all)-1]
	return len(last) >= 4 && last[3] == ' '
}
