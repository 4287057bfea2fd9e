package lab

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"math/big"

	"github.com/sansang/sansang/internal/lang"
)

// Suites of TLS 1.2 that crypto/tls does not have, or would not be trusted to
// choose, by hand: nobody gets further than the server's first flight.
var badSuites = []Recipe{
	{Name: "suites-weak", Kind: "https", Nature: Bad, About: lang.T(
		"Ngoài các bộ mật mã tốt còn nhận 3DES, RC4, CBC và trao đổi khóa RSA tĩnh ở TLS 1.2.",
		"Beside good suites accepts 3DES, RC4, CBC and static RSA under TLS 1.2."),
		start: https(oldSuites{suites: []uint16{0x002f, 0x000a, 0x0005}}.spoil)},
	{Name: "suites-null-export", Kind: "https", Nature: Bad, About: lang.T(
		"Ở TLS 1.2 còn nhận bộ mật mã không mã hóa, không xác thực máy chủ và loại hạn chế xuất khẩu.",
		"Under TLS 1.2 also accepts suites without encryption, without authentication and of export strength."),
		start: https(oldSuites{suites: []uint16{0x0034, 0x003b, 0x0001, 0x0003, 0x0014}, prime: small}.spoil)},
	{Name: "dh-1024", Kind: "https", Nature: Bad, About: lang.T(
		"Nhận trao đổi khóa DHE với số nguyên tố 1024 bit dùng chung (lỗ hổng Logjam).",
		"Accepts DHE with a shared prime of 1024 bits (Logjam)."),
		start: https(oldSuites{suites: []uint16{0x009e, 0x0033}, prime: oakley2}.spoil)},
	{Name: "signs-sha1", Kind: "https", Nature: Bad, About: lang.T(
		"Ở TLS 1.2 còn ký phần trao đổi khóa bằng SHA-1, dù máy khách có nêu hay không.",
		"Under TLS 1.2 also signs its key exchange by SHA-1, whether its client named that or not."),
		start: https(oldSuites{suites: []uint16{0x009e}, prime: modp2048, sha1: true}.spoil)},
}

// oldSuites answers hellos of TLS 1.2 that name none of the good suites, but
// one of these. Its favourite is the first.
type oldSuites struct {
	suites []uint16
	prime  *big.Int // for those with Diffie-Hellman
	sha1   bool     // signs by it, and not by SHA-256
}

// goodSuites are those that crypto/tls takes of a good web site.
var goodSuites = []uint16{0x1301, 0x1302, 0x1303, 0xc02b, 0xc02c, 0xcca9}

// ephemeral are those of all suites here that come with a ServerKeyExchange.
var ephemeral = map[uint16]bool{0x009e: true, 0x0033: true, 0x0014: true, 0x0034: true}

// small is a prime of 512 bits, the most that export suites may have.
var small = prime(`9FDB8B8A 004544F0 045F1737 D0BA2E0B 274CDF1A 9F588218 FB435316 A16E3741
	71FD19D8 D8F37C39 BF863FD6 0E3E3006 80A3030C 6E4C3757 D08F70E6 AA871033`)

func (o oldSuites) spoil(w *website) { w.behind = front(o.answer).listener }

func (o oldSuites) answer(r *bufio.Reader, cert []byte) []byte {
	hello, ok := peekHello(r)
	if _, good := firstCommon(goodSuites, hello.suites); !ok || good || hello.version != versionTLS12 {
		return nil
	}
	suite, ok := firstCommon(o.suites, hello.suites)
	if !ok {
		return nil
	}
	one := certificateEntry(cert)
	flight := [][]byte{serverHello(versionTLS12, suite, secureRenegotiation...), handshake(msgCertificate, append(appendUint24(nil, len(one)), one...))}
	if ephemeral[suite] {
		flight = append(flight, handshake(msgServerKeyExchange, o.keyExchange()))
	}
	var out bytes.Buffer // its Write never fails, so neither do those of its recordWriters
	for _, msg := range append(flight, handshake(msgHelloDone, nil)) {
		_, _ = recordWriter{&out, recordHandshake, versionTLS12}.Write(msg)
	}
	return out.Bytes()
}

const msgServerKeyExchange = 12

// keyExchange is p, g = 2, a public key that is as good as random, and a
// signature that nobody will live to verify.
func (o oldSuites) keyExchange() []byte {
	public, signature := make([]byte, len(o.prime.Bytes())), make([]byte, 64)
	_, _ = rand.Read(public[1:]) // never fails
	var b []byte
	for _, part := range [][]byte{o.prime.Bytes(), {2}, public} {
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(part))), part...)
	}
	hash := byte(4) // SHA-256
	if o.sha1 {
		hash = 2
	}
	b = append(b, hash, 1, 0, byte(len(signature))) // RSA
	return append(b, signature...)
}
