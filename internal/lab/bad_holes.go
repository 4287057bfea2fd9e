package lab

import (
	"encoding/binary"
	"math/big"
	"slices"

	"github.com/sansang/sansang/internal/lang"
)

// badHoles are good web sites but for one hole that TLS libraries once had.
var badHoles = []Recipe{
	{Name: "heartbleed", Kind: "https", Nature: Bad, About: lang.T(
		"Trả lời tín hiệu heartbeat dài hơn những gì nhận được (lỗ hổng Heartbleed); phần “rò rỉ” ở đây toàn byte 0.",
		"Answers a heartbeat with more than it was sent (Heartbleed); what it “leaks” here is all zeros."),
		start: hole{wants: asksHeartbeat, choose: offersHeartbeat, talk: (*holed).bleed}.with()},
	{Name: "ccs-injection", Kind: "https", Nature: Bad, About: lang.T(
		"Nhận thông điệp ChangeCipherSpec trước khi có khóa (lỗ hổng CCS injection).",
		"Takes a ChangeCipherSpec before there is a key (CCS injection)."),
		start: hole{wants: wish.isTLS12, choose: secureAlways, talk: (*holed).switchEarly}.with()},
	{Name: "robot", Kind: "https", Nature: Bad, About: lang.T(
		"Trao đổi khóa RSA và cho biết bản rõ có đúng khuôn dạng không (lỗ hổng ROBOT).",
		"Exchanges keys by RSA and tells whether the plaintext was well-formed (ROBOT)."),
		start: hole{wants: wantsOnlyRSA, choose: secureAlways, talk: (*holed).tellPadding}.with()},
	{Name: "ticketbleed", Kind: "https", Nature: Bad, About: lang.T(
		"Nhắc lại mã phiên dài đủ 32 byte dù máy trạm gửi ngắn hơn (lỗ hổng Ticketbleed); phần “rò rỉ” ở đây toàn byte 0.",
		"Repeats a session id as 32 bytes though the client sent fewer (Ticketbleed); what it “leaks” here is all zeros."),
		start: hole{wants: bringsTicket, choose: secureAlways, resumes: true}.with()},
	{Name: "renegotiation-insecure", Kind: "https", Nature: Bad, About: lang.T(
		"Dưới TLS 1.2 không hỗ trợ thương lượng lại an toàn (RFC 5746).",
		"Under TLS 1.2 does not support secure renegotiation (RFC 5746)."),
		start: hole{wants: wish.isTLS12}.with()},
	{Name: "compression-deflate", Kind: "https", Nature: Bad, About: lang.T(
		"Nén dữ liệu trong TLS bằng DEFLATE (lỗ hổng CRIME).",
		"Compresses by DEFLATE within TLS (CRIME)."),
		start: hole{wants: wantsDeflate, choose: secureAlways, deflate: true}.with()},
	{Name: "poodle-tls", Kind: "https", Nature: Bad, About: lang.T(
		"Với máy trạm chỉ có CBC: không kiểm tra phần đệm của bản ghi (POODLE trên TLS).",
		"For clients that have CBC only: does not check the padding of records (POODLE over TLS)."),
		start: https(cbcHole{lax: true}.spoil)},
	{Name: "padding-oracle", Kind: "https", Nature: Bad, About: lang.T(
		"Với máy trạm chỉ có CBC: cho biết bản ghi sai ở phần đệm hay ở mã xác thực (Zombie POODLE, GOLDENDOODLE).",
		"For clients that have CBC only: tells a wrong padding from a wrong MAC (Zombie POODLE, GOLDENDOODLE)."),
		start: https(cbcHole{tells: true}.spoil)},
	{Name: "cbc-sound", Kind: "https", Nature: Bad, About: lang.T(
		"Với máy trạm chỉ có CBC: kiểm tra bản ghi đúng cách, nên chỉ có lỗi là còn nhận CBC.",
		"For clients that have CBC only: checks records as it should, so that accepting CBC is all that is wrong."),
		start: https(cbcHole{}.spoil)},
	{Name: "fallback-unprotected", Kind: "https", Nature: Bad, About: lang.T(
		"Bỏ qua tín hiệu TLS_FALLBACK_SCSV của máy trạm bị ép hạ phiên bản.",
		"Passes over the signal TLS_FALLBACK_SCSV of a client that was made to fall back."),
		start: hole{wants: saysFallback, choose: secureAlways}.with()},
}

