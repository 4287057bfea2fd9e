package checks

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/sansang/sansang/internal/fact"
)

// blobs are host keys as they are sent; those of real programs come first.
func blobs(t testing.TB) map[string][]byte {
	out := map[string][]byte{
		ed448: ssh.Marshal(struct {
			Name  string
			Point []byte
		}{ed448, make([]byte, ed448Size)}),
	}
	for algorithm, n := range map[string]*big.Int{ssh.KeyAlgoRSA: big.NewInt(0), ssh.KeyAlgoRSASHA256: new(big.Int).Lsh(big.NewInt(1), 65535)} {
		out[algorithm] = ssh.Marshal(struct {
			Name string
			E, N *big.Int
		}{ssh.KeyAlgoRSA, big.NewInt(65537), n})
	}
	const real = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
	b, err := base64.StdEncoding.DecodeString(real)
	if err != nil {
		t.Fatal(err)
	}
	out[ssh.KeyAlgoED25519] = b
	return out
}

// TestHostKey: the fingerprint is one that a public service shows for this key.
func TestHostKey(t *testing.T) {
	all := blobs(t)
	k := HostKey{Algorithm: ssh.KeyAlgoED25519}
	if p, err := k.read(all[ssh.KeyAlgoED25519]); err != nil || p == nil || k.Bits != 256 || k.Type != "Ed25519" || k.Fingerprint != "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU" {
		t.Errorf("%+v, %v", k, err)
	}
	k = HostKey{Algorithm: ed448}
	if p, err := k.read(all[ed448]); err != nil || p != nil || k.Bits != 448 || k.Type != "Ed448" {
		t.Errorf("%+v, %v", k, err)
	}
	k = HostKey{Algorithm: dss}
	two := big.NewInt(2)
	if p, err := k.read(ssh.Marshal(struct {
		Name       string
		P, Q, G, Y *big.Int
	}{dss, new(big.Int).Lsh(two, 510), two, two, two})); err != nil || p != nil || k.Bits != 512 || k.Type != "DSA" {
		t.Errorf("%+v, %v", k, err)
	}
	for algorithm, blob := range map[string][]byte{
		ed448: all[ssh.KeyAlgoED25519], ssh.KeyAlgoED25519: all[ed448], ssh.KeyAlgoRSASHA256: all[ssh.KeyAlgoRSASHA256],
		ssh.KeyAlgoECDSA256: all[ssh.KeyAlgoED25519], "x509v3-ssh-rsa": all[ssh.KeyAlgoED25519], ssh.KeyAlgoRSA: nil,
	} {
		k := HostKey{Algorithm: algorithm}
		if p, err := k.read(blob); err == nil || p != nil {
			t.Errorf("%s: takes % x: %+v", algorithm, blob[:min(len(blob), 30)], k)
		}
	}
}

// TestProducts: every line of the list is a fingerprint and a name.
func TestProducts(t *testing.T) {
	if n := len(sshProducts()); n < 50 {
		t.Errorf("%d products", n)
	}
	for fingerprint, product := range sshProducts() {
		hash, err := base64.RawStdEncoding.DecodeString(strings.TrimPrefix(fingerprint, "SHA256:"))
		if err != nil || len(hash) != sha256.Size || product == "" {
			t.Errorf("%q %q", fingerprint, product)
		}
	}
	if got := sshProducts()["SHA256:4REJomy/ZbGbLVcbZzR/i6CQuzF+EI6DMvu/lHCxh4M"]; got != "kali-rpi2" {
		t.Errorf("%q", got)
	}
}

// TestShortRSA signs with a key that the library neither makes nor checks.
func TestShortRSA(t *testing.T) {
	key := shortKey(t, 768)
	message := []byte("hash of an exchange")
	sum := sha256.Sum256(message)
	prefix := shortHashes[ssh.KeyAlgoRSASHA256].prefix
	padded := slices.Concat([]byte{0, 1}, slices.Repeat([]byte{0xff}, 96-3-len(prefix)-32), []byte{0}, []byte(prefix), sum[:])
	blob := new(big.Int).Exp(new(big.Int).SetBytes(padded), key.D, key.N).Bytes()
	if err := signedShort(&key.PublicKey, &ssh.Signature{Format: ssh.KeyAlgoRSASHA256, Blob: blob}, message); err != nil {
		t.Error(err)
	}
	for why, s := range map[string]*ssh.Signature{
		"wrong signature": {Format: ssh.KeyAlgoRSASHA256, Blob: append(slices.Clone(blob[:95]), blob[95]^1)},
		"cannot sign by":  {Format: ssh.KeyAlgoED25519, Blob: blob},
	} {
		if err := signedShort(&key.PublicKey, s, message); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%v, want %q", err, why)
		}
	}
	if err := signedShort(&rsa.PublicKey{N: big.NewInt(0), E: 3}, &ssh.Signature{Format: ssh.KeyAlgoRSA, Blob: blob}, message); err == nil {
		t.Error("a modulus of 0 is taken")
	}
}

func shortKey(t *testing.T, bits int) *rsa.PrivateKey {
	for {
		p, err := rand.Prime(rand.Reader, bits/2)
		if err != nil {
			t.Fatal(err)
		}
		q, err := rand.Prime(rand.Reader, bits/2)
		if err != nil {
			t.Fatal(err)
		}
		one := big.NewInt(1)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		if d := new(big.Int).ModInverse(big.NewInt(65537), phi); d != nil {
			return &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: p.Mul(p, q), E: 65537}, D: d}
		}
	}
}

func FuzzHostKey(f *testing.F) {
	for algorithm, blob := range blobs(f) {
		i := slices.IndexFunc(sshKinds, func(k sshKind) bool { return slices.Contains(k.algorithms, algorithm) })
		f.Add(i, blob)
	}
	f.Fuzz(func(t *testing.T, i int, blob []byte) {
		k := HostKey{Algorithm: sshKinds[int(uint(i)%uint(len(sshKinds)))].algorithms[0]}
		if _, err := k.read(blob); err == nil && (k.Type == "" || k.Bits < 0 || k.Bits > 8*len(blob) || k.NotAfter.Year() > 9999) {
			t.Errorf("%+v", k)
		}
	})
}

// TestUnreadRSA: a key that cannot be read is not the lack of one.
func TestUnreadRSA(t *testing.T) {
	for _, c := range []struct {
		unread []string
		bits   int
		known  bool
	}{
		{nil, 0, true},
		{[]string{"x509v3-ssh-rsa"}, 0, false},
		{[]string{"ssh-rsa-sha256@ssh.com"}, 3072, true},
		{[]string{"x509v3-rsa2048-sha256", "sk-ssh-ed25519@openssh.com"}, 0, true},
	} {
		f := HostKeys{RSABits: fact.Known(c.bits), Unread: c.unread}
		f.unreadRSA()
		if bits, u := f.RSABits.Get(); bits != c.bits || (u == nil) != c.known {
			t.Errorf("%v: %d, %v", c, bits, u)
		}
	}
}
