package checks

import (
	"crypto/dsa" //nolint:staticcheck // to recognise it, not to use it
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/ssh"
)

// HostKey is one host key. Bits are those of the modulus or of the curve. Of a
// key without certificate there is no CA, and it never ends.
type HostKey struct {
	Algorithm     string    `json:"algorithm" vi:"thuật toán đã hỏi" en:"algorithm asked for"`
	Type          string    `json:"type" vi:"loại khóa" en:"kind of key"`
	Bits          int       `json:"bits" vi:"độ dài (bit)" en:"size (bits)"`
	Fingerprint   string    `json:"fingerprint" vi:"dấu vân tay SHA-256" en:"SHA-256 fingerprint"`
	Proved        bool      `json:"proved" vi:"máy chủ đã chứng minh bằng chữ ký đúng (sai: loại khóa mà công cụ không kiểm được chữ ký)" en:"the server proved it by a right signature (false: of a kind whose signatures the tool cannot check)"`
	ROCA          bool      `json:"roca" vi:"mang dấu vết lỗi ROCA" en:"bears the mark of ROCA"`
	Product       string    `json:"product" vi:"sản phẩm xuất xưởng với đúng khóa này (trống: không có trong danh sách đã biết)" en:"product that comes with this very key (empty: not in the known list)"`
	Certificate   bool      `json:"certificate" vi:"là chứng thư SSH" en:"is an SSH certificate"`
	CAType        string    `json:"ca_type" vi:"loại khóa của CA ký chứng thư" en:"kind of key of the CA that signed the certificate"`
	CABits        int       `json:"ca_bits" vi:"độ dài khóa của CA (bit)" en:"size of the CA's key (bits)"`
	CAFingerprint string    `json:"ca_fingerprint" vi:"dấu vân tay SHA-256 của khóa CA" en:"SHA-256 fingerprint of the CA's key"`
	CASignature   string    `json:"ca_signature" vi:"thuật toán CA dùng để ký" en:"algorithm by which the CA signed"`
	ForHosts      bool      `json:"for_hosts" vi:"chứng thư cấp cho máy chủ" en:"certificate for hosts"`
	NotBefore     time.Time `json:"not_before" vi:"chứng thư có hiệu lực từ" en:"certificate valid from"`
	NotAfter      time.Time `json:"not_after" vi:"chứng thư có hiệu lực đến" en:"certificate valid until"`
}

// sshKind is a kind of host key with its algorithms, the best first: a server
// has one key of a kind, whatever the hash it signs with.
type sshKind struct {
	name       string
	algorithms []string
}

var sshKinds = []sshKind{
	{"Ed25519", []string{ssh.KeyAlgoED25519}},
	{"ECDSA", []string{ssh.KeyAlgoECDSA256}}, {"ECDSA", []string{ssh.KeyAlgoECDSA384}}, {"ECDSA", []string{ssh.KeyAlgoECDSA521}},
	{"RSA", []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA}},
	{"DSA", []string{dss}},
	{"Ed448", []string{ed448}},
	{"Ed25519", []string{ssh.CertAlgoED25519v01}},
	{"ECDSA", []string{ssh.CertAlgoECDSA256v01}}, {"ECDSA", []string{ssh.CertAlgoECDSA384v01}}, {"ECDSA", []string{ssh.CertAlgoECDSA521v01}},
	{"RSA", []string{ssh.CertAlgoRSASHA512v01, ssh.CertAlgoRSASHA256v01, ssh.CertAlgoRSAv01}},
	{"DSA", []string{dss + certSuffix}},
}

// dss is the one algorithm of DSA; ed448 is that of RFC 8709, whose keys have
// 57 bytes.
const (
	dss        = "ssh-dss"
	certSuffix = "-cert-v01@openssh.com"
	ed448      = "ssh-ed448"
	ed448Size  = 57
)

