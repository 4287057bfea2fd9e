package service

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"
)

// tlsPorts are those on which TLS begins with the first byte: IANA's names that
// end in s, and what products use.
var tlsPorts = []int{443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 2376, 2379, 3269, 4433, 5061, 5223, 5671, 5986, 6443, 6697, 8443, 8883, 9443, 10250, 15671}

// tlsDial is dial and a handshake. Whose certificate it is matters to others.
func tlsDial(dial Dial, wait time.Duration) Dial {
	return func(ctx context.Context) (net.Conn, error) {
		conn, err := dial(ctx)
		if err != nil {
			return nil, &dialError{err}
		}
		asked := false
		t := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10,
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				asked = true
				return &tls.Certificate{}, nil
			}})
		within, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		if err := t.HandshakeContext(within); err != nil {
			_ = conn.Close()
			return nil, &handshakeError{err, asked}
		}
		return t, nil
	}
}

// handshakeError is one of TLS, on a connection that was made.
type handshakeError struct {
	error
	asked bool // for a certificate of ours, before it failed
}

func (e *handshakeError) Unwrap() error { return e.error }

// speaksTLS tells of a handshake that failed as only a TLS server lets it fail:
// with an alert, or with an answer that is too old or too new for us.
func speaksTLS(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error" || err != nil && strings.Contains(err.Error(), "unsupported protocol version")
}

// wantsCertificate tells of a server that lets in nobody without a certificate
// of his own: it asks for one and ends the handshake with an alert for want of
// it, before TLS 1.3 with any, since then with certificate_required or
// bad_certificate after it (RFC 8446 §4.4.2.4).
func wantsCertificate(err error) bool {
	if !speaksTLS(err) {
		return false
	}
	var h *handshakeError
	return errors.As(err, &h) && h.asked || strings.Contains(err.Error(), "certificate required") || strings.Contains(err.Error(), "bad certificate")
}

// recogniseInside tells what is spoken inside TLS. Where that cannot be told
// there still is TLS.
func recogniseInside(ctx context.Context, dial Dial, port int, patience Patience) (Service, error) {
	a := asker{dial: dial, port: port, tls: true, patience: patience}
	s, err := a.run(ctx)
	var h *handshakeError
	var d *dialError
	switch {
	case errors.As(err, &h) && speaksTLS(err):
		return Service{TLS: true, Banner: shown(h.Error(), 120), WantsCertificate: wantsCertificate(err)}, nil
	case errors.As(err, &h):
		return Service{}, h.error
	case errors.As(err, &d):
		return Service{}, err
	case err != nil && ctx.Err() == nil:
		return Service{TLS: true, WantsCertificate: a.barred}, nil // a handshake was made
	}
	return s, err
}

// wantsTLS tells of a web server that was asked in clear and says no: it may
// have wanted TLS.
func wantsTLS(s Service, status string) bool { return s.Protocol == "http" && status == "400" }
