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
	c := &tls.Config{
		ServerName:         name,
		InsecureSkipVerify: true,
		MinVersion:         tls.VersionTLS10,
	}
	for _, list := range [][]*tls.CipherSuite{tls.CipherSuites(), tls.InsecureCipherSuites()} {
		for _, s := range list {
			c.CipherSuites = append(c.CipherSuites, s.ID)
		}
	}
	return c
}

// secure makes TLS of a connection.
func secure(ctx context.Context, conn net.Conn, c *tls.Config) (*tls.Conn, error) {
	t := tls.Client(conn, c)
	return t, t.HandshakeContext(ctx)
}
