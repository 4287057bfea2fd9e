package service

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
)

// smb2Negotiate is MS-SMB2 2.2.3, with the dialects 2.0.2, 2.1, 3.0 and 3.0.2.
var smb2Negotiate = netbios("\xfeSMB" + "\x40\x00" + "\x00\x00" + "\x00\x00\x00\x00" + "\x00\x00" + "\x01\x00" + strings.Repeat("\x00", 4+4+8+4+4+8+16) +
	"\x24\x00" + "\x04\x00" + "\x01\x00" + "\x00\x00" + "\x00\x00\x00\x00" + "sansang-sansang-" + strings.Repeat("\x00", 8) +
	"\x02\x02" + "\x10\x02" + "\x00\x03" + "\x02\x03")

// smb1Negotiate is MS-CIFS 2.2.4.52 with the one dialect of SMB 1 that is left.
var smb1Negotiate = netbios("\xffSMB" + "\x72" + "\x00\x00\x00\x00" + "\x18" + "\x01\x48" + strings.Repeat("\x00", 12) + "\x00\x00" + "\x01\x00" + "\x00\x00" + "\x00\x00" +
	"\x00" + "\x0c\x00" + "\x02NT LM 0.12\x00")

// netbios puts the four bytes of RFC 1002 §4.3.1 before a message.
func netbios(s string) string { return string([]byte{0, 0, byte(len(s) >> 8), byte(len(s))}) + s }

var smb = protocol{name: "microsoft-ds", ports: []int{445, 139}, hello: smb2Negotiate, knows: func(asked bool, h string) (Service, bool) {
	s := Service{Banner: "SMB NEGOTIATE"}
	if m, ok := netbiosMessage(h); ok && text(m, "\xfeSMB", "\xffSMB") {
		return s, asked
	}
	return s, asked && len(h) == 5 && text(h, "\x83\x00\x00\x01") // port 139 wants a session first: RFC 1002 §4.3.4
}}

func netbiosMessage(h string) (string, bool) {
	if len(h) < 4 || h[0] != 0 {
		return "", false
	}
	n := int(h[1])<<16 | int(h[2])<<8 | int(h[3])
	if n < 32 || len(h) < 4+n {
		return "", false
	}
	return h[4 : 4+n], true
}

func wholeSMB(s string) bool { _, ok := netbiosMessage(s); return ok }

// askSMB negotiates twice and logs in never: once for the newer dialects, to
// see whether signatures are required, once for SMB 1. A server without SMB 1
// hangs up or names no dialect. That it hangs up counts for "no SMB 1" only if
// it answered the newer one just before and just after.
func askSMB(ctx context.Context, t Target) (a Access, err error) {
	a.Traits = map[string]bool{}
	newer, cut := false, false
	takes := func(m string, err error) error {
		if len(m) < 64+8 || !text(m, "\xfeSMB") || m[64] != 0x41 {
			return strange(m, err)
		}
		newer = true
		a.Traits[SMBSigning] = m[66]&2 != 0 // SecurityMode, MS-SMB2 2.2.4
		return nil
	}
	err = t.negotiate(ctx, smb2Negotiate, takes)
	if cannotDial(err) || ctx.Err() != nil {
		return a, err
	}
	err = t.negotiate(ctx, smb1Negotiate, func(m string, err error) error {
		switch {
		case len(m) >= 35 && text(m, "\xffSMB\x72"):
			a.Traits[SMB1] = m[32] > 0 && binary.LittleEndian.Uint16([]byte(m[33:])) != 0xffff
		case newer && text(m, "\xfeSMB"):
			a.Traits[SMB1] = false
		case newer && m == "" && hungUp(err):
			cut = true
		default:
			return strange(m, err)
		}
		return nil
	})
	if err == nil && cut {
		if err = t.negotiate(ctx, smb2Negotiate, takes); err == nil {
			a.Traits[SMB1] = false
		}
	}
	if err != nil {
		return a, err
	}
	return a, ErrNeedsLogin
}

// negotiate sends one message, on port 139 after asking for a session.
func (t Target) negotiate(ctx context.Context, question string, read func(string, error) error) error {
	return t.speak(ctx, func(k *talk) error {
		if t.Port == 139 {
			said, err := k.ask("\x81\x00\x00\x44"+netbiosName("*SMBSERVER", ' ')+netbiosName("SANSANG", '\x00'), atLeast(4))
			if !text(said, "\x82") {
				return strange(said, err)
			}
		}
		said, err := k.ask(question, wholeSMB)
		m, _ := netbiosMessage(said)
		return read(m, err)
	})
}

// netbiosName is RFC 1001 §14.1: each half of each byte as a letter.
func netbiosName(name string, kind byte) string {
	var out strings.Builder
	out.WriteByte(32)
	for _, c := range []byte((name + strings.Repeat(" ", 15))[:15] + string(kind)) {
		out.WriteByte('A' + c>>4)
		out.WriteByte('A' + c&15)
	}
	return out.String() + "\x00"
}

// hungUp tells of a connection that the server ended, by FIN or by RST.
func hungUp(err error) bool { return err != nil && !late(err) && !errors.Is(err, errTooMuch) }