func secureAlways(wish) []byte { return secureRenegotiation }

func wantsDeflate(w wish) bool { return w.isTLS12() && slices.Contains(w.compression, 1) }

func saysFallback(w wish) bool { return w.isTLS12() && slices.Contains(w.suites, 0x5600) }

// wantsOnlyRSA tells of a client that offers RSA and no other key exchange by
// which the good web site could serve it.
func wantsOnlyRSA(w wish) bool {
	_, rsa := firstCommon(rsaSuites, w.suites)
	_, ecdhe := firstCommon([]uint16{0xc02f, 0xc030, 0xcca8}, w.suites)
	return w.isTLS12() && rsa && !ecdhe
}

func asksHeartbeat(w wish) bool {
	_, ok := w.extensions[extHeartbeat]
	return w.isTLS12() && ok
}

func offersHeartbeat(wish) []byte {
	return append([]byte{0, extHeartbeat, 0, 1, 1}, secureRenegotiation...) // 1: peer_allowed_to_send
}

func bringsTicket(w wish) bool {
	return w.isTLS12() && len(w.extensions[extTicket]) > 0 && len(w.session) > 0
}

// fillSession puts the session id into a ServerHello, and zeros after it up to
// 32 bytes, as F5's BIG-IP did with its memory.
func fillSession(hello, id []byte) []byte {
	const before, full = 4 + 2 + 32, 32
	filled := append([]byte{full}, append(slices.Clone(id), make([]byte, full-min(full, len(id)))...)...)
	return handshake(msgServerHello, slices.Concat(hello[4:before], filled, hello[before+1:]))
}

// bleed answers heartbeats as OpenSSL 1.0.1 to 1.0.1f did: with as many bytes
// as the request claims to have, and 16 of padding.
func (c *holed) bleed() {
	const heartbeat, request, response, padding = 24, 1, 2, 16
	for {
		kind, msg, ok := c.record()
		switch {
		case !ok:
			return
		case kind != heartbeat || len(msg) < 3:
			fatal(c, alertUnexpectedMessage)
			return
		case msg[0] != request:
			continue
		}
		answer := make([]byte, 3+int(binary.BigEndian.Uint16(msg[1:]))+padding)
		copy(answer[1:], msg[1:])
		answer[0] = response
		_, _ = recordWriter{c, heartbeat, versionTLS12}.Write(answer)
	}
}

// switchEarly takes a ChangeCipherSpec at any time, as OpenSSL did up to
// 1.0.1g. From then on it decrypts, and what was not encrypted fails to.
func (c *holed) switchEarly() {
	const changeCipherSpec = 20
	if kind, _, ok := c.record(); !ok || kind != changeCipherSpec {
		fatal(c, alertHandshakeFailure)
		return
	}
	if _, _, ok := c.record(); ok {
		fatal(c, alertBadRecordMAC)
	}
}

// tellPadding decrypts the ClientKeyExchange and says decrypt_error if its
// plaintext is not formed as PKCS #1 v1.5 says. If it is, the handshake goes
// on to the Finished.
func (c *holed) tellPadding() {
	const header = 4 + 2 // of the message, of the encrypted secret
	kind, msg, ok := c.record()
	if !ok || kind != recordHandshake || len(msg) <= header {
		fatal(c, alertUnexpectedMessage)
		return
	}
	m := new(big.Int).Exp(new(big.Int).SetBytes(msg[header:]), c.key.D, c.key.N)
	block := m.FillBytes(make([]byte, c.key.Size()))
	if block[0] != 0 || block[1] != 2 || slices.Index(block[2:], 0) < 8 {
		fatal(c, alertDecryptError)
		return
	}
	for range 2 { // ChangeCipherSpec, Finished
		if _, _, ok = c.record(); !ok {
			return
		}
	}
	fatal(c, alertBadRecordMAC)
}
