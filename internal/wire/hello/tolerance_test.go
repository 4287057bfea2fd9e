package hello

import (
	"crypto/tls"
	"slices"
	"testing"
)

// TestSmall holds that no hello is long, and that together they name each suite
// once.
func TestSmall(t *testing.T) {
	for _, v := range []Version{SSL3, TLS10, TLS12, TLS13} {
		first, rest := suitesOf(v)
		left := slices.Concat(first, rest)
		for _, o := range Small(v, "mot-ten-may-chu-dai.xa.tinh.gov.vn") {
			if n := len(o.Bytes()) - recordHead; n > shortest {
				t.Errorf("%s: a hello of %d bytes", v, n)
			}
			left = without(o.Suites, left)
		}
		if len(left) > 0 {
			t.Errorf("%s: does not offer %x", v, left)
		}
	}
}

// TestVariantsAreTaken holds that the standard library takes each variant of a
// small hello, so that they are what they should be.
func TestVariantsAreTaken(t *testing.T) {
	for _, v := range []Version{TLS12, TLS13} {
		small := Small(v, "example.test")[0]
		for name, o := range map[string]Offer{
			"small": small, "suite": small.UnknownSuite(), "extension": small.UnknownExtension(), "group": small.UnknownGroup(),
			"signature": small.UnknownSignature(), "version": small.UnknownVersion(), "many": small.ManySuites(), "empty": small.EmptyLast(),
			"all":             small.UnknownSuite().UnknownExtension().UnknownGroup().UnknownSignature().UnknownVersion().ManySuites(),
			"256":             small.Sized(384),
			"4096":            small.Sized(4096),
			"empty and sized": small.Sized(512).EmptyLast(),
		} {
			a, err := Ask(serveOnce(t, &tls.Config{Certificates: []tls.Certificate{certificate(t)}}), o)
			if err != nil || !a.Accepted {
				t.Errorf("%s, %s: %v, %v", v, name, a, err)
			}
			if n := len(o.Bytes()) - recordHead; o.Size != 0 && n != o.Size {
				t.Errorf("%s, %s: %d bytes", v, name, n)
			}
		}
	}
	for _, claims := range []Version{0x0304, 0x03ff} {
		a, err := Ask(serveOnce(t, &tls.Config{Certificates: []tls.Certificate{certificate(t)}}), Small(TLS12, "example.test")[0].Claiming(claims))
		if err != nil || !a.Accepted {
			t.Errorf("%s: %v, %v", claims, a, err)
		}
	}
}
