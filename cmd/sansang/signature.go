package main

import (
	"crypto/x509"
	"os"
	"time"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/pdfsig"
)

// signature tells the state of the digital signatures of a document that the
// unit file names, nil where there is none to look for: a file that is no PDF.
func (u *unitFile) signature(name string, roots *x509.CertPool, now time.Time) *judge.Signature {
	f, err := u.open(name)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	return signatureIn(f, roots, now)
}

func signatureIn(f *os.File, roots *x509.CertPool, now time.Time) *judge.Signature {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	r := pdfsig.Read(f, info.Size(), roots, now)
	if r == nil {
		return nil
	}
	s := &judge.Signature{State: judge.SignatureState(r.State), Detail: r.Detail()}
	if last := r.Last(); last != nil {
		s.Signer, s.Signed = last.Signer.String(), last.Signed
	}
	return s
}
