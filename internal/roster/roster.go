// Package roster reads the list of units of an audit: a folder of unit files, a
// list in YAML, or a table (CSV, XLSX) with a row an endpoint. It opens no
// connection and makes nothing up: what is not written is not in the list.
package roster

import (
	"path/filepath"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

// List is what an audit looks at.
type List struct {
	Name   string
	SHA256 string // of all that was read: the list and every file that it names; not of documents

	Units    []Unit
	Mergers  []Merger
	Problems Problems // of what was left out; empty unless Options.KeepGoing
	Notes    Problems // what is no mistake and may not be meant
}

// Unit is one unit of the list.
type Unit struct {
	inventory.Unit
	File  File      // that declares it; of a table or a list, that file
	Dir   string    // folder of that file, in which the unit's documents are
	Place lang.Text // where it is declared, such as "danh-sach.csv, dòng 12–16"

	Doc *yamldoc.Document // with Options.Docs: what it was read from

	permitted string // folder of the authorisation's document, if that is the list's
	tell      func(yamldoc.Problem) yamldoc.Problem

	idAt, parentAt Problem // places without words
}

// File is a file as a record names it.
type File struct{ Name, SHA256 string }

// Merger says that a unit of old is part of another now. The new one is in the
// list, the old one is not, and no old one goes to two.
type Merger struct {
	Old, New string
	On       inventory.Date // zero: not said
}

// Options are how a list is read.
type Options struct {
	KeepGoing bool // units without mistakes are taken, the mistakes kept in List.Problems
	Docs      bool // units keep the documents that they were read from
}

// DirOf is the folder in which a document that the unit names is to be.
func (u Unit) DirOf(document string) string {
	if u.permitted != "" && u.Authorisation != nil && u.Authorisation.Document == document {
		return u.permitted
	}
	return u.Dir
}

// SharesPermission tells whether the authorisation is that of the whole list.
func (u Unit) SharesPermission() bool { return u.permitted != "" }

// Tell says a problem of the unit's document as the list is written: of a table
// by its columns.
func (u Unit) Tell(p yamldoc.Problem) yamldoc.Problem {
	if u.tell == nil {
		return p
	}
	return u.tell(p)
}

// Read reads a list. If it is at fault the error is Problems, unless all that is
// wrong can be left out and the options say so.
func Read(path string, o Options) (*List, error) {
	r := &reader{path: path, options: o, list: &List{Name: filepath.Base(path)}}
	if err := r.open(path); err != nil {
		return nil, err
	}
	r.settle()
	if len(r.list.Problems) > 0 && !o.KeepGoing {
		return nil, r.list.Problems
	}
	if len(r.list.Units) == 0 {
		if len(r.list.Problems) > 0 {
			return nil, r.list.Problems
		}
		return nil, Problems{{File: path, What: lang.T("danh sách không có đơn vị nào", "the list has no unit"), Instead: lang.T("bắt đầu bằng: sansang new list danh-sach.csv", "begin with: sansang new list list.csv")}}
	}
	r.list.SHA256 = r.sum()
	return r.list, nil
}
