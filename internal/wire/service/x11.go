package service

import (
	"context"
	"encoding/binary"
)

// x11Setup is the connection setup of X11, least byte first, version 11.0,
// without authorisation: X Window System Protocol §8.
const x11Setup = "l\x00\x0b\x00\x00\x00\x00\x00\x00\x00\x00\x00"

var x11 = protocol{name: "x11", ports: span(6000, 6063), hello: x11Setup, rare: true, knows: func(asked bool, h string) (Service, bool) {
	if !asked || len(h) < 8 || h[0] > 2 || h[2] != 11 || h[3] != 0 {
		return Service{}, false
	}
	s := Service{Banner: "X11"}
	if h[0] == 1 && len(h) > 40 { // the length of the vendor stands at 24, its text at 40
		n := int(binary.LittleEndian.Uint16([]byte(h[24:])))
		if len(h) >= 40+n {
			s.Product = h[40 : 40+n]
		}
	}
	return s, true
}}

func askX11(ctx context.Context, t Target) (Access, error) {
	return one(ctx, t, x11Setup, atLeast(8), func(s string) (Access, bool) {
		if len(s) < 8 || s[2] != 11 {
			return Access{}, false
		}
		switch s[0] {
		case 1:
			return open("connection setup: Success"), true
		case 0:
			return shut("connection setup: Failed: %s", s[8:min(len(s), 8+int(s[1]))]), true
		case 2:
			return shut("connection setup: Authenticate"), true
		}
		return Access{}, false
	})
}
