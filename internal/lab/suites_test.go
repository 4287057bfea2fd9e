package lab

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"testing"
)

var suiteProofs = map[string]func(*testing.T, *Server){
	"suites-weak": func(t *testing.T, s *Server) {
		choosesOnly(t, s, 0x002f, 0x000a, 0x0005)
	},
	"suites-null-export": func(t *testing.T, s *Server) {
		choosesOnly(t, s, 0x0034, 0x003b, 0x0001, 0x0003, 0x0014)
		if bits := primeBits(t, s, 0x0014); bits != 512 {
			t.Errorf("export Diffie-Hellman of %d bits", bits)
		}
	},
	"dh-1024": func(t *testing.T, s *Server) {
		choosesOnly(t, s, 0x009e, 0x0033)
		if bits := primeBits(t, s, 0x0033); bits != 1024 {
			t.Errorf("Diffie-Hellman of %d bits", bits)
		}
	},
	"signs-sha1": func(t *testing.T, s *Server) {
		choosesOnly(t, s, 0x009e)
		if got := suiteFlight(t, s, 0x009e); !bytes.Contains(got, []byte{2, 1, 0, 64}) {
			t.Error("no signature by SHA-1")
		}
	},
}

// choosesOnly proves that the server shakes hands with good clients, and that
// for others it has these suites, in this order.
func choosesOnly(t *testing.T, s *Server, suites ...uint16) {
	t.Helper()
	if v := versions(s); !slices.Equal(v, []string{"TLS 1.2", "TLS 1.3"}) {
		t.Errorf("versions %v", v)
	}
	offered := append([]uint16{0x0035, 0x0004}, suites...)
	slices.Reverse(offered) // so that an order can only be the server's
	for _, want := range suites {
		got := suiteFlight(t, s, offered...)
		if suite := binary.BigEndian.Uint16(got[5+4+2+32+1:]); suite != want {
			t.Errorf("of %x it chooses 0x%04x, want 0x%04x", offered, suite, want)
		}
		offered = slices.DeleteFunc(offered, func(id uint16) bool { return id == want })
	}
	if got := suiteFlight(t, s, offered...); got[0] != recordAlert {
		t.Errorf("of %x: % x, want an alert", offered, got[:min(len(got), 16)])
	}
}

// suiteFlight is all that the server says to a hello of TLS 1.2.
func suiteFlight(t *testing.T, s *Server, suites ...uint16) []byte {
	t.Helper()
	c := dial(t, s)
	send(t, c, helloRecord(versionTLS12, suites...))
	_ = c.CloseWrite()
	got, err := io.ReadAll(c)
	if err != nil || len(got) < 7 {
		t.Fatalf("% x, %v", got, err)
	}
	return got
}

func primeBits(t *testing.T, s *Server, suite uint16) int {
	t.Helper()
	got := suiteFlight(t, s, suite)
	for len(got) > 5 {
		n := 5 + int(binary.BigEndian.Uint16(got[3:]))
		if body, ok := bytes.CutPrefix(got[5:n], []byte{msgServerKeyExchange}); ok {
			return 8 * int(binary.BigEndian.Uint16(body[3:]))
		}
		got = got[n:]
	}
	t.Fatal("no ServerKeyExchange")
	return 0
}