// of gives the best algorithm of the kind that is offered; "" if none is.
func (k sshKind) of(offered []string) string {
	i := slices.IndexFunc(k.algorithms, func(a string) bool { return slices.Contains(offered, a) })
	if i < 0 {
		return ""
	}
	return k.algorithms[i]
}

func kindOf(algorithm string) sshKind {
	i := slices.IndexFunc(sshKinds, func(k sshKind) bool { return slices.Contains(k.algorithms, algorithm) })
	if i < 0 {
		return sshKind{}
	}
	return sshKinds[i]
}

// read reads kind and size off a key as it was sent. public is nil where the
// key is of a kind whose signatures cannot be checked.
func (k *HostKey) read(blob []byte) (public ssh.PublicKey, err error) {
	sum := sha256.Sum256(blob)
	k.Fingerprint = "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
	k.NotAfter = endless
	kind := kindOf(k.Algorithm)
	if k.Type = kind.name; k.Type == "" {
		return nil, errors.New("a host key by " + k.Algorithm + ", which the tool cannot read")
	}
	if k.Algorithm == ed448 {
		var key struct {
			Name  string
			Point []byte
		}
		if err := ssh.Unmarshal(blob, &key); err != nil || key.Name != ed448 || len(key.Point) != ed448Size {
			return nil, errors.New("a malformed Ed448 host key")
		}
		k.Bits = 448
		return nil, nil
	}
	if k.Algorithm == dss && k.oddDSA(blob) {
		return nil, nil
	}
	if public, err = ssh.ParsePublicKey(blob); err != nil {
		return nil, err
	}
	held := public
	if c, ok := public.(*ssh.Certificate); ok {
		held = c.Key
		k.Fingerprint = ssh.FingerprintSHA256(c.Key) // as ssh-keygen has it
		k.certify(c)
	}
	k.Product = sshProducts()[k.Fingerprint]
	var name string
	if name, k.Bits, k.ROCA = sizeOf(held); name != k.Type {
		return nil, fmt.Errorf("a host key of the kind %s where one of %s was asked for", public.Type(), k.Algorithm)
	}
	return public, nil
}

// oddDSA reads a DSA key of other than 1024 bits, which the library does not.
func (k *HostKey) oddDSA(blob []byte) bool {
	var key struct {
		Name       string
		P, Q, G, Y *big.Int
	}
	if ssh.Unmarshal(blob, &key) != nil || key.Name != dss || key.P.Sign() <= 0 || key.P.BitLen() == 1024 {
		return false
	}
	k.Bits = key.P.BitLen()
	return true
}

// endless is the end of what has none; the last second that JSON can hold.
var endless = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

func (k *HostKey) certify(c *ssh.Certificate) {
	k.Certificate, k.ForHosts = true, c.CertType == ssh.HostCert
	k.CAType, k.CABits, _ = sizeOf(c.SignatureKey)
	k.CAFingerprint = ssh.FingerprintSHA256(c.SignatureKey)
	k.CASignature = c.Signature.Format
	k.NotBefore, k.NotAfter = second(c.ValidAfter), second(c.ValidBefore)
}

// second is a moment of a certificate: "forever" is the largest number there is.
func second(n uint64) time.Time {
	if n > math.MaxInt64 || int64(n) > endless.Unix() {
		return endless
	}
	return time.Unix(int64(n), 0).UTC()
}

// sizeOf tells kind and size of a plain key.
func sizeOf(key ssh.PublicKey) (kind string, bits int, roca bool) {
	c, ok := key.(ssh.CryptoPublicKey)
	if !ok {
		return key.Type(), 0, false
	}
	switch k := c.CryptoPublicKey().(type) {
	case *rsa.PublicKey:
		return "RSA", k.N.BitLen(), rocaModulus(k.N)
	case *ecdsa.PublicKey:
		return "ECDSA", k.Curve.Params().BitSize, false
	case ed25519.PublicKey:
		return "Ed25519", 8 * len(k), false
	case *dsa.PublicKey:
		return "DSA", k.P.BitLen(), false
	}
	return key.Type(), 0, false
}
