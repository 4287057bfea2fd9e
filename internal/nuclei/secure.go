package nuclei

import (
	"context"
	"crypto/tls"
	"net"

	"github.com/projectdiscovery/fastdialer/fastdialer"
)

// secure connects over TLS with whatever the peer may still speak.
func (e *Engine) secure(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	c := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, CipherSuites: everySuite, Renegotiation: tls.RenegotiateOnceAsClient}
	if name, ok := ctx.Value(fastdialer.SniName).(string); ok {
		c.ServerName = name
	} else if net.ParseIP(host) == nil {
		c.ServerName = host
	}
	raw, err := e.connect(ctx, network, address)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(raw, c)
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, &handshakeError{err}
	}
	return conn, nil
}

var everySuite = func() (ids []uint16) {
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		ids = append(ids, s.ID)
	}
	return ids
}()

// handshakeError is a failure after the connection and before HTTP.
type handshakeError struct{ error }

// Error says that it was TLS.
func (h *handshakeError) Error() string { return "TLS: " + h.error.Error() }

// Unwrap gives the cause.
func (h *handshakeError) Unwrap() error { return h.error }
