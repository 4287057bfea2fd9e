package checks

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// HostKeys is the fact of ssh.hostkeys. A key is in it only if the server
// signed a key exchange with it.
type HostKeys struct {
	Keys    fact.Maybe[[]HostKey] `json:"keys" vi:"các khóa máy chủ" en:"host keys"`
	RSABits fact.Maybe[int]       `json:"rsa_bits" vi:"độ dài khóa máy chủ RSA (bit; 0 là không có)" en:"size of the RSA host key (bits; 0: there is none)"`
	Unread  []string              `json:"unread" vi:"thuật toán khóa máy chủ mà công cụ chưa biết đọc" en:"host key algorithms that the tool cannot read"`
}

// HostKey is one host key. Bits are those of the modulus or of the curve.
type HostKey struct {
	Algorithm   string `json:"algorithm" vi:"thuật toán đã hỏi" en:"algorithm asked for"`
	Type        string `json:"type" vi:"loại khóa" en:"kind of key"`
	Bits        int    `json:"bits" vi:"độ dài (bit)" en:"size (bits)"`
	Fingerprint string `json:"fingerprint" vi:"dấu vân tay SHA-256" en:"SHA-256 fingerprint"`
	Certificate bool   `json:"certificate" vi:"là chứng thư SSH" en:"is an SSH certificate"`
	ROCA        bool   `json:"roca" vi:"mang dấu vết lỗi ROCA" en:"bears the mark of ROCA"`
}

// sshKinds are the kinds of host key, each with its algorithms, the best
// first: a server has one key of a kind, whatever the hash it signs with.
var sshKinds = []struct {
	kind       string
	algorithms []string
}{
	{"Ed25519", []string{ssh.KeyAlgoED25519}},
	{"ECDSA", []string{ssh.KeyAlgoECDSA256}}, {"ECDSA", []string{ssh.KeyAlgoECDSA384}}, {"ECDSA", []string{ssh.KeyAlgoECDSA521}},
	{"RSA", []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA}},
	{"Ed25519", []string{ssh.CertAlgoED25519v01}},
	{"ECDSA", []string{ssh.CertAlgoECDSA256v01}}, {"ECDSA", []string{ssh.CertAlgoECDSA384v01}}, {"ECDSA", []string{ssh.CertAlgoECDSA521v01}},
	{"RSA", []string{ssh.CertAlgoRSASHA512v01, ssh.CertAlgoRSASHA256v01, ssh.CertAlgoRSAv01}},
}

// SSHHostKeys has the server prove each of its host keys.
var SSHHostKeys = define(Check{
	ID:       "ssh.hostkeys",
	Refs:     []string{"RFC 4253 §8", "RFC 8332 §3", "RFC 8709 §4", "CVE-2017-15361"},
	Speaks:   inventory.OverSSH,
	Touch:    Polite,
	Known:    fact.Observed,
	Requires: []*Check{SSHAlgorithms},
}, func(ctx context.Context, p *Probe) (HostKeys, error) {
	offered := Read[Algorithms](p, SSHAlgorithms).HostKeys
	f := HostKeys{RSABits: fact.Known(0), Unread: slices.Clone(offered)}
	keys, missed := []HostKey{}, (*fact.Unknown)(nil)
	for _, k := range sshKinds {
		i := slices.IndexFunc(k.algorithms, func(a string) bool { return slices.Contains(offered, a) })
		f.Unread = slices.DeleteFunc(f.Unread, func(a string) bool { return slices.Contains(k.algorithms, a) })
		if i < 0 {
			continue
		}
		key, err := p.hostKey(ctx, k.kind, k.algorithms[i])
		plainRSA := k.kind == "RSA" && !key.Certificate && !strings.Contains(k.algorithms[i], "-cert-")
		if err != nil {
			missed = fact.FromError(err)
			if plainRSA {
				f.RSABits = fact.Not[int](missed)
			}
			continue
		}
		if plainRSA {
			f.RSABits = fact.Known(key.Bits)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 && missed != nil {
		return f, missed
	}
	f.Keys = fact.Known(keys)
	if missed != nil {
		f.Keys = fact.Not[[]HostKey](missed)
	}
	return f, nil
})

// errProved ends an exchange once the server has signed with its key.
var errProved = errors.New("the key is proved")

// hostKey runs one key exchange up to the signature of the server, which the
// library verifies before it shows the key. Nobody logs in.
func (p *Probe) hostKey(ctx context.Context, kind, algorithm string) (HostKey, error) {
	key := HostKey{Algorithm: algorithm, Type: kind}
	proved := false
	err := p.converse(ctx, p.Endpoint.Address(), func(_ context.Context, conn net.Conn) error {
		config := sshConfig(func(_ string, _ net.Addr, k ssh.PublicKey) error {
			key.describe(k)
			proved = true
			return errProved
		})
		config.HostKeyAlgorithms = []string{algorithm}
		c, channels, requests, err := ssh.NewClientConn(conn, p.Endpoint.Address(), config)
		if err == nil {
			closeSSH(c, channels, requests)
		}
		return err
	})
	if proved {
		return key, nil
	}
	return key, err
}

// sshName stands for nobody: no system is to have a user of this name.
const sshName = "sansang-readiness-check"

// sshConfig offers all that the library knows, weak and strong, so that weak
// servers are seen too.
func sshConfig(see ssh.HostKeyCallback) *ssh.ClientConfig {
	good, weak := ssh.SupportedAlgorithms(), ssh.InsecureAlgorithms()
	return &ssh.ClientConfig{
		Config: ssh.Config{
			KeyExchanges: slices.Concat(good.KeyExchanges, weak.KeyExchanges),
			Ciphers:      slices.Concat(good.Ciphers, weak.Ciphers),
			MACs:         slices.Concat(good.MACs, weak.MACs),
		},
		User: sshName, ClientVersion: "SSH-2.0-sansang security-readiness-check", HostKeyCallback: see,
	}
}

// closeSSH leaves a server that let us in, and waits for what it may still say.
func closeSSH(c ssh.Conn, channels <-chan ssh.NewChannel, requests <-chan *ssh.Request) {
	go ssh.DiscardRequests(requests)
	_ = c.Close() // nothing was opened
	for range channels {
		continue
	}
}

// describe reads kind and size off a key, or off the key in a certificate.
func (k *HostKey) describe(key ssh.PublicKey) {
	k.Fingerprint = ssh.FingerprintSHA256(key)
	if c, ok := key.(*ssh.Certificate); ok {
		k.Certificate, key = true, c.Key
	}
	k.Bits = 256
	if c, ok := key.(ssh.CryptoPublicKey); ok {
		switch pub := c.CryptoPublicKey().(type) {
		case *rsa.PublicKey:
			k.Bits, k.ROCA = pub.N.BitLen(), rocaModulus(pub.N)
		case *ecdsa.PublicKey:
			k.Bits = pub.Curve.Params().BitSize
		}
	}
}
