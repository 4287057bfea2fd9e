// Package sshkex speaks the beginning of SSH as a client: the identification
// strings, the algorithm lists, a whole key exchange and, under its keys, the
// request for the service of logging in and one for letting nobody in by
// nothing. It never shows a password or a key.
//
// Every error is either one of the connection or tells in what the bytes that
// came are no SSH.
package sshkex

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ours is the identification string that we send: RFC 4253 §4.2.
const ours = "SSH-2.0-sansang security-readiness-check\r\n"

// Bounds of what may come before and in the identification string.
const (
	maxLines   = 64
	maxGreeted = 8 << 10
	maxIdent   = 255 // RFC 4253 §4.2
)

// Banner is a server's identification string, SSH-protoversion-software SP
// comments. Protocol 1.99 means both SSH 2 and SSH 1: RFC 4253 §5.1.
type Banner struct {
	Raw      string // without CR LF
	Protocol string
	Software string
	Comments string
}

// SpeaksSSH2 tells whether the algorithm negotiation of SSH 2 can follow.
func (b Banner) SpeaksSSH2() bool { return b.Protocol == "2.0" || b.Protocol == "1.99" }

// greet sends our identification string and reads the server's. The lines
// that a server may send before it are passed over.
func greet(rw io.ReadWriter, r *bufio.Reader) (Banner, error) {
	if _, err := io.WriteString(rw, ours); err != nil {
		return Banner{}, err
	}
	return readBanner(r)
}

func readBanner(r *bufio.Reader) (Banner, error) {
	left := maxGreeted
	for range maxLines {
		line, err := readLine(r, &left)
		if err != nil {
			return Banner{}, err
		}
		if strings.HasPrefix(line, "SSH-") {
			return parseBanner(line)
		}
		if slices.ContainsFunc(turningAway, func(s string) bool { return strings.HasPrefix(line, s) }) {
			return Banner{}, &TurnedAway{line}
		}
	}
	return Banner{}, fmt.Errorf("%d lines and no SSH greeting among them", maxLines)
}

// TurnedAway is the error of an OpenSSH server that serves us no more, or not
// just now, and says so in place of a greeting.
type TurnedAway struct{ Said string }

func (t *TurnedAway) Error() string { return "the server turns us away: " + t.Said }

// turningAway are those words: sshd.c, for PerSourcePenalties and MaxStartups.
var turningAway = []string{"Not allowed at this time", "Exceeded MaxStartups"}

// readLine reads up to LF and takes what it read off left.
func readLine(r *bufio.Reader, left *int) (string, error) {
	var line []byte
	for {
		b, err := r.ReadByte()
		if err != nil {
			return "", err
		}
		if b == '\n' {
			return strings.TrimSuffix(string(line), "\r"), nil
		}
		if *left--; *left < 0 {
			return "", fmt.Errorf("%d bytes and no SSH greeting among them", maxGreeted)
		}
		line = append(line, b)
	}
}

func parseBanner(line string) (Banner, error) {
	b := Banner{Raw: line}
	if len(line) > maxIdent {
		return Banner{}, fmt.Errorf("SSH greeting of %d bytes", len(line))
	}
	protocol, rest, ok := strings.Cut(strings.TrimPrefix(line, "SSH-"), "-")
	if !ok || protocol == "" {
		return Banner{}, errors.New("SSH greeting without a version")
	}
	for i := range len(line) {
		if line[i] < ' ' || line[i] > '~' && line[i] < 0x80 {
			return Banner{}, errors.New("SSH greeting with control characters")
		}
	}
	b.Protocol = protocol
	b.Software, b.Comments, _ = strings.Cut(rest, " ")
	return b, nil
}
