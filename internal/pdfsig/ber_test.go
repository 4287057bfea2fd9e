package pdfsig

import (
	"bytes"
	"encoding/asn1"
	"testing"
)

// indefinite writes DER as BER with no length that can be left out.
func indefinite(t *testing.T, b []byte) (out []byte) {
	t.Helper()
	for len(b) > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(b, &v)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case v.IsCompound:
			out = append(append(append(out, v.FullBytes[0], 0x80), indefinite(t, v.Bytes)...), 0, 0)
		case v.Tag == asn1.TagOctetString && v.Class == 0 && len(v.Bytes) > 3 && len(v.Bytes) < 100:
			out = append(append(append(out, 0x24, 0x80, 4, 3), v.Bytes[:3]...), 4, byte(len(v.Bytes)-3))
			out = append(append(out, v.Bytes[3:]...), 0, 0)
		default:
			out = append(out, v.FullBytes...)
		}
		b = rest
	}
	return out
}

// A CMS in BER, as NSS writes it, is read as the DER that was signed.
func TestBER(t *testing.T) {
	p := signer(t, "ecdsa")
	d := room(body(), "adbe.pkcs7.detached")
	der := p.cms(t, d.signed(), how{claims: at})
	ber := indefinite(t, der)
	if got, rest, err := definite(append(bytes.Clone(ber), 0, 0), 0); err != nil || !bytes.Equal(got, der) || len(rest) != 2 {
		t.Errorf("%v, %d bytes after it:\n%x\nwant\n%x", err, len(rest), got, der)
	}
	want(t, read(t, d.put(ber)), Valid, "")
	for cut := range len(ber) {
		if _, _, err := definite(ber[:cut], 0); err == nil {
			t.Fatalf("%d of %d bytes are taken for the whole", cut, len(ber))
		}
	}
	if _, _, err := definite(bytes.Repeat([]byte{0x30, 0x80}, 1000), 0); err == nil {
		t.Error("a thousand values in each other are taken")
	}
}
