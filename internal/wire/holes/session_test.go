package holes

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/wire/hello"
)

// TestDirection holds that a record opens once, in its turn, unchanged.
func TestDirection(t *testing.T) {
	pair := func() (*direction, *direction) {
		a, err := newDirection(make([]byte, 16), make([]byte, 4))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := newDirection(make([]byte, 16), make([]byte, 4))
		return a, b
	}
	a, b := pair()
	for _, said := range []string{"xin", "chao", ""} {
		kind, got, err := b.read(bytes.NewReader(a.seal(recordApplication, []byte(said))))
		if err != nil || kind != recordApplication || string(got) != said {
			t.Errorf("%q: type %d, %q, %v", said, kind, got, err)
		}
	}
	a, b = pair()
	record := a.seal(recordHandshake, []byte("xin chao"))
	for i := range record {
		changed := bytes.Clone(record)
		changed[i] ^= 1
		b.sequence = 0
		if _, got, err := b.read(bytes.NewReader(changed)); err == nil && i != 2 { // its version is checked otherwise
			t.Errorf("byte %d changed: opens as %q", i, got)
		}
	}
	b.sequence = 1
	if _, _, err := b.read(bytes.NewReader(record)); err == nil {
		t.Error("opens out of turn")
	}
}

// TestExpand holds P_hash to a vector in wide use for P_SHA256.
func TestExpand(t *testing.T) {
	secret, _ := hex.DecodeString("9bbe436ba940f017b17652849a71db35")
	seed, _ := hex.DecodeString("a0ba9f936cda311827a6f796ffd5198c")
	want := "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66"
	if got := hex.EncodeToString(expand(sha256.New, secret, append([]byte("test label"), seed...), 100)); got != want {
		t.Errorf("got %s", got)
	}
	if len(expand(sha256.New, secret, nil, 5)) != 5 {
		t.Error("length")
	}
}

// FuzzSession: what passed in a handshake is the server's to choose.
func FuzzSession(f *testing.F) {
	log := "CLIENT_RANDOM " + strings.Repeat("ab", 32) + " " + strings.Repeat("cd", 48)
	hi := appendRecord(nil, recordHandshake, hello.TLS12, append([]byte{msgServerHello, 0, 0, 38}, make([]byte, 40)...))
	f.Add(log, hi, appendRecord(appendRecord(nil, recordCCS, hello.TLS12, []byte{1}), recordHandshake, hello.TLS12, make([]byte, 40)))
	f.Add(log, []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, log string, received, sent []byte) {
		if _, err := sessionOf(&tap{received: received, sent: sent}, log, 0xc02f); err == nil {
			t.Error("followed a handshake that never was")
		}
	})
}

// TestJudgeSession holds that only a session under our id tells anything.
func TestJudgeSession(t *testing.T) {
	id := bytes.Repeat([]byte{7}, sessionLen)
	for name, c := range map[string]struct {
		sent     []byte
		resumed  bool
		vulnerab bool
	}{
		"as it was sent":   {id, true, false},
		"filled up":        {append(bytes.Clone(id), 9), true, true},
		"none":             {nil, false, false},
		"a new one":        {make([]byte, 32), false, false},
		"one that is less": {id[:8], false, false},
	} {
		msg := append([]byte{msgServerHello, 0, 0, 0, 3, 3}, make([]byte, 32)...)
		msg = append(append(append(msg, byte(len(c.sent))), c.sent...), 0, 0x2f, 0)
		r, err := judgeSession(recordHandshake, msg, id)
		if err != nil || r.Resumed != c.resumed || r.Vulnerable != c.vulnerab {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func FuzzJudgeSession(f *testing.F) {
	f.Add(append([]byte{msgServerHello}, make([]byte, 80)...))
	f.Fuzz(func(t *testing.T, msg []byte) {
		if r, err := judgeSession(recordHandshake, msg, []byte("an id that nobody guesses, so it")); err == nil && r.Vulnerable && !bytes.Contains(msg, []byte("an id that nobody")) {
			t.Errorf("%+v", r)
		}
	})
}

func TestWithSession(t *testing.T) {
	o := hello.Offer{Version: hello.TLS12, Suites: []uint16{0xc02f}}
	record := withSession(o.Bytes(), []byte("xinchao"))
	_, msg, err := readRecord(bytes.NewReader(record))
	if err != nil || len(record) != recordHeader+len(msg) || int(msg[1])<<16|int(msg[2])<<8|int(msg[3]) != len(msg)-4 || !bytes.HasPrefix(msg[38:], []byte("\x07xinchao\x00\x04\xc0\x2f")) {
		t.Errorf("% x, %v", msg[:60], err)
	}
}
