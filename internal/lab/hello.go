package lab

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"io"
	"net"
	"slices"
)

// The few numbers of SSL 3.0 and TLS 1.2 (RFC 6101, RFC 5246) that hand-made
// answers need.
const (
	recordAlert     = 21
	recordHandshake = 22

	msgClientHello = 1
	msgServerHello = 2
	msgCertificate = 11
	msgHelloDone   = 14

	versionSSL2  = 0x0002
	versionSSL3  = 0x0300
	versionTLS12 = 0x0303

	recordHeader = 5
	maxRecord    = 1 << 14
)

// clientHello is what a hand-made answer must know of a hello.
type clientHello struct {
	version uint16 // the field of that name, not the extension of TLS 1.3
	suites  []uint16
}

// peekHello looks for a ClientHello that fits in one record, as all do.
func peekHello(r *bufio.Reader) (clientHello, bool) {
	head, err := r.Peek(recordHeader + 6) // up to and with client_version
	if err != nil || head[0] != recordHandshake || head[recordHeader] != msgClientHello {
		return clientHello{}, false
	}
	n := int(binary.BigEndian.Uint16(head[3:]))
	if n > maxRecord {
		return clientHello{}, false
	}
	record, err := r.Peek(recordHeader + n)
	if err != nil {
		return clientHello{}, false
	}
	return parseHello(record[recordHeader:])
}

// parseHello reads a ClientHello message up to its cipher suites.
func parseHello(msg []byte) (clientHello, bool) {
	const session = 4 + 2 + 32 // message header, version, random
	if len(msg) <= session {
		return clientHello{}, false
	}
	h := clientHello{version: binary.BigEndian.Uint16(msg[4:])}
	rest, n := msg[session+1:], int(msg[session])
	if len(rest) < n+2 {
		return clientHello{}, false
	}
	rest, n = rest[n+2:], int(binary.BigEndian.Uint16(rest[n:]))
	if len(rest) < n || n%2 != 0 {
		return clientHello{}, false
	}
	for pair := range slices.Chunk(rest[:n], 2) {
		h.suites = append(h.suites, binary.BigEndian.Uint16(pair))
	}
	return h, true
}

// secureRenegotiation is the extension (RFC 5746, 3.6) without which OpenSSL
// refuses to go on under TLS 1.2.
var secureRenegotiation = []byte{0xff, 0x01, 0, 1, 0}

// serverHello makes a ServerHello message with no session.
func serverHello(version, suite uint16, extensions ...byte) []byte {
	body := binary.BigEndian.AppendUint16(nil, version)
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails
	body = append(body, random...)
	body = append(body, 0) // session id
	body = binary.BigEndian.AppendUint16(body, suite)
	body = append(body, 0) // compression
	if len(extensions) > 0 {
		body = binary.BigEndian.AppendUint16(body, uint16(len(extensions)))
		body = append(body, extensions...)
	}
	return handshake(msgServerHello, body)
}

// handshake puts the header of a handshake message before its body.
func handshake(kind byte, body []byte) []byte {
	return append(appendUint24([]byte{kind}, len(body)), body...)
}

func appendUint24(b []byte, n int) []byte {
	return append(b, byte(n>>16), byte(n>>8), byte(n))
}

// recordWriter cuts what it is given into records of one type.
type recordWriter struct {
	w       io.Writer
	kind    byte
	version uint16
}

func (w recordWriter) Write(p []byte) (int, error) {
	for fragment := range slices.Chunk(p, maxRecord) {
		if _, err := w.record(fragment); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// record writes one record, which may be empty.
func (w recordWriter) record(fragment []byte) (int64, error) {
	head := binary.BigEndian.AppendUint16([]byte{w.kind}, w.version)
	head = binary.BigEndian.AppendUint16(head, uint16(len(fragment)))
	record := net.Buffers{head, fragment} // one write to the network, no copy
	return record.WriteTo(w.w)
}
