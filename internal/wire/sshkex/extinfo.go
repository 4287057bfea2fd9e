package sshkex

import (
	"encoding/binary"
	"fmt"
)

// userAuth is the one service that is asked for: RFC 4252 §4.
const userAuth = "ssh-userauth"

// Extension is one entry of SSH_MSG_EXT_INFO: RFC 8308 §2.3. What the value
// means depends on the name.
type Extension struct{ Name, Value string }

// maxExtensions is more than there are.
const maxExtensions = 64

// Service asks for user authentication and gives the extensions that the
// server told of on the way: right after its NEWKEYS, where RFC 8308 §2.4 has
// them. told is whether it told of any at all.
func (s *Session) Service() (all []Extension, told bool, err error) {
	if err := s.write(appendString([]byte{msgServiceRequest}, userAuth)); err != nil {
		return nil, false, err
	}
	for {
		p, err := s.next()
		switch {
		case err != nil:
			return nil, false, err
		case p[0] == msgExtInfo && told:
			return nil, false, fmt.Errorf("EXT_INFO twice before any log-in")
		case p[0] == msgExtInfo:
			if all, err = parseExtensions(p[1:]); err != nil {
				return nil, false, err
			}
			told = true
		case p[0] == msgServiceAccept:
			if name, _, ok := cutString(p[1:]); !ok || string(name) != userAuth {
				return nil, false, fmt.Errorf("another service is accepted than was asked for")
			}
			return all, told, nil
		default:
			return nil, false, fmt.Errorf("SSH message %d where a service is to be accepted", p[0])
		}
	}
}

func parseExtensions(p []byte) ([]Extension, error) {
	if len(p) < 4 {
		return nil, fmt.Errorf("EXT_INFO is cut short")
	}
	n, rest := binary.BigEndian.Uint32(p), p[4:]
	if n > maxExtensions {
		return nil, fmt.Errorf("EXT_INFO of %d extensions", n)
	}
	out := []Extension{}
	for range n {
		name, after, ok1 := cutString(rest)
		value, after, ok2 := cutString(after)
		if !ok1 || !ok2 {
			return nil, fmt.Errorf("EXT_INFO is cut short")
		}
		out, rest = append(out, Extension{string(name), string(value)}), after
	}
	if len(rest) != 0 {
		return nil, fmt.Errorf("EXT_INFO with %d bytes after its end", len(rest))
	}
	return out, nil
}

// Names reads the value as a name-list.
func (e Extension) Names() ([]string, error) { return nameList(e.Value) }
