package checks

import (
	"context"
	"crypto"
	"crypto/rsa"
	_ "crypto/sha1" // for the signatures of old servers
	_ "crypto/sha256"
	_ "crypto/sha512"
	"errors"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/sshkex"
)

// kexInit reads greeting and lists. A server of SSH 1 alone has none.
func (p *Probe) kexInit(conn net.Conn) (*sshkex.Session, sshkex.KexInit, error) {
	s, err := sshkex.Open(conn)
	if err != nil {
		return nil, sshkex.KexInit{}, turned(err)
	}
	if !s.Banner.SpeaksSSH2() {
		return nil, sshkex.KexInit{}, unanswered("the server speaks SSH " + s.Banner.Protocol + ", which has no such lists")
	}
	k, err := s.KexInit()
	return s, k, turned(err)
}

// turned names the words of a server that has had enough of us.
func turned(err error) error {
	var t *sshkex.TurnedAway
	var d *sshkex.Disconnected
	if errors.As(err, &t) || errors.As(err, &d) && d.Reason == sshkex.TooManyConnections {
		return fact.Because(fact.Blocked, unanswered(err.Error()).Detail)
	}
	return err
}

// prove agrees on keys and has the server prove its host key of a kind. What
// comes after may be believed once it gives no error.
func prove(s *sshkex.Session, k sshkex.KexInit, algorithm string) (HostKey, *sshkex.Proof, error) {
	proof, err := s.Exchange(k, algorithm)
	if err != nil {
		return HostKey{}, nil, err
	}
	key, err := proved(proof)
	return key, proof, err
}

// proved reads the key of an exchange and checks the signature.
func proved(proof *sshkex.Proof) (HostKey, error) {
	key := HostKey{Algorithm: proof.Algorithm}
	public, err := key.read(proof.Key)
	if err != nil || public == nil {
		return key, err
	}
	if err := signed(public, proof.Algorithm, proof); err != nil {
		return key, fmt.Errorf("the server does not prove its %s key: %w", proof.Algorithm, err)
	}
	key.Proved = true
	return key, nil
}

// signed checks the signature of an exchange, which must be by the algorithm
// that was asked for.
func signed(key ssh.PublicKey, algorithm string, p *sshkex.Proof) error {
	var s ssh.Signature
	if err := ssh.Unmarshal(p.Signature, &s); err != nil {
		return err
	}
	if want := plainAlgorithm(algorithm); s.Format != want {
		return fmt.Errorf("signed by %q, asked for %q", s.Format, want)
	}
	if c, ok := key.(*ssh.Certificate); ok {
		key = c.Key
	}
	if c, ok := key.(ssh.CryptoPublicKey); ok {
		if n, ok := c.CryptoPublicKey().(*rsa.PublicKey); ok && n.N.BitLen() < 1024 {
			return signedShort(n, &s, p.Hash)
		}
	}
	return key.Verify(p.Hash, &s)
}

// plainAlgorithm is that of the key in a certificate.
func plainAlgorithm(name string) string {
	return strings.TrimSuffix(name, certSuffix)
}

// What stands before the digest in a signature, and by which hash it is made:
// RFC 8017 §9.2, RFC 8332 §3.
var shortHashes = map[string]struct {
	hash   crypto.Hash
	prefix string
}{
	ssh.KeyAlgoRSA:       {crypto.SHA1, "\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14"},
	ssh.KeyAlgoRSASHA256: {crypto.SHA256, "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"},
	ssh.KeyAlgoRSASHA512: {crypto.SHA512, "\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"},
}

// signedShort checks a signature of an RSA key below 1024 bits, on which the
// library gives up: RFC 8017 §8.2.2.
func signedShort(key *rsa.PublicKey, s *ssh.Signature, message []byte) error {
	by, ok := shortHashes[s.Format]
	size := (key.N.BitLen() + 7) / 8
	if !ok || key.N.Bit(0) == 0 || size < by.hash.Size()+len(by.prefix)+11 || len(s.Blob) > size {
		return fmt.Errorf("an RSA key of %d bits cannot sign by %s", key.N.BitLen(), s.Format)
	}
	h := by.hash.New()
	h.Write(message)
	tail := append([]byte(by.prefix), h.Sum(nil)...)
	want := append([]byte{0, 1}, slices.Repeat([]byte{0xff}, size-len(tail)-3)...)
	want = append(append(want, 0), tail...)
	got := new(big.Int).Exp(new(big.Int).SetBytes(s.Blob), big.NewInt(int64(key.E)), key.N)
	if got.Cmp(new(big.Int).SetBytes(want)) != 0 {
		return fmt.Errorf("wrong signature by an RSA key of %d bits", key.N.BitLen())
	}
	return nil
}

// firstKey asks for the best kind of host key that we can read; of a server
// that has none, for whatever comes first.
func firstKey(offered []string) string { return append(bestKeys(offered), offered[0])[0] }

// bestKeys gives the best algorithm of each kind of host key that is offered.
func bestKeys(offered []string) (out []string) {
	for _, k := range sshKinds {
		if a := k.of(offered); a != "" {
			out = append(out, a)
		}
	}
	return out
}

// overSSH greets on a connection of its own, reads the lists and has the
// server prove a host key; talk goes on from there.
func (p *Probe) overSSH(ctx context.Context, algorithm string, talk func(net.Conn, *sshkex.Session, *sshkex.Proof) error) (key HostKey, err error) {
	err = p.converse(ctx, p.Endpoint.Address(), func(_ context.Context, conn net.Conn) error {
		s, k, err := p.kexInit(conn)
		if err != nil {
			return err
		}
		var proof *sshkex.Proof
		if key, proof, err = prove(s, k, algorithm); err != nil || talk == nil {
			return err
		}
		return talk(conn, s, proof)
	})
	return key, err
}
