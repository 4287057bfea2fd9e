package lab

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"time"
)

// The numbers of TLS 1.3 (RFC 8446) that hand-made answers need.
const (
	groupX25519 = 0x001d
	groupP384   = 0x0018

	most24 = 1<<24 - 1 // the longest that a handshake message may claim to be
)

// retryRandom marks a HelloRetryRequest: RFC 8446, 4.1.3.
var retryRandom = []byte("\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c")

// hearWish reads the client's hello.
func hearWish(c *conn) (wish, bool) {
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	return peekWish(bufio.NewReaderSize(c, recordHeader+maxRecord))
}

// wish13 reads a hello of TLS 1.3, and the first of its suites that is of that
// version. Any other hello is refused in due form.
func wish13(c *conn) (w wish, suite uint16, ok bool) {
	w, ok = hearWish(c)
	i := slices.IndexFunc(w.suites, func(s uint16) bool { return s>>8 == 0x13 })
	if _, newer := w.extensions[extSupportedVersions]; !ok || !newer || i < 0 {
		fatal(c, alertProtocolVersion)
		c.finish()
		return w, 0, false
	}
	return w, w.suites[i], true
}

// hello13 makes a ServerHello of TLS 1.3 with a key share.
func hello13(w wish, suite uint16, random, share []byte) []byte {
	extensions := []byte{0, extSupportedVersions, 0, 2, 3, 4, 0, extKeyShare}
	extensions = append(binary.BigEndian.AppendUint16(extensions, uint16(len(share))), share...)
	body := slices.Concat([]byte{3, 3}, random, []byte{byte(len(w.session))}, w.session)
	body = append(binary.BigEndian.AppendUint16(body, suite), 0) // no compression
	body = append(binary.BigEndian.AppendUint16(body, uint16(len(extensions))), extensions...)
	return handshake(msgServerHello, body)
}

// retryForEver asks for another hello, with a key of a group that few send
// unasked, again and again, without waiting for it.
func retryForEver(c *conn) {
	w, suite, ok := wish13(c)
	if !ok {
		return
	}
	retry := hello13(w, suite, retryRandom, []byte{groupP384 >> 8, groupP384 & 0xff})
	for {
		if _, err := (recordWriter{c, recordHandshake, versionTLS12}).Write(retry); err != nil {
			return
		}
	}
}

// hello13ThenNonsense agrees on TLS 1.3 with a key that it does not have, so
// that all which follows is noise.
func hello13ThenNonsense(c *conn) {
	w, suite, ok := wish13(c)
	if !ok {
		return
	}
	random, share := make([]byte, 32), make([]byte, 4+32)
	_, _ = rand.Read(random)    // never fails
	_, _ = rand.Read(share[4:]) // likewise
	share[0], share[1], share[3] = groupX25519>>8, groupX25519&0xff, 32
	if _, err := (recordWriter{c, recordHandshake, versionTLS12}).Write(hello13(w, suite, random, share)); err != nil {
		return
	}
	floodNonsense(c)
}

// absurdLengths gives a ServerHello of TLS 1.2 in which a list of extensions
// and the extension in it claim 64 KB, and stand in 9 bytes.
func absurdLengths(c *conn) {
	msg := serverHello(versionTLS12, hearSuite(c), 0xff, 0x01, 0xff, 0xff, 0)
	const list = 4 + 2 + 32 + 1 + 2 + 1
	msg[list], msg[list+1] = 0xff, 0xff
	if _, err := (recordWriter{c, recordHandshake, versionTLS12}).Write(msg); err == nil {
		c.finish()
	}
}

// announcesMuch gives a ServerHello of TLS 1.2 and the head of a Certificate of
// 16 MB, and then falls silent.
func announcesMuch(c *conn) {
	flight := append(serverHello(versionTLS12, hearSuite(c), secureRenegotiation...), msgCertificate, 0xff, 0xff, 0xff)
	if _, err := (recordWriter{c, recordHandshake, versionTLS12}).Write(flight); err == nil {
		c.drain(30 * time.Second)
	}
}
