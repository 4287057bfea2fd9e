package checks

import (
	"context"
	"crypto/tls"
	"net"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
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

// curves are the groups of crypto/tls without the lattice of ML-KEM.
var curves = []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521}

// secure makes TLS of a connection of converse or converseTLS, or of another
// that again begins. A key of ML-KEM costs both sides half as much as all else
// of a handshake, and nothing secret is ever sent: one is shown only to a
// server that has refused a hello without it.
func (p *Probe) secure(ctx context.Context, conn net.Conn, c *tls.Config) (*tls.Conn, error) {
	if c.CurvePreferences = curves; p.lattice.Load() {
		c.CurvePreferences = nil
	}
	t, err := secure(ctx, conn, c)
	if err != nil && t.ConnectionState().Version == 0 && mayMissGroup(err) {
		p.lattice.Store(true)
	}
	return t, err
}

// again begins once more what failed for want of a group, if it did; that was
// before the server said anything else.
func (p *Probe) again(once func() error) error {
	before := p.lattice.Load()
	err := once()
	if err != nil && !before && p.lattice.Load() {
		err = once()
	}
	return err
}

// mayMissGroup tells whether a server may have refused a hello for its groups.
// RFC 8446 §4.1.1 wants one of the first two alerts; some servers just close.
func mayMissGroup(err error) bool {
	if !isAlert(err) {
		return fact.FromError(err).Cause == fact.Reset
	}
	const handshakeFailure, insufficientSecurity, illegalParameter tls.AlertError = 40, 71, 47
	return slices.ContainsFunc([]tls.AlertError{handshakeFailure, insufficientSecurity, illegalParameter}, func(a tls.AlertError) bool {
		return strings.HasSuffix(err.Error(), a.Error())
	})
}

// secure makes TLS of a connection, with every group of crypto/tls.
func secure(ctx context.Context, conn net.Conn, c *tls.Config) (*tls.Conn, error) {
	t := tls.Client(conn, c)
	return t, t.HandshakeContext(ctx)
}
