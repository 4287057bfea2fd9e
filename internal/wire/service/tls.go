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
		t := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10})
		within, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		if err := t.HandshakeContext(within); err != nil {
			_ = conn.Close()
			return nil, &handshakeError{err}
		}
		return t, nil
	}
}

// handshakeError is one of TLS, on a connection that was made.
type handshakeError struct{ error }

func (e *handshakeError) Unwrap() error { return e.error }

// speaksTLS tells of a handshake that failed as only a TLS server lets it fail:
// with an alert, or with an answer that is too old or too new for us.
func speaksTLS(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error" || err != nil && strings.Contains(err.Error(), "unsupported protocol version")
}

// wantsCertificate tells of a server that lets in nobody without a certificate
// of his own: certificate_required of TLS 1.3, bad_certificate and
// handshake_failure of before (RFC 8446 §6.2). The last one has other causes
// too, so it is not taken.
func wantsCertificate(err error) bool {
	return err != nil && speaksTLS(err) && (strings.Contains(err.Error(), "certificate required") || strings.Contains(err.Error(), "bad certificate"))
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
