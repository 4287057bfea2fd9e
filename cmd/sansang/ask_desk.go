package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/sansang/sansang/internal/ask"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/store"
)

// askDesk finds the documents of a dialogue and keeps its answers.
type askDesk struct {
	*dossier
	app   *app
	roots *x509.CertPool
}

// Look finds a document, and says of a PDF whether it is signed.
func (d *askDesk) Look(path string) (ask.Paper, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		here, _ := os.Getwd()
		return ask.Paper{}, faultf("không có tệp %s; viết đường dẫn tính từ %s, hoặc kéo thả tệp vào cửa sổ này", "there is no file %s; write its path from %s, or drop the file here", path, here)
	}
	if err != nil {
		return ask.Paper{}, inWords(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := d.place(path); err != nil { // what cannot be kept is told before more is asked
		return ask.Paper{}, inWords(err)
	}
	p := ask.Paper{Path: path}
	s := signatureIn(f, d.roots, time.Now())
	if s == nil {
		return p, nil
	}
	if s.State == judge.SignatureValid {
		p.Signer, p.Signed = s.Signer, s.Signed
	}
	p.Note = signatureText(s)
	return p, nil
}

// Save writes an answer into the unit file as it is now, and copies the
// document beside it.
func (d *askDesk) Save(q ask.Question, a ask.Answer) (lang.Text, error) {
	where, err := d.save(q, a)
	return where, inWords(err)
}

func (d *askDesk) save(q ask.Question, a ask.Answer) (lang.Text, error) {
	text, err := os.ReadFile(d.path)
	if err != nil {
		return lang.Text{}, err
	}
	unit, err := inventory.Load(d.path, text)
	if err != nil {
		return lang.Text{}, err
	}
	at := inventory.Attestation{Requirement: q.ID, Endpoint: q.Endpoint, Issued: a.Issued, Until: a.Until, Issuer: a.Issuer, Signer: a.Signer, Note: a.Note}
	if q.System != nil {
		at.System = q.System.ID
	}
	if a.By != a.Signer {
		at.By = a.By
	}
	if a.Result == inventory.NotMet {
		at.Result = inventory.NotMet
	}
	var p *placed
	if a.Document != "" {
		if p, err = d.place(a.Document); err != nil {
			return lang.Text{}, err
		}
		at.Document, at.SHA256 = p.name, p.SHA256
	}
	if slices.Contains(unit.Attestations, at) {
		return lang.Tf("Đã có trong %s từ trước.", "It is in %s already.", d.path), nil
	}
	added, err := inventory.AddAttestation(d.path, text, at)
	if err != nil {
		return lang.Text{}, err
	}
	if p != nil {
		if err := d.copyIn(p); err != nil {
			return lang.Text{}, err
		}
	}
	if err := replace(d.path, text, added); err != nil {
		d.takeBack(p)
		return lang.Text{}, err
	}
	if p != nil && p.from != "" {
		return lang.Tf("Đã chép tài liệu thành %s và ghi vào %s.", "The document was copied as %s and kept in %s.", p.name, d.path), nil
	}
	return lang.Tf("Đã ghi vào %s.", "Kept in %s.", d.path), nil
}

// inWords makes an error one that tells itself in both languages.
func inWords(err error) error {
	var s lang.Speaker
	var path *fs.PathError
	switch {
	case err == nil || errors.As(err, &s):
		return err
	case store.Full(err):
		return faultf("ổ đĩa đã đầy; giải phóng dung lượng rồi trả lời lại", "the disk is full; free some space and answer again")
	case errors.As(err, &path):
		return fault{cannotOpen(path)}
	}
	return fault{lang.T(fmt.Sprint(err), fmt.Sprint(err))}
}
