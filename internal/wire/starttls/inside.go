package starttls

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// inside is the conversation after TLS that finds a stowaway out.
type inside struct {
	session
	said []string // each answer, printable
}

// puzzled says that the answers tell nothing.
func (in *inside) puzzled() error {
	return fmt.Errorf("answers inside TLS that tell nothing: %s", strings.Join(in.said, " | "))
}

func (in *inside) heard(said string) { in.said = append(in.said, printable(said)) }

// numbered sends a command and then QUIT, each once. Answers come in the order
// of commands: who has one to spare has obeyed a command that we did not send
// here.
func numbered(command string, farewell int) func(*inside) (bool, error) {
	return func(in *inside) (bool, error) {
		for n, line := range []string{command, "QUIT", ""} {
			if line != "" {
				if err := in.say("%s", line); err != nil {
					return false, err
				}
			}
			r, err := in.reply()
			if err != nil {
				return false, err
			}
			in.heard(r.said())
			switch {
			case r.code == farewell && n > 0:
				return n == 2, nil
			case r.code == farewell || r.code == 421 || r.code == 400: // it closes, whatever it was asked
				return false, in.puzzled()
			}
		}
		return false, in.puzzled()
	}
}

// pop3 counts the answers to NOOP and QUIT up to the end of the connection, for
// nothing marks the last. NOOP is refused before a login, which is an answer.
func (in *inside) pop3() (bool, error) {
	for _, line := range []string{"NOOP", "QUIT"} {
		if err := in.say("%s", line); err != nil {
			return false, err
		}
		if err := in.status(); err != nil {
			return false, err
		}
	}
	switch err := in.status(); {
	case ended(err):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, nil
}

func (in *inside) status() error {
	said, ok, err := in.session.status()
	if err == nil {
		in.heard(map[bool]string{true: "+OK ", false: "-ERR "}[ok] + said)
	}
	return err
}

// ended tells of a connection that was closed, in whatever way.
func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// imap looks for the tag of the stowaway before that of our own command.
func (in *inside) imap() (bool, error) {
	if err := in.say("s4 NOOP"); err != nil {
		return false, err
	}
	for range maxLines {
		l, err := in.line()
		if err != nil {
			return false, in.named(err)
		}
		in.heard(l)
		tag, _, _ := strings.Cut(l, " ")
		switch tag {
		case "s3":
			return true, nil
		case "s4":
			return false, nil
		case "*":
		default:
			return false, in.puzzled()
		}
	}
	return false, in.puzzled()
}

// sieve counts answers to NOOP and LOGOUT. A list of capabilities comes before
// them, unasked: RFC 5804 §2.2.
func (in *inside) sieve() (bool, error) {
	for _, line := range []string{"NOOP \"s4\"", "LOGOUT"} {
		if err := in.say("%s", line); err != nil {
			return false, err
		}
		if err := in.sieveAnswer(); err != nil {
			return false, err
		}
	}
	switch err := in.sieveAnswer(); {
	case ended(err):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, nil
}

func (in *inside) sieveAnswer() error {
	for range 2 {
		lines, word, said, err := in.response()
		if err != nil {
			return err
		}
		in.heard(word + " " + said)
		if len(lines) == 0 {
			return nil
		}
	}
	return in.puzzled()
}

// The versions of the startup packets, which no server has: each is refused by
// naming it, and nothing is logged in to.
const (
	firstStartup  = 9917
	secondStartup = 9918
)

// startup is a StartupMessage: PostgreSQL documentation, Message Formats.
func startup(version uint16) string {
	const user = "user\x00sansang\x00\x00"
	b := binary.BigEndian.AppendUint32(nil, uint32(8+len(user)))
	b = binary.BigEndian.AppendUint16(b, version)
	return string(binary.BigEndian.AppendUint16(b, 0)) + user
}

// postgres sends a startup packet of its own and sees which of the two is
// refused. A server that knows of the hole says "received unencrypted data
// after SSL request", with the code of a protocol violation (CVE-2021-23214).
func (in *inside) postgres() (bool, error) {
	if err := in.send([]byte(startup(secondStartup))); err != nil {
		return false, err
	}
	b, err := in.ReadByte()
	if err != nil {
		return false, err
	}
	if b != 'E' {
		in.heard(string(b))
		return false, in.puzzled()
	}
	fields, err := in.pgFields()
	if err != nil {
		return false, err
	}
	code, said := fields['C'], fields['M'] // the code is the same in every language
	in.heard(code + " " + said)
	const unsupported, protocolViolation = "0A000", "08P01"
	switch {
	case code == unsupported && strings.Contains(said, fmt.Sprint(firstStartup)):
		return true, nil
	case code == unsupported && strings.Contains(said, fmt.Sprint(secondStartup)), code == protocolViolation:
		return false, nil
	}
	return false, in.puzzled()
}
