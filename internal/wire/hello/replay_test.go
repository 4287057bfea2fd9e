package hello

import (
	"encoding/hex"
	"slices"
	"testing"
)

func TestReplay(t *testing.T) {
	accepts, _ := hex.DecodeString(serverHello("0301"))
	for _, v := range []Version{SSL3, TLS10, TLS11, TLS12, TLS13} {
		o := Long(v, "example.test")
		got, c, ok := Replay(o.Bytes(), accepts)
		offered := slices.DeleteFunc(c.Of, func(id uint16) bool { return id == NoRenegotiation })
		if got != v || ok != (v == TLS10) || !slices.Equal(offered, o.Suites) || ok && c.Chosen != 0x002f {
			t.Errorf("%s: %s, ok %v, 0x%04x", v, got, ok, c.Chosen)
		}
	}
	if _, _, ok := Replay(Offer{Version: SSL2}.Bytes(), accepts); ok {
		t.Error("takes a hello of SSL 2.0")
	}
}

func FuzzReplay(f *testing.F) {
	f.Add(Long(TLS12, "example.test").Bytes(), []byte{21, 3, 1, 0, 2, 2, 40})
	f.Fuzz(func(t *testing.T, sent, received []byte) {
		if _, c, ok := Replay(sent, received); ok && !slices.Contains(c.Of, c.Chosen) {
			t.Errorf("chose 0x%04x of %x", c.Chosen, c.Of)
		}
	})
}
