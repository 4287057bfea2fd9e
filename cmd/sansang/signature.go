package main

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"io"
	"os"
	"time"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/pack"
	"github.com/sansang/sansang/internal/pdfsig"
	"github.com/sansang/sansang/internal/report"
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
	return readSignature(f, info.Size(), roots, now)
}

func readSignature(r io.ReaderAt, size int64, roots *x509.CertPool, now time.Time) *judge.Signature {
	res := pdfsig.Read(r, size, roots, now)
	if res == nil {
		return nil
	}
	s := &judge.Signature{State: judge.SignatureState(res.State), Detail: res.Detail()}
	if last := res.Last(); last != nil {
		s.Signer, s.Signed = last.Signer.String(), last.Signed
	}
	return s
}

// packedSignature tells the same of a document in a pack, of which it holds no
// more than is looked at. The unit's own roots are not in a pack.
func packedSignature(p *pack.Pack, f pack.File, now time.Time) *judge.Signature {
	r, err := p.Reader(f.Path)
	if err != nil {
		return nil
	}
	defer func() { _ = r.Close() }()
	in := bufio.NewReader(r)
	if head, _ := in.Peek(1024); !pdfsig.Is(head) {
		return nil
	}
	held, err := io.ReadAll(io.LimitReader(in, pdfsig.MaxBytes))
	if err != nil {
		return nil
	}
	return readSignature(bytes.NewReader(held), f.Bytes, nil, now)
}

// signatureText tells a person the state of a signature, who signed, and what
// else there is to know.
func signatureText(s *judge.Signature) lang.Text {
	told := func(l lang.Lang) string {
		out := s.State.Text().In(l)
		if s.Signer != "" {
			out += ": " + report.Shown(s.Signer)
		}
		if !s.Detail.Empty() {
			out += " (" + report.Shown(s.Detail.In(l)) + ")"
		}
		return out
	}
	return lang.T("PDF, "+told(lang.Vi), "PDF, "+told(lang.En))
}
