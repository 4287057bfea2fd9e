package lab

import (
	"crypto/tls"
	"net"
	"time"
)

// website is a whole https site. Bad recipes spoil one thing of a good one.
type website struct {
	pages
	paper paper
	also  []paper // of further certificates, with keys of other kinds
	tls   *tls.Config

	// behind, if set, puts a listener between the gate and crypto/tls. It is
	// told the certificate (DER).
	behind func(net.Listener, []byte) net.Listener
}

func goodWebsite(p place) *website {
	return &website{
		pages: goodPages(),
		paper: goodPaper(p.addr.Addr()),
		tls: &tls.Config{
			MinVersion: tls.VersionTLS12,
			MaxVersion: tls.VersionTLS13,
			CipherSuites: []uint16{ // of TLS 1.2: forward secret and authenticated only
				tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
				tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
				tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305,
			},
			NextProtos: []string{"http/1.1"},
		},
	}
}

// https makes a starter for a good web site with one thing spoiled.
func https(spoil ...func(*website)) starter {
	return func(p place) (service, error) {
		w := goodWebsite(p)
		for _, s := range spoil {
			s(w)
		}
		for _, plan := range append([]paper{w.paper}, w.also...) {
			cert, err := plan.issue()
			if err != nil {
				return nil, err
			}
			w.tls.Certificates = append(w.tls.Certificates, cert)
		}
		cert := w.tls.Certificates[0]
		srv := web(&w.pages)
		return func(g *gate) {
			var ln net.Listener = g
			if w.behind != nil {
				ln = w.behind(g, cert.Certificate[0])
			}
			_ = srv.Serve(tls.NewListener(ln, w.tls))
		}, nil
	}
}

// oldVersions lets a client that knows nothing newer than TLS 1.1 have it,
// with the CBC suites it needs. Newer clients see the good configuration.
func oldVersions(w *website) {
	w.tls.MinVersion = tls.VersionTLS10
	w.tls.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		for _, v := range hello.SupportedVersions {
			if v >= tls.VersionTLS12 {
				return nil, nil // go on with w.tls
			}
		}
		old := w.tls.Clone()
		old.GetConfigForClient = nil
		old.CipherSuites = []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
		}
		return old, nil
	}
}

// validity spoils only the dates of the certificate.
func validity(begins, lasts time.Duration) func(*website) {
	return func(w *website) { w.paper = w.paper.validFrom(begins, lasts) }
}
