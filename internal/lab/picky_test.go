package lab

import (
	"io"
	"testing"
)

var pickyProofs = map[string]func(*testing.T, *Server){
	"hello-long": func(t *testing.T, s *Server) {
		turnsAway(t, s, helloRecord(versionTLS12, make([]uint16, 120)...), 0)
		takes(t, s)
	},
	"hello-unknown": func(t *testing.T, s *Server) {
		turnsAway(t, s, helloRecord(versionTLS12, 0x1a1a, 0xc02b), 0)
		turnsAway(t, s, helloWith([]byte{0}, []uint16{0xc02b}, 0x2a, 0x2a, 0, 0), 0)
		takes(t, s)
	},
	"hello-newer": func(t *testing.T, s *Server) {
		turnsAway(t, s, helloRecord(0x0304, 0xc02b), alertProtocolVersion)
		takes(t, s)
	},
	"hello-keyless": func(t *testing.T, s *Server) {
		turnsAway(t, s, helloWith([]byte{0}, []uint16{0xc02b}, 0, 51, 0, 2, 0, 0), 0)
		takes(t, s)
	},
}

// turnsAway proves that the hello gets an alert, or nothing if that is 0.
func turnsAway(t *testing.T, s *Server, hello []byte, alert byte) {
	t.Helper()
	c := dial(t, s)
	send(t, c, hello)
	_ = c.CloseWrite()
	got, err := io.ReadAll(c)
	if err != nil || alert == 0 && len(got) > 0 || alert != 0 && (len(got) != 7 || got[6] != alert) {
		t.Errorf("% x, %v", got, err)
	}
}

// takes proves that a short hello without anything strange is accepted.
func takes(t *testing.T, s *Server) {
	t.Helper()
	c := dial(t, s)
	send(t, c, helloWith([]byte{0}, []uint16{0xc02b}, 0, 10, 0, 4, 0, 2, 0, 23, 0, 13, 0, 4, 0, 2, 4, 3)) // P-256, ECDSA with SHA-256
	if kind, _ := readRecord(t, c); kind != recordHandshake {
		t.Errorf("record of type %d", kind)
	}
}
