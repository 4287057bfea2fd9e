package lab

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"slices"
)

// answerSSL3 answers a hello of SSL 3.0 as a server would that still speaks it:
// ServerHello, Certificate and ServerHelloDone. Without a common suite it
// sends the alert handshake_failure, as such servers do.
func answerSSL3(r *bufio.Reader, cert []byte) []byte {
	hello, ok := peekHello(r)
	if !ok || hello.version != versionSSL3 {
		return nil
	}
	var out bytes.Buffer // its Write never fails, so neither do those of its recordWriters
	suite, ok := firstCommon(ssl3Suites, hello.suites)
	if !ok {
		_, _ = recordWriter{&out, recordAlert, versionSSL3}.Write([]byte{2, 40})
		return out.Bytes()
	}
	one := append(appendUint24(nil, len(cert)), cert...)
	for _, msg := range [][]byte{
		serverHello(versionSSL3, suite),
		handshake(msgCertificate, append(appendUint24(nil, len(one)), one...)),
		handshake(msgHelloDone, nil),
	} {
		_, _ = recordWriter{&out, recordHandshake, versionSSL3}.Write(msg)
	}
	return out.Bytes()
}

// ssl3Suites are those an SSL 3.0 server of old had, its favourite first:
// RSA with AES-256, AES-128, 3DES, RC4-SHA and RC4-MD5.
var ssl3Suites = []uint16{0x0035, 0x002f, 0x000a, 0x0005, 0x0004}

// firstCommon gives the first of ours that is among theirs.
func firstCommon[E comparable](ours, theirs []E) (E, bool) {
	i := slices.IndexFunc(ours, func(e E) bool { return slices.Contains(theirs, e) })
	if i < 0 {
		var none E
		return none, false
	}
	return ours[i], true
}

// The numbers of SSL 2.0 (Hickman, 1995).
const (
	ssl2ClientHello = 1
	ssl2ServerHello = 4
	ssl2X509        = 1
)

// ssl2Ciphers are RC4-128-MD5, RC2-128-CBC-MD5 and 3DES-MD5.
var ssl2Ciphers = [][]byte{{1, 0, 0x80}, {3, 0, 0x80}, {7, 0, 0xc0}}

// answerSSL2 answers a CLIENT-HELLO of SSL 2.0 with a SERVER-HELLO that offers all
// of ssl2Ciphers: in SSL 2.0 the client picks. A hello in the form of SSL 2.0
// that asks for a later version is left alone.
func answerSSL2(r *bufio.Reader, cert []byte) []byte {
	head, err := r.Peek(5) // length with the high bit set, type, version
	if err != nil || head[0]&0x80 == 0 || head[2] != ssl2ClientHello ||
		binary.BigEndian.Uint16(head[3:]) != versionSSL2 {
		return nil
	}
	ciphers := bytes.Join(ssl2Ciphers, nil)
	connectionID := make([]byte, 16)
	_, _ = rand.Read(connectionID) // never fails

	const noSessionHit = 0
	msg := []byte{ssl2ServerHello, noSessionHit, ssl2X509}
	for _, n := range []int{versionSSL2, len(cert), len(ciphers), len(connectionID)} {
		msg = binary.BigEndian.AppendUint16(msg, uint16(n))
	}
	msg = slices.Concat(msg, cert, ciphers, connectionID)
	return append(binary.BigEndian.AppendUint16(nil, 0x8000|uint16(len(msg))), msg...)
}
