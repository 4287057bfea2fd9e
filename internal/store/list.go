package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"slices"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

// List is a snapshot of a list of units, as it was read. It never changes.
type List struct {
	ID       int64
	Name     string // of the file or folder
	SHA256   string // of what the units declare, whatever the list is called and when its documents were read; set by AddList
	Created  time.Time
	Problems []lang.Text // mistakes of rows that were left out
	Units    []ListUnit  // in the order of the list; empty where only the list was asked for
	Mergers  []Merger
}

// ListUnit is a unit of a list with all that looking and judging need, so that
// no file is needed on the machine that looks.
type ListUnit struct {
	List      int64              `json:"-"`
	Pos       int                `json:"-"` // from 0
	Declared  inventory.Unit     `json:"declared"`
	File      record.File        `json:"file"`
	CAs       []CA               `json:"cas,omitempty"`
	Documents []fact.Observation `json:"documents,omitempty"` // that it names, as they were read
}

// ID is the unit's identifier.
func (u ListUnit) ID() string { return u.Declared.Unit.ID }

// CA is a PEM file of certificates that a unit trusts.
type CA struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	PEM    string `json:"pem"`
}

// Merger says that a unit became a part of another.
type Merger struct {
	Old string         `json:"old"`
	New string         `json:"new"`
	Day inventory.Date `json:"day,omitzero"`
}

// AddList keeps a list and gives its number. A list of the same content that is
// kept already is that one.
func (t *Tx) AddList(ctx context.Context, l List) (int64, error) {
	var err error
	if l.SHA256, err = contentOf(l); err != nil {
		return 0, err
	}
	now, err := t.Now(ctx)
	if err != nil {
		return 0, err
	}
	problems, err := encoded(l.Problems, "[]")
	if err != nil {
		return 0, err
	}
	var id int64
	err = t.row(ctx, `INSERT INTO lists (name, sha256, created, problems) VALUES ($1, $2, $3, $4) ON CONFLICT (sha256) DO NOTHING RETURNING id`,
		plain(l.Name), l.SHA256, micros(now), problems).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = t.row(ctx, `SELECT id FROM lists WHERE sha256 = $1`, l.SHA256).Scan(&id)
		return id, err
	} else if err != nil {
		return 0, err
	}
	return id, t.addUnits(ctx, id, l)
}

// HoldList has others who ask the same of a list wait until the transaction
// ends. On SQLite they wait anyway.
func (t *Tx) HoldList(ctx context.Context, id int64) error {
	if t.engine != PostgreSQL {
		return nil
	}
	_, err := t.exec(ctx, `SELECT 1 FROM lists WHERE id = $1 FOR UPDATE`, id)
	return err
}

func (t *Tx) addUnits(ctx context.Context, list int64, l List) error {
	rows := make([][]any, 0, 500)
	flush := func() error {
		err := t.insert(ctx, "list_units", unitColumns, "", rows)
		rows = rows[:0]
		return err
	}
	for i, u := range l.Units {
		row, err := u.row(list, i)
		if err != nil {
			return err
		}
		if rows = append(rows, row); len(rows) == cap(rows) { // not all of a long list at once
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	var merged [][]any
	for _, m := range l.Mergers {
		day := ""
		if !m.Day.IsZero() {
			day = m.Day.Format(time.DateOnly)
		}
		merged = append(merged, []any{list, plain(m.Old), plain(m.New), day})
	}
	return t.insert(ctx, "mergers", "list, old, new, day", "", merged)
}

const unitColumns = "list, pos, unit, name, kind, parent, gso, declared, file_name, file_sha256, cas, documents"

func (u ListUnit) row(list int64, pos int) ([]any, error) {
	declared, err := encoded(u.Declared, "{}")
	if err != nil {
		return nil, err
	}
	cas, err := encoded(u.CAs, "[]")
	if err != nil {
		return nil, err
	}
	documents, err := encoded(u.Documents, "[]")
	if err != nil {
		return nil, err
	}
	id := u.Declared.Unit
	return []any{list, int64(pos), plain(id.ID), plain(id.Name), string(id.Kind), plain(id.Parent), plain(id.GSO), declared, plain(u.File.Name), u.File.SHA256, cas, documents}, nil
}

func scanUnit(scan func(...any) error) (u ListUnit, err error) {
	u, _, err = scanBoth(scan)
	return u, err
}

// scanBoth gives a unit, and its identity as the columns beside it tell it.
func scanBoth(scan func(...any) error) (u ListUnit, id inventory.Identity, err error) {
	var declared, cas, documents string
	if err = scan(&u.List, &u.Pos, &id.ID, &id.Name, &id.Kind, &id.Parent, &id.GSO, &declared, &u.File.Name, &u.File.SHA256, &cas, &documents); err != nil {
		return u, id, err
	}
	return u, id, errors.Join(decode("declared", declared, &u.Declared), decode("cas", cas, &u.CAs), decode("documents", documents, &u.Documents))
}

// content takes the SHA-256 of what a list declares. When a document was read
// is no part of it: the same list is the same list an hour later.
type content struct {
	sum hash.Hash
	w   *json.Encoder
}

func newContent() content {
	sum := sha256.New()
	return content{sum, json.NewEncoder(sum)}
}

func (c content) unit(u ListUnit) error {
	u.Documents = slices.Clone(u.Documents)
	for i := range u.Documents {
		u.Documents[i].At = time.Time{}
	}
	return c.w.Encode(u)
}

// end gives the sum; what was merged is put in order first.
func (c content) end(merged []Merger) (string, error) {
	merged = slices.Clone(merged)
	slices.SortFunc(merged, func(a, b Merger) int { return strings.Compare(a.Old, b.Old) })
	for _, m := range merged {
		if err := c.w.Encode(m); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(c.sum.Sum(nil)), nil
}

// contentOf is the SHA-256 of a list.
func contentOf(l List) (string, error) {
	c := newContent()
	for _, u := range l.Units {
		if err := c.unit(u); err != nil {
			return "", err
		}
	}
	return c.end(l.Mergers)
}
