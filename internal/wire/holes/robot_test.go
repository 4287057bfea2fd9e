package holes

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/wire/hello"
)

// TestVectors decrypts what is sent: just one vector is what RFC 5246 §7.4.7.1
// and RFC 8017 §7.2.1 want.
func TestVectors(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []hello.Version{hello.SSL3, hello.TLS10, hello.TLS12} {
		for vector := range Vector(vectors) {
			_, msg, err := readRecord(bytes.NewReader(clientFlight(v, &key.PublicKey, vector, false)))
			if err != nil {
				t.Fatal(err)
			}
			secret := msg[4:]
			if v > hello.SSL3 {
				secret = secret[2:]
			}
			block := new(big.Int).Exp(new(big.Int).SetBytes(secret), key.D, key.N).FillBytes(make([]byte, key.Size()))
			zero := slices.Index(block[2:], 0) + 2
			got := []bool{
				block[0] == 0 && block[1] == 2,
				zero >= 10,
				len(block)-zero-1 == 48,
				block[key.Size()-48] == byte(v>>8) && block[key.Size()-47] == byte(v),
			}
			want := map[Vector][]bool{
				WellFormed:   {true, true, true, true},
				WrongStart:   {false, true, true, true},
				ZeroAtEnd:    {true, true, false, false},
				NoZero:       {true, false, false, false},
				WrongVersion: {true, true, true, false},
			}[vector]
			if !slices.Equal(got, want) {
				t.Errorf("%s, vector %d: starts, has a zero, secret of 48, version: %v, want %v", v, vector, got, want)
			}
		}
	}
}

func TestClientFlightHasAllRecords(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	r := bytes.NewReader(clientFlight(hello.TLS12, &key.PublicKey, WellFormed, true))
	for _, want := range []byte{recordHandshake, recordCCS, recordHandshake} {
		if kind, _, err := readRecord(r); err != nil || kind != want {
			t.Errorf("record of type %d, %v; want %d", kind, err, want)
		}
	}
}

func inTurn(n int, do func(int)) {
	for i := range n {
		do(i)
	}
}

// TestFindOracle tries servers on paper.
func TestFindOracle(t *testing.T) {
	const quiet, mac, other = "silence", "alert bad_record_mac(20)", "alert decrypt_error(51)"
	byVector := func(replies ...string) func(Vector) string { return func(v Vector) string { return replies[v] } }
	same := func(reply string) func(Vector) string { return func(Vector) string { return reply } }
	patient := func(d time.Duration) bool { return d > patience }
	for name, c := range map[string]struct {
		server func(v Vector, whole bool, d time.Duration, nth int) (string, error)
		want   string
		most   int // connections
	}{
		"sound": {func(v Vector, whole bool, _ time.Duration, _ int) (string, error) {
			return map[bool]string{true: mac, false: quiet}[whole], nil
		}, "sound", 10},
		"strong": {func(v Vector, _ bool, _ time.Duration, _ int) (string, error) {
			return byVector(mac, other, mac, other, mac)(v), nil
		}, "strong", 10},
		"weak": {func(v Vector, _ bool, _ time.Duration, _ int) (string, error) {
			return byVector(mac, other, other, other, other)(v), nil
		}, "weak", 10},
		"only without Finished": {func(v Vector, whole bool, _ time.Duration, _ int) (string, error) {
			if whole {
				return mac, nil
			}
			return byVector(quiet, other, quiet, other, quiet)(v), nil
		}, "strong", 15},
		"by silence": {func(v Vector, _ bool, _ time.Duration, _ int) (string, error) {
			return byVector(quiet, mac, mac, mac, mac)(v), nil
		}, "weak", 10},
		"slow": {func(v Vector, whole bool, d time.Duration, _ int) (string, error) {
			if v == NoZero && !patient(d) {
				return quiet, nil
			}
			return mac, nil
		}, "sound", 20},
		"very slow": {func(_ Vector, _ bool, d time.Duration, _ int) (string, error) {
			return map[bool]string{true: mac, false: quiet}[patient(d)], nil
		}, "sound", 15},
		"two servers behind one address": {func(_ Vector, _ bool, _ time.Duration, nth int) (string, error) {
			return []string{mac, other, mac}[nth%3], nil
		}, "not twice in the same way", 15},
		"differs once": {func(_ Vector, _ bool, _ time.Duration, nth int) (string, error) {
			return map[bool]string{true: other, false: mac}[nth == 2], nil
		}, "not twice in the same way", 15},
		"never says anything": {func(Vector, bool, time.Duration, int) (string, error) { return same(quiet)(0), nil }, "silence to every Finished", 10},
		"gone after three": {func(_ Vector, _ bool, _ time.Duration, nth int) (string, error) {
			if nth > 3 {
				return "", errors.New("no route")
			}
			return mac, nil
		}, "no route", 5},
	} {
		n := 0
		o, err := FindOracle(func(v Vector, whole bool, d time.Duration) (string, error) { n++; return c.server(v, whole, d, n) }, inTurn)
		got := "sound"
		switch {
		case err != nil:
			got = err.Error()
		case o.Vulnerable && o.Weak:
			got = "weak"
		case o.Vulnerable:
			got = "strong"
		}
		if !strings.Contains(got, c.want) || n > c.most {
			t.Errorf("%s: %s after %d connections, want %s after %d at most: %s", name, got, n, c.want, c.most, fmt.Sprint(o.Said))
		}
	}
}

// TestRSASuites holds that none of them signs or agrees on keys otherwise.
func TestRSASuites(t *testing.T) {
	suites := RSASuites()
	if len(suites) < 30 || suites[0] != 0x009c {
		t.Errorf("%d suites, first 0x%04x", len(suites), suites[0])
	}
	for _, id := range suites {
		if name := hello.Find(uint32(id)).Name; strings.Contains(name, "DH") || strings.Contains(name, "PSK") || strings.Contains(name, "EXPORT") {
			t.Error(name)
		}
	}
}
