package service

import (
	"context"
	"fmt"
)

// ldapBind is an anonymous simple bind: RFC 4511 §4.2, RFC 4513 §5.1.1.
const ldapBind = "\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00"

var ldap = protocol{name: "ldap", ports: []int{389, 636, 3268, 3269}, hello: ldapBind, knows: func(asked bool, h string) (Service, bool) {
	all := ldapMessages(h)
	return Service{Banner: "BindResponse"}, asked && len(all) > 0 && (all[0].op == ldapBindResponse || all[0].op == ldapExtended)
}}

// The operations of RFC 4511 §4 that an answer may be.
const (
	ldapBindResponse = 0x61
	ldapEntry        = 0x64
	ldapDone         = 0x65
	ldapExtended     = 0x78
)

type ldapMessage struct {
	op   byte
	body string
}

// result is the resultCode of RFC 4511 §4.1.9.
func (m ldapMessage) result() int {
	code, _, ok := cutBER(m.body, 0x0a)
	if !ok || len(code) != 1 {
		return -1
	}
	return int(code[0])
}

// ldapMessages reads the whole messages at the beginning of what came.
func ldapMessages(h string) (out []ldapMessage) {
	for range 16 {
		message, rest, ok := cutBER(h, 0x30)
		if !ok {
			break
		}
		_, op, ok := cutBER(message, 0x02)
		if !ok || op == "" {
			break
		}
		body, _, ok := cutBER(op, op[0])
		if !ok {
			break
		}
		out, h = append(out, ldapMessage{op[0], body}), rest
	}
	return out
}

// cutBER takes the content of the first element off s, if it has that tag.
func cutBER(s string, tag byte) (content, rest string, ok bool) {
	if len(s) < 2 || s[0] != tag {
		return "", s, false
	}
	n, at := int(s[1]), 2
	if n >= 0x80 { // the long form, X.690 §8.1.3.5, which Active Directory writes always
		size := n & 0x7f
		if size > 4 || len(s) < 2+size {
			return "", s, false
		}
		n = 0
		for _, c := range []byte(s[2 : 2+size]) {
			n = n<<8 | int(c)
		}
		at += size
	}
	if n < 0 || n > len(s)-at {
		return "", s, false
	}
	return s[at : at+n], s[at+n:], true
}

func ber(tag byte, content string) string {
	if len(content) < 0x80 {
		return string([]byte{tag, byte(len(content))}) + content
	}
	return string([]byte{tag, 0x82, byte(len(content) >> 8), byte(len(content))}) + content
}

// ldapSearch asks for one entry, scope base, at most one, ten seconds, types
// only: RFC 4511 §4.5.1.
func ldapSearch(id byte, base, attribute string) string {
	return ber(0x30, ber(0x02, string([]byte{id}))+ber(0x63, ber(0x04, base)+ber(0x0a, "\x00")+ber(0x0a, "\x00")+
		ber(0x02, "\x01")+ber(0x02, "\x0a")+ber(0x01, "\x00")+ber(0x87, "objectClass")+ber(0x30, ber(0x04, attribute))))
}

// askLDAP binds as nobody, asks the root for its naming context and then for
// the entry of that, without any attribute. A root that anybody may read is
// usual (RFC 4512 §5.1); the entry is what is guarded.
func askLDAP(ctx context.Context, t Target) (a Access, err error) {
	err = t.speak(ctx, func(k *talk) error {
		said, err := k.ask(ldapBind, func(s string) bool { return len(ldapMessages(s)) > 0 })
		all := ldapMessages(said)
		if len(all) == 0 || all[0].op != ldapBindResponse {
			return strange(said, err)
		}
		if r := all[0].result(); r != 0 {
			if a = shut("anonymous bind: resultCode %d", r); r != 48 && r != 49 && r != 53 && r != 8 && r != 50 { // 13 wants TLS, and says nothing of what is inside
				a = Access{}
				return fmt.Errorf("%w: anonymous bind: resultCode %d", errStrange, r)
			}
			return nil
		}
		entry, _, err := k.search(ldapSearch(2, "", "namingContexts"))
		if err != nil {
			return err
		}
		bases := namingContexts(entry)
		if len(bases) == 0 {
			return fmt.Errorf("%w: the root names no naming context to ask for", errStrange)
		}
		t.quiet(k)
		for i, base := range bases {
			if a, err = k.entry(byte(3+i), base); a.Door == Open || err != nil {
				return err
			}
		}
		if len(bases) == maxContexts {
			a = Access{}
			return fmt.Errorf("%w: not all naming contexts were asked for", ErrNeedsLogin)
		}
		return nil
	})
	return a, err
}

// maxContexts bounds the naming contexts that are asked for; Active Directory
// has five.
const maxContexts = 10

// entry asks for the entry of a naming context.
func (t *talk) entry(id byte, base string) (Access, error) {
	entry, code, err := t.search(ldapSearch(id, base, "1.1"))
	switch {
	case err != nil:
		return Access{}, err
	case entry != "":
		return open("anonymous bind, then the entry of a naming context was given"), nil
	case code == 1 || code == 32 || code == 50 || code == 8 || code == 0: // Active Directory says 1
		return shut("anonymous bind, but no naming context is shown: resultCode %d", code), nil
	}
	return Access{}, fmt.Errorf("%w: search: resultCode %d", errStrange, code)
}

// search gives the first entry, "" for none, and the code at the end.
func (t *talk) search(question string) (entry string, code int, err error) {
	done := func(s string) bool {
		all := ldapMessages(s)
		return len(all) > 0 && all[len(all)-1].op == ldapDone
	}
	said, err := t.ask(question, done)
	if !done(said) {
		return "", 0, strange("", or2(err, errStrange))
	}
	all := ldapMessages(said)
	if all[0].op == ldapEntry {
		entry = all[0].body
	}
	return entry, all[len(all)-1].result(), nil
}

// namingContexts reads the values of the one attribute that was asked for.
func namingContexts(entry string) (out []string) {
	_, rest, _ := cutBER(entry, 0x04)
	attributes, _, _ := cutBER(rest, 0x30)
	attribute, _, _ := cutBER(attributes, 0x30)
	_, values, _ := cutBER(attribute, 0x04)
	set, _, _ := cutBER(values, 0x31)
	for len(out) < maxContexts {
		v, rest, ok := cutBER(set, 0x04)
		if !ok {
			break
		}
		if set = rest; v != "" {
			out = append(out, v)
		}
	}
	return out
}

func or2(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
