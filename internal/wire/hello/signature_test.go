package hello

import (
	"crypto/tls"
	"errors"
	"slices"
	"testing"
)

// TestSignaturesCryptoTLS eliminates the schemes of the standard library.
func TestSignaturesCryptoTLS(t *testing.T) {
	cert := certificate(t)
	for _, c := range []struct {
		version Version
		suite   uint16
		want    []uint16
	}{
		{TLS12, 0xc02b, []uint16{0x0403, 0x0503, 0x0603}},
		{TLS13, 0x1301, []uint16{0x0403}}, // where the curve belongs to the scheme
	} {
		l, err := Signatures(Offer{Version: c.version, Suites: []uint16{c.suite}}, func(o Offer) (Signed, error) {
			return AskSignature(serveOnce(t, &tls.Config{Certificates: []tls.Certificate{cert}}), o)
		})
		if err != nil || !slices.Equal(l.Schemes, c.want) || l.Ignores {
			t.Errorf("%s: %+v, %v; want %x", c.version, l, err, c.want)
		}
	}
}

// TestSignaturesOfOthers asks servers that choose in ways of their own.
func TestSignaturesOfOthers(t *testing.T) {
	signed := func(scheme uint16) (Signed, error) { return Signed{Answer{Accepted: true}, scheme}, nil }
	for name, c := range map[string]struct {
		choose  func([]uint16) (Signed, error)
		want    []uint16
		ignores bool
		fails   bool
	}{
		"always SHA-1":        {func([]uint16) (Signed, error) { return signed(0x0201) }, []uint16{0x0201}, true, false},
		"one that nobody has": {func([]uint16) (Signed, error) { return signed(0xfefe) }, []uint16{0xfefe}, true, false},
		"refuses": {func(ids []uint16) (Signed, error) {
			if i := slices.Index(ids, 0x0804); i >= 0 {
				return signed(ids[i])
			}
			return Signed{Answer: Answer{Said: "alert handshake_failure(40)"}}, nil
		}, []uint16{0x0804}, false, false},
		"never signs": {func([]uint16) (Signed, error) { return Signed{}, errors.New("no signature") }, nil, false, true},
	} {
		l, err := Signatures(Offer{Version: TLS12}, func(o Offer) (Signed, error) { return c.choose(o.Signatures) })
		if (err != nil) != c.fails || !slices.Equal(l.Schemes, c.want) || l.Ignores != c.ignores {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
	}
}
