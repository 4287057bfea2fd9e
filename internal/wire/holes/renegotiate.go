package holes

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/sansang/sansang/internal/wire/hello"
)

// Renegotiation is what a server did when its client began a second handshake
// inside the first one's connection.
type Renegotiation struct {
	Accepted bool
	Cut      bool // it ended the connection without a word, which may be chance
	Answer   string
}

// renegotiable are the suites whose records we can make ourselves.
var renegotiable = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384,
}

// maxUnasked bounds the records that a server sends before it answers: the
// greeting of its own protocol.
const maxUnasked = 16

// Renegotiate completes a handshake of TLS 1.2 and asks for another, once
// (RFC 5246 §7.4.1.2, RFC 5746 §3.5). crypto/tls never does that as a client;
// it lends its first handshake, and what follows is written with its keys. A
// server that begins to answer and then ends the connection has not accepted:
// some can refuse in no other way.
func Renegotiate(ctx context.Context, conn net.Conn, name string, secure bool) (Renegotiation, error) {
	t := &tap{Conn: conn}
	var keys bytes.Buffer
	client := tls.Client(t, &tls.Config{
		ServerName: name, InsecureSkipVerify: true, KeyLogWriter: &keys,
		MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12, CipherSuites: renegotiable,
	})
	if err := client.HandshakeContext(ctx); err != nil {
		return Renegotiation{}, err
	}
	s, err := sessionOf(t, keys.String(), client.ConnectionState().CipherSuite)
	if err != nil {
		return Renegotiation{}, err
	}
	o := hello.Offer{Version: hello.TLS12, Suites: renegotiable, Name: name, Signals: []uint16{}}
	if secure {
		o.Extra = []hello.Extension{{ID: hello.RenegotiationInfo.ID, Data: append([]byte{byte(len(s.finished))}, s.finished...)}}
	}
	if _, err := conn.Write(s.ours.seal(recordHandshake, o.Bytes()[recordHeader:])); err != nil {
		return Renegotiation{}, err
	}
	return s.answer(ctx, conn)
}

// answer reads what the server says to the second hello.
func (s *session) answer(ctx context.Context, conn net.Conn) (Renegotiation, error) {
	defer listenFor(ctx, conn, 5*patience)()
	begun := false
	for range maxUnasked {
		kind, payload, err := s.theirs.read(conn)
		switch {
		case err != nil && ctx.Err() != nil:
			return Renegotiation{}, ctx.Err()
		case begun && errors.Is(err, os.ErrDeadlineExceeded):
			return Renegotiation{Accepted: true, Answer: "begins a new handshake"}, nil
		case begun && isCut(err):
			return Renegotiation{Answer: "begins a new handshake and ends the connection"}, nil
		case isCut(err):
			return Renegotiation{Cut: true, Answer: "ends the connection"}, nil
		case err != nil:
			return Renegotiation{}, err
		case kind == recordAlert && len(payload) == 2 && payload[1] == alertCloseNotify:
			continue // what matters is whether the connection ends
		case kind == recordAlert && len(payload) == 2 && (payload[0] == levelFatal || payload[1] == alertNoRenegotiation):
			return Renegotiation{Answer: alertName(payload[1])}, nil
		case kind == recordHandshake && len(payload) > 0 && payload[0] == msgServerHello && !begun:
			begun = true
			listenFor(ctx, conn, patience) // a server that thinks better of it does so at once
		}
	}
	return Renegotiation{}, fmt.Errorf("%d records, and none that answers", maxUnasked)
}
