package service

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// rdpRequest is MS-RDPBCGR 2.2.1.1: TPKT, X.224 Connection Request and the
// protocols that are asked for.
func rdpRequest(protocols byte) string {
	return "\x03\x00\x00\x13" + "\x0e\xe0\x00\x00\x00\x00\x00" + "\x01\x00\x08\x00" + string([]byte{protocols, 0, 0, 0})
}

// What may be asked for and is answered: MS-RDPBCGR 2.2.1.1.1, 2.2.1.2.2.
const (
	rdpOwn = 0 // RDP's own encryption
	rdpTLS = 1

	rdpResponse       = 2
	rdpFailure        = 3
	rdpNeedsTLS       = 1
	rdpNoTLS          = 2
	rdpNoCertificate  = 3
	rdpNeedsNLA       = 5
	rdpNeedsTLSAndNLA = 6
)

var rdp = protocol{name: "ms-wbt-server", ports: []int{3389}, hello: rdpRequest(rdpTLS), knows: func(asked bool, h string) (Service, bool) {
	_, _, ok := rdpAnswer(h)
	return Service{Banner: "X.224 Connection Confirm"}, asked && ok
}}

// rdpAnswer reads a Connection Confirm. Servers that know RDP's own encryption
// only say nothing more; that is response 0.
func rdpAnswer(h string) (kind byte, value uint32, ok bool) {
	if len(h) < 11 || !text(h, "\x03\x00") || int(binary.BigEndian.Uint16([]byte(h[2:]))) > len(h) || h[5]&0xf0 != 0xd0 {
		return 0, 0, false
	}
	if len(h) < 19 {
		return rdpResponse, rdpOwn, true
	}
	return h[11], binary.LittleEndian.Uint32([]byte(h[15:])), h[11] == rdpResponse || h[11] == rdpFailure
}

// askRDP asks for TLS without NLA, and for RDP's own encryption.
func askRDP(ctx context.Context, t Target) (a Access, err error) {
	a.Traits = map[string]bool{}
	ask := func(protocols byte) (kind byte, value uint32, err error) {
		err = t.speak(ctx, func(k *talk) error {
			said, err := k.ask(rdpRequest(protocols), func(s string) bool { _, _, ok := rdpAnswer(s); return ok })
			var ok bool
			if kind, value, ok = rdpAnswer(said); !ok {
				return strange(said, err)
			}
			return nil
		})
		return kind, value, err
	}
	kind, value, err := ask(rdpTLS)
	if err != nil {
		return a, err
	}
	noNLA := kind == rdpResponse || value == rdpNoTLS || value == rdpNoCertificate
	if noNLA || value == rdpNeedsNLA || value == rdpNeedsTLSAndNLA {
		a.Traits[RDPWithNLA] = !noNLA
	}
	if kind, value, err = ask(rdpOwn); err != nil {
		return a, err
	}
	if kind == rdpResponse || value == rdpNeedsTLS || value == rdpNeedsNLA || value == rdpNeedsTLSAndNLA {
		a.Traits[RDPPlain] = kind == rdpResponse
	}
	return a, ErrNeedsLogin
}

var vnc = protocol{name: "rfb", ports: span(5900, 5999), first: true, knows: func(_ bool, h string) (Service, bool) {
	return Service{Version: strings.TrimSpace(strings.TrimPrefix(firstLine(h), "RFB "))}, text(h, "RFB 0")
}}

// The security types of RFC 6143 §7.1.2 and of the registry after it.
const (
	vncNone     = 1
	vncVeNCrypt = 19
	venPlain    = 256 // the first of VeNCrypt's own
	venTLSNone  = 257
	venX509None = 260
	venX509SASL = 264 // the last
)

// vncGuarded are types under which a password, a certificate or an account is
// wanted: VNC, RA2 (5, 6, 13, 129-133), Apple's and UltraVNC's own.
var vncGuarded = []byte{2, 5, 6, 13, 17, 22, 23, 30, 31, 32, 33, 35, 36, 113, 114, 115, 117, 129, 130, 131, 132, 133}

func guarded(kind byte) bool { return slices.Contains(vncGuarded, kind) }

// askVNC reads the list of security types and chooses none of them. Types that
// only say that another list follows (VeNCrypt) are asked for that list.
func askVNC(ctx context.Context, t Target) (a Access, err error) {
	err = t.speak(ctx, func(k *talk) error {
		said, err := k.hear(line)
		if !text(said, "RFB 0") || len(said) < 12 {
			return strange(said, err)
		}
		old := said[4:11] < "003.007"
		if old {
			said, err = k.ask("RFB 003.003\n", atLeast(4))
			if len(said) < 4 {
				return strange(said, err)
			}
			said = "\x01" + said[3:4] // one type, which the server chose: RFC 6143 §7.1.2
		} else if said, err = k.ask("RFB "+or(map[bool]string{true: "003.007"}[said[4:11] == "003.007"], "003.008")+"\n", func(s string) bool { return s != "" && len(s) > int(s[0]) }); err != nil {
			return strange(said, err)
		}
		types := said[1:]
		if said[0] == 0 || types == "\x00" {
			return fmt.Errorf("%w: no security types", errStrange) // too many failed log-ins before
		}
		a, err = vncDoor(k, types[:min(len(types), int(said[0]))])
		return err
	})
	return a, err
}

func vncDoor(k *talk, types string) (Access, error) {
	var names []string
	unsure := false
	for _, c := range []byte(types) {
		names = append(names, fmt.Sprint(c))
		if c == vncNone {
			return open("security types: %s; 1 is None", fmt.Sprint(names)), nil
		}
		unsure = unsure || !guarded(c) && c != vncVeNCrypt
	}
	if strings.IndexByte(types, vncVeNCrypt) >= 0 {
		inner, err := k.veNCrypt()
		if err != nil {
			return Access{}, err
		}
		for _, n := range inner {
			names = append(names, fmt.Sprint(n))
			if n == venTLSNone || n == venX509None {
				return open("security types: %s; %d is None inside TLS", fmt.Sprint(names), n), nil
			}
			if n == vncNone {
				return open("security types: %s; 1 is None", fmt.Sprint(names)), nil
			}
			unsure = unsure || n > venX509SASL || n < venPlain && !guarded(byte(n))
		}
	}
	if unsure {
		return Access{}, fmt.Errorf("%w: security types %v", ErrNeedsLogin, names)
	}
	return shut("security types: %s", fmt.Sprint(names)), nil
}

// veNCrypt chooses VeNCrypt 0.2 to see which types are inside, and none of them.
func (t *talk) veNCrypt() (out []uint32, err error) {
	said, err := t.ask(string([]byte{vncVeNCrypt}), atLeast(2))
	if len(said) < 2 {
		return nil, strange(said, err)
	}
	said, err = t.ask("\x00\x02", func(s string) bool { return len(s) >= 2 && (s[0] != 0 || len(s) >= 2+4*int(s[1])) })
	if len(said) < 2 || said[0] != 0 || len(said) < 2+4*int(said[1]) {
		return nil, strange(said, err)
	}
	for i := range int(said[1]) {
		out = append(out, binary.BigEndian.Uint32([]byte(said[2+4*i:])))
	}
	return out, nil
}
