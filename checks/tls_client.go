package checks

import (
	"context"
	"crypto/tls"
	"net"
)

// tlsClient is the configuration to be let in by as many servers as crypto/tls
// can talk to. It trusts anybody: what the certificate is worth is the fact of
// tls.certificate, and nothing secret is ever sent.
func tlsClient(name string) *tls.Config {
	return &tls.Config{
		ServerName:         name,
		InsecureSkipVerify: true,
		MinVersion:         tls.VersionTLS10,
		CipherSuites:       clientSuites,
	}
}

// clientSuites is what crypto/tls can talk with.
var clientSuites = func() (ids []uint16) {
	for _, list := range [][]*tls.CipherSuite{tls.CipherSuites(), tls.InsecureCipherSuites()} {
		for _, s := range list {
			ids = append(ids, s.ID)
		}
	}
	return ids
}()

// secure makes TLS of a connection.
func secure(ctx context.Context, conn net.Conn, c *tls.Config) (*tls.Conn, error) {
	t := tls.Client(conn, c)
	return t, t.HandshakeContext(ctx)
}
